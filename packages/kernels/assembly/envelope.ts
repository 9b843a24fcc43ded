// Polynomials drawn to the upper envelope of rows. The basis of the pixels to fit lies pixel by pixel, Chebyshev T_0 … T_2·order padded with
// zeros to a multiple of eight, so that one pixel's part of all sums is a run of SIMD products; those above the order
// give the normal matrix by T_i T_j = (T_{i+j} + T_{|i-j|}) / 2. After the first fit only pixels whose weight changed
// are summed anew.

/** A pivot this much smaller than its diagonal is rounding: the pixels do not tell the coefficient. */
const SMALLEST_PIVOT: f64 = 1e-13

function f64At(base: usize, i: u32): f64 {
  return load<f64>(base + ((<usize>i) << 3))
}

function put64(base: usize, i: u32, value: f64): void {
  store<f64>(base + ((<usize>i) << 3), value)
}

/** Adds to eight sums the products of `values` and eight terms of the basis at the listed pixels. */
function addEight(list: usize, values: usize, count: u32, basis: usize, stride: usize, sums: usize): void {
  let s0 = v128.load(sums)
  let s1 = v128.load(sums, 16)
  let s2 = v128.load(sums, 32)
  let s3 = v128.load(sums, 48)
  for (let j: u32 = 0; j < count; j++) {
    const row = basis + <usize>load<u32>(list + ((<usize>j) << 2)) * stride
    const value = v128.load64_splat(values + ((<usize>j) << 3))
    s0 = f64x2.add(s0, f64x2.mul(value, v128.load(row)))
    s1 = f64x2.add(s1, f64x2.mul(value, v128.load(row, 16)))
    s2 = f64x2.add(s2, f64x2.mul(value, v128.load(row, 32)))
    s3 = f64x2.add(s3, f64x2.mul(value, v128.load(row, 48)))
  }
  v128.store(sums, s0)
  v128.store(sums, s1, 16)
  v128.store(sums, s2, 32)
  v128.store(sums, s3, 48)
}

function addTerms(list: usize, values: usize, count: u32, basis: usize, stride: usize, terms: u32, sums: usize): void {
  for (let term: u32 = 0; term < terms; term += 8) {
    const offset = (<usize>term) << 3
    addEight(list, values, count, basis + offset, stride, sums + offset)
  }
}

/** Solves the normal equations by Cholesky's method; `solution` holds the right-hand side. False when they are singular. */
function solveMoments(moments: usize, solution: usize, size: u32, a: usize): bool {
  for (let i: u32 = 0; i < size; i++) {
    for (let j: u32 = 0; j <= i; j++) {
      put64(a, i * size + j, (f64At(moments, i + j) + f64At(moments, i - j)) / 2)
    }
  }
  for (let j: u32 = 0; j < size; j++) {
    const diagonal = f64At(a, j * size + j)
    let pivot = diagonal
    for (let k: u32 = 0; k < j; k++) pivot -= f64At(a, j * size + k) * f64At(a, j * size + k)
    if (!(pivot > SMALLEST_PIVOT * diagonal)) return false
    const root = sqrt(pivot)
    put64(a, j * size + j, root)
    for (let i = j + 1; i < size; i++) {
      let sum = f64At(a, i * size + j)
      for (let k: u32 = 0; k < j; k++) sum -= f64At(a, i * size + k) * f64At(a, j * size + k)
      put64(a, i * size + j, sum / root)
    }
  }
  for (let i: u32 = 0; i < size; i++) {
    let sum = f64At(solution, i)
    for (let k: u32 = 0; k < i; k++) sum -= f64At(a, i * size + k) * f64At(solution, k)
    put64(solution, i, sum / f64At(a, i * size + i))
  }
  for (let i: i32 = size - 1; i >= 0; i--) {
    let sum = f64At(solution, i)
    for (let k: u32 = i + 1; k < size; k++) sum -= f64At(a, k * size + i) * f64At(solution, k)
    put64(solution, i, sum / f64At(a, <u32>i * size + i))
  }
  return true
}

/** Σ c_k T_k at two places, by Clenshaw's recurrence: of the grid it reads one number a pixel. */
function series(x: v128, coefficients: usize, order: u32): v128 {
  const twice = f64x2.add(x, x)
  let next = f64x2.splat(0)
  let current = next
  for (let at = coefficients + ((<usize>order) << 3); at > coefficients; at -= 8) {
    const value = f64x2.add(v128.load64_splat(at), f64x2.sub(f64x2.mul(twice, current), next))
    next = current
    current = value
  }
  return f64x2.add(v128.load64_splat(coefficients), f64x2.sub(f64x2.mul(x, current), next))
}

/** The polynomial at `n` places in doubles; `x` and `fit` have room for one more. */
function evaluate(n: u32, x: usize, coefficients: usize, order: u32, fit: usize): void {
  const end = x + ((<usize>n) << 3)
  for (; x < end; x += 16) {
    v128.store(fit, series(v128.load(x), coefficients, order))
    fit += 16
  }
}

