import type { Column, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn, findLabel, requireColumn, withHistory } from '@astrolabel/spectra'
import type { GridChoice } from '../resampling/grid-choice.js'
import { resolveGrid } from '../resampling/grid-choice.js'
import { resampleShifted } from '../resampling/resample-spectra.js'
import type { ResamplingMethod } from '../resampling/resampling-method.js'
import { resolveMethod } from '../resampling/resampling-method.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import type { FrameCorrection, VelocityFrame } from './velocity-frame.js'
import { checkVelocityFrame, frameOfColumn } from './velocity-frame.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'

/** Options of {@link toRestFrame}. */
export interface RestFrameOptions extends ResamplingMethod {
  /**
   * Catalogue column of the velocity in km/s, positive receding. Default: `v_observed` for spectra in the observed
   * frame that have it, otherwise the first that means v_rad.
   */
  readonly velocity?: string
  /** Frame of the velocities. Default: what the name of the column tells, or that of the spectra. */
  readonly velocityFrame?: VelocityFrame
  /**
   * Column of the barycentric correction in km/s: the Earth's velocity toward the star, which adds to an observed
   * velocity. Needed when velocities and spectra are in different frames.
   */
  readonly barycentric?: string
  /** λ_obs / λ_rest: `classical` 1 + v/c (default, as APOGEE and DESI's catalogues mean it) or `relativistic` √((1+β)/(1-β)). */
  readonly formula?: 'classical' | 'relativistic'
  /** Grid of the result. Default: the grid of the spectra. */
  readonly wave?: GridChoice
}

/**
 * Shift spectra to the rest frame of the star and onto a common grid in one resampling: the flux at λ is that observed
 * at λ × (1 + v/c). Noise, ends and arms are treated as {@link resampleSpectra} does.
 *
 * The velocity must be in the frame of the spectra, or the barycentric correction v_b be known: the shift is then
 * (1 + v/c) / (1 + v_b/c) for a barycentric velocity of observed spectra, (1 + v/c) (1 + v_b/c) the other way.
 *
 * A star without a velocity is left unshifted and gets ivar 0 everywhere.
 *
 * @throws `preprocess/already-rest` for spectra that are at rest, `preprocess/no-velocity` without a velocity column,
 * `preprocess/velocity-frame` for velocities of another frame, `table/no-column` when the named one is not there.
 */
export function toRestFrame(spectra: Spectra, options: RestFrameOptions = {}, run: StepRunOptions = {}): Spectra {
  if (spectra.meta.frame === 'rest') {
    throw new AstrolabelError('preprocess/already-rest', 'These spectra are in the rest frame already', {
      got: `frame ${spectra.meta.frame}`,
      expected: 'observed or barycentric',
      remedy: 'Leave the rest step out: a second shift would move every line',
    })
  }
  const column = velocityColumn(spectra, options.velocity)
  const formula = options.formula ?? 'classical'
  const { velocityFrame, barycentric } = options
  const named = velocityFrame ?? frameOfColumn(column.name, meansVelocity(column))
  const correction =
    named === undefined ? 'none' : checkVelocityFrame(column.name, named, spectra.meta.frame, barycentric !== undefined)
  const factors = dopplerFactors(columnNumbers(column), formula)
  if (correction !== 'none')
    correctFrame(
      factors,
      dopplerFactors(columnNumbers(requireColumn(spectra.catalog, barycentric!)), formula),
      correction,
    )
  const missing: number[] = []
  for (let row = 0; row < spectra.n; row++) {
    if (Number.isFinite(factors[row]!)) continue
    missing.push(row)
    factors[row] = 1
  }
  const wave = options.wave === undefined ? undefined : resolveGrid(options.wave)
  const method = resolveMethod(options)
  const resolved = {
    velocity: column.name,
    formula,
    // Kept where it says more than that velocities and spectra agree.
    ...(velocityFrame !== undefined || correction !== 'none' || named === 'heliocentric'
      ? { velocityFrame: named }
      : {}),
    ...(barycentric === undefined ? {} : { barycentric }),
    ...(wave === undefined ? {} : { wave }),
    ...method,
  }
  const { segments: _, ...single } = spectra.meta
  const meta = wave === undefined ? spectra.meta : { ...single, wavelength: wave }
  const shifted = resampleShifted(
    spectra,
    wave,
    factors,
    withHistory({ ...meta, frame: 'rest', stage: 'rest' }, 'rest', resolved),
    run,
    method,
  )
  for (const row of missing) {
    shifted.ivar.fill(0, row * shifted.nPix, (row + 1) * shifted.nPix)
    run.onBadStar?.({ row, starId: spectra.starId[row]!, step: 'rest', reason: 'no-velocity' })
  }
  return shifted
}

/**
 * λ_obs / λ_rest for radial velocities in km/s, (n) → (n); NaN where the velocity is missing or not below that of light.
 */
export function dopplerFactors(velocities: Float64Array, formula: 'classical' | 'relativistic'): Float64Array {
  return velocities.map((v) => {
    const beta = v / SPEED_OF_LIGHT
    if (!(Math.abs(beta) < 1)) return Number.NaN
    return formula === 'classical' ? 1 + beta : Math.sqrt((1 + beta) / (1 - beta))
  })
}

/** Multiply by the Earth's factors to go from an observed to a barycentric velocity, divide the other way. */
function correctFrame(factors: Float64Array, earth: Float64Array, correction: FrameCorrection): void {
  for (let row = 0; row < factors.length; row++)
    factors[row] = correction === 'add' ? factors[row]! * earth[row]! : factors[row]! / earth[row]!
}

function meansVelocity({ name }: Column): boolean {
  return findLabel(name)?.name === 'v_rad'
}

function velocityColumn(spectra: Spectra, name: string | undefined): Column {
  if (name !== undefined) return requireColumn(spectra.catalog, name)
  const observed = spectra.meta.frame === 'observed' ? findColumn(spectra.catalog, 'v_observed') : undefined
  if (observed !== undefined) return observed
  const columns = [...spectra.catalog.columns.values()]
  const column = columns.find((c) => c.name === 'v_rad') ?? columns.find(meansVelocity)
  if (column !== undefined) return column
  throw new AstrolabelError('preprocess/no-velocity', 'No catalogue column is a radial velocity', {
    got: columns.length === 0 ? 'no columns' : columns.map((c) => c.name),
    expected: 'v_rad or a synonym of it',
    remedy: 'Name the column with velocity, or join a catalogue that has one',
  })
}
