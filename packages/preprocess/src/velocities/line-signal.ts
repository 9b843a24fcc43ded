import type { Piece } from '../pixels/pieces.js'
import { isGood } from '../pixels/row-operation.js'

/** What remains of a spectrum without its continuum. */
export interface LineSignal {
  /** flux / continuum - 1, 0 for bad pixels. */
  readonly signal: Float64Array
  /** Its inverse variance, 0 for bad pixels. */
  readonly weight: Float64Array
}

/** This part of an arm fades in at each end, where the continuum knows only one side. */
const TAPER = 0.025

/**
 * Lines of a spectrum: flux / continuum - 1, where the continuum is a mean with weights ivar over a window of velocity,
 * smoothed by that window once more. The same is done to spectra and templates, so what it takes from broad lines it
 * takes from both. Weights fade to 0 at the ends of each arm (cosine over 2.5 %).
 *
 * @param lnWave (nPix) ln λ, ascending in each arm. @param window of ln λ. Cost nPix.
 */
export function lineSignal(
  lnWave: Float64Array,
  flux: ArrayLike<number>,
  ivar: ArrayLike<number>,
  arms: readonly Piece[],
  window: number,
): LineSignal {
  const signal = new Float64Array(lnWave.length)
  const weight = new Float64Array(lnWave.length)
  for (const { start, end } of arms) {
    const n = end - start
    const wave = lnWave.subarray(start, end)
    const w = new Float64Array(n)
    const wf = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      if (!isGood(flux[start + i]!, ivar[start + i]!)) continue
      w[i] = ivar[start + i]!
      wf[i] = w[i]! * flux[start + i]!
    }
    const mean = windowSums(wave, wf, window)
    const sum = windowSums(wave, w, window)
    const present = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      present[i] = sum[i]! > 0 ? 1 : 0
      mean[i] = sum[i]! > 0 ? mean[i]! / sum[i]! : 0
    }
    const continuum = windowSums(wave, mean, window)
    const counts = windowSums(wave, present, window)
    const fade = Math.max(1, TAPER * n)
    for (let i = 0; i < n; i++) {
      const level = continuum[i]! / counts[i]!
      if (!(w[i]! > 0 && level > 0)) continue
      const inward = Math.min(i, n - 1 - i) + 0.5
      const taper = inward < fade ? Math.sin((Math.PI * inward) / (2 * fade)) ** 2 : 1
      signal[start + i] = flux[start + i]! / level - 1
      weight[start + i] = w[i]! * level * level * taper
    }
  }
  return { signal, weight }
}

/** Sums over all pixels within half a window on both sides. */
function windowSums(wave: Float64Array, values: Float64Array, window: number): Float64Array {
  const n = values.length
  const out = new Float64Array(n)
  const before = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) before[i + 1] = before[i]! + values[i]!
  let low = 0
  let high = 0
  for (let i = 0; i < n; i++) {
    while (wave[low]! < wave[i]! - window / 2) low++
    while (high < n && wave[high]! <= wave[i]! + window / 2) high++
    out[i] = before[high]! - before[low]!
  }
  return out
}
