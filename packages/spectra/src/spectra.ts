import { AstrolabelError } from './errors.js'
import type { FlagBit } from './flag-set.js'
import { firstBadRow, stackMatrices, takeMatrixRows } from './matrix-rows.js'
import type { RowArray } from './matrix-rows.js'
import { joinParts } from './join-parts.js'
import { medianInPlace } from './median.js'
import type { Column, Table } from './table.js'
import { concatTables, takeRows } from './table.js'
import type { ExplicitGrid, LinearGrid, Log10Grid, SegmentedGrid, WavelengthGrid } from './wavelength-grid.js'
import { gridLength, sameGrid, wavelengths } from './wavelength-grid.js'

/** Version of the Arrow layout of spectra; a reader refuses a newer one. */
export const SPECTRA_FORMAT_VERSION = '1'

/** At most this many stars travel in one record batch, so that memory stays flat however many pass. */
export const MAX_BATCH_ROWS = 1024

/**
 * At most this many pixels travel in one batch that is written: 269 stars of 7781. A batch lives in several copies
 * between a file, the steps and the next file; preprocessing DESI spectra peaks at 760 MB with 1024 stars a batch.
 */
const MAX_BATCH_PIXELS = 2 ** 21

/** Rest frame of the wavelengths. */
export type Frame = 'observed' | 'barycentric' | 'rest'

/** One arm or chip within the row: pixels start … end-1. */
export interface Segment {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly wavelength: WavelengthGrid
}

