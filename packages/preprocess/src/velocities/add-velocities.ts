import type { Column, Spectra } from '@astrolabel/spectra'
import {
  AstrolabelError,
  columnNumbers,
  findColumn,
  findLabel,
  makeTable,
  takeSpectra,
  withHistory,
} from '@astrolabel/spectra'
import type { CrossCorrelationOptions } from './cross-correlate.js'
import { crossCorrelate, resolveCorrelation } from './cross-correlate.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import type { TemplateSet } from './template-set.js'

/** Options of {@link addVelocities}. */
export interface VelocityOptions extends CrossCorrelationOptions {
  /** Spectra at rest to compare with ({@link encodeTemplates}). */
  readonly templates: TemplateSet
  /** Stars to measure: those whose catalogue has no velocity (`missing`, the default), or `all`. */
  readonly stars?: 'missing' | 'all'
}

/**
 * Measure velocities by {@link crossCorrelate} and put them into the catalogue, where the rest step finds them: `v_rad`
 * and `v_rad_err` in km/s (`v_observed` and `v_observed_err` for spectra in the observed frame), with `ccf_r`,
 * `ccf_chi2`, `ccf_template` and `ccf_flags`. Stars that have a velocity keep it unless `stars` is `all`; a star that
 * cannot be measured has a missing one.
 *
 * @throws `preprocess/already-rest` for spectra at rest, and what {@link crossCorrelate} throws.
 */
export function addVelocities(spectra: Spectra, options: VelocityOptions, run: StepRunOptions = {}): Spectra {
  const { catalog, n, meta } = spectra
  if (meta.frame === 'rest') {
    throw new AstrolabelError('preprocess/already-rest', 'These spectra are in the rest frame already', {
      got: `frame ${meta.frame}`,
      expected: 'observed or barycentric',
      remedy: 'Put the velocity step before the rest step, or leave both out',
    })
  }
  const stars = options.stars ?? 'missing'
  const name = meta.frame === 'observed' ? 'v_observed' : 'v_rad'
  const known = stars === 'all' ? undefined : knownVelocity(spectra, name)
  const velocity = known === undefined ? new Float64Array(n).fill(Number.NaN) : columnNumbers(known)
  const knownError = known === undefined ? undefined : findColumn(catalog, `${known.name}_err`)
  const error = knownError === undefined ? new Float64Array(n).fill(Number.NaN) : columnNumbers(knownError)
  const rows = Array.from(velocity.keys()).filter((row) => !Number.isFinite(velocity[row]!))
  const found = crossCorrelate(
    rows.length === n ? spectra : takeSpectra(spectra, rows),
    options.templates,
    options,
    run,
  )
  const r = new Float64Array(n).fill(Number.NaN)
  const chi2 = new Float64Array(n).fill(Number.NaN)
  const template = new Array<string>(n).fill('')
  const flags = new Uint32Array(n)
  rows.forEach((row, k) => {
    velocity[row] = found.velocity[k]!
    error[row] = found.error[k]!
    r[row] = found.r[k]!
    chi2[row] = found.chi2[k]!
    template[row] = found.template[k]!
    flags[row] = found.flags[k]!
  })
  const columns = new Map(catalog.columns)
  for (const column of [
    measured(name, velocity, 'km/s'),
    measured(`${name}_err`, error, 'km/s'),
    measured('ccf_r', r),
    measured('ccf_chi2', chi2),
    { name: 'ccf_template', values: template },
    { name: 'ccf_flags', values: flags },
  ])
    columns.set(column.name, column)
  const history = { templates: options.templates, ...resolveCorrelation(options), stars }
  return { ...spectra, catalog: makeTable(columns.values(), n), meta: withHistory(meta, 'velocity', history) }
}

/** The column that the rest step would take. */
function knownVelocity({ catalog }: Spectra, name: string): Column | undefined {
  if (name !== 'v_rad') return findColumn(catalog, name)
  const columns = [...catalog.columns.values()]
  return catalog.columns.get(name) ?? columns.find((column) => findLabel(column.name)?.name === name)
}

function measured(name: string, values: Float64Array, unit?: string): Column {
  const valid = Uint8Array.from(values, (value) => (Number.isFinite(value) ? 1 : 0))
  return { name, values, valid, ...(unit === undefined ? {} : { unit }) }
}
