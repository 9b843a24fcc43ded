import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import type { GrowingForest, TreeMessage } from './growing-forest.node.js'
import { nextTree, plantNumber, shareForest } from './growing-forest.node.js'
import { PackedTrees } from './packed-trees.js'
import type { PlantedTree } from './plant-tree.js'
import type { ForestData, ForestOptions } from './train-forest.js'
import { prepareForest, trainForest } from './train-forest.js'

/** How a forest grows, and on how many threads. */
export interface ParallelForestOptions extends ForestOptions {
  /** Threads, the calling one among them; 1. */
  readonly threads?: number
}

/**
 * {@link trainForest} on several threads: the same forest, byte for byte. The calling thread grows trees too, and lets
 * timers and signals have a turn after each.
 *
 * @throws `forest/worker` when a thread dies, and what trainForest throws; rejects with the signal's reason.
 */
export async function trainForestParallel(data: ForestData, options: ParallelForestOptions = {}): Promise<Forest> {
  const { threads = 1 } = options
  if (!Number.isInteger(threads) || threads < 1)
    throw new AstrolabelError('forest/options', 'Bad number of threads', { got: threads, expected: '1 or more' })
  if (threads === 1) return trainForest(data, options)
  const { ground, draws } = prepareForest(data, options)
  const growing = shareForest(ground, draws)
  const planted = await growAll(growing, threads, options)
  const packed = new PackedTrees(data.width, data.labels)
  for (const tree of planted) packed.add(tree)
  return packed.forest()
}

async function growAll(growing: GrowingForest, threads: number, options: ForestOptions): Promise<PlantedTree[]> {
  const { trees } = growing
  const planted: PlantedTree[] = []
  let done = 0
  const keep = ({ tree, planted: grown }: TreeMessage): void => {
    planted[tree] = grown
    options.onProgress?.(++done, trees)
  }
  const workers: Worker[] = []
  const finished = Array.from({ length: Math.min(threads, trees) - 1 }, () => {
    const worker = new Worker(new URL('./forest-worker.node.js', import.meta.url), { workerData: growing })
    workers.push(worker)
    return new Promise<void>((resolve, reject) => {
      worker.on('error', (cause) => reject(died(String(cause))))
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(died(`an exit with code ${code}`))))
      worker.on('message', (message: TreeMessage) => {
        try {
          keep(message)
        } catch (thrown) {
          reject(thrown as Error)
        }
      })
    })
  })
  const all = Promise.all(finished)
  // It is awaited only after this thread's own trees; until then a failure is not unheard of.
  all.catch(() => undefined)
  try {
    for (let tree = nextTree(growing); tree >= 0; tree = nextTree(growing)) {
      throwIfAborted(options)
      keep({ tree, planted: plantNumber(growing, tree) })
      await setImmediate()
    }
    await all
    throwIfAborted(options)
    return planted
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function died(got: string): AstrolabelError {
  return new AstrolabelError('forest/worker', 'A thread that grew trees ended early', {
    got,
    expected: 'all of its trees',
    remedy: 'Try fewer threads',
  })
}
