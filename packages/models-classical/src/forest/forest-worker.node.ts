// Entry of a worker thread that grows trees: takes the next tree of a shared counter until there are no more.
import { parentPort, workerData } from 'node:worker_threads'
import type { GrowingForest } from './growing-forest.node.js'
import { nextTree, plantNumber } from './growing-forest.node.js'

const growing = workerData as GrowingForest
for (let tree = nextTree(growing); tree >= 0; tree = nextTree(growing))
  parentPort?.postMessage({ tree, planted: plantNumber(growing, tree) })
