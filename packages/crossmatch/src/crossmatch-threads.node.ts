import { CrossmatchError } from './crossmatch-error.js'
import { crossmatch, gatherMatches, type CrossmatchOptions, type MatchResult } from './crossmatch.js'
import { MatchThreads } from './match-threads.node.js'
import { chordLimits } from './match-radius.js'
import { emptyNearest } from './nearest-of-each.js'
import { closeNode, layOutTree, splitNode, type PointTree } from './point-tree.js'
import type { SkyPositions, UnitVectors } from './sky-positions.js'
import type { ThreadBlock } from './thread-block.js'
import { vectorsAtEpoch } from './vectors-at-epoch.js'
import { visitingOrder } from './visiting-order.js'

/** How to match, and on how many threads. */
export interface CrossmatchThreadsOptions extends CrossmatchOptions {
  /** Worker threads, a whole number from 1 on; 1 computes on the calling thread. */
  readonly threads: number
}

/** Stars searched for in one block. */
const BLOCK = 65_536

/**
 * {@link crossmatch} with the tree built and searched on worker threads. The answer is the same to the last bit whatever the
 * number of threads. Starting them takes tens of milliseconds: under some hundred thousand stars crossmatch is as fast.
 *
 * @param a positions, degrees ICRS
 * @param b positions, degrees ICRS
 * @throws CrossmatchError as crossmatch does, for a number of threads that is none, and `worker-failed` when a thread dies
 */
export async function crossmatchThreads(
  a: SkyPositions,
  b: SkyPositions,
  options: CrossmatchThreadsOptions,
): Promise<MatchResult> {
  const { threads, epoch, signal, onProgress } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new CrossmatchError('threads-out-of-range', 'That is not a number of threads', {
      got: `${threads}`,
      expected: 'a whole number from 1 on',
    })
  }
  if (threads === 1) return crossmatch(a, b, options)
  signal?.throwIfAborted()
  const limits = onSharedMemory(chordLimits(options.radiusArcsec, a.ra.length))
  const crew = new MatchThreads(threads)
  try {
    const tree = layOutTree(sharedVectors(vectorsAtEpoch(b, 'b', epoch)), sharedBytes)
    const split = splitOnThreads(tree, crew, 4 * threads, signal)
    // Should a be refused meanwhile, that is the error to report, not that of the splitting it cuts short.
    split.catch(() => undefined)
    const stars = sharedVectors(vectorsAtEpoch(a, 'a', epoch))
    const order = onSharedMemory(visitingOrder(stars.xyz, stars.count))
    await split
    const out = emptyNearest(a.ra.length, sharedBytes)
    const blocks: ThreadBlock[] = []
    for (let from = 0; from < stars.count; from += BLOCK) {
      const part = order.subarray(from, Math.min(from + BLOCK, stars.count))
      blocks.push({ kind: 'search', tree, stars, order: part, limits, out })
    }
    let done = 0
    await crew.run(blocks, signal, (block) => {
      done += Math.min(BLOCK, stars.count - block * BLOCK)
      onProgress?.(done, stars.count)
    })
    return gatherMatches(stars, tree, limits, out, b.ra.length, options)
  } finally {
    await crew.close()
  }
}

/** Splits the top of the tree here and the nodes below, at least `parts` of them, on the threads. */
async function splitOnThreads(
  tree: PointTree,
  crew: MatchThreads,
  parts: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  let bottom = 2
  while (bottom < parts) bottom *= 2
  if (bottom > tree.leaves) {
    splitNode(tree, 1, 1)
    return
  }
  splitNode(tree, 1, bottom)
  await crew.run(
    Array.from({ length: bottom }, (_, i): ThreadBlock => ({ kind: 'split', tree, node: bottom + i })),
    signal,
  )
  for (let node = bottom - 1; node > 0; node--) closeNode(tree, node)
}

function sharedBytes(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(size)
}

function sharedVectors({ count, xyz, row }: UnitVectors): UnitVectors {
  return { count, xyz: onSharedMemory(xyz), row: onSharedMemory(row) }
}

/** A copy that threads can see. */
function onSharedMemory<T extends Int32Array | Float64Array>(array: T): T {
  const Type = array.constructor as new (buffer: SharedArrayBuffer) => T
  const shared = new Type(sharedBytes(array.byteLength))
  shared.set(array)
  return shared
}
