import type { FlagBit, Spectra } from '@astrolabel/spectra'
import { FlagSet, pixelWavelengths } from '@astrolabel/spectra'
import type { LagCurve } from './correlate-lags.js'
import { correlate } from './correlate-lags.js'
import type { CorrelationPlan } from './correlation-plan.js'
import { logVacuum, planCorrelation } from './correlation-plan.js'
import { requireOverlap } from './correlation-reach.js'
import { lineSignal } from './line-signal.js'
import { peakRatio, highestPeak, secondPeak, tonryDavis } from './peak-quality.js'
import type { Piece } from '../pixels/pieces.js'
import { cutPieces } from '../pixels/pieces.js'
import { checkRange, shiftOf, velocityOf, velocitySlope } from './shift-velocity.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'
import type { TemplateSet } from './template-set.js'
import type { SignalPixels } from './velocity-likelihood.js'
import { refineShift } from './velocity-likelihood.js'

/** Options of {@link crossCorrelate}. */
export interface CrossCorrelationOptions {
  /** Smallest and largest velocity, km/s; default [-1000, 1000]. */
  readonly range?: readonly [number, number]
  /** Window over which the continuum is taken, km/s; default 6000. */
  readonly continuum?: number
  /** Least R of Tonry & Davis before a star is flagged; default 4. */
  readonly minR?: number
  /** λ_obs / λ_rest: `classical` 1 + v/c (default) or `relativistic` √((1+β)/(1-β)). */
  readonly formula?: 'classical' | 'relativistic'
}

/** What {@link crossCorrelate} finds, (n) each, in the frame of the spectra; NaN for a star without a velocity. */
export interface Velocities {
  /** km/s, positive receding. */
  readonly velocity: Float64Array
  /** 1 σ in km/s: from the curvature of Δχ², times √(χ² / degrees of freedom) where that is above 1 or noise unknown. */
  readonly error: Float64Array
  /** R of Tonry & Davis (1979): height of the peak over the noise of the correlation. */
  readonly r: Float64Array
  /** By how much the template lowers χ². */
  readonly deltaChi2: Float64Array
  /** χ² of what remains, a degree of freedom. */
  readonly chi2: Float64Array
  /** The template that lowers χ² the most; empty for a star without a velocity. */
  readonly template: readonly string[]
  /** Bits of {@link velocityFlags}. */
  readonly flags: Uint32Array
}

/** What can be wrong with a velocity. A star with one of the first three has none. */
export const velocityFlags: readonly FlagBit[] = [
  { bit: 0, name: 'NO_DATA', description: 'fewer than 20 good pixels that the templates reach' },
  { bit: 1, name: 'NO_PEAK', description: 'no shift of any template explains the lines' },
  { bit: 2, name: 'EDGE', description: 'the best velocity is at the end of the range' },
  { bit: 3, name: 'LOW_R', description: 'the peak hardly rises above the noise of the correlation' },
  { bit: 4, name: 'AMBIGUOUS', description: 'another velocity is nearly as good: Δχ² 0.8 of the best' },
]

const FLAGS = new FlagSet(velocityFlags)
const FEWEST_PIXELS = 20
const AMBIGUOUS_RATIO = 0.8

/**
 * Radial velocities by cross-correlation with templates at rest.
 *
 * Spectrum and templates lose their continuum alike; what is maximised over velocity, template, amplitude and offset is
 * the fall of χ² (Zucker 2003's likelihood, with ivar as weights), first at all lags of a grid of ln λ by Fourier
 * transforms, then between lags on the pixels themselves. The frame of the velocities is that of the spectra.
 *
 * Noise of resampled spectra is correlated: errors are then too small ({@link resampledCorrelation}).
 *
 * @throws `preprocess/templates` for a set that is not one, `preprocess/no-overlap` when templates and spectra have no
 * wavelengths in common, `preprocess/option` for a range without velocities.
 */
export function crossCorrelate(
  spectra: Spectra,
  templates: TemplateSet,
  options: CrossCorrelationOptions = {},
  run: StepRunOptions = {},
): Velocities {
  const { n, nPix, meta } = spectra
  const { range, continuum, minR, formula } = resolveCorrelation(options)
  const shifts = [shiftOf(range[0], formula), shiftOf(range[1], formula)] as const
  const plan = plannedFor(spectra, templates, shifts, shiftOf(continuum, 'classical'))
  const commonWave = pixelWavelengths(meta)
  const common = logVacuum(commonWave, meta.wavelength.medium)
  requireOverlap(common, plan, shifts)
  const commonArms = cutPieces(meta, commonWave)
  const nan = (): Float64Array => new Float64Array(n).fill(Number.NaN)
  const out = { velocity: nan(), error: nan(), r: nan(), deltaChi2: nan(), chi2: nan() }
  const template = new Array<string>(n).fill('')
  const flags = new Uint32Array(n)
  const flag = (row: number, name: string): void => {
    flags[row]! |= FLAGS.mask32(name)
  }
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      const own = spectra.wave?.subarray(row * nPix, (row + 1) * nPix)
      const lnWave = own === undefined ? common : logVacuum(own, meta.wavelength.medium)
      const arms = own === undefined ? commonArms : cutPieces(meta, own)
      const pixels = countingPixels(spectra, row, lnWave, arms, shiftOf(continuum, 'classical'), plan, shifts)
      if (pixels.lnWave.length < FEWEST_PIXELS) {
        flag(row, 'NO_DATA')
        continue
      }
      const best = bestTemplate(correlate(plan, pixels.lnWave, pixels.signal, pixels.weight), plan, shifts)
      if (best === undefined) {
        flag(row, 'NO_PEAK')
        continue
      }
      const { lines, name } = plan.templates[best.index]!
      const found = refineShift(pixels, lines, best.shift, plan.grid.step)
      if (best.edge || !(found.shift > shifts[0] && found.shift < shifts[1])) {
        flag(row, 'EDGE')
        continue
      }
      if (!Number.isFinite(found.error)) {
        flag(row, 'NO_PEAK')
        continue
      }
      const chi2 = Math.max(0, totalChi2(pixels) - found.deltaChi2) / (pixels.lnWave.length - 3)
      const scale = meta.noise === 'unknown' ? Math.sqrt(chi2) : Math.sqrt(Math.max(1, chi2))
      const centre = found.shift / plan.grid.step - plan.grid.lags[0]
      out.velocity[row] = velocityOf(found.shift, formula)
      out.error[row] = found.error * scale * velocitySlope(found.shift, formula)
      out.deltaChi2[row] = found.deltaChi2
      out.chi2[row] = chi2
      out.r[row] = tonryDavis(best.curve.coefficient, centre)
      template[row] = name
      if (!(out.r[row]! >= minR)) flag(row, 'LOW_R')
      if (peakRatio(best.curve, best.lag, best.second) > AMBIGUOUS_RATIO) flag(row, 'AMBIGUOUS')
    }
  })
  return { ...out, template, flags }
}

