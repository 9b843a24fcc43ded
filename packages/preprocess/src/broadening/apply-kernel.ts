import type { BandKernel } from './band-kernel.js'

/** A part of a row of spectra: flux and ivar of `kernel.first.length` pixels. */
export interface RowPart {
  readonly flux: Float32Array
  readonly ivar: Float32Array
}

/**
 * Broaden a row: flux Σ K f / Σ K and ivar (Σ K)² / Σ (K² / ivar), over good pixels.
 *
 * Where good pixels have less than `minWeight` of the kernel, at bad pixels, gaps and the ends of the row, the result
 * is bad; its flux is then the mean of all pixels, good or not. The noise of neighbours is correlated afterwards, which
 * ivar cannot say.
 *
 * Cost: pixels × width of the kernel.
 */
export function applyKernel(kernel: BandKernel, source: RowPart, out: RowPart, minWeight: number): void {
  const { first, count, at, weights } = kernel
  const n = first.length
  const good = new Uint8Array(n)
  const variance = new Float64Array(n)
  // Bad pixels up to here: tells in one subtraction whether a stretch has any.
  const bad = new Int32Array(n + 1)
  for (let j = 0; j < n; j++) {
    const weight = source.ivar[j]!
    good[j] = weight > 0 ? 1 : 0
    variance[j] = weight > 0 ? 1 / weight : 0
    bad[j + 1] = bad[j]! + (weight > 0 ? 0 : 1)
  }
  for (let i = 0; i < n; i++) {
    const from = Math.max(0, first[i]!)
    const to = Math.min(n, first[i]! + count[i]!)
    const shift = at[i]! - first[i]!
    let flux = 0
    let noise = 0
    if (bad[to] === bad[from] && to - from === count[i] && to > from) {
      for (let j = from; j < to; j++) {
        const k = weights[j + shift]!
        flux += k * source.flux[j]!
        noise += k * k * variance[j]!
      }
      out.flux[i] = flux
      out.ivar[i] = 1 / noise
      continue
    }
    let all = 0
    let weight = 0
    let whole = 0
    for (let j = from; j < to; j++) {
      const k = weights[j + shift]!
      const value = k * source.flux[j]!
      whole += k
      all += value
      if (good[j] === 0) continue
      weight += k
      flux += value
      noise += k * k * variance[j]!
    }
    if (weight < minWeight) {
      out.flux[i] = whole === 0 ? source.flux[i]! : all / whole
      out.ivar[i] = 0
    } else {
      out.flux[i] = flux / weight
      out.ivar[i] = (weight * weight) / noise
    }
  }
}
