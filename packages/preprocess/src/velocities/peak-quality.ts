import type { LagCurve } from './correlate-lags.js'

/** Place of the highest value among from … to. */
export function highestPeak(curve: Float64Array, from: number, to: number): number {
  let best = from
  for (let k = from; k <= to; k++) if (curve[k]! > curve[best]!) best = k
  return best
}

/** Place of the highest local maximum besides that at `peak`; undefined when there is none. */
export function secondPeak(curve: Float64Array, peak: number, from: number, to: number): number | undefined {
  let best: number | undefined
  for (let k = Math.max(from, 1); k <= Math.min(to, curve.length - 2); k++) {
    if (Math.abs(k - peak) < 2 || curve[k]! < curve[k - 1]! || curve[k]! < curve[k + 1]!) continue
    if (best === undefined || curve[k]! > curve[best]!) best = k
  }
  return best
}

/** Δχ² of the second peak in units of that of the first; 0 without a second. */
export function peakRatio({ deltaChi2 }: LagCurve, peak: number, second: number | undefined): number {
  return second === undefined ? 0 : deltaChi2[second]! / deltaChi2[peak]!
}

/**
 * R of Tonry & Davis (1979): h / (√2 σ_a), where h is the height of the peak and σ_a the rms of the part of the
 * correlation that is antisymmetric about it, which a perfect match does not have.
 *
 * @param curve correlation coefficients by lag. @param centre of the peak, between lags.
 */
export function tonryDavis(curve: Float64Array, centre: number): number {
  const reach = Math.floor(Math.min(centre - 1, curve.length - 2 - centre))
  let sum = 0
  for (let j = 1; j <= reach; j++) sum += (between(curve, centre + j) - between(curve, centre - j)) ** 2
  if (reach < 1) return Number.NaN
  const antisymmetric = Math.sqrt(sum / (2 * reach))
  return between(curve, centre) / (Math.SQRT2 * antisymmetric)
}

/** The curve at a fractional place, by the cubic through four lags. */
function between(curve: Float64Array, place: number): number {
  const i = Math.max(1, Math.min(curve.length - 3, Math.floor(place)))
  const t = place - i
  const [a, b, c, d] = [curve[i - 1]!, curve[i]!, curve[i + 1]!, curve[i + 2]!]
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
}
