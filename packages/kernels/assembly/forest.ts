// Rows through the trees of a forest. A step down a tree waits for memory, so eight rows go down side by side, their
// features interleaved; leaves lead to themselves, which spares each step a test whether its row has arrived.

// A node: left child and feature in one word, threshold (f32). A leaf leads to itself, and its threshold is a NaN, which no
// feature lies above, with the number of the leaf in its low bits: values of leaves alone stay in a first-level cache.
const NODE_SHIFT: u32 = 3
const LEAF_BITS: u32 = 0x3fffff

let features: u32 = 0
let childShift: u32 = 0

function step(tree: usize, node: u32, x: usize): u32 {
  const at = tree + ((<usize>node) << NODE_SHIFT)
  const word = load<u32>(at)
  const value = load<f32>(x + ((<usize>(word & features)) << 5))
  return (word >> childShift) + <u32>(value > load<f32>(at, 4))
}

/** Adds the values of the leaf that a node is. */
function add(out: usize, tree: usize, node: u32, values: usize, labels: u32): void {
  const leaf = load<u32>(tree + ((<usize>node) << NODE_SHIFT), 4) & LEAF_BITS
  const value = values + <usize>leaf * ((<usize>labels) << 3)
  for (let l: usize = 0; l < (<usize>labels) << 3; l += 8)
    store<f64>(out + l, load<f64>(out + l) + load<f64>(value + l))
}

/** Features of eight rows, (8 × width), as (width × 8). */
function interleave(x: usize, width: u32, to: usize): void {
  const rowBytes = (<usize>width) << 2
  for (let offset: usize = 0; offset < rowBytes; offset += 4, to += 32) {
    let at = x + offset
    for (let r: usize = 0; r < 32; r += 4, at += rowBytes) store<f32>(to + r, load<f32>(at))
  }
}

/** Adds the values of the leaves that eight interleaved rows come to in one tree. */
function addEight(x: usize, tree: usize, values: usize, labels: u32, out: usize): void {
  let n0: u32 = 0
  let n1: u32 = 0
  let n2: u32 = 0
  let n3: u32 = 0
  let n4: u32 = 0
  let n5: u32 = 0
  let n6: u32 = 0
  let n7: u32 = 0
  let moved: u32 = 1
  while (moved != 0) {
    for (let d = 0; d < 3; d++) {
      n0 = step(tree, n0, x)
      n1 = step(tree, n1, x + 4)
      n2 = step(tree, n2, x + 8)
      n3 = step(tree, n3, x + 12)
      n4 = step(tree, n4, x + 16)
      n5 = step(tree, n5, x + 20)
      n6 = step(tree, n6, x + 24)
      n7 = step(tree, n7, x + 28)
    }
    const before = n0 + n1 + n2 + n3 + n4 + n5 + n6 + n7
    n0 = step(tree, n0, x)
    n1 = step(tree, n1, x + 4)
    n2 = step(tree, n2, x + 8)
    n3 = step(tree, n3, x + 12)
    n4 = step(tree, n4, x + 16)
    n5 = step(tree, n5, x + 20)
    n6 = step(tree, n6, x + 24)
    n7 = step(tree, n7, x + 28)
    // A step leads to a node further on, or to the same one: the sum stays only if all have arrived.
    moved = n0 + n1 + n2 + n3 + n4 + n5 + n6 + n7 - before
  }
  const bytes = (<usize>labels) << 3
  add(out, tree, n0, values, labels)
  add(out + bytes, tree, n1, values, labels)
  add(out + 2 * bytes, tree, n2, values, labels)
  add(out + 3 * bytes, tree, n3, values, labels)
  add(out + 4 * bytes, tree, n4, values, labels)
  add(out + 5 * bytes, tree, n5, values, labels)
  add(out + 6 * bytes, tree, n6, values, labels)
  add(out + 7 * bytes, tree, n7, values, labels)
}

/**
 * Adds the values (labels f64 a leaf) of the leaves that rows of `x` (f32, rows × width) come to in each tree to `out`
 * (rows × labels f64). Tree t has the nodes from roots[2 t] on and the leaves from roots[2 t + 1] on (u32); a node's word is the place of its left
 * child in its tree, shifted by `shift`, and its feature below. `rows` is a multiple of 8; `work` holds rows × width f32.
 */
export function addLeaves(
  x: usize,
  rows: u32,
  width: u32,
  trees: u32,
  roots: usize,
  nodes: usize,
  shift: u32,
  values: usize,
  labels: u32,
  out: usize,
  work: usize,
): void {
  features = <u32>(((<u64>1) << shift) - 1)
  childShift = shift
  const eightBytes = (<usize>width) << 5
  const outBytes = (<usize>labels) << 6
  const end = work + <usize>(rows >> 3) * eightBytes
  let from = x
  for (let to = work; to < end; to += eightBytes, from += eightBytes) interleave(from, width, to)
  for (let tree: u32 = 0; tree < trees; tree++) {
    const root = <usize>load<u32>(roots + ((<usize>tree) << 3))
    const leaf = <usize>load<u32>(roots + ((<usize>tree) << 3), 4)
    const own = values + ((leaf * <usize>labels) << 3)
    let target = out
    for (let at = work; at < end; at += eightBytes, target += outBytes)
      addEight(at, nodes + (root << NODE_SHIFT), own, labels, target)
  }
}
