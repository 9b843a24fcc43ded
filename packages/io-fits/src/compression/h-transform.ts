import { smoothHLevel } from './h-smooth.js'

/**
 * Inverts the H-transform (White, Postman & Lattanzi 1992) of `rows` × `columns` coefficients in place. The steps are
 * those of the reference code, which undoes its rounding bit by bit; doubles hold what took it 64-bit integers.
 * With a `smoothing` above 1, the scale that the coefficients were divided by, each level is smoothed on the way.
 */
export function invertHTransform(a: Float64Array, rows: number, columns: number, smoothing = 0): void {
  const levels = 32 - Math.clz32(Math.max(rows, columns) - 1)
  if (Math.max(rows, columns) === 1) return
  const scratch = new Float64Array((Math.max(rows, columns) + 1) >> 1)
  // The bit that a coefficient of each order is a multiple of, at this level.
  let bit0 = 2 ** (levels - 1)
  let bit1 = bit0 * 2
  a[0] = roundTo(a[0] as number, bit0 * 4)
  for (let k = levels - 1; k >= 0; k--) {
    const nx = Math.ceil(rows / 2 ** k)
    const ny = Math.ceil(columns / 2 ** k)
    for (let i = 0; i < nx; i++) interleave(a, columns * i, ny, 1, scratch)
    for (let j = 0; j < ny; j++) interleave(a, j, nx, columns, scratch)
    smoothHLevel(a, { rows: nx, columns: ny, stride: columns }, smoothing)
    expand(a, nx, ny, columns, bit0, bit1, k === 0 ? 4 : 2)
    bit1 = bit0
    bit0 = Math.floor(bit0 / 2)
  }
}

/** Rounds to a multiple of `bit`, halves away from 0; as it is where `bit` is 0 or 1. */
function roundTo(value: number, bit: number): number {
  if (bit <= 1) return value
  const half = bit / 2
  return Math.floor((value + (value >= 0 ? half : half - 1)) / bit) * bit
}

function expand(a: Float64Array, nx: number, ny: number, stride: number, bit0: number, bit1: number, by: number): void {
  for (let i = 0; i < nx; i += 2) {
    const below = i + 1 < nx
    for (let j = 0, s = stride * i; j < ny; j += 2, s += 2) {
      const right = j + 1 < ny
      let h0 = a[s] as number
      if (below && right) {
        let hx = roundTo(a[s + stride] as number, bit1)
        let hy = roundTo(a[s + 1] as number, bit1)
        const hc = roundTo(a[s + stride + 1] as number, bit0)
        const low0 = isOdd(hc, bit0) ? bit0 : 0
        hx -= hx >= 0 ? low0 : -low0
        hy -= hy >= 0 ? low0 : -low0
        const odd = (isOdd(hc, bit1) ? 1 : 0) + (isOdd(hx, bit1) ? 1 : 0) + (isOdd(hy, bit1) ? 1 : 0)
        const low1 = (odd & 1) === 1 ? bit1 : 0
        if (h0 >= 0) h0 += low0 - low1
        else h0 += low0 === 0 ? low1 : low0 - low1
        a[s + stride + 1] = Math.floor((h0 + hx + hy + hc) / by)
        a[s + stride] = Math.floor((h0 + hx - hy - hc) / by)
        a[s + 1] = Math.floor((h0 - hx + hy - hc) / by)
        a[s] = Math.floor((h0 - hx - hy + hc) / by)
      } else if (below || right) {
        const other = below ? s + stride : s + 1
        const h = roundTo(a[other] as number, bit1)
        const low1 = isOdd(h, bit1) ? bit1 : 0
        h0 += h0 >= 0 ? -low1 : low1
        a[other] = Math.floor((h0 + h) / by)
        a[s] = Math.floor((h0 - h) / by)
      } else {
        a[s] = Math.floor(h0 / by)
      }
    }
  }
}

/** Whether the bit of weight `bit` is set, in two's complement. */
function isOdd(value: number, bit: number): boolean {
  return Math.floor(value / bit) % 2 !== 0
}

/** Takes `n` values, `stride` apart, from two halves to even and odd places. */
function interleave(a: Float64Array, start: number, n: number, stride: number, scratch: Float64Array): void {
  const half = (n + 1) >> 1
  for (let i = half, from = start + half * stride; i < n; i++, from += stride) scratch[i - half] = a[from] as number
  for (let i = half - 1; i >= 0; i--) a[start + 2 * i * stride] = a[start + i * stride] as number
  for (let i = half; i < n; i++) a[start + (2 * (i - half) + 1) * stride] = scratch[i - half] as number
}
