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
  // Bad pixels as zeros, so that the sums need not ask: their flux, their variance and their share of the kernel.
  const good = new Float64Array(n)
  const values = new Float64Array(n)
  const variance = new Float64Array(n)
  // Bad pixels up to here: tells in one subtraction whether a stretch has any.
  const bad = new Int32Array(n + 1)
  for (let j = 0; j < n; j++) {
    const weight = source.ivar[j]!
    bad[j + 1] = bad[j]! + (weight > 0 ? 0 : 1)
    if (!(weight > 0)) continue
    good[j] = 1
    values[j] = source.flux[j]!
    variance[j] = 1 / weight
  }
  for (let i = 0; i < n; i++) {
    const from = Math.max(0, first[i]!)
    const to = Math.min(n, first[i]! + count[i]!)
    let k = at[i]! + from - first[i]!
    let flux = 0
    let noise = 0
    if (bad[to] === bad[from] && to - from === count[i] && to > from) {
      for (let j = from; j < to; j++, k++) {
        const weight = weights[k]!
        flux += weight * values[j]!
        noise += weight * weight * variance[j]!
      }
      out.flux[i] = flux
      out.ivar[i] = 1 / noise
      continue
    }
    let share = 0
    for (let j = from; j < to; j++, k++) {
      const weight = weights[k]!
      share += weight * good[j]!
      flux += weight * values[j]!
      noise += weight * weight * variance[j]!
    }
    if (share >= minWeight) {
      out.flux[i] = flux / share
      out.ivar[i] = (share * share) / noise
    } else {
      out.flux[i] = meanOfAll(kernel, source.flux, i)
      out.ivar[i] = 0
    }
  }
}

/** Mean of all pixels under the kernel of a row, good or not: the pixel itself when there are none. */
function meanOfAll({ first, count, at, weights }: BandKernel, flux: Float32Array, i: number): number {
  let sum = 0
  let share = 0
  for (let j = Math.max(0, first[i]!); j < Math.min(flux.length, first[i]! + count[i]!); j++) {
    const weight = weights[at[i]! + j - first[i]!]!
    sum += weight * flux[j]!
    share += weight
  }
  return share > 0 ? sum / share : flux[i]!
}