/** The same in single precision; `x` and `out` have room for three more. */
function evaluateSingle(n: u32, x: usize, coefficients: usize, order: u32, out: usize): void {
  const end = x + ((<usize>n) << 3)
  for (; x < end; x += 32) {
    const low = f32x4.demote_f64x2_zero(series(v128.load(x), coefficients, order))
    const high = f32x4.demote_f64x2_zero(series(v128.load(x, 16), coefficients, order))
    v128.store(out, v128.shuffle<i64>(low, high, 0, 2))
    out += 16
  }
}

/** √(Σ w r² / Σ w) over the listed pixels. */
function residualRms(list: usize, count: u32, flux: usize, weight: usize, fit: usize): f64 {
  let squares: f64 = 0
  let sum: f64 = 0
  for (let j: u32 = 0; j < count; j++) {
    const i = load<u32>(list + ((<usize>j) << 2))
    const w = f64At(weight, i)
    const residual = <f64>load<f32>(flux + ((<usize>i) << 2)) - f64At(fit, i)
    squares += w * residual * residual
    sum += w
  }
  return sqrt(squares / sum)
}

/** Bytes of `work` that envelopeRows needs for `m` pixels to fit. */
export function envelopeWorkBytes(m: u32, order: u32): usize {
  const even = (<usize>m + 1) & ~1
  const size = <usize>order + 1
  return even * 40 + (2 * size + 8) * 32 + size * size * 8 + 64
}

/**
 * Fits one polynomial to each row of `flux` (rows x m), which holds the pixels to fit, at those that are good, and refits
 * it `iterations` times. Pixels below the last fit weigh `below` times as much; those outside low … high times the
 * weighted rms residual weigh nothing. `basis` is that of the m pixels, `chosenX` and `x` are their places and those of
 * the n pixels of `out` in [-1, 1]. 0 where nothing can be fitted.
 */
export function envelopeRows(
  rows: u32,
  m: u32,
  flux: usize,
  ivar: usize,
  uniform: bool,
  basis: usize,
  chosenX: usize,
  order: u32,
  iterations: u32,
  below: f64,
  clips: bool,
  low: f64,
  high: f64,
  n: u32,
  x: usize,
  out: usize,
  work: usize,
): void {
  const size = order + 1
  const terms = (2 * order + 8) & ~7
  const stride = (<usize>terms) << 3
  const even = (<usize>m + 1) & ~1
  const fit = work
  const weight = fit + (even << 3)
  const change = weight + (even << 3)
  const changeFlux = change + (even << 3)
  const changed = changeFlux + (even << 3)
  const good = changed + (even << 2)
  const moments = good + (even << 2)
  const right = moments + stride
  const solution = right + stride
  const trial = solution + stride
  const matrix = trial + stride
  for (let row: u32 = 0; row < rows; row++) {
    memory.fill(moments, 0, 4 * stride)
    let known: u32 = 0
    for (let i: u32 = 0; i < m; i++) {
      const at = (<usize>i) << 2
      const value = load<f32>(flux + at)
      const iv = load<f32>(ivar + at)
      if (!(iv > 0 && iv < Infinity && abs(value) < Infinity)) continue
      const w: f64 = uniform ? 1 : <f64>iv
      put64(weight, i, w)
      store<u32>(good + ((<usize>known) << 2), i)
      put64(change, known, w)
      put64(changeFlux, known, w * <f64>value)
      known++
    }
    let used = known
    let count = known
    let listed = good
    let found = false
    for (let pass: u32 = 0; count > 0; pass++) {
      addTerms(listed, change, count, basis, stride, terms, moments)
      addTerms(listed, changeFlux, count, basis, stride, (size + 7) & ~7, right)
      if (used <= order) break
      memory.copy(trial, right, (<usize>size) << 3)
      if (!solveMoments(moments, trial, size, matrix)) break
      found = true
      memory.copy(solution, trial, (<usize>size) << 3)
      if (pass == iterations) break
      evaluate(m, chosenX, solution, order, fit)
      const sigma = clips ? residualRms(good, known, flux, weight, fit) : 0
      const least = clips ? low * sigma : -Infinity
      const most = clips ? high * sigma : Infinity
      listed = changed
      count = 0
      for (let j: u32 = 0; j < known; j++) {
        const i = load<u32>(good + ((<usize>j) << 2))
        const full: f64 = uniform ? 1 : <f64>load<f32>(ivar + ((<usize>i) << 2))
        const value = <f64>load<f32>(flux + ((<usize>i) << 2))
        const residual = value - f64At(fit, i)
        const next = residual < least || residual > most ? 0 : residual < 0 ? full * below : full
        const before = f64At(weight, i)
        if (next == before) continue
        put64(weight, i, next)
        if (next == 0) used--
        else if (before == 0) used++
        store<u32>(changed + ((<usize>count) << 2), i)
        put64(change, count, next - before)
        put64(changeFlux, count, (next - before) * value)
        count++
      }
    }
    if (found) evaluateSingle(n, x, solution, order, out)
    else memory.fill(out, 0, (<usize>n) << 2)
    flux += (<usize>m) << 2
    ivar += (<usize>m) << 2
    out += (<usize>n) << 2
  }
}
