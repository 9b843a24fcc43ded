import type { FeatureBins } from './feature-bins.js'
import type { PlantedTree, TreeDraw, TreeGround } from './plant-tree.js'
import { plantTree } from './plant-tree.js'

/** A forest that several threads grow: all arrays lie on shared memory. */
export interface GrowingForest {
  readonly ground: TreeGround
  readonly trees: number
  /** (trees × n) how often each tree draws each row, and (trees × 2) seeds. */
  readonly times: Uint16Array
  readonly seeds: Uint32Array
  /** (1) the first tree that nobody has taken yet. */
  readonly next: Int32Array
}

/** What a thread says of a tree that it has grown. */
export interface TreeMessage {
  readonly tree: number
  readonly planted: PlantedTree
}

/** Lays what trees grow on and draw where all threads can read it. */
export function shareForest(ground: TreeGround, draws: readonly (() => TreeDraw)[]): GrowingForest {
  const { n, features, sums } = ground
  const trees = draws.length
  const times = new Uint16Array(new SharedArrayBuffer(2 * n * trees))
  const seeds = new Uint32Array(new SharedArrayBuffer(8 * trees))
  draws.forEach((draw, tree) => {
    const drawn = draw()
    times.set(drawn.times, tree * n)
    seeds.set(drawn.seed, 2 * tree)
  })
  return {
    ground: {
      ...ground,
      features: features instanceof Float32Array ? shared(features) : sharedBins(features),
      sums: { ...sums, sums: shared(sums.sums) },
    },
    trees,
    times,
    seeds,
    next: new Int32Array(new SharedArrayBuffer(4)),
  }
}

/** Takes the next tree; −1 when all are taken. */
export function nextTree({ next, trees }: GrowingForest): number {
  const tree = Atomics.add(next, 0, 1)
  return tree < trees ? tree : -1
}

/** Grows tree `tree`. */
export function plantNumber({ ground, times, seeds }: GrowingForest, tree: number): PlantedTree {
  const { n } = ground
  return plantTree(ground, {
    times: times.slice(tree * n, (tree + 1) * n),
    seed: [seeds[2 * tree]!, seeds[2 * tree + 1]!],
  })
}

function sharedBins(bins: FeatureBins): FeatureBins {
  return { ...bins, codes: shared(bins.codes), lowest: shared(bins.lowest), highest: shared(bins.highest) }
}

function shared<T extends Uint8Array | Float32Array | Float64Array>(array: T): T {
  const Type = array.constructor as new (buffer: SharedArrayBuffer) => T
  const out = new Type(new SharedArrayBuffer(array.byteLength))
  out.set(array)
  return out
}
