import { concatTables, makeSpectra, pixelCount } from '@astrolabel/spectra'
import type { Spectra, SpectraMeta, Table } from '@astrolabel/spectra'
import { alignTable } from '../catalog/align-table.js'

/** One star as a file gives it. */
export interface StarRow {
  readonly starId: string
  /** Degrees, NaN when unknown. */
  readonly ra: number
  readonly dec: number
  /** Pixel of the row in which the star's own first pixel lies; the others are bad. */
  readonly offset: number
  readonly flux: Float32Array
  readonly ivar: Float32Array
  readonly mask?: Uint32Array | undefined
  /** Å, where wavelengths are the star's own. */
  readonly wave?: Float64Array | undefined
  /** σ of the line spread, Å, 0 where it is not known; becomes the column `lsf_sigma`. */
  readonly sigma?: Float32Array | undefined
  /** One row. */
  readonly catalog: Table
}

/**
 * Stars as they come from their files, put into batches; no more than one batch is held. Pixels that a star does not
 * reach get flux 0, ivar 0 and no mask bit. Catalogue columns are those of the first star.
 *
 * @param metaOf Metadata of the batches, asked for when the first star is there.
 * @param step Stars in a batch.
 */
export async function* batchStars(
  stars: AsyncIterable<StarRow> | Iterable<StarRow>,
  metaOf: () => SpectraMeta,
  step: number,
): AsyncGenerator<Spectra> {
  let template: Table | undefined
  let batch: Batch | undefined
  for await (const star of stars) {
    template ??= star.catalog
    if (batch === undefined) batch = batchOf(metaOf(), star, template, step)
    else addStar(batch, star, template)
    if (batch.starId.length === step) {
      yield spectraOf(batch)
      batch = undefined
    }
  }
  if (batch !== undefined) yield spectraOf(batch)
}

interface Batch {
  readonly meta: SpectraMeta
  readonly nPix: number
  /** Rows that the matrices have room for. */
  room: number
  readonly step: number
  readonly starId: string[]
  readonly ra: number[]
  readonly dec: number[]
  flux: Float32Array
  ivar: Float32Array
  mask: Uint32Array | undefined
  wave: Float64Array | undefined
  sigma: Float32Array | undefined
  readonly catalogs: Table[]
}

/** A batch that begins with a star. Most files have but one: its own arrays serve where they fill the row, and are never written to. */
function batchOf(meta: SpectraMeta, star: StarRow, template: Table, step: number): Batch {
  const nPix = pixelCount(meta)
  const { flux, ivar, mask, wave, sigma } = star
  const begun = { meta, nPix, step, starId: [], ra: [], dec: [], catalogs: [] }
  const parts = [flux, ivar, mask, wave, sigma]
  if (parts.every((part) => part === undefined || part.length === nPix)) {
    const batch: Batch = { ...begun, room: 1, flux, ivar, mask, wave, sigma }
    noteStar(batch, star, template)
    return batch
  }
  const batch: Batch = {
    ...begun,
    room: 1,
    flux: new Float32Array(nPix),
    ivar: new Float32Array(nPix),
    mask: mask === undefined ? undefined : new Uint32Array(nPix),
    wave: wave === undefined ? undefined : new Float64Array(nPix),
    sigma: sigma === undefined ? undefined : new Float32Array(nPix),
  }
  addStar(batch, star, template)
  return batch
}

/** Most files have one star: room for a whole batch would be made and thrown away with each. */
function makeRoom(batch: Batch): void {
  batch.room = Math.min(batch.step, Math.max(16, 2 * batch.room))
  const grown = <T extends Float32Array | Uint32Array | Float64Array>(matrix: T): T => {
    const out = new (matrix.constructor as new (length: number) => T)(batch.room * batch.nPix)
    out.set(matrix as never)
    return out
  }
  batch.flux = grown(batch.flux)
  batch.ivar = grown(batch.ivar)
  if (batch.mask !== undefined) batch.mask = grown(batch.mask)
  if (batch.wave !== undefined) batch.wave = grown(batch.wave)
  if (batch.sigma !== undefined) batch.sigma = grown(batch.sigma)
}

function addStar(batch: Batch, star: StarRow, template: Table): void {
  if (batch.starId.length === batch.room) makeRoom(batch)
  const at = batch.starId.length * batch.nPix + star.offset
  batch.flux.set(star.flux, at)
  batch.ivar.set(star.ivar, at)
  if (star.mask !== undefined) batch.mask?.set(star.mask, at)
  if (star.wave !== undefined) batch.wave?.set(star.wave, at)
  if (star.sigma !== undefined) batch.sigma?.set(star.sigma, at)
  noteStar(batch, star, template)
}

function noteStar(batch: Batch, star: StarRow, template: Table): void {
  batch.starId.push(star.starId)
  batch.ra.push(star.ra)
  batch.dec.push(star.dec)
  batch.catalogs.push(alignTable(star.catalog, template))
}

function spectraOf({ meta, nPix, starId, ra, dec, flux, ivar, mask, wave, sigma, catalogs }: Batch): Spectra {
  const size = starId.length * nPix
  const catalog = concatTables(catalogs)
  return makeSpectra({
    meta,
    starId,
    ra: Float64Array.from(ra),
    dec: Float64Array.from(dec),
    flux: flux.subarray(0, size),
    ivar: ivar.subarray(0, size),
    ...(mask === undefined ? {} : { mask: mask.subarray(0, size) }),
    ...(wave === undefined ? {} : { wave: wave.subarray(0, size) }),
    catalog: sigma === undefined ? catalog : withSigma(catalog, sigma.subarray(0, size), nPix),
  })
}

/** The line spread beside the spectra, as preprocessing looks for it. */
function withSigma({ n, columns }: Table, values: Float32Array, nPix: number): Table {
  const column = { name: 'lsf_sigma', values, width: nPix, unit: 'Angstrom' }
  return { n, columns: new Map(columns).set(column.name, column) }
}
