import type { MessagePort } from 'node:worker_threads'
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Forest } from './forest.js'
import type { GrowingForest, TreeMessage } from './growing-forest.node.js'
import { nextTree, plantNumber, shareForest } from './growing-forest.node.js'
import { PackedTrees } from './packed-trees.js'
import type { PlantedTree } from './plant-tree.js'
import type { ForestData, ForestOptions, GrowForest } from './train-forest.js'
import { prepareForest, trainForest } from './train-forest.js'

/** What a thread of a crew is told. */
export interface CrewShare {
  readonly growing: GrowingForest
  /** (1) trees that the threads have sent. */
  readonly sent: Int32Array
  readonly port: MessagePort
}

/** What it sends instead of a tree that it could not grow. */
export interface CrewFailure {
  readonly tree: number
  readonly failed: string
}

/** Row visits below which starting a thread costs more than it saves. */
const LEAST_WORK = 10_000_000
/** Threads that send nothing for so long are dead: a tree takes well below a minute. */
const PATIENCE_MS = 300_000

/**
 * A way to grow forests on several threads while the caller waits: the same forest as `trainForest`, byte for byte, for
 * fits that cannot be asynchronous, as those of a pipeline. The calling thread grows trees too.
 *
 * @throws what `trainForest` throws; the grower `forest/worker` when a thread dies.
 */
export function forestGrower(threads: number): GrowForest {
  if (!Number.isInteger(threads) || threads < 1)
    throw new AstrolabelError('forest/options', 'Bad number of threads', { got: threads, expected: '1 or more' })
  return (data, options = {}) => {
    const { trees = 100 } = options
    if (threads === 1 || trees * data.n * data.width < LEAST_WORK) return trainForest(data, options)
    return growTogether(data, options, Math.min(threads, trees))
  }
}

function growTogether(data: ForestData, options: ForestOptions, threads: number): Forest {
  const { ground, draws } = prepareForest(data, options)
  const growing = shareForest(ground, draws)
  const sent = new Int32Array(new SharedArrayBuffer(4))
  const crew = Array.from({ length: threads - 1 }, () => startThread(growing, sent))
  const planted: PlantedTree[] = []
  try {
    for (let tree = nextTree(growing); tree >= 0; tree = nextTree(growing)) planted[tree] = plantNumber(growing, tree)
    // A thread that has not begun yet has taken no tree, and is not waited for.
    const theirs = draws.length - planted.filter((tree) => tree !== undefined).length
    for (let now = Atomics.load(sent, 0); now < theirs; now = Atomics.load(sent, 0))
      if (Atomics.wait(sent, 0, now, PATIENCE_MS) === 'timed-out') throw died('none of its trees')
    for (const { port } of crew) collect(port, planted)
  } finally {
    for (const { worker, port } of crew) {
      port.close()
      void worker.terminate()
    }
  }
  const packed = new PackedTrees(data.width, data.labels)
  for (const tree of planted) packed.add(tree)
  return packed.forest()
}

function startThread(growing: GrowingForest, sent: Int32Array): { worker: Worker; port: MessagePort } {
  const { port1, port2 } = new MessageChannel()
  const share: CrewShare = { growing, sent, port: port2 }
  const worker = new Worker(new URL('./forest-crew-worker.node.js', import.meta.url), {
    workerData: share,
    transferList: [port2],
  })
  // One that cannot even start leaves its trees to the others; this thread would hear of it too late.
  worker.on('error', () => undefined)
  return { worker, port: port1 }
}

/** Takes what a thread has sent, without waiting. */
function collect(port: MessagePort, planted: PlantedTree[]): void {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    const message = got.message as TreeMessage | CrewFailure
    if ('failed' in message) throw died(message.failed)
    planted[message.tree] = message.planted
  }
}

function died(got: string): AstrolabelError {
  return new AstrolabelError('forest/worker', 'A thread that grew trees ended early', {
    got,
    expected: 'all of its trees',
    remedy: 'Try fewer threads',
  })
}
