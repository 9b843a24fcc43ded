import { FitsError, openFits } from '@astrolabel/io-fits'
import type { FitsFile, ImageHdu } from '@astrolabel/io-fits'
import {
  AstrolabelError,
  columnNumbers,
  columnStrings,
  detectGrid,
  findColumn,
  makeSpectra,
  requireColumn,
  takeRows,
} from '@astrolabel/spectra'
import type { Segment, Spectra, SpectraMeta, SurveyReader, Table } from '@astrolabel/spectra'
import { alignTable } from '../../catalog/align-table.js'
import { readControl } from '../../catalog/fits-catalog.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import { DESI_SPECMASK } from '../../masks/desi.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { desiPlace, placeColumns } from './desi-place.js'
import type { DesiPlace } from './desi-place.js'
import { desiResolution, readResolution } from './desi-resolution.js'
import { readExposures, readFibermap, readScores } from './desi-tables.js'
import type { DesiTableOptions } from './desi-tables.js'
import { requireSamePixels } from '../same-pixels.js'
import { VERSION } from '../../version.js'

/** Options of the reader of DESI. */
export interface DesiReadOptions extends DesiTableOptions {
  /** Fibres to leave out: `sky` (default, OBJTYPE SKY), `not-targets` (all but OBJTYPE TGT), `none`. */
  readonly drop?: 'sky' | 'not-targets' | 'none' | undefined
  /** Carry the resolution matrices, as a column `resolution`: see readResolution. They take ten times what spectra take. */
  readonly resolution?: boolean | undefined
}

/** With matrices of 11 diagonals a batch of so many stars takes 25 MB. */
const RESOLUTION_BATCH_ROWS = 64

interface Arm {
  readonly name: string
  readonly flux: ImageHdu
  readonly ivar: ImageHdu
  /** Absent when the file has none or none that can be read. */
  readonly mask: ImageHdu | undefined
}

/**
 * Reads DESI coadd and spectra files, by healpix or by tile: arms one after another in each row as segments, flux in
 * 1e-17 erg/(s cm² Å), vacuum wavelengths in the barycentric frame, `TARGETID` to the last digit as identifier.
 *
 * With them travel columns of the FIBERMAP, the file's place (`SURVEY`, `PROGRAM`, `HEALPIX` or `TILEID`), the signal to
 * noise of each arm from SCORES, and of coadds what EXP_FIBERMAP tells of their exposures.
 *
 * Only the rows kept are read. Sky fibres are left out with the warning `surveys/sky-fibres`; a mask that cannot be read
 * with `surveys/mask-unreadable`, and its bits are 0.
 */
export const desiReader: SurveyReader<readonly FileSource[], DesiReadOptions> = {
  survey: 'desi',
  async *read(sources, options) {
    const batchRows = options.batchRows ?? (options.resolution === true ? RESOLUTION_BATCH_ROWS : undefined)
    const step = batchRowsOf({ batchRows })
    let first: First | undefined
    yield* eachFile(sources, options, async function* (bytes, source) {
      const file = await openFits(bytes)
      for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
      const arms = armsOf(file, source.name, options)
      const place = desiPlace(file, source.name)
      const meta = await metaOf(file, arms, place.release)
      const resolution = options.resolution === true ? desiResolution(file, arms, source.name) : undefined
      if (first !== undefined) requireSame(first, { name: source.name, meta, nDiag: resolution?.nDiag })
      const all = await catalogOf(file, place, source.name, options)
      const rows = keptRows(all, source.name, options)
      first ??= { name: source.name, meta, catalog: all, nDiag: resolution?.nDiag }
      for (let at = 0; at < rows.length; at += step) {
        options.signal?.throwIfAborted()
        const wanted = rows.slice(at, at + step)
        const catalog = alignTable(takeRows(all, wanted), first.catalog)
        const spectra = await readRows(arms, meta, wanted, catalog, options)
        const columns = new Map(spectra.catalog.columns)
        if (resolution !== undefined) columns.set('resolution', await readResolution(resolution, wanted, options))
        const choices: Record<string, string> =
          resolution === undefined ? {} : { resolution: `${resolution.nDiag} diagonals × ${spectra.nPix} pixels` }
        yield withIngestStep({ ...spectra, catalog: { n: spectra.n, columns } }, 'desi', sources.length, choices)
      }
    })
  },
}

