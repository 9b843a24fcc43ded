import { FitsError } from '../fits-error.js'
import type { Header } from './header.js'

export interface SpectralAxisOptions {
  /** Number of the axis, 1 for NAXIS1. By default the first one whose CTYPE is of wavelengths, else 1. */
  readonly axis?: number
  /** Letter of an alternate description (`A` reads CTYPE1A, …). */
  readonly alternate?: string
  /** Pixels; NAXISn by default. */
  readonly length?: number
  /** What the header leaves open or has wrong. */
  readonly scale?: 'linear' | 'log10'
  readonly unit?: string
  readonly medium?: 'vacuum' | 'air'
}

/** Wavelengths of an axis: pixel i (from 0) lies at `start + step × i`, or at 10 to that power where `scale` is log10. */
export interface SpectralAxis {
  /** Number of the axis, 1 for NAXIS1. */
  readonly axis: number
  readonly scale: 'linear' | 'log10'
  /** Å, or log10 of Å. */
  readonly start: number
  readonly step: number
  readonly length: number
  /** Absent where the header does not tell. */
  readonly medium?: 'vacuum' | 'air'
  /** SPECSYS, the frame of rest (`BARYCENT`, …), where the header has it. */
  readonly frame?: string
}

/** Å in one of each unit, by its name in lower case. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ...['angstrom', 'angstroms', 'ångström', 'ang', 'a', 'aa', '0.1 nm', '0.1nm'].map((name) => [name, 1] as const),
  ...['nm', 'nanometer', 'nanometers'].map((name) => [name, 10] as const),
  ...['um', 'micron', 'microns', 'micrometer', 'micrometers'].map((name) => [name, 1e4] as const),
  ['mm', 1e7],
  ['cm', 1e8],
  ['m', 1e10],
  ['meter', 1e10],
])

// More than any spectrometer has; a damaged header must not ask for the memory of what it claims.
const MAX_PIXELS = 2 ** 24

const STANDARD = /^(WAVE|AWAV)(?:-(\w{3}))?$/
const LOOSE = /^(?:LINEAR|LAMBDA|WAVELENGTH|LOG-?LINEAR|LOG-?LAM(?:BDA)?|LOG-?WAVE(?:LENGTH)?|WAVE-WAV)$/
const LOG10 = /^LOG/
const OTHER_SPECTRAL = /^(?:FREQ|ENER|WAVN|VRAD|VOPT|ZOPT|VELO|BETA)\b/

/**
 * The wavelengths of a spectral axis by its WCS keywords, in Å (Greisen et al. 2006, A&A 446, 747): CTYPE WAVE and AWAV,
 * linear or `-LOG` (λ = λr exp(w/λr)), with CRVAL, CRPIX, CDELT and PC, or CD. Also what surveys write instead: CTYPE
 * LINEAR or LOG-LINEAR, IRAF's DC-FLAG, SDSS's WFITTYPE and COEFF0/COEFF1, all three of log10.
 *
 * A CRPIX that is missing is 0 by the standard, and 1 where CTYPE is none of the standard's. A unit that is missing is
 * WAT's, else metre where a standard CTYPE goes with a CRVAL below 0.001, else Å. The medium is air for AWAV; for
 * others what VACUUM or AIRORVAC say; vacuum for WAVE.
 *
 * Fails with `fits/bad-header` where a keyword is missing, impossible or leaves open if it means a logarithm, and with
 * `fits/unsupported` where the axis is of something else, or bound to another axis by CD or PC.
 */
