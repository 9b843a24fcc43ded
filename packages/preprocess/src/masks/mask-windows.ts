import type { Spectra, SpectraMeta } from '@astrolabel/spectra'
import {
  AstrolabelError,
  columnNumbers,
  findLabel,
  pixelWavelengths,
  requireColumn,
  vacuumToAir,
  withHistory,
} from '@astrolabel/spectra'
import { dopplerFactors } from '../velocities/rest-frame.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'

/** Ranges of wavelength, Å, both ends included. */
export type WaveRanges = readonly (readonly [from: number, to: number])[]

/** Options of {@link maskWindows}. */
export interface WindowOptions {
  /** Å, in the medium of the spectra. */
  readonly ranges: WaveRanges
}

/** Options of {@link maskTellurics}. */
export interface TelluricOptions {
  /** Bands in vacuum Å as the atmosphere makes them; {@link telluricBands} unless given. */
  readonly bands?: WaveRanges | undefined
  /** km/s by which bands are widened for the Earth's own motion; 0 for observed spectra and 30 for others unless given. */
  readonly margin?: number | undefined
  /** Catalogue column of the velocity, km/s, that spectra at rest were shifted by; the first that means v_rad. */
  readonly velocity?: string | undefined
}

/**
 * Bands in which oxygen and water of the atmosphere absorb more than some percent, vacuum Å: O₂ γ, B and A, and water
 * between 0.72 and 0.98 µm. Between the bands of the near infrared, such as APOGEE's, surveys flag lines one by one
 * (SIG_TELLURIC).
 */
export const telluricBands: WaveRanges = [
  [6278, 6322],
  [6866, 6962],
  [7168, 7392],
  [7592, 7705],
  [8128, 8352],
  [8942, 9852],
]

/** Largest barycentric velocity of an observatory on Earth, km/s: orbit and spin. */
const EARTH_SPEED = 30

/**
 * Give the pixels within ranges of wavelength ivar 0; their flux is kept.
 *
 * @throws `preprocess/option` for a range that ends before it begins.
 */
export function maskWindows(spectra: Spectra, options: WindowOptions, run: StepRunOptions = {}): Spectra {
  checkRanges(options.ranges)
  const meta = withHistory(spectra.meta, 'windows', { ranges: options.ranges })
  return dropRanges(spectra, meta, () => options.ranges, run)
}

/**
 * Give the pixels of telluric bands ivar 0. The bands stand still in the frame of the observatory: for spectra at rest
 * they are looked for where each star's velocity has put them, and for all but observed spectra they are widened by the
 * motion of the Earth. A star at rest whose velocity is not known loses the bands at the velocities that stars have,
 * ± 300 km/s.
 *
 * @throws `preprocess/option` for bands or a margin out of range; `table/no-column` when the named velocity is not there.
 */
export function maskTellurics(spectra: Spectra, options: TelluricOptions = {}, run: StepRunOptions = {}): Spectra {
  const { frame, wavelength } = spectra.meta
  const bands = options.bands ?? telluricBands
  const margin = options.margin ?? (frame === 'observed' ? 0 : EARTH_SPEED)
  checkRanges(bands)
  if (!(margin >= 0 && margin < 3000))
    throw new AstrolabelError('preprocess/option', 'The margin of telluric bands is out of range', {
      got: margin,
      expected: 'km/s, 0 or more',
    })
  const observed: WaveRanges =
    wavelength.medium === 'air'
      ? bands.map((band) => Array.from(vacuumToAir(Float64Array.from(band))) as [number, number])
      : bands
  const velocities = frame === 'rest' ? velocitiesOf(spectra, options.velocity) : undefined
  const rangesOf = (row: number): WaveRanges => {
    const v = velocities === undefined ? 0 : velocities[row]!
    const known = Number.isFinite(v)
    const reach = known ? margin : margin + FASTEST
    const [slow, fast] = dopplerFactors(Float64Array.of((known ? v : 0) - reach, (known ? v : 0) + reach), 'classical')
    return observed.map(([from, to]) => [from / fast!, to / slow!])
  }
  const meta = withHistory(spectra.meta, 'tellurics', {
    bands,
    margin,
    ...(options.velocity === undefined ? {} : { velocity: options.velocity }),
  })
  return dropRanges(spectra, meta, rangesOf, run)
}

/** km/s that few stars of the Galaxy exceed. */
const FASTEST = 300

function velocitiesOf({ catalog }: Spectra, name: string | undefined): Float64Array | undefined {
  if (name !== undefined) return columnNumbers(requireColumn(catalog, name))
  const column = [...catalog.columns.values()].find((one) => findLabel(one.name)?.name === 'v_rad')
  return column === undefined ? new Float64Array(catalog.n).fill(Number.NaN) : columnNumbers(column)
}

function dropRanges(
  spectra: Spectra,
  meta: SpectraMeta,
  rangesOf: (row: number) => WaveRanges,
  run: StepRunOptions,
): Spectra {
  const { n, nPix } = spectra
  const common = pixelWavelengths(spectra.meta)
  const ivar = spectra.ivar.slice()
  forRowBlocks(n, run, (first, last) => {
    for (let row = first; row < last; row++) {
      const wave = spectra.wave?.subarray(row * nPix, (row + 1) * nPix) ?? common
      for (const [from, to] of rangesOf(row))
        for (let i = 0; i < nPix; i++) if (wave[i]! >= from && wave[i]! <= to) ivar[row * nPix + i] = 0
    }
  })
  return { ...spectra, ivar, meta }
}

function checkRanges(ranges: WaveRanges): void {
  const bad = ranges.find((range) => !(range.length === 2 && range[0] > 0 && range[1] >= range[0]))
  if (bad === undefined) return
  throw new AstrolabelError('preprocess/option', 'A range of wavelengths is not one', {
    got: bad,
    expected: 'two wavelengths in Å, the lower one first',
  })
}
