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

// Features staged at once, 16 MB: packing the trees again for each block then costs nothing to speak of.
const STAGED_NUMBERS = 4_194_304

const NODE_BYTES = 16

/**
 * Adds the values of the leaves that each row comes to, one a tree, to `out` (rows × labels). A NaN feature goes left.
 * Throws KernelError on sizes that do not agree, or a tree whose children do not come behind their parents. Cost:
 * rows × trees × depth of the deepest leaf.
 *
 * Measured on 40 000 rows × 100 features through 100 trees of 2000 nodes, s: this MEASURE, row by row to the leaf in
 * TypeScript 0.9.
 */
export function sumLeaves(forest: PackedForest, x: Float32Array, rows: number, out: Float64Array): void {
  const { width, labels, roots, feature, value } = forest
  checkSizes('sumLeaves', { rows, width, labels })
  checkLength('sumLeaves', 'x', x.length, rows * width, 'rows x width')
  checkLength('sumLeaves', 'out', out.length, rows * labels, 'rows x labels')
  checkLength('sumLeaves', 'value', value.length, feature.length * labels, 'nodes x labels')
  const trees = roots.length - 1
  const depths = Array.from({ length: trees }, (_, tree) => depthOf(forest, roots[tree]!, roots[tree + 1]!))
  const most = Math.max(1, ...depths.map((_, tree) => roots[tree + 1]! - roots[tree]!))
  const block = Math.min(rows, Math.max(8, Math.floor(STAGED_NUMBERS / Math.max(1, width))))
  const { memory, addLeaves } = kernels()
  const [atX, atTree, atValue, atOut] = layOut(
    4 * block * width,
    NODE_BYTES * most,
    8 * most * labels,
    8 * block * labels,
  ) as [number, number, number, number]
  for (let row = 0; row < rows; row += block) {
    const count = Math.min(block, rows - row)
    new Float32Array(memory.buffer, atX, count * width).set(x.subarray(row * width, (row + count) * width))
    const sums = new Float64Array(memory.buffer, atOut, count * labels)
    const target = out.subarray(row * labels, (row + count) * labels)
    sums.set(target)
    for (let tree = 0; tree < trees; tree++) {
      const nodes = roots[tree + 1]! - roots[tree]!
      packTree(forest, roots[tree]!, new DataView(memory.buffer, atTree, NODE_BYTES * nodes), nodes)
      const values = value.subarray(roots[tree]! * labels, roots[tree + 1]! * labels)
      new Float64Array(memory.buffer, atValue, values.length).set(values)
      addLeaves(atX, count, width, atTree, depths[tree]!, atValue, labels, atOut)
    }
    target.set(sums)
  }
}

/** Leaves lead to themselves: their threshold is above everything. */
function packTree({ feature, threshold, left }: PackedForest, root: number, nodes: DataView, count: number): void {
  for (let node = 0; node < count; node++) {
    const asked = feature[root + node]!
    nodes.setUint32(node * NODE_BYTES, Math.max(asked, 0), true)
    nodes.setFloat32(node * NODE_BYTES + 4, asked < 0 ? Number.POSITIVE_INFINITY : threshold[root + node]!, true)
    nodes.setUint32(node * NODE_BYTES + 8, asked < 0 ? node : left[root + node]! - root, true)
  }
}

/** Steps from the root to the deepest leaf. Throws unless the tree is one: nothing in the kernel checks an address. */
function depthOf({ feature, left, width }: PackedForest, root: number, end: number): number {
  const depth = new Int32Array(end - root)
  let deepest = 0
  for (let node = root; node < end; node++) {
    deepest = Math.max(deepest, depth[node - root]!)
    if (feature[node]! < 0) continue
    const child = left[node]!
    if (!(child > node && child + 1 < end && feature[node]! < width))
      throw new KernelError('bad-tree', {
        what: `sumLeaves: node ${node}`,
        got: `feature ${feature[node]}, child ${child}`,
        expected: `a feature below ${width}, and children behind the node and before ${end}`,
        remedy: 'The forest is damaged: load or train it again.',
      })
    depth[child - root] = depth[child + 1 - root] = depth[node - root]! + 1
  }
  return deepest
}