export function spectralAxis(header: Header, options: SpectralAxisOptions = {}): SpectralAxis {
  const alternate = (options.alternate ?? '').trim().toUpperCase()
  const axis = options.axis ?? findAxis(header, alternate)
  const ctype = ctypeOf(header, axis, alternate)
  const standard = STANDARD.exec(ctype)
  if ((standard?.[2] ?? 'LOG') !== 'LOG' || OTHER_SPECTRAL.test(ctype)) throw notWavelengths(ctype, axis)
  if (standard === null && ctype !== '' && !LOOSE.test(ctype)) throw notWavelengths(ctype, axis)

  const line = lineOf(header, axis, alternate, standard === null ? 1 : 0)
  const length = options.length ?? header.getNumber(`NAXIS${axis}`) ?? 0
  const unit = options.unit ?? unitOf(header, axis, alternate)
  const log = options.scale ?? (standard === null ? scaleOf(header, ctype, line.value, unit) : 'linear')
  const factor = factorOf(unit, standard !== null && Math.abs(line.value) < 1e-3)
  const scaled =
    log === 'log10' ? shiftLog(line, factor) : { ...line, value: line.value * factor, step: line.step * factor }
  const exponential = standard?.[2] === 'LOG' && options.scale === undefined
  const place = exponential ? asLog10(scaled) : scaled
  const scale = exponential ? 'log10' : log
  const start = place.value + (1 - place.pixel) * place.step
  const medium = options.medium ?? mediumOf(header, standard?.[1])
  const frame = header.getString(`SPECSYS${alternate}`)?.trim()
  const found = { axis, scale, start, step: place.step, length }
  requirePossible(found)
  return { ...found, ...(medium === undefined ? {} : { medium }), ...(frame ? { frame } : {}) }
}

/** The wavelengths (Å) of an axis, one a pixel. */
export function axisWavelengths({ scale, start, step, length }: SpectralAxis): Float64Array {
  const values = new Float64Array(length)
  for (let i = 0; i < length; i++) values[i] = scale === 'linear' ? start + step * i : 10 ** (start + step * i)
  return values
}

/** The value at pixel `pixel` (from 1) and the step to the next. */
interface Line {
  readonly value: number
  readonly pixel: number
  readonly step: number
}

function ctypeOf(header: Header, axis: number, alternate: string): string {
  return (header.getString(`CTYPE${axis}${alternate}`) ?? '').trim().toUpperCase()
}

function axisCount(header: Header): number {
  return Math.min(header.getNumber('WCSAXES') ?? header.getNumber('NAXIS') ?? 1, 99)
}

function findAxis(header: Header, alternate: string): number {
  for (let axis = 1; axis <= axisCount(header); axis++) {
    const ctype = ctypeOf(header, axis, alternate)
    if (STANDARD.test(ctype) || OTHER_SPECTRAL.test(ctype)) return axis
  }
  return 1
}

function lineOf(header: Header, n: number, alternate: string, pixelWithout: number): Line {
  const number = (key: string): number | undefined => header.getNumber(`${key}${alternate}`)
  for (let other = 1; other <= axisCount(header); other++) {
    if (other === n) continue
    const bound = [`CD${n}_${other}`, `PC${n}_${other}`].find((key) => (number(key) ?? 0) !== 0)
    if (bound !== undefined) throw unsupported(`${bound} ties axis ${n} to another`, String(number(bound)), '0')
  }
  const value = number(`CRVAL${n}`)
  const step = number(`CD${n}_${n}`) ?? times(number(`CDELT${n}`), number(`PC${n}_${n}`) ?? 1)
  if (value !== undefined && step !== undefined) return { value, step, pixel: number(`CRPIX${n}`) ?? pixelWithout }
  const [zero, slope] = [header.getNumber('COEFF0'), header.getNumber('COEFF1')]
  if (zero !== undefined && slope !== undefined) return { value: zero, step: slope, pixel: 1 }
  throw new FitsError('fits/bad-header', `axis ${n} has no wavelengths`, {
    got: `CRVAL${n} ${value ?? 'absent'}, CDELT${n} ${step ?? 'absent'}`,
    expected: `CRVAL${n} and CDELT${n} (or CD${n}_${n}), or COEFF0 and COEFF1`,
    remedy: 'They may be in the primary header, or in a column of a table.',
  })
}

function times(a: number | undefined, b: number): number | undefined {
  return a === undefined ? undefined : a * b
}

