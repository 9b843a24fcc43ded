import type { VelocityTemplate } from './velocity-template.js'
import { sampleTemplate } from './velocity-template.js'

/** The pixels of a star that count. */
export interface SignalPixels {
  readonly lnWave: Float64Array
  readonly signal: Float64Array
  readonly weight: Float64Array
}

/** The best shift of a template. */
export interface BestShift {
  /** ln λ_observed - ln λ_rest. */
  readonly shift: number
  /** 1 σ, where Δχ² has fallen by 1; NaN when it has no maximum there. */
  readonly error: number
  readonly deltaChi2: number
}

/** Part of a velocity step between the samples of the parabola. */
const SPACING = 0.25
const MOST_ITERATIONS = 12

/**
 * By how much χ² falls when the template, shifted by `shift` of ln λ, explains the lines of the star: N² / D over free
 * amplitude and offset, with N = Σ w d t - Σ w d Σ w t / Σ w and D = Σ w t² - (Σ w t)² / Σ w; 0 for a negative
 * amplitude. The template is moved, never the data: their noise stays independent and bad pixels stay out. Cost pixels.
 */
function deltaChi2(pixels: SignalPixels, template: VelocityTemplate, shift: number): number {
  const { lnWave, signal, weight } = pixels
  let w = 0
  let wd = 0
  let wt = 0
  let wdt = 0
  let wtt = 0
  for (let i = 0; i < lnWave.length; i++) {
    const t = sampleTemplate(template, lnWave[i]! - shift)
    const iv = weight[i]!
    const d = iv * signal[i]!
    w += iv
    wd += d
    wt += iv * t
    wdt += d * t
    wtt += iv * t * t
  }
  return reduction(w, wd, wt, wdt, wtt)
}

/** N² / D of {@link deltaChi2} from its sums. */
export function reduction(w: number, wd: number, wt: number, wdt: number, wtt: number): number {
  const n = wdt - (wd * wt) / w
  const d = wtt - (wt * wt) / w
  return n > 0 && d > 1e-12 * wtt ? (n * n) / d : 0
}

/**
 * Climb from a shift near the maximum of Δχ² to it, by parabolas through three shifts a quarter of a step apart; their
 * curvature is the error.
 *
 * @param from where the coarse search found the maximum. @param step of the velocity grid, ln λ.
 */
export function refineShift(pixels: SignalPixels, template: VelocityTemplate, from: number, step: number): BestShift {
  const h = SPACING * step
  let shift = from
  let middle = deltaChi2(pixels, template, shift)
  let curvature = Number.NaN
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const left = deltaChi2(pixels, template, shift - h)
    const right = deltaChi2(pixels, template, shift + h)
    curvature = (left - 2 * middle + right) / (h * h)
    // Where it curves the other way go uphill; a parabola may not lead further than it is known.
    const wish = curvature < 0 ? -(right - left) / (2 * h) / curvature : Math.sign(right - left) * step
    const move = Math.max(-step, Math.min(step, wish))
    const next = deltaChi2(pixels, template, shift + move)
    if (next < middle) break
    shift += move
    middle = next
    if (Math.abs(move) < 1e-4 * step) break
  }
  return { shift, error: curvature < 0 ? Math.sqrt(-2 / curvature) : Number.NaN, deltaChi2: middle }
}
