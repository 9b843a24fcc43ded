import { CrossmatchError } from '../crossmatch-error.js'
import { crossmatch, gatherMatches, type CrossmatchOptions, type MatchResult } from '../crossmatch.js'
import { poseMatch, type MatchProblem } from '../match-problem.js'
import { MatchThreads } from './match-threads.node.js'
import { zonesFor } from '../zones/nearest-in-band.js'
import { emptyNearest, type NearestOfEach } from '../nearest-of-each.js'
import { closeNode, layOutTree, splitNode, type PointTree } from '../tree/point-tree.js'
import { unitVectors, type SkyPositions, type UnitVectors } from '../sky/sky-positions.js'
import type { ThreadBlock } from './thread-block.js'
import { visitingOrder } from '../tree/visiting-order.js'
import { cutIntoBands } from '../zones/zone-bands.js'

/** How to match, and on how many threads. */
export interface CrossmatchThreadsOptions extends CrossmatchOptions {
  /** Threads, the calling one included, a whole number from 1 on. */
  readonly threads: number
}

/** Stars searched for in one block. */
const BLOCK = 65_536

/**
 * {@link crossmatch} on several threads. The answer is the same to the last bit whatever their number. Starting them takes tens of
 * milliseconds: under some hundred thousand stars crossmatch is as fast.
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
  const { threads, signal, onProgress } = options
  if (!Number.isInteger(threads) || threads < 1) {
    throw new CrossmatchError('threads-out-of-range', 'That is not a number of threads', {
      got: `${threads}`,
      expected: 'a whole number from 1 on',
    })
  }
  if (threads === 1) return crossmatch(a, b, options)
  signal?.throwIfAborted()
  const crew = new MatchThreads(threads)
  try {
    const problem = poseMatch(a, b, options)
    const limits = onSharedMemory(problem.limits)
    const out = emptyNearest(a.ra.length, b.ra.length, options.oneToOne ?? false, sharedBytes)
    const zones = zonesFor(limits)
    const blocks =
      zones === undefined
        ? await treeBlocks(problem, limits, out, crew, threads, signal)
        : cutIntoBands(problem.a, problem.b, zones, sharedBytes).map((band): ThreadBlock => ({
            kind: 'band',
            zones,
            band,
            limits,
            out,
          }))
    let done = 0
    await crew.run(blocks, signal, (place) => {
      const block = blocks[place]!
      done += block.kind === 'band' ? block.band.a.row.length : block.kind === 'search' ? block.order.length : 0
      onProgress?.(done, problem.placed.a)
    })
    return gatherMatches(problem, out)
  } finally {
    await crew.close()
  }
}

/** Blocks of a search in one tree, which is built on the threads first. */
async function treeBlocks(
  { a, b }: MatchProblem,
  limits: Float64Array,
  out: NearestOfEach,
  crew: MatchThreads,
  threads: number,
  signal: AbortSignal | undefined,
): Promise<ThreadBlock[]> {
  out.claimsOf?.fill(2)
  const tree = layOutTree(sharedVectors(unitVectors(b, 'b')), sharedBytes)
  await splitOnThreads(tree, crew, 4 * threads, signal)
  const stars = sharedVectors(unitVectors(a, 'a'))
  const order = onSharedMemory(visitingOrder(stars.xyz, stars.count))
  const blocks: ThreadBlock[] = []
  for (let from = 0; from < stars.count; from += BLOCK) {
    blocks.push({ kind: 'search', tree, stars, order: order.subarray(from, from + BLOCK), limits, out })
  }
  return blocks
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
