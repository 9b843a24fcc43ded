import type { Column, Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findLabel, requireColumn, withHistory } from '@astrolabel/spectra'
import { resampleShifted } from './resample-spectra.js'
import type { StepRunOptions } from './row-operation.js'

/** Options of {@link toRestFrame}. */
export interface RestFrameOptions {
  /** Catalogue column of the velocity in km/s, positive receding. Default: the first that means v_rad. */
  readonly velocity?: string
  /** λ_obs / λ_rest: `classical` 1 + v/c (default, as APOGEE and DESI's catalogues mean it) or `relativistic` √((1+β)/(1-β)). */
  readonly formula?: 'classical' | 'relativistic'
  /** Grid of the result. Default: the grid of the spectra. */
  readonly wave?: WavelengthGrid
}

/** km/s, exact by definition. */
const SPEED_OF_LIGHT = 299_792.458

/**
 * Shift spectra to the rest frame of the star and onto a common grid in one linear interpolation: the flux at λ is that
 * observed at λ × (1 + v/c). Noise, ends and arms are treated as {@link resampleSpectra} does.
 *
 * A star without a velocity is left unshifted and gets ivar 0 everywhere.
 *
 * @throws `preprocess/already-rest` for spectra that are at rest, `preprocess/no-velocity` without a velocity column,
 * `table/no-column` when the named one is not there.
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
  const velocities = columnNumbers(column)
  const factors = dopplerFactors(velocities, formula)
  const missing: number[] = []
  for (let row = 0; row < spectra.n; row++) {
    if (Number.isFinite(factors[row]!)) continue
    missing.push(row)
    factors[row] = 1
  }
  const resolved = { velocity: column.name, formula, ...(options.wave === undefined ? {} : { wave: options.wave }) }
  const { segments: _, ...single } = spectra.meta
  const meta = options.wave === undefined ? spectra.meta : { ...single, wavelength: options.wave }
  const shifted = resampleShifted(
    spectra,
    options.wave,
    factors,
    withHistory({ ...meta, frame: 'rest', stage: 'rest' }, 'rest', resolved),
    run,
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

function velocityColumn(spectra: Spectra, name: string | undefined): Column {
  if (name !== undefined) return requireColumn(spectra.catalog, name)
  const columns = [...spectra.catalog.columns.values()]
  const column = columns.find((c) => c.name === 'v_rad') ?? columns.find((c) => findLabel(c.name)?.name === 'v_rad')
  if (column !== undefined) return column
  throw new AstrolabelError('preprocess/no-velocity', 'No catalogue column is a radial velocity', {
    got: columns.length === 0 ? 'no columns' : columns.map((c) => c.name),
    expected: 'v_rad or a synonym of it',
    remedy: 'Name the column with velocity, or join a catalogue that has one',
  })
}
