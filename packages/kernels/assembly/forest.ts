// Rows through the trees of a forest. A step down a tree waits for memory, so eight rows go down side by side; leaves lead
// to themselves, which spares a test whether a row has arrived.

// A node: feature (u32), threshold (f32), left child (u32), four bytes to spare.
const NODE_SHIFT: u32 = 4

function step(tree: usize, node: u32, x: usize): u32 {
  const at = tree + ((<usize>node) << NODE_SHIFT)
  const value = load<f32>(x + ((<usize>load<u32>(at)) << 2))
  return load<u32>(at, 8) + <u32>(value > load<f32>(at, 4))
}

function add(out: usize, value: usize, labels: u32): void {
  for (let l: usize = 0; l < (<usize>labels) << 3; l += 8)
    store<f64>(out + l, load<f64>(out + l) + load<f64>(value + l))
}

/**
 * Adds the values (labels f64 a node) of the leaves that rows of `x` (f32, rows × width) come to in one tree of depth
 * `depth` to `out` (rows × labels f64).
 */
export function addLeaves(
  x: usize,
  rows: u32,
  width: u32,
  tree: usize,
  depth: u32,
  values: usize,
  labels: u32,
  out: usize,
): void {
  const rowBytes = (<usize>width) << 2
  const outBytes = (<usize>labels) << 3
  let row: u32 = 0
  for (; row + 8 <= rows; row += 8) {
    const x0 = x
    const x1 = x0 + rowBytes
    const x2 = x1 + rowBytes
    const x3 = x2 + rowBytes
    const x4 = x3 + rowBytes
    const x5 = x4 + rowBytes
    const x6 = x5 + rowBytes
    const x7 = x6 + rowBytes
    let n0: u32 = 0
    let n1: u32 = 0
    let n2: u32 = 0
    let n3: u32 = 0
    let n4: u32 = 0
    let n5: u32 = 0
    let n6: u32 = 0
    let n7: u32 = 0
    for (let d: u32 = 0; d < depth; d++) {
      n0 = step(tree, n0, x0)
      n1 = step(tree, n1, x1)
      n2 = step(tree, n2, x2)
      n3 = step(tree, n3, x3)
      n4 = step(tree, n4, x4)
      n5 = step(tree, n5, x5)
      n6 = step(tree, n6, x6)
      n7 = step(tree, n7, x7)
    }
    add(out, values + <usize>n0 * outBytes, labels)
    add(out + outBytes, values + <usize>n1 * outBytes, labels)
    add(out + 2 * outBytes, values + <usize>n2 * outBytes, labels)
    add(out + 3 * outBytes, values + <usize>n3 * outBytes, labels)
    add(out + 4 * outBytes, values + <usize>n4 * outBytes, labels)
    add(out + 5 * outBytes, values + <usize>n5 * outBytes, labels)
    add(out + 6 * outBytes, values + <usize>n6 * outBytes, labels)
    add(out + 7 * outBytes, values + <usize>n7 * outBytes, labels)
    x += 8 * rowBytes
    out += 8 * outBytes
  }
  for (; row < rows; row++) {
    let node: u32 = 0
    for (let d: u32 = 0; d < depth; d++) node = step(tree, node, x)
    add(out, values + <usize>node * outBytes, labels)
    x += rowBytes
    out += outBytes
  }
}