/** Whether an axis that no standard CTYPE describes is one of logarithms. */
function scaleOf(header: Header, ctype: string, value: number, unit: string | undefined): 'linear' | 'log10' {
  const isLog = LOG10.test(ctype) || /^log/i.test(unit ?? '') || header.getNumber('DC-FLAG') === 1
  if (isLog || /^LOG/i.test(header.getString('WFITTYPE') ?? '') || header.get('COEFF0') === value) return 'log10'
  if (value >= 10 || (unit !== undefined && UNITS.get(unit.toLowerCase()) !== 1)) return 'linear'
  throw new FitsError('fits/bad-header', 'the header does not tell wavelengths from their logarithms', {
    got: `CRVAL ${value}, unit ${unit ?? 'absent'}`,
    expected: 'DC-FLAG, a CTYPE or a unit that tells',
    remedy: 'Say which by the option scale.',
  })
}

/** CUNIT, else the unit among IRAF's attributes of the axis. */
function unitOf(header: Header, n: number, alternate: string): string | undefined {
  const given = header.getString(`CUNIT${n}${alternate}`)?.trim()
  if (given) return given
  return /\bunits\s*=\s*"?([^"\s]+)/i.exec(header.getString(`WAT${n}_001`) ?? '')?.[1]
}

/** Å in one of the unit. */
function factorOf(unit: string | undefined, isMetre: boolean): number {
  if (unit === undefined) return isMetre ? 1e10 : 1
  const plain = unit
    .replace(/^log\w*\s*\(?\s*/i, '')
    .replace(/\)$/, '')
    .trim()
    .toLowerCase()
  const factor = plain === '' ? 1 : UNITS.get(plain)
  if (factor !== undefined) return factor
  throw unsupported(
    'unit of the spectral axis is none of wavelength',
    JSON.stringify(unit),
    'Angstrom, nm, um, cm or m',
  )
}

function shiftLog(line: Line, factor: number): Line {
  return { ...line, value: line.value + Math.log10(factor) }
}

/** λ = λr exp(w/λr) as a straight line of log10 λ. */
function asLog10({ value, step, pixel }: Line): Line {
  return { value: Math.log10(value), step: step / value / Math.LN10, pixel }
}

function mediumOf(header: Header, ctype: string | undefined): 'vacuum' | 'air' | undefined {
  if (ctype === 'AWAV') return 'air'
  const vacuum = header.get('VACUUM')
  if (typeof vacuum === 'boolean') return vacuum ? 'vacuum' : 'air'
  const said = header.getString('AIRORVAC')?.trim().toLowerCase() ?? ''
  if (said.startsWith('vac')) return 'vacuum'
  if (said.startsWith('air')) return 'air'
  return ctype === 'WAVE' ? 'vacuum' : undefined
}

function requirePossible({ axis, scale, start, step, length }: Omit<SpectralAxis, 'medium' | 'frame'>): void {
  const last = start + step * Math.max(0, length - 1)
  // A wavelength of more than a kilometre is a mistake, and its power may be no number.
  const [low, high] = scale === 'linear' ? [0, 1e13] : [-10, 13]
  const inside = [start, last].every((value) => value > low && value < high)
  if (inside && step !== 0 && Number.isInteger(length) && length >= 0 && length <= MAX_PIXELS) return
  throw new FitsError('fits/bad-header', `wavelengths of axis ${axis} are impossible`, {
    got: `${scale} from ${start} to ${last} in ${length} pixels, step ${step}`,
    expected: `wavelengths above 0 that change from pixel to pixel, of at most ${MAX_PIXELS} pixels`,
    remedy: 'Repair the header, or say what it means by the options scale and unit.',
  })
}

function notWavelengths(ctype: string, axis: number): FitsError {
  return unsupported(
    `axis ${axis} is not one of wavelengths`,
    `CTYPE ${ctype}`,
    'WAVE, AWAV, WAVE-LOG, AWAV-LOG, LINEAR or LOG-LINEAR',
  )
}

function unsupported(what: string, got: string, expected: string): FitsError {
  return new FitsError('fits/unsupported', what, { got, expected, remedy: 'Work out the wavelengths from the header.' })
}
