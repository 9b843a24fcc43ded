import { checkLength, checkSizes } from './checks.js'
import { KernelError } from './kernel-error.js'
import { kernels, layOut } from './wasm-module.js'

/** Trees one behind another: tree t has the nodes from `roots[t]` up to `roots[t + 1]`, its root first. */
export interface PackedForest {
  /** Features of a row, and values of a node. */
  readonly width: number
  readonly labels: number
  /** (trees + 1). */
  readonly roots: Int32Array
  /** (nodes) −1 in a leaf. */
  readonly feature: Int32Array
  /** (nodes) rows with a feature above it go right. */
  readonly threshold: Float32Array
  /** (nodes) left child, behind its parent; the right one is behind the left one. */
  readonly left: Int32Array
  /** (nodes × labels). */
  readonly value: Float64Array
}

// Features staged at once, half a megabyte: they stay in a second-level cache while all trees pass.
const STAGED_NUMBERS = 131_072

// Bytes of trees staged at once.
const STAGED_BYTES = 67_108_864

const NODE_BYTES = 8

// A leaf is told by a threshold that is no number; the bits below say which leaf it is.
const QUIET_NAN = 0x7fc0_0000
const MOST_NODES = 2 ** 22

/**
 * Adds the values of the leaves that each row comes to, one a tree, to `out` (rows × labels). A NaN feature goes left.
 * Throws KernelError on sizes that do not agree, or a tree whose children do not come behind their parents. Cost:
 * rows × trees × depth.
 *
 * Measured on 40 000 rows × 100 features through 100 trees of 2000 nodes, s: this 0.1, row by row to the leaf in
 * TypeScript 0.9.
 */
export function sumLeaves(forest: PackedForest, x: Float32Array, rows: number, out: Float64Array): void {
  const { width, labels, roots } = forest
  checkLeaves(forest, x, rows, out)
  const shift = shiftOf(width)
  const trees = roots.length - 1
  const nodeBytes = NODE_BYTES + 8 * labels
  for (let from = 0; from < trees;) {
    let to = from + 1
    while (to < trees && (roots[to + 1]! - roots[from]!) * nodeBytes <= STAGED_BYTES) to++
    addTrees(forest, from, to, shift, x, rows, out)
    from = to
  }
}

/** Throws KernelError on sizes that do not agree, and unless the trees are trees. */
export function checkLeaves(forest: PackedForest, x: Float32Array, rows: number, out: Float64Array): void {
  const { width, labels, feature, value } = forest
  checkSizes('sumLeaves', { rows, width, labels })
  checkLength('sumLeaves', 'x', x.length, rows * width, 'rows x width')
  checkLength('sumLeaves', 'out', out.length, rows * labels, 'rows x labels')
  checkLength('sumLeaves', 'value', value.length, feature.length * labels, 'nodes x labels')
  checkTrees(forest)
}

/** Bits that the number of a feature takes. */
function shiftOf(width: number): number {
  return 32 - Math.clz32(Math.max(1, width - 1))
}

/** Adds what trees [from, to) say. */
function addTrees(
  forest: PackedForest,
  from: number,
  to: number,
  shift: number,
  x: Float32Array,
  rows: number,
  out: Float64Array,
): void {
  const { width, labels, roots } = forest
  const first = roots[from]!
  const nodes = roots[to]! - first
  const block = Math.min((rows + 7) & ~7, Math.max(8, Math.floor(STAGED_NUMBERS / Math.max(1, width)) & ~7))
  const { memory, addLeaves } = kernels()
  const [atX, work, atRoots, atNodes, atValue, atOut] = layOut(
    4 * block * width,
    4 * block * width,
    8 * (to - from),
    NODE_BYTES * nodes,
    8 * nodes * labels,
    8 * block * labels,
  ) as [number, number, number, number, number, number]
  const starts = new Uint32Array(memory.buffer, atRoots, 2 * (to - from))
  const values = new Float64Array(memory.buffer, atValue, nodes * labels)
  let leaves = 0
  for (let tree = from; tree < to; tree++) {
    const start = roots[tree]! - first
    starts[2 * (tree - from)] = start
    starts[2 * (tree - from) + 1] = leaves
    leaves += packTree(
      forest,
      tree,
      shift,
      memory.buffer,
      atNodes + NODE_BYTES * start,
      values.subarray(leaves * labels),
    )
  }
  for (let row = 0; row < rows; row += block) {
    const count = Math.min(block, rows - row)
    // Rows that fill the last eight hold what came before, and their sums are dropped.
    new Float32Array(memory.buffer, atX, count * width).set(x.subarray(row * width, (row + count) * width))
    const sums = new Float64Array(memory.buffer, atOut, count * labels)
    const target = out.subarray(row * labels, (row + count) * labels)
    sums.set(target)
    addLeaves(atX, (count + 7) & ~7, width, to - from, atRoots, atNodes, shift, atValue, labels, atOut, work)
    target.set(sums)
  }
}

/** Nodes as the kernel reads them, and the values of the leaves one behind another; returns how many leaves there are. */
function packTree(
  { feature, threshold, left, roots, labels, value }: PackedForest,
  tree: number,
  shift: number,
  buffer: ArrayBuffer,
  at: number,
  values: Float64Array,
): number {
  const root = roots[tree]!
  const count = roots[tree + 1]! - root
  const words = new Uint32Array(buffer, at, 2 * count)
  const floats = new Float32Array(buffer, at, 2 * count)
  let leaves = 0
  for (let node = 0; node < count; node++) {
    const asked = feature[root + node]!
    if (asked >= 0) {
      words[2 * node] = ((left[root + node]! - root) << shift) | asked
      floats[2 * node + 1] = threshold[root + node]!
      continue
    }
    words[2 * node] = node << shift
    words[2 * node + 1] = QUIET_NAN | leaves
    for (let l = 0; l < labels; l++) values[leaves * labels + l] = value[(root + node) * labels + l]!
    leaves++
  }
  return leaves
}

/** Throws unless the trees are trees: nothing in the kernel checks an address. */
function checkTrees({ feature, left, width, roots }: PackedForest): void {
  const most = Math.min(MOST_NODES, 2 ** (32 - shiftOf(width)))
  for (let tree = 0; tree + 1 < roots.length; tree++) {
    const end = roots[tree + 1]!
    if (end - roots[tree]! > most)
      throw new KernelError('bad-tree', {
        what: `sumLeaves: tree ${tree}`,
        got: `${end - roots[tree]!} nodes`,
        expected: `${most} at most with ${width} features`,
        remedy: 'Grow smaller trees: raise the smallest leaf.',
      })
    for (let node = roots[tree]!; node < end; node++) {
      if (feature[node]! < 0) continue
      const child = left[node]!
      if (child > node && child + 1 < end && feature[node]! < width) continue
      throw new KernelError('bad-tree', {
        what: `sumLeaves: node ${node}`,
        got: `feature ${feature[node]}, child ${child}`,
        expected: `a feature below ${width}, and children behind the node and before ${end}`,
        remedy: 'The forest is damaged: load or train it again.',
      })
    }
  }
}