/** Options with their defaults. @throws `preprocess/option`. */
export function resolveCorrelation(options: CrossCorrelationOptions): Required<CrossCorrelationOptions> {
  const { range = [-1000, 1000], continuum = 6000, minR = 4, formula = 'classical' } = options
  checkRange(range, continuum)
  return { range, continuum, minR, formula }
}

/** Plans of the templates in use: batches of a survey come one by one, each with the same templates. */
const plans = new WeakMap<TemplateSet, { key: string; plan: CorrelationPlan }>()

function plannedFor(
  { meta }: Spectra,
  templates: TemplateSet,
  shifts: readonly [number, number],
  window: number,
): CorrelationPlan {
  const key = JSON.stringify([meta.wavelength, meta.segments, shifts, window])
  const known = plans.get(templates)
  if (known?.key === key) return known.plan
  const plan = planCorrelation(meta, templates, shifts, window)
  plans.set(templates, { key, plan })
  return plan
}

/** The good pixels that every template knows at every velocity of the range: the same for all of them. */
function countingPixels(
  { flux, ivar, nPix }: Spectra,
  row: number,
  lnWave: Float64Array,
  arms: readonly Piece[],
  window: number,
  { reach }: CorrelationPlan,
  [low, high]: readonly [number, number],
): SignalPixels {
  const at = row * nPix
  const { signal, weight } = lineSignal(
    lnWave,
    flux.subarray(at, at + nPix),
    ivar.subarray(at, at + nPix),
    arms,
    window,
  )
  const counts = (i: number): boolean => weight[i]! > 0 && lnWave[i]! - high >= reach[0] && lnWave[i]! - low <= reach[1]
  const taken = { lnWave: new Float64Array(nPix), signal: new Float64Array(nPix), weight: new Float64Array(nPix) }
  let n = 0
  for (let i = 0; i < nPix; i++) {
    if (!counts(i)) continue
    taken.lnWave[n] = lnWave[i]!
    taken.signal[n] = signal[i]!
    taken.weight[n] = weight[i]!
    n++
  }
  return {
    lnWave: taken.lnWave.subarray(0, n),
    signal: taken.signal.subarray(0, n),
    weight: taken.weight.subarray(0, n),
  }
}

/** χ² of a constant. */
function totalChi2({ signal, weight }: SignalPixels): number {
  let w = 0
  let wd = 0
  let wdd = 0
  for (let i = 0; i < signal.length; i++) {
    w += weight[i]!
    wd += weight[i]! * signal[i]!
    wdd += weight[i]! * signal[i]! ** 2
  }
  return wdd - (wd * wd) / w
}

interface Best {
  readonly index: number
  readonly curve: LagCurve
  /** Places in the curve of the highest peak and of the next. */
  readonly lag: number
  readonly second: number | undefined
  readonly shift: number
  readonly edge: boolean
}

/** The template and lag within the range that lower χ² the most; undefined when none does. */
function bestTemplate(
  curves: readonly LagCurve[],
  { grid }: CorrelationPlan,
  shifts: readonly [number, number],
): Best | undefined {
  const from = Math.ceil(shifts[0] / grid.step) - grid.lags[0]
  const to = Math.floor(shifts[1] / grid.step) - grid.lags[0]
  let best: { index: number; lag: number; height: number } | undefined
  curves.forEach(({ deltaChi2 }, index) => {
    const lag = highestPeak(deltaChi2, from, to)
    const height = deltaChi2[lag]!
    if (height > (best?.height ?? 0)) best = { index, lag, height }
  })
  if (best === undefined) return undefined
  const { index, lag } = best
  const curve = curves[index]!
  const [left, middle, right] = [curve.deltaChi2[lag - 1]!, curve.deltaChi2[lag]!, curve.deltaChi2[lag + 1]!]
  const curvature = left - 2 * middle + right
  const part = curvature < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * curvature))) : 0
  return {
    index,
    curve,
    lag,
    second: secondPeak(curve.deltaChi2, lag, from, to),
    shift: (lag + part + grid.lags[0]) * grid.step,
    // A maximum at the end of the range is one only if it falls off beyond.
    edge: (lag === from && left > middle) || (lag === to && right > middle),
  }
}
