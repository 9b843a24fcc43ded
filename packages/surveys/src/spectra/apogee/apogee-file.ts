import type { FitsFile, Hdu, Header, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Log10Grid, SpectraMeta } from '@astrolabel/spectra'
import type { ReadOptions } from '../../ingest.js'
import type { ApogeeChips } from './apogee-chips.js'
import { stemOf } from '../file-stem.js'
import { isMwmFile } from '../mwm-file.js'
import { VERSION } from '../../version.js'

/** Options of the reader of APOGEE. */
export interface ApogeeReadOptions extends ReadOptions {
  /** Which combination of the visits of an apStar file: weighted `pixel` by pixel (default), or by one `global` weight a visit. */
  readonly combined?: 'pixel' | 'global' | undefined
  /**
   * Which mask goes with it: bits that all visits have (`and`, default: what a visit lost, the others make good) or that
   * any visit has (`or`). SDSS spectra have the same two.
   */
  readonly mask?: 'and' | 'or' | undefined
  /** Give the visits of apStar files one by one, with a column `visit`, in place of their combination. */
  readonly visits?: boolean | undefined
  /**
   * Pixels of apStar, aspcapStar and mwmStar files to take: those of the three chips, by the bounds of DR12 (`dr12`) or
   * of later releases (`dr13`), as three segments, or `all` (default).
   */
  readonly chips?: ApogeeChips | undefined
  /** Labels of aspcapStar files: raw results of the fit (`FPARAM`, default) or calibrated ones (`PARAM`, often missing). */
  readonly params?: 'FPARAM' | 'PARAM' | undefined
}

/** A kind of APOGEE's files. */
export type ApogeeKind = 'apStar' | 'aspcapStar' | 'apVisit' | 'mwmStar'

/** Flux unit of apStar and apVisit files. */
export const FLUX_UNIT = '10**-17 erg/(s cm2 Angstrom)'

/** Data releases by the reduction that files are named for; later files carry the release itself. */
const RELEASES: ReadonlyMap<string, string> = new Map([
  ['r5', 'DR12'],
  ['r6', 'DR13'],
  ['r8', 'DR14'],
  ['r12', 'DR16'],
])

/**
 * Which of APOGEE's kinds a file is, by what it holds: astra's tables (`mwmStar`, also mwmVisit), labels beside one spectrum, a
 * matrix of wavelengths, else apStar.
 *
 * @throws `surveys/not-apogee`, saying what the file has.
 */
export function apogeeKind(file: FitsFile, source: string): ApogeeKind {
  if (isMwmFile(file)) return 'mwmStar'
  const [, flux, error, third, fourth] = file.hdus
  const stored = (hdu: Hdu | undefined): number => (hdu?.type === 'image' ? hdu.bitpix : 0)
  if (flux?.type === 'image' && stored(flux) < 0 && stored(error) < 0 && third?.type === 'image') {
    if (fourth?.type === 'bintable' && fourth.columns.some((info) => /^F?PARAM$/i.test(info.name))) return 'aspcapStar'
    // An aspcapStar file that was cut off would pass for apStar, and its model for a mask.
    const masked = [8, 16, 32, 64].includes(third.bitpix)
    const width = flux.shape.at(-1)
    if (
      masked &&
      fourth?.type === 'image' &&
      flux.shape[0] === 3 &&
      fourth.bitpix === -64 &&
      fourth.shape.at(-1) === width
    )
      return 'apVisit'
    if (masked && (flux.header.has('CRVAL1') || file.hdus[0]!.header.has('CRVAL1'))) return 'apStar'
  }
  throw new AstrolabelError('surveys/not-apogee', `${source} has no spectra of APOGEE`, {
    got: file.hdus.map((hdu) => `${hdu.index} ${hdu.name || '(no name)'} (${hdu.type})`),
    expected: 'images of flux, error and mask or model on logarithmic wavelengths',
    remedy: 'Give apStar-*.fits, mwmStar-*.fits, aspcapStar-*.fits or apVisit-*.fits files',
  })
}