/** One processing step and the options it ran with. */
export interface HistoryEntry {
  readonly step: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Which side of which split rows are on; `mixed` once rows of two sides were put together. */
export interface PartStamp {
  /** Name of the split, the same on both of its sides. */
  readonly split: string
  readonly name: 'train' | 'test' | 'mixed'
}

/** What all spectra of a table share. */
export interface SpectraMeta {
  /** Where the pixels lie; `segmented` when the arms in `segments` each have a grid of their own. */
  readonly wavelength: Log10Grid | LinearGrid | ExplicitGrid | SegmentedGrid
  readonly segments?: readonly Segment[]
  readonly frame: Frame
  /** How far processing has come: `raw`, `rest`, `normalised`, … */
  readonly stage: string
  readonly survey: string
  readonly release: string
  /** `unknown` when the source has no errors: ivar is then 1 on good pixels and carries no scale. */
  readonly noise: 'measured' | 'unknown'
  readonly fluxUnit?: string
  /** Names of the bits of `mask`. */
  readonly maskBits?: readonly FlagBit[]
  readonly history: readonly HistoryEntry[]
  /** The sides of splits that the rows are on, outermost first; absent for spectra that were never split. */
  readonly parts?: readonly PartStamp[]
  readonly seed?: number
  /** Version of the software that wrote it. */
  readonly version: string
}

/** A batch of stars with their spectra: one row a star, matrices row-major (n × nPix). */
export interface Spectra {
  readonly meta: SpectraMeta
  readonly n: number
  readonly nPix: number
  readonly starId: readonly string[]
  /** Degrees, ICRS; NaN when unknown. */
  readonly ra: Float64Array
  readonly dec: Float64Array
  readonly flux: Float32Array
  /** Inverse variance of flux; 0 is the one way to say that a pixel is bad. */
  readonly ivar: Float32Array
  /** The survey's own bits. */
  readonly mask?: Uint32Array
  /** Å, only when the wavelengths differ from star to star. */
  readonly wave?: Float64Array
  /** Median signal to noise a pixel; NaN when unknown. */
  readonly snr: Float32Array
  /** Catalogue columns that travel with the spectra. */
  readonly catalog: Table
}

/** What {@link makeSpectra} needs; the rest has defaults. */
export interface SpectraInput {
  readonly meta: SpectraMeta
  readonly starId: readonly string[]
  readonly flux: Float32Array
  readonly ivar: Float32Array
  readonly ra?: Float64Array
  readonly dec?: Float64Array
  readonly mask?: Uint32Array
  readonly wave?: Float64Array
  readonly snr?: Float32Array
  readonly catalog?: Table
}

/**
 * Make a batch of spectra and check that its parts fit together.
 *
 * The signal to noise is the median of flux × √ivar over good pixels unless given (NaN for spectra without errors).
 *
 * @throws `spectra/shape` when a matrix has another size than stars × pixels of the wavelength grid, or a column
 * another length than there are stars.
 */
export function makeSpectra(input: SpectraInput): Spectra {
  const { meta, flux, ivar, mask, wave } = input
  const n = input.starId.length
  const nPix = pixelCount(meta)
  for (const [name, matrix] of Object.entries({ flux, ivar, mask, wave })) {
    if (matrix !== undefined && matrix.length !== n * nPix) {
      throw new AstrolabelError('spectra/shape', `${name} does not fit the spectra`, {
        got: `${matrix.length} values`,
        expected: `${n} stars × ${nPix} pixels`,
      })
    }
  }
  for (const [name, column] of Object.entries({ ra: input.ra, dec: input.dec, snr: input.snr })) {
    if (column !== undefined && column.length !== n) {
      throw new AstrolabelError('spectra/shape', `${name} does not fit the spectra`, {
        got: `${column.length} values`,
        expected: `${n} stars`,
      })
    }
  }
  const catalog = input.catalog ?? { n, columns: new Map<string, Column>() }
  if (catalog.n !== n)
    throw new AstrolabelError('spectra/shape', 'The catalogue does not fit the spectra', {
      got: `${catalog.n} rows`,
      expected: `${n} stars`,
    })
  return {
    meta,
    n,
    nPix,
    starId: input.starId,
    ra: input.ra ?? new Float64Array(n).fill(Number.NaN),
    dec: input.dec ?? new Float64Array(n).fill(Number.NaN),
    flux,
    ivar,
    snr:
      input.snr ??
      (meta.noise === 'measured' ? signalToNoise(flux, ivar, n, nPix) : new Float32Array(n).fill(Number.NaN)),
    catalog,
    ...(mask === undefined ? {} : { mask }),
    ...(wave === undefined ? {} : { wave }),
  }
}

/** Number of pixels of a row. */
export function pixelCount(meta: SpectraMeta): number {
  if (meta.wavelength.kind === 'segmented')
    return (meta.segments ?? []).reduce((end, segment) => Math.max(end, segment.end), 0)
  return gridLength(meta.wavelength)
}

/** Wavelengths of a row, (nPix) Å: arm after arm when it is segmented. */
export function pixelWavelengths(meta: SpectraMeta): Float64Array {
  if (meta.wavelength.kind !== 'segmented') return wavelengths(meta.wavelength)
  const out = new Float64Array(pixelCount(meta))
  for (const segment of meta.segments ?? []) out.set(wavelengths(segment.wavelength), segment.start)
  return out
}

/** Median of flux √ivar over the good pixels of each row, (n); NaN for a row without any. */
export function signalToNoise(flux: Float32Array, ivar: Float32Array, n: number, nPix: number): Float32Array {
  const out = new Float32Array(n)
  const scratch = new Float32Array(nPix)
  for (let row = 0; row < n; row++) {
    let good = 0
    for (let i = row * nPix; i < (row + 1) * nPix; i++)
      if (ivar[i]! > 0) scratch[good++] = flux[i]! * Math.sqrt(ivar[i]!)
    out[row] = medianInPlace(scratch, good)
  }
  return out
}

/** The rows `rows` of a batch, in that order. @throws `spectra/no-row` for an index that is none of its rows. */
export function takeSpectra(spectra: Spectra, rows: ArrayLike<number>): Spectra {
  const { nPix } = spectra
  const bad = firstBadRow(rows, spectra.n)
  if (bad >= 0)
    throw new AstrolabelError('spectra/no-row', 'The spectra have no such row', {
      got: rows[bad],
      expected: `0 to ${spectra.n - 1}`,
    })
  return {
    ...spectra,
    n: rows.length,
    starId: Array.from(rows, (row) => spectra.starId[row]!),
    ra: takeMatrixRows(spectra.ra, 1, rows),
    dec: takeMatrixRows(spectra.dec, 1, rows),
    flux: takeMatrixRows(spectra.flux, nPix, rows),
    ivar: takeMatrixRows(spectra.ivar, nPix, rows),
    snr: takeMatrixRows(spectra.snr, 1, rows),
    catalog: takeRows(spectra.catalog, rows),
    ...(spectra.mask === undefined ? {} : { mask: takeMatrixRows(spectra.mask, nPix, rows) }),
    ...(spectra.wave === undefined ? {} : { wave: takeMatrixRows(spectra.wave, nPix, rows) }),
  }
}

/** Rows from … to-1 of a batch as views of the same matrices: nothing is copied but names and the catalogue. */
export function sliceSpectra(spectra: Spectra, from: number, to: number): Spectra {
  const { n, nPix, mask, wave } = spectra
  if (from === 0 && to === n) return spectra
  return {
    ...spectra,
    n: to - from,
    starId: spectra.starId.slice(from, to),
    ra: spectra.ra.subarray(from, to),
    dec: spectra.dec.subarray(from, to),
    flux: spectra.flux.subarray(from * nPix, to * nPix),
    ivar: spectra.ivar.subarray(from * nPix, to * nPix),
    snr: spectra.snr.subarray(from, to),
    catalog: takeRows(
      spectra.catalog,
      Int32Array.from({ length: to - from }, (_, i) => from + i),
    ),
    ...(mask === undefined ? {} : { mask: mask.subarray(from * nPix, to * nPix) }),
    ...(wave === undefined ? {} : { wave: wave.subarray(from * nPix, to * nPix) }),
  }
}

/** A batch as batches that are small enough to travel, views of the same matrices. */
export function spectraParts(spectra: Spectra): Spectra[] {
  const rows = Math.min(MAX_BATCH_ROWS, Math.max(1, Math.floor(MAX_BATCH_PIXELS / Math.max(1, spectra.nPix))))
  if (spectra.n <= rows) return [spectra]
  return Array.from({ length: Math.ceil(spectra.n / rows) }, (_, part) =>
    sliceSpectra(spectra, part * rows, Math.min(spectra.n, (part + 1) * rows)),
  )
}

/** True when two batches put every pixel at the same wavelength, segment by segment. */
export function sameWavelengths(a: SpectraMeta, b: SpectraMeta): boolean {
  if (a.wavelength.kind !== 'segmented' && b.wavelength.kind !== 'segmented')
    return sameGrid(a.wavelength, b.wavelength)
  const x = a.segments ?? []
  const y = b.segments ?? []
  return (
    a.wavelength.kind === b.wavelength.kind &&
    x.length === y.length &&
    x.every(({ start, wavelength }, i) => start === y[i]!.start && sameGrid(wavelength, y[i]!.wavelength))
  )
}

/**
 * Several batches of one survey, one under another, in memory. Batches of two parts of a split make a mixed one, to
 * which nothing can be fitted.
 *
 * @throws `spectra/shape` when they differ in their wavelengths or one lacks the mask or wavelengths that another has.
 */
export function concatSpectra(batches: readonly Spectra[]): Spectra {
  const first = batches[0]
  if (first === undefined)
    throw new AstrolabelError('spectra/empty', 'No spectra to put together', { remedy: 'Check that the input has any' })
  if (batches.length === 1) return first
  for (const batch of batches) {
    if (batch.nPix !== first.nPix) {
      throw new AstrolabelError('spectra/shape', 'Batches differ in their pixels', {
        got: batch.nPix,
        expected: first.nPix,
      })
    }
    if (!sameWavelengths(batch.meta, first.meta)) {
      throw new AstrolabelError('spectra/shape', 'Batches differ in their wavelengths', {
        remedy: 'Resample them to one grid first',
      })
    }
    for (const name of ['mask', 'wave'] as const) {
      if ((batch[name] === undefined) !== (first[name] === undefined)) {
        throw new AstrolabelError('spectra/shape', `Some batches have ${name} and others do not`, {
          remedy: 'Read files of one kind at a time',
        })
      }
    }
  }
  const join = <T extends RowArray>(pick: (batch: Spectra) => T): T => stackMatrices(batches.map(pick))
  const parts = joinParts(batches.map((batch) => batch.meta.parts))
  return {
    ...first,
    meta: parts.length === 0 ? first.meta : { ...first.meta, parts },
    n: batches.reduce((sum, batch) => sum + batch.n, 0),
    starId: batches.flatMap((batch) => batch.starId),
    ra: join((batch) => batch.ra),
    dec: join((batch) => batch.dec),
    flux: join((batch) => batch.flux),
    ivar: join((batch) => batch.ivar),
    snr: join((batch) => batch.snr),
    catalog: concatTables(batches.map((batch) => batch.catalog)),
    ...(first.mask === undefined ? {} : { mask: join((batch) => batch.mask!) }),
    ...(first.wave === undefined ? {} : { wave: join((batch) => batch.wave!) }),
  }
}

/** The same metadata with one more step in its history. */
export function withHistory(meta: SpectraMeta, step: string, options: Readonly<Record<string, unknown>>): SpectraMeta {
  return { ...meta, history: [...meta.history, { step, options }] }
}
