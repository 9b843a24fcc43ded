import type { Field } from 'apache-arrow'
import { RecordBatch, Schema, Struct, makeData } from 'apache-arrow'
import { FitsError } from '../fits-error.js'
import { rowRange } from '../read/check-bytes.js'
import type { FitsTable } from '../read/fits-table.js'
import type { FitsColumnInfo, TableHdu } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import { arrowData } from './arrow-data.js'
import { arrowField } from './arrow-type.js'

export interface ToArrowOptions {
  /** Names, case ignored unless columns differ by case only. All by default. */
  readonly columns?: readonly string[]
  /** `[start, end)`; all by default. */
  readonly rows?: readonly [number, number]
  /** Rows of a batch, 1024 by default. */
  readonly batchRows?: number
  readonly signal?: AbortSignal
  /** Called with rows done and rows to do. */
  readonly onProgress?: (done: number, total: number) => void
}

const BATCH_ROWS = 1024

// Rows that take no bytes cost a file nothing to claim, and a consumer an hour to count.
const MAX_EMPTY_ROWS = 1e6

/**
 * Streams a table HDU as Arrow record batches, in flat memory: of the rows of one batch and, while they are worked on,
 * of the next. Numbers and strings are not copied once more.
 *
 * Numbers keep their type, 64-bit integers are exact, scaled columns are floats; strings are utf8, truth values and
 * bits bool, complex numbers fixed-size lists of two. Cells of several values are fixed-size lists, row-major, with
 * `shape` in the field's metadata beyond one axis; variable-length arrays are lists. What TNULL (or a logical that is
 * neither T nor F) marks missing is null, NaN is a value. The unit is in the field's metadata, the HDU's name in the
 * schema's. A table without rows gives one batch of none, for its schema.
 *
 * Fails as `TableHdu.read`, with `fits/bad-range` where `batchRows` is no count, and with `fits/bad-table` where more
 * than a million rows take no bytes.
 */
export async function* toArrow(hdu: TableHdu, options: ToArrowOptions = {}): AsyncGenerator<RecordBatch> {
  const { columns, batchRows = BATCH_ROWS, signal, onProgress } = options
  const label = hduLabel(hdu)
  const [start, end] = rowRange(options.rows, hdu.rows, label)
  requireCount(batchRows, label)
  requireBytesInRows(hdu, end - start, label)
  const control = signal === undefined ? {} : { signal }
  const read = (from: number): Promise<FitsTable> =>
    hdu.read({
      ...(columns === undefined ? {} : { columns }),
      rows: [from, Math.min(from + batchRows, end)],
      strings: 'utf8',
      ...control,
    })
  let schema: Schema | undefined
  let pending = read(start)
  try {
    for (let from = start; ; from += batchRows) {
      const table = await pending
      signal?.throwIfAborted()
      if (from + batchRows < end) pending = read(from + batchRows)
      schema ??= schemaOf(hdu, table)
      yield batchOf(schema, table)
      onProgress?.(Math.min(from + batchRows, end) - start, end - start)
      if (from + batchRows >= end) return
    }
  } finally {
    // When the caller stops, the read under way has no one left to report to.
    pending.catch(() => undefined)
  }
}

function schemaOf(hdu: TableHdu, table: FitsTable): Schema {
  const infos: FitsColumnInfo[] = Array.from(table.columns.values(), ({ info }) => info)
  return new Schema(infos.map(arrowField), new Map(hdu.name === '' ? [] : [['name', hdu.name]]))
}

function batchOf(schema: Schema, table: FitsTable): RecordBatch {
  const columns = [...table.columns.values()]
  const children = schema.fields.map((field: Field, i) => arrowData(field, columns[i] as never, table.rows))
  const type = new Struct(schema.fields)
  return new RecordBatch(schema, makeData({ type, length: table.rows, nullCount: 0, children }))
}

function requireCount(batchRows: number, label: string): void {
  if (Number.isInteger(batchRows) && batchRows > 0) return
  throw new FitsError('fits/bad-range', `rows of a batch of ${label} are no count`, {
    got: batchRows,
    expected: 'a whole number, 1 or more',
    remedy: 'Leave the option batchRows out for 1024.',
  })
}

function requireBytesInRows(hdu: TableHdu, rows: number, label: string): void {
  const rowBytes = hdu.type === 'random-groups' ? hdu.dataSize : hdu.header.getNumber('NAXIS1')
  if (rowBytes !== 0 || rows <= MAX_EMPTY_ROWS) return
  throw new FitsError('fits/bad-table', `rows of ${label} hold nothing`, {
    got: `${rows} rows of 0 bytes`,
    expected: `at most ${MAX_EMPTY_ROWS} of them`,
    remedy: 'The header is damaged, or ask for fewer rows.',
  })
}
