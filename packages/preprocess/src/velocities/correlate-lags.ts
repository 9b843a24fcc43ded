import type { CorrelationBlocks, CorrelationPlan } from './correlation-plan.js'
import { reduction } from './velocity-likelihood.js'

/** What the correlation of one star with one template says, lag by lag. */
export interface LagCurve {
  /** Fall of χ² at each lag, from `lags[0]` on. */
  readonly deltaChi2: Float64Array
  /** The correlation coefficient, -1 … 1. */
  readonly coefficient: Float64Array
}

/**
 * Correlate one star with all templates. With weights w and lines d at any wavelengths, shared out between the two
 * nearest grid pixels, three correlations give Σ w d t, Σ w t and Σ w t² of every lag at once, with t interpolated
 * linearly: bad pixels and errors count as they do in a fit.
 *
 * @param lnWave, signal, weight of the pixels that count. Cost templates × n log n.
 */
export function correlate(
  plan: CorrelationPlan,
  lnWave: Float64Array,
  signal: Float64Array,
  weight: Float64Array,
): LagCurve[] {
  const { fourier, templates, grid, scratch } = plan
  const { size } = fourier
  const { re, im, crossRe, crossIm } = scratch
  const { w, wd, wdd } = shareOut(plan, lnWave, signal, weight)
  transformStar(plan)
  const power = wdd - (wd * wd) / w
  const count = grid.lags[1] - grid.lags[0] + 1
  const squares = squareCorrelations(plan, count)
  return templates.map((template, index) => {
    crossRe.fill(0)
    crossIm.fill(0)
    // Of w d - i w: the conjugate of its transform times that of t has Σ w d t as real part, Σ w t as imaginary one.
    addProducts(re, im, template.re, template.im, crossRe, crossIm)
    fourier.inverse(crossRe, crossIm)
    const deltaChi2 = new Float64Array(count)
    const coefficient = new Float64Array(count)
    for (let j = 0; j < count; j++) {
      // Place m of the transform is lag lags[1] - m.
      const m = count - 1 - j
      const wdt = crossRe[m]! / size
      const wt = crossIm[m]! / size
      const wtt = squares[index]![m]! / size
      deltaChi2[j] = reduction(w, wd, wt, wdt, wtt)
      const norm = (wtt - (wt * wt) / w) * power
      coefficient[j] = norm > 1e-12 * wtt * wdd ? (wdt - (wd * wt) / w) / Math.sqrt(norm) : 0
    }
    return { deltaChi2, coefficient }
  })
}

/** Put w d - i w of a star into the blocks, each pixel between the two nearest of the grid; returns Σ w, Σ w d, Σ w d². */
function shareOut(
  { grid, fourier, blocks, scratch: { re, im } }: CorrelationPlan,
  lnWave: Float64Array,
  signal: Float64Array,
  weight: Float64Array,
): { w: number; wd: number; wdd: number } {
  re.fill(0)
  im.fill(0)
  let w = 0
  let wd = 0
  let wdd = 0
  for (let i = 0; i < lnWave.length; i++) {
    const x = (lnWave[i]! - grid.origin) / grid.step
    const left = Math.floor(x + 1e-6)
    const part = Math.max(0, x - left)
    if (!(left >= 0 && left < grid.length)) continue
    const iv = weight[i]!
    const d = iv * signal[i]!
    w += iv
    wd += d
    wdd += d * signal[i]!
    const place = placeOf(left, blocks, fourier.size)
    re[place]! += (1 - part) * d
    im[place]! -= (1 - part) * iv
    if (part > 0 && left + 1 < grid.length) {
      const next = placeOf(left + 1, blocks, fourier.size)
      re[next]! += part * d
      im[next]! -= part * iv
    }
  }
  return { w, wd, wdd }
}

function placeOf(pixel: number, { step }: CorrelationBlocks, size: number): number {
  const block = Math.floor(pixel / step)
  return block * size + pixel - block * step
}

/** Transform the blocks of a star, and take those of w alone out of those of w d - i w. */
function transformStar({ fourier, blocks, scratch: { re, im, weightRe, weightIm } }: CorrelationPlan): void {
  const { size, mirror } = fourier
  for (let at = 0; at < blocks.count * size; at += size) {
    fourier.forward(re.subarray(at, at + size), im.subarray(at, at + size))
    for (let k = 0; k < size; k++) {
      const m = mirror[k]!
      weightRe[at + k] = -(im[at + k]! + im[at + m]!) / 2
      weightIm[at + k] = (re[at + k]! - re[at + m]!) / 2
    }
  }
}

/** Add conj(a) b of all blocks, (blocks × size), to one of them. */
function addProducts(
  aRe: Float64Array,
  aIm: Float64Array,
  bRe: Float64Array,
  bIm: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
): void {
  const size = outRe.length
  for (let at = 0; at < aRe.length; at += size) {
    for (let k = 0; k < size; k++) {
      const x = aRe[at + k]!
      const y = aIm[at + k]!
      const u = bRe[at + k]!
      const v = bIm[at + k]!
      outRe[k]! += x * u + y * v
      outIm[k]! += x * v - y * u
    }
  }
}

/** Σ w t² of all lags and templates: two templates a transform, one as its real, one as its imaginary part. */
function squareCorrelations(
  { fourier, templates, scratch: { weightRe, weightIm, crossRe, crossIm } }: CorrelationPlan,
  count: number,
): Float64Array[] {
  const out: Float64Array[] = []
  const { size } = fourier
  const nextRe = new Float64Array(size)
  const nextIm = new Float64Array(size)
  for (let a = 0; a < templates.length; a += 2) {
    const one = templates[a]!
    const two = templates[a + 1]
    crossRe.fill(0)
    crossIm.fill(0)
    addProducts(weightRe, weightIm, one.squareRe, one.squareIm, crossRe, crossIm)
    if (two !== undefined) {
      nextRe.fill(0)
      nextIm.fill(0)
      addProducts(weightRe, weightIm, two.squareRe, two.squareIm, nextRe, nextIm)
      for (let k = 0; k < size; k++) {
        crossRe[k]! -= nextIm[k]!
        crossIm[k]! += nextRe[k]!
      }
    }
    fourier.inverse(crossRe, crossIm)
    out.push(crossRe.slice(0, count))
    if (two !== undefined) out.push(crossIm.slice(0, count))
  }
  return out
}