interface First {
  readonly name: string
  readonly meta: SpectraMeta
  readonly catalog: Table
  /** Of the resolution matrices, when they are read. */
  readonly nDiag: number | undefined
}

function requireSame(first: First, other: Omit<First, 'catalog'>): void {
  requireSamePixels(first, other)
  if (first.nDiag === other.nDiag) return
  throw new AstrolabelError(
    'surveys/grids-differ',
    `${first.name} and ${other.name} have different resolution matrices`,
    {
      got: `${other.nDiag} diagonals`,
      expected: first.nDiag,
      remedy: 'Read files of one production at a time',
    },
  )
}

/** All that travels with the spectra, a row a fibre: FIBERMAP, where the file stands, SCORES, exposures. */
async function catalogOf(file: FitsFile, place: DesiPlace, source: string, options: DesiReadOptions): Promise<Table> {
  const fibermap = await readFibermap(file.table('FIBERMAP'), source, options)
  const columns = new Map(fibermap.columns)
  const named = options.columns !== undefined
  const more = [
    ...(named ? [] : placeColumns(place, fibermap.n)),
    ...(await readScores(file, fibermap, source, options)),
    ...(named ? [] : await readExposures(file, fibermap, options)),
  ]
  for (const column of more) if (!columns.has(column.name)) columns.set(column.name, column)
  return { n: fibermap.n, columns }
}

const DESI_ARMS = ['B', 'R', 'Z']

function armsOf(file: FitsFile, source: string, options: ReadOptions): Arm[] {
  const names = file.hdus
    .map((hdu) => /^(\w+)_WAVELENGTH$/.exec(hdu.name.toUpperCase())?.[1])
    .filter((name) => name !== undefined)
  if (names.length === 0) {
    throw new AstrolabelError('surveys/not-desi', `${source} has no spectra of DESI`, {
      got: file.hdus.map((hdu) => hdu.name || `HDU ${hdu.index}`),
      expected: 'B_WAVELENGTH, B_FLUX, B_IVAR and so on',
      remedy: 'Give coadd-*.fits or spectra-*.fits files',
    })
  }
  const absent = DESI_ARMS.filter((arm) => !names.includes(arm))
  // A file that was cut off opens, and would pass for one of fewer arms.
  if (absent.length > 0 && file.warnings.some((warning) => warning.includes('cut short'))) {
    throw new AstrolabelError('surveys/cut-short', `${source} is cut short`, {
      got: `arms ${names.join(', ')}`,
      expected: DESI_ARMS,
      remedy: 'Fetch the file again',
    })
  }
  return names.map((name) => ({
    name,
    flux: file.image(`${name}_FLUX`),
    ivar: file.image(`${name}_IVAR`),
    mask: maskOf(file, `${name}_MASK`, source, options),
  }))
}

function maskOf(file: FitsFile, name: string, source: string, { onWarning }: ReadOptions): ImageHdu | undefined {
  if (!file.hdus.some((hdu) => hdu.name.toUpperCase() === name)) return undefined
  try {
    return file.image(name)
  } catch (error) {
    if (!(error instanceof FitsError)) throw error
    onWarning?.({
      code: 'surveys/mask-unreadable',
      source,
      message: `${name} is left out, ivar alone says which pixels are bad. ${error.message}`,
    })
    return undefined
  }
}

