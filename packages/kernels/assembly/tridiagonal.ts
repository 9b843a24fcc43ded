// Householder reduction of a symmetric matrix to tridiagonal form, by rows of its upper triangle. Changing the rest of
// the matrix after one reflection and multiplying it by the vector of the next go through memory together.

/** row[j] -= vi w[j] + wi v[j] for j in [from, n). */
function changeRow(row: usize, vi: f64, wi: f64, v: usize, w: usize, from: u32, n: u32): void {
  const a = f64x2.splat(vi)
  const b = f64x2.splat(wi)
  let at: usize = (<usize>from) << 3
  const end: usize = (<usize>n) << 3
  for (; at + 16 <= end; at += 16) {
    const change = f64x2.add(f64x2.mul(a, v128.load(w + at)), f64x2.mul(b, v128.load(v + at)))
    v128.store(row + at, f64x2.sub(v128.load(row + at), change))
  }
  if (at < end) store<f64>(row + at, load<f64>(row + at) - (vi * load<f64>(w + at) + wi * load<f64>(v + at)))
}

/** p[j] += x[i] row[j] for j in (i, n), and the sum of row[j] x[j] over j in [i, n) is added to p[i]. */
function multiplyRow(row: usize, x: usize, p: usize, i: u32, n: u32): void {
  const xi = load<f64>(x + ((<usize>i) << 3))
  const splat = f64x2.splat(xi)
  let sums = f64x2.splat(0)
  let at: usize = (<usize>(i + 1)) << 3
  const end: usize = (<usize>n) << 3
  for (; at + 16 <= end; at += 16) {
    const value = v128.load(row + at)
    sums = f64x2.add(sums, f64x2.mul(value, v128.load(x + at)))
    v128.store(p + at, f64x2.add(v128.load(p + at), f64x2.mul(value, splat)))
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  if (at < end) {
    const value = load<f64>(row + at)
    sum += value * load<f64>(x + at)
    store<f64>(p + at, load<f64>(p + at) + value * xi)
  }
  const own: usize = (<usize>i) << 3
  store<f64>(p + own, load<f64>(p + own) + sum + load<f64>(row + own) * xi)
}

/** The unit vector `v` that turns row[first ..] into (s, 0, 0, ...); returns s, and leaves v as zeros when s is 0. */
function reflectRow(row: usize, first: u32, n: u32, v: usize): f64 {
  let largest: f64 = 0
  for (let j = first; j < n; j++) largest = max(largest, abs(load<f64>(row + ((<usize>j) << 3))))
  if (!(largest > 0)) return 0
  let square: f64 = 0
  for (let j = first; j < n; j++) {
    const value = load<f64>(row + ((<usize>j) << 3)) / largest
    store<f64>(v + ((<usize>j) << 3), value)
    square += value * value
  }
  const at: usize = (<usize>first) << 3
  const head = load<f64>(v + at)
  const turned = head > 0 ? -sqrt(square) : sqrt(square)
  store<f64>(v + at, head - turned)
  const scale = 1 / sqrt(square - head * head + (head - turned) * (head - turned))
  for (let j = first; j < n; j++) {
    const to = v + ((<usize>j) << 3)
    store<f64>(to, load<f64>(to) * scale)
  }
  return turned * largest
}

/**
 * Reduces the matrix at `a` (n x n, destroyed); `vectors` (n x n) and `off` (n) are zeros before; `p` and `w` have room
 * for n numbers.
 */
export function tridiagonalise(
  n: u32,
  a: usize,
  vectors: usize,
  diagonal: usize,
  off: usize,
  p: usize,
  w: usize,
): void {
  const stride: usize = (<usize>n) << 3
  // Vector of the reflection that rows from k on have not seen yet; 0 when there is none.
  let pending: usize = 0
  for (let k: u32 = 0; k < n; k++) {
    const at: usize = (<usize>k) << 3
    const row = a + stride * k
    if (pending != 0) changeRow(row, load<f64>(pending + at), load<f64>(w + at), pending, w, k, n)
    store<f64>(diagonal + at, load<f64>(row + at))
    if (k + 1 == n) break
    const v = vectors + stride * k
    const turned = k + 2 < n ? reflectRow(row, k + 1, n, v) : load<f64>(row + at + 8)
    store<f64>(off + at + 8, turned)
    const reflects = k + 2 < n && turned != 0
    memory.fill(p, 0, stride)
    for (let i = k + 1; i < n; i++) {
      const to: usize = (<usize>i) << 3
      const below = a + stride * i
      if (pending != 0) changeRow(below, load<f64>(pending + to), load<f64>(w + to), pending, w, i, n)
      if (reflects) multiplyRow(below, v, p, i, n)
    }
    pending = reflects ? v : 0
    let along: f64 = 0
    for (let at = (<usize>(k + 1)) << 3; at < stride; at += 8) along += load<f64>(v + at) * load<f64>(p + at)
    for (let at = (<usize>(k + 1)) << 3; at < stride; at += 8) {
      store<f64>(w + at, 2 * (load<f64>(p + at) - along * load<f64>(v + at)))
    }
  }
}
