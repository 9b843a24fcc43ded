import type { RecordBatch, Schema, Vector } from 'apache-arrow'
import { AstrolabelError } from '../errors.js'
import type { Spectra, SpectraMeta } from '../spectra.js'
import { SPECTRA_FORMAT_VERSION, pixelCount } from '../spectra.js'
import type { Column } from '../table.js'
import { columnNumbers, makeTable } from '../table.js'
import { columnFromVector, matrixColumn, nullableNumbers, numberColumn, numericValues, stringColumn, tableColumn } from './columns.js'
import { makeRecordBatch } from './record-batch.js'

const META_KEY = 'astrolabel:spectra'
const OWN_COLUMNS = new Set(['star_id', 'ra', 'dec', 'flux', 'ivar', 'mask', 'wave', 'snr'])

/**
 * Spectra as one Arrow record batch; matrices are not copied.
 *
 * A catalogue column whose name is one of the layout's own is written with `_catalog` after it.
 */
export function spectraToRecordBatch(spectra: Spectra): RecordBatch {
  const { n, nPix } = spectra
  const columns = [
    stringColumn('star_id', spectra.starId),
    nullableNumbers('ra', spectra.ra, new Map([['unit', 'deg']])),
    nullableNumbers('dec', spectra.dec, new Map([['unit', 'deg']])),
    matrixColumn('flux', spectra.flux, n, nPix, spectra.meta.fluxUnit === undefined ? undefined : new Map([['unit', spectra.meta.fluxUnit]])),
    matrixColumn('ivar', spectra.ivar, n, nPix),
  ]
  if (spectra.mask !== undefined) columns.push(matrixColumn('mask', spectra.mask, n, nPix))
  if (spectra.wave !== undefined) columns.push(matrixColumn('wave', spectra.wave, n, nPix, new Map([['unit', 'Angstrom']])))
  columns.push(numberColumn('snr', spectra.snr))
  for (const column of spectra.catalog.columns.values()) {
    columns.push(tableColumn(column, OWN_COLUMNS.has(column.name) ? `${column.name}_catalog` : column.name))
  }
  const meta = { formatVersion: SPECTRA_FORMAT_VERSION, ...spectra.meta }
  return makeRecordBatch(columns, n, new Map([[META_KEY, JSON.stringify(meta)]]))
}

/** True when an Arrow schema is that of spectra. */
export function isSpectraSchema(schema: Schema): boolean {
  return schema.metadata.has(META_KEY)
}

/**
 * The metadata of a spectra table.
 *
 * @throws `spectra/not-spectra` when the file is another Arrow table, `spectra/newer-format` when it was written by a
 * newer version.
 */
export function spectraMetaOf(schema: Schema): SpectraMeta {
  const json = schema.metadata.get(META_KEY)
  if (json === undefined) {
    throw new AstrolabelError('spectra/not-spectra', 'The Arrow table does not hold spectra', {
      got: `columns ${schema.names.slice(0, 12).map(String).join(', ')}`,
      remedy: 'Make spectra with `astrolabel ingest` or `astrolabel convert`',
    })
  }
  const { formatVersion, ...meta } = JSON.parse(json) as SpectraMeta & { formatVersion?: string }
  if (formatVersion !== SPECTRA_FORMAT_VERSION) {
    throw new AstrolabelError('spectra/newer-format', 'The spectra were written in another format version', { got: formatVersion, expected: SPECTRA_FORMAT_VERSION, remedy: 'Use the version of astrolabel that wrote them, or a newer one' })
  }
  return meta
}

/** Spectra of a record batch, on Arrow's own buffers. @throws `spectra/not-spectra`, `spectra/damaged`. */
export function spectraFromRecordBatch(batch: RecordBatch): Spectra {
  const meta = spectraMetaOf(batch.schema)
  const n = batch.numRows
  const nPix = pixelCount(meta)
  const vector = (name: string): Vector => {
    const found = batch.getChild(name)
    if (found === null) throw new AstrolabelError('spectra/damaged', `The spectra lack column ${name}`, { expected: 'star_id, ra, dec, flux, ivar, snr' })
    return found as Vector
  }
  const matrix = <T extends Float32Array | Float64Array | Uint32Array>(name: string): T => {
    const values = numericValues(name, vector(name).getChildAt(0)!)
    if (values.length !== n * nPix) throw new AstrolabelError('spectra/damaged', `Column ${name} does not fit the wavelengths`, { got: `${values.length} values`, expected: `${n} stars × ${nPix} pixels` })
    return values as T
  }
  const catalog: Column[] = []
  for (const field of batch.schema.fields) {
    const name = String(field.name)
    if (OWN_COLUMNS.has(name)) continue
    const unit = field.metadata.get('unit')
    const column = columnFromVector(name, vector(name))
    catalog.push(unit === undefined ? column : { ...column, unit })
  }
  return {
    meta,
    n,
    nPix,
    starId: Array.from(vector('star_id'), String),
    ra: columnNumbers(columnFromVector('ra', vector('ra'))),
    dec: columnNumbers(columnFromVector('dec', vector('dec'))),
    flux: matrix<Float32Array>('flux'),
    ivar: matrix<Float32Array>('ivar'),
    snr: numericValues('snr', vector('snr')) as Float32Array,
    catalog: makeTable(catalog, n),
    ...(batch.getChild('mask') === null ? {} : { mask: matrix<Uint32Array>('mask') }),
    ...(batch.getChild('wave') === null ? {} : { wave: matrix<Float64Array>('wave') }),
  }
}