/** Identifier of the star: OBJID of apStar, OBJ of aspcapStar, else what the file is named for. */
export function apogeeId(header: Header, source: string): string {
  const named = (header.getString('OBJID') ?? header.getString('OBJ'))?.trim()
  return named || stemOf(source).replace(/^a\w+-(?:(?:r\d+|dr\d+)-)?/i, '')
}

/** What all stars of a file share. */
export function apogeeMeta(
  file: FitsFile,
  source: string,
  of: Pick<SpectraMeta, 'wavelength' | 'frame' | 'stage'> & Partial<SpectraMeta>,
): SpectraMeta {
  return {
    ...of,
    survey: 'apogee',
    release: apogeeRelease(file.hdus[0]!.header, source),
    noise: 'measured',
    history: [],
    version: VERSION,
  }
}

/** The data release of a file by its name or header, as far as it tells: `DR13`. */
export function apogeeRelease(header: Header, source: string): string {
  const inName = /^a\w+?-(?:\w+-)*?(r\d+|dr\d+)-/i.exec(stemOf(source))?.[1]?.toLowerCase()
  const found = inName ?? header.getString('APRED')?.trim() ?? ''
  return RELEASES.get(found) ?? (/^dr\d+$/.test(found) ? found.toUpperCase() : found)
}

/**
 * The logarithmic wavelengths of apStar and aspcapStar files, vacuum, at rest.
 *
 * @throws `surveys/no-wavelength`.
 */
export function apogeeGrid(file: FitsFile, hdu: ImageHdu, source: string): Log10Grid {
  const number = (key: string): number | undefined => hdu.header.getNumber(key) ?? file.hdus[0]!.header.getNumber(key)
  const start = number('CRVAL1')
  const step = number('CDELT1')
  if (start === undefined || step === undefined || !(step > 0) || !(start > 0 && start < 10)) {
    throw new AstrolabelError('surveys/no-wavelength', `${source} does not say where its pixels lie`, {
      got: `CRVAL1 ${start ?? 'absent'}, CDELT1 ${step ?? 'absent'}`,
      expected: 'CRVAL1 and CDELT1, decimal logarithms of Å',
      remedy: 'Fetch the file again',
    })
  }
  const first = start + (1 - (number('CRPIX1') ?? 1)) * step
  return { kind: 'log10', start: first, step, length: hdu.shape.at(-1)!, medium: 'vacuum' }
}

/** A mask as unsigned bits. One of 16 bits is stored with a sign, which must not spread to the bits above. */
export function pixelMask(stored: ArrayLike<number | bigint>, bitpix: number): Uint32Array {
  const out = new Uint32Array(stored.length)
  const width = bitpix === 16 ? 0xffff : 0xffffffff
  for (let i = 0; i < out.length; i++) out[i] = lowBits(stored[i]!) & width
  return out
}

/** The 32 lowest bits: files of DR17 store masks as integers of 64 bits, and name no bit above 16. */
export function lowBits(stored: number | bigint): number {
  return typeof stored === 'bigint' ? Number(BigInt.asIntN(32, stored)) : stored | 0
}

/** Errors from here on say "no measurement", in whatever unit. */
const BAD_ERROR = 1e9

/**
 * Flux and one standard deviation as flux and inverse variance. APOGEE writes an error of 1e10 or 0, or a flux of
 * exactly 0, where it measured nothing.
 */
export function fluxAndIvar(
  given: ArrayLike<number>,
  errors: ArrayLike<number>,
): { flux: Float32Array; ivar: Float32Array } {
  const flux = new Float32Array(given.length)
  const ivar = new Float32Array(given.length)
  for (let i = 0; i < flux.length; i++) {
    const value = given[i]!
    const error = errors[i]!
    if (!Number.isFinite(value)) continue
    flux[i] = value
    if (value === 0 || !(error > 0) || error >= BAD_ERROR || error >= BAD_ERROR * Math.abs(value)) continue
    const weight = Math.fround(1 / error ** 2)
    if (Number.isFinite(weight)) ivar[i] = weight
  }
  return { flux, ivar }
}
