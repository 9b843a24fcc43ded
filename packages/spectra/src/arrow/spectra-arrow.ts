import type { RecordBatch, Schema } from 'apache-arrow'
import type { Spectra, SpectraMeta } from '../spectra.js'
import { SPECTRA_FORMAT_VERSION, pixelCount } from '../spectra.js'
import { columnNumbers, makeTable } from '../table.js'
import {
  columnFromVector,
  matrixColumn,
  nullableNumbers,
  numberColumn,
  readColumns,
  stringColumn,
  tableColumn,
} from './columns.js'
import type { Layout } from './layout.js'
import { freeName, hasLayout, layoutMetadata, ownNumbers, ownVector, readLayoutMetadata } from './layout.js'
import { makeRecordBatch } from './record-batch.js'

const LAYOUT: Layout = {
  holds: 'spectra',
  version: SPECTRA_FORMAT_VERSION,
  remedy: 'Make spectra with `astrolabel ingest` or `astrolabel convert`',
}

const OWN_COLUMNS: ReadonlySet<string> = new Set(['star_id', 'ra', 'dec', 'flux', 'ivar', 'mask', 'wave', 'snr'])

/**
 * Spectra as one Arrow record batch; matrices are not copied.
 *
 * A catalogue column whose name is one of the layout's own is written with `_catalog` after it.
 */
export function spectraToRecordBatch(spectra: Spectra): RecordBatch {
  const { n, nPix, meta } = spectra
  const fluxUnit = meta.fluxUnit === undefined ? undefined : new Map([['unit', meta.fluxUnit]])
  const columns = [
    stringColumn('star_id', spectra.starId),
    nullableNumbers('ra', spectra.ra, new Map([['unit', 'deg']])),
    nullableNumbers('dec', spectra.dec, new Map([['unit', 'deg']])),
    matrixColumn('flux', spectra.flux, n, nPix, fluxUnit),
    matrixColumn('ivar', spectra.ivar, n, nPix),
  ]
  if (spectra.mask !== undefined) columns.push(matrixColumn('mask', spectra.mask, n, nPix))
  if (spectra.wave !== undefined) {
    columns.push(matrixColumn('wave', spectra.wave, n, nPix, new Map([['unit', 'Angstrom']])))
  }
  columns.push(numberColumn('snr', spectra.snr))
  const taken = new Set(OWN_COLUMNS)
  for (const column of spectra.catalog.columns.values()) {
    columns.push(tableColumn(column, freeName(column.name, taken, '_catalog')))
  }
  return makeRecordBatch(columns, n, layoutMetadata(LAYOUT, meta))
}

/** True when an Arrow schema is that of spectra. */
export function isSpectraSchema(schema: Schema): boolean {
  return hasLayout(schema, LAYOUT)
}

/**
 * The metadata of a spectra table.
 *
 * @throws `spectra/not-spectra` when the file is another Arrow table, `spectra/newer-format` when it was written by a
 * newer version, `spectra/damaged` when it cannot be read.
 */
export function spectraMetaOf(schema: Schema): SpectraMeta {
  return readLayoutMetadata<SpectraMeta>(schema, LAYOUT)
}

/** Spectra of a record batch, on Arrow's own buffers. @throws `spectra/not-spectra`, `spectra/damaged`. */
export function spectraFromRecordBatch(batch: RecordBatch): Spectra {
  const meta = spectraMetaOf(batch.schema)
  const nPix = pixelCount(meta)
  const has = (name: string): boolean => batch.getChild(name) !== null
  return {
    meta,
    n: batch.numRows,
    nPix,
    starId: Array.from(ownVector(batch, 'star_id', LAYOUT), String),
    ra: columnNumbers(columnFromVector('ra', ownVector(batch, 'ra', LAYOUT))),
    dec: columnNumbers(columnFromVector('dec', ownVector(batch, 'dec', LAYOUT))),
    flux: ownNumbers(batch, 'flux', Float32Array, LAYOUT, nPix),
    ivar: ownNumbers(batch, 'ivar', Float32Array, LAYOUT, nPix),
    snr: ownNumbers(batch, 'snr', Float32Array, LAYOUT),
    catalog: makeTable(readColumns(batch, OWN_COLUMNS), batch.numRows),
    ...(has('mask') ? { mask: ownNumbers(batch, 'mask', Uint32Array, LAYOUT, nPix) } : {}),
    ...(has('wave') ? { wave: ownNumbers(batch, 'wave', Float64Array, LAYOUT, nPix) } : {}),
  }
}
