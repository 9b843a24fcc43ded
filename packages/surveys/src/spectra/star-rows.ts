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
    batch ??= emptyBatch(metaOf(), star, step)
    addStar(batch, star, template)
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
  readonly catalogs: Table[]
}

function emptyBatch(meta: SpectraMeta, like: StarRow, step: number): Batch {
  const nPix = pixelCount(meta)
  return {
    meta,
    nPix,
    room: 1,
    step,
    starId: [],
    ra: [],
    dec: [],
    flux: new Float32Array(nPix),
    ivar: new Float32Array(nPix),
    mask: like.mask === undefined ? undefined : new Uint32Array(nPix),
    wave: like.wave === undefined ? undefined : new Float64Array(nPix),
    catalogs: [],
  }
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
}

function addStar(batch: Batch, star: StarRow, template: Table): void {
  if (batch.starId.length === batch.room) makeRoom(batch)
  const at = batch.starId.length * batch.nPix + star.offset
  batch.flux.set(star.flux, at)
  batch.ivar.set(star.ivar, at)
  if (star.mask !== undefined) batch.mask?.set(star.mask, at)
  if (star.wave !== undefined) batch.wave?.set(star.wave, at)
  batch.starId.push(star.starId)
  batch.ra.push(star.ra)
  batch.dec.push(star.dec)
  batch.catalogs.push(alignTable(star.catalog, template))
}

function spectraOf({ meta, nPix, starId, ra, dec, flux, ivar, mask, wave, catalogs }: Batch): Spectra {
  const size = starId.length * nPix
  return makeSpectra({
    meta,
    starId,
    ra: Float64Array.from(ra),
    dec: Float64Array.from(dec),
    flux: flux.subarray(0, size),
    ivar: ivar.subarray(0, size),
    ...(mask === undefined ? {} : { mask: mask.subarray(0, size) }),
    ...(wave === undefined ? {} : { wave: wave.subarray(0, size) }),
    catalog: concatTables(catalogs),
  })
}
