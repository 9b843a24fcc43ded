// Entry of a thread of a crew: takes the next tree of a shared counter until there are no more. Its caller is blocked
// until the count of trees sent says that all are there.
import { workerData } from 'node:worker_threads'
import type { CrewFailure, CrewShare } from './forest-crew.node.js'
import type { TreeMessage } from './growing-forest.node.js'
import { nextTree, plantNumber } from './growing-forest.node.js'

const { growing, sent, port } = workerData as CrewShare

function grow(tree: number): TreeMessage | CrewFailure {
  try {
    return { tree, planted: plantNumber(growing, tree) }
  } catch (cause) {
    return { tree, failed: String(cause) }
  }
}

for (let tree = nextTree(growing); tree >= 0; tree = nextTree(growing)) {
  port.postMessage(grow(tree))
  Atomics.add(sent, 0, 1)
  Atomics.notify(sent, 0)
}