async function metaOf(file: FitsFile, arms: readonly Arm[], release: string): Promise<SpectraMeta> {
  const segments: Segment[] = []
  let start = 0
  for (const { name } of arms) {
    const { data } = await file.image(`${name}_WAVELENGTH`).read()
    segments.push({ name, start, end: start + data.length, wavelength: detectGrid(data as Float64Array, 'vacuum') })
    start += data.length
  }
  const unit = arms[0]!.flux.header.getString('BUNIT')
  return {
    ...(segments.length === 1
      ? { wavelength: segments[0]!.wavelength }
      : { wavelength: { kind: 'segmented' as const, medium: 'vacuum' as const }, segments }),
    frame: 'barycentric',
    stage: 'raw',
    survey: 'desi',
    release,
    noise: 'measured',
    ...(unit === undefined ? {} : { fluxUnit: unit }),
    maskBits: DESI_SPECMASK.bits,
    history: [],
    version: VERSION,
  }
}

function keptRows(fibermap: Table, source: string, { drop = 'sky', onWarning }: DesiReadOptions): number[] {
  const column = findColumn(fibermap, 'OBJTYPE')
  const all = Array.from({ length: fibermap.n }, (_, row) => row)
  if (column === undefined || drop === 'none') return all
  const types = columnStrings(column)
  const kept = all.filter((row) => (drop === 'sky' ? types[row] !== 'SKY' : types[row] === 'TGT'))
  if (kept.length < all.length) {
    onWarning?.({
      code: 'surveys/sky-fibres',
      source,
      message: `${all.length - kept.length} of ${all.length} fibres ${drop === 'sky' ? 'look at the sky' : 'have no target'} and are left out`,
    })
  }
  const blank = kept.filter((row) => types[row] !== 'TGT').length
  if (blank > 0) {
    onWarning?.({
      code: 'surveys/not-targets',
      source,
      message: `${blank} of the ${kept.length} fibres kept are neither a target nor sky by OBJTYPE; drop not-targets leaves them out`,
    })
  }
  return kept
}

async function readRows(
  arms: readonly Arm[],
  meta: SpectraMeta,
  rows: readonly number[],
  catalog: Table,
  options: ReadOptions,
): Promise<Spectra> {
  const nPix = arms.reduce((sum, arm) => sum + arm.flux.shape.at(-1)!, 0)
  const flux = new Float32Array(rows.length * nPix)
  const ivar = new Float32Array(rows.length * nPix)
  const mask = new Uint32Array(rows.length * nPix)
  let start = 0
  for (const arm of arms) {
    const width = arm.flux.shape.at(-1)!
    const place = { start, width, nPix }
    await copyRows(arm.flux, rows, place, flux, options)
    await copyRows(arm.ivar, rows, place, ivar, options)
    if (arm.mask !== undefined) await copyRows(arm.mask, rows, place, mask, options)
    start += width
  }
  for (let i = 0; i < flux.length; i++) {
    if (Number.isFinite(flux[i]) && Number.isFinite(ivar[i]) && ivar[i]! >= 0) continue
    ivar[i] = 0
    if (!Number.isFinite(flux[i])) flux[i] = 0
  }
  return makeSpectra({
    meta,
    starId: columnStrings(requireColumn(catalog, 'TARGETID')),
    flux,
    ivar,
    mask,
    ...coordinates(catalog),
    catalog,
  })
}

function coordinates(catalog: Table): { ra?: Float64Array; dec?: Float64Array } {
  const ra = findColumn(catalog, 'TARGET_RA')
  const dec = findColumn(catalog, 'TARGET_DEC')
  return {
    ...(ra === undefined ? {} : { ra: columnNumbers(ra) }),
    ...(dec === undefined ? {} : { dec: columnNumbers(dec) }),
  }
}

/** Rows of an image into columns `start` … of `out`; neighbouring rows are read in one go, others are not touched. */
async function copyRows(
  hdu: ImageHdu,
  rows: readonly number[],
  { start, width, nPix }: { start: number; width: number; nPix: number },
  out: Float32Array | Uint32Array,
  options: ReadOptions,
): Promise<void> {
  for (let at = 0; at < rows.length;) {
    let end = at + 1
    while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++
    const { data } = await hdu.read({ rows: [rows[at]!, rows[end - 1]! + 1], ...readControl(options) })
    const values = data as Float32Array
    for (let i = at; i < end; i++) out.set(values.subarray((i - at) * width, (i - at + 1) * width), i * nPix + start)
    at = end
  }
}
