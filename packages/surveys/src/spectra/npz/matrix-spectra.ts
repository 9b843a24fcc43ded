import { AstrolabelError, columnNumbers, makeSpectra } from '@astrolabel/spectra'
import type { Column, FlagBit, Frame, Medium, Spectra, SpectraMeta, Table } from '@astrolabel/spectra'
import { withoutReserved } from '../../catalog/reserved-names.js'
import { gridOfPixels } from './pixel-grid.js'
import { VERSION } from '../../version.js'

/** What a file without a header leaves open about its spectra. */
export interface MatrixSpectraOptions {
  /** Default `npz` or `table`, after the file. */
  readonly survey?: string | undefined
  readonly release?: string | undefined
  /** Default `rest`, as training sets are. */
  readonly frame?: Frame | undefined
  /** Default `vacuum`. */
  readonly medium?: Medium | undefined
  /** Default `raw`. */
  readonly stage?: string | undefined
  /** Put before row numbers where stars have no identifiers, to tell files apart. */
  readonly idPrefix?: string | undefined
}

/** Numbers of any type, row-major. */
export type Numbers = ArrayLike<number | bigint>

/** Spectra as matrices of any number type, (n × nPix) row-major. */
export interface MatrixSpectra {
  readonly n: number
  readonly nPix: number
  readonly flux: Numbers
  readonly ivar?: Numbers | undefined
  /** One standard deviation of flux. */
  readonly sigma?: Numbers | undefined
  readonly mask?: Numbers | undefined
  readonly maskBits?: readonly FlagBit[] | undefined
  /** (nPix) Å, or (n × nPix) when they differ from star to star; pixel numbers when absent. */
  readonly wavelength?: Float64Array | undefined
  readonly starId?: readonly string[] | undefined
  /** Number of the first row, for names of stars without identifiers. */
  readonly firstRow?: number | undefined
  readonly ra?: Float64Array | undefined
  readonly dec?: Float64Array | undefined
  readonly catalog: readonly Column[]
}

/** A standard deviation this many times the row's largest flux says "bad". */
const HOPELESS = 1e6

/** What APOGEE writes itself, whatever the flux. */
const BAD_ERROR = 1e10

/**
 * Spectra from matrices: errors become ivar, and every sentinel (NaN, infinities, -9999, errors of 0 or 1e10) becomes
 * ivar 0 and flux 0. Without errors ivar is 1 on good pixels and the noise `unknown`. Pixels that descend in wavelength
 * are turned round.
 *
 * @throws `spectra/shape`, `wavelength/not-ascending`, `surveys/flux-scale` when the values do not fit single precision.
 */
export function spectraFromMatrix(input: MatrixSpectra, reader: string, options: MatrixSpectraOptions = {}): Spectra {
  const { n, nPix } = input
  const medium = options.medium ?? 'vacuum'
  const perStar = input.wavelength !== undefined && rowsDiffer(input.wavelength, n, nPix)
  const first = input.wavelength?.subarray(0, nPix) ?? Float64Array.from({ length: nPix }, (_, i) => i)
  if (first.length !== nPix)
    throw new AstrolabelError('spectra/shape', 'The wavelengths do not fit the spectra', {
      got: `${first.length} wavelengths`,
      expected: `${nPix} pixels`,
    })
  const reversed = nPix > 1 && first.every((value, i) => i === 0 || value < first[i - 1]!)
  const order = (i: number): number => (reversed ? i - (i % nPix) + nPix - 1 - (i % nPix) : i)
  const size = n * nPix
  const flux = new Float32Array(size)
  const ivar = new Float32Array(size)
  for (let row = 0; row < n; row++) {
    const limit = HOPELESS * largest(input.flux, row * nPix, (row + 1) * nPix)
    for (let i = row * nPix; i < (row + 1) * nPix; i++) {
      const from = order(i)
      const value = Number(input.flux[from]!)
      const weight = weightOf(input, from, limit)
      if (!Number.isFinite(value) || value === -9999 || !(weight > 0) || weight === Infinity) continue
      if (!Number.isFinite(Math.fround(value)) || !Number.isFinite(Math.fround(weight)) || Math.fround(weight) === 0)
        throw outOfScale(value, weight)
      flux[i] = value
      ivar[i] = weight
    }
  }
  const catalog: Table = { n, columns: new Map(input.catalog.map((column) => [column.name, column])) }
  const snr = catalog.columns.get('snr')
  const shared = reversed ? first.slice().reverse() : first
  const meta: SpectraMeta = {
    ...(perStar
      ? { wavelength: { kind: 'explicit' as const, values: [...shared], medium } }
      : gridOfPixels(shared, medium)),
    frame: options.frame ?? 'rest',
    stage: options.stage ?? 'raw',
    survey: options.survey ?? reader,
    release: options.release ?? '',
    noise: input.ivar === undefined && input.sigma === undefined ? 'unknown' : 'measured',
    ...(input.maskBits === undefined ? {} : { maskBits: input.maskBits }),
    history: [],
    version: VERSION,
  }
  return makeSpectra({
    meta,
    starId:
      input.starId ?? Array.from({ length: n }, (_, row) => `${options.idPrefix ?? ''}${row + (input.firstRow ?? 0)}`),
    flux,
    ivar,
    ...(input.mask === undefined
      ? {}
      : {
          mask: Uint32Array.from({ length: size }, (_, i) =>
            Number(BigInt.asUintN(32, BigInt(input.mask![order(i)]!))),
          ),
        }),
    ...(perStar ? { wave: Float64Array.from({ length: size }, (_, i) => input.wavelength![order(i)]!) } : {}),
    ...(input.ra === undefined ? {} : { ra: input.ra }),
    ...(input.dec === undefined ? {} : { dec: input.dec }),
    ...(snr === undefined ? {} : { snr: Float32Array.from(columnNumbers(snr)) }),
    catalog: withoutReserved(catalog),
  })
}

function outOfScale(value: number, weight: number): AstrolabelError {
  return new AstrolabelError('surveys/flux-scale', 'Flux and errors do not fit single precision', {
    got: `flux ${value.toExponential(1)} with inverse variance ${weight.toExponential(1)}`,
    expected: 'inverse variances from 1e-38 to 1e38',
    remedy: 'Scale flux and errors, for example to units of 1e-17 erg/(s cm2 Angstrom)',
  })
}

/** Wavelengths may be given for each star and yet be the same for all. */
function rowsDiffer(wavelength: Float64Array, n: number, nPix: number): boolean {
  if (wavelength.length !== n * nPix) return false
  for (let i = nPix; i < wavelength.length; i++) if (wavelength[i] !== wavelength[i % nPix]) return true
  return false
}

function weightOf({ ivar, sigma }: MatrixSpectra, i: number, limit: number): number {
  if (ivar !== undefined) return Number(ivar[i]!)
  if (sigma === undefined) return 1
  const error = Number(sigma[i]!)
  return error > 0 && error < limit && error !== BAD_ERROR ? 1 / error ** 2 : 0
}

/** Largest |flux| of a row, fills left out; infinite when the row is all zero, for then nothing is known of its scale. */
function largest(flux: Numbers, start: number, end: number): number {
  let max = 0
  for (let i = start; i < end; i++) {
    const value = Math.abs(Number(flux[i]!))
    if (value > max && value !== 9999 && value !== Infinity) max = value
  }
  return max === 0 ? Infinity : max
}
