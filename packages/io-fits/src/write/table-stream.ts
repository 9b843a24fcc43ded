import { dtypeOf, shapeSize } from '../dtype.js'
import type { HeaderInput } from '../header/header-input.js'
import { badInput } from './bad-input.js'
import type { EncodedColumn } from './encode-column.js'
import { encodeColumn } from './encode-column.js'
import { nullOfIntegers } from './encode-numbers.js'
import { countRows, requireNames, structuralCards } from './encode-table.js'
import type { HeapColumn } from './encode-variable-column.js'
import { encodeVariableColumn } from './encode-variable-column.js'
import { CHUNK_BYTES, encodeHeader } from './encoded-hdu.js'
import type { ColumnInput } from './hdu-input.js'

const MAX_P_HEAP = 2 ** 31 - 1
const LONGEST = /\((\d+)\)$/

/** How the table of a stream is called and described. */
export interface TableStreamInput {
  readonly name?: string
  readonly version?: number
  readonly header?: HeaderInput
}

/** The bytes of one batch: its rows, and what its variable-length arrays add to the heap. */
export interface BatchBytes {
  readonly rows: Iterable<Uint8Array>
  readonly heap: Iterable<Uint8Array>
}

/**
 * A table that is encoded batch by batch, its length unknown before the last. The first batch says what its columns are;
 * the header, once all are there, has as many bytes as before.
 */
export class TableStream {
  readonly #input: TableStreamInput
  readonly #label: string
  #columns: EncodedColumn[] | undefined
  #rows = 0
  #heapSize = 0

  constructor(input: TableStreamInput) {
    this.#input = input
    this.#label = `table ${JSON.stringify(input.name ?? '')}`
  }

  get rows(): number {
    return this.#rows
  }

  get rowBytes(): number {
    return (this.#columns ?? []).reduce((sum, column) => sum + column.width, 0)
  }

  get heapSize(): number {
    return this.#heapSize
  }

  /** The header for the rows so far. Fails with `fits/bad-input` where there was no batch. */
  header(): Uint8Array {
    if (this.#columns === undefined) {
      throw badInput(
        `${this.#label} has no batches`,
        'an empty stream',
        'one batch or more',
        'Give one of no rows, which says what the columns are.',
      )
    }
    return encodeHeader(structuralCards(this.#columns, this.#rows, this.rowBytes, this.#heapSize), this.#input)
  }

  /** Takes a batch. Fails with `fits/bad-input` where it does not fit the first one. */
  add(inputs: readonly ColumnInput[]): BatchBytes {
    const known = this.#columns
    if (known !== undefined) this.#requireColumns(inputs, known)
    const heaps: HeapColumn[] = []
    const columns = inputs.map((input, i) => {
      const given = known === undefined ? firstInput(input) : laterInput(input, known[i] as EncodedColumn)
      if (given.offsets === undefined) return encodeColumn(given)
      const heap = encodeVariableColumn(given, given.offsets)
      heaps.push(heap)
      const wide = heap.descriptor === 'Q'
      const placed = heap.place(this.#heapSize, wide)
      this.#heapSize += heap.heapSize
      if (!wide && this.#heapSize > MAX_P_HEAP) throw heapFull(given.name, this.#heapSize)
      return placed
    })
    requireNames(columns, this.#label)
    const rows = countRows(columns, undefined, this.#label)
    this.#columns =
      known === undefined ? columns : known.map((column, i) => this.#joined(column, columns[i] as EncodedColumn))
    this.#rows += rows
    return { rows: rowChunks(columns, rows, this.rowBytes), heap: heapChunks(heaps) }
  }

  #requireColumns(inputs: readonly ColumnInput[], known: readonly EncodedColumn[]): void {
    const names = inputs.map(({ name }) => name).join(', ')
    const wanted = known.map(({ name }) => name).join(', ')
    if (names !== wanted) {
      throw badInput(`a batch of ${this.#label} has other columns`, names, wanted, 'Give each batch the same columns.')
    }
  }

  /** A column as the header describes it after one more batch. */
  #joined(known: EncodedColumn, column: EncodedColumn): EncodedColumn {
    const was = describe(known)
    const is = describe(column)
    if (was === is) return { ...known, tform: longerForm(known.tform, column.tform) }
    throw badInput(
      `column ${JSON.stringify(known.name)} of ${this.#label} changes from one batch to the next`,
      is,
      was,
      'Give every batch the same types, shapes, scales and units, and a mask (valid) from the first on.',
    )
  }
}

/** Of two forms of variable-length arrays the one for longer arrays: `1PE(7)`. Others are the same. */
function longerForm(a: string, b: string): string {
  const lengthOf = (tform: string): number => Number(LONGEST.exec(tform)?.[1] ?? 0)
  return lengthOf(b) > lengthOf(a) ? b : a
}

/** What must be the same in every batch. */
function describe({ tform, tdim, unit, scale, zero, null: missing }: EncodedColumn): string {
  const parts = {
    TFORM: tform.replace(LONGEST, ''),
    TDIM: tdim,
    TUNIT: unit,
    TSCAL: scale,
    TZERO: zero,
    TNULL: missing,
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')
}

/** Where values may be missing, the null value is settled before one is. */
function firstInput(input: ColumnInput): ColumnInput {
  if (input.null !== undefined || input.dtype === 'bool' || input.dtype === 'bit') return input
  if (input.stored !== undefined) return { ...input, null: nullOfIntegers(input.stored) }
  const dtype = dtypeOf(input.values)
  if (input.valid === undefined || dtype === undefined || dtype === 'f4' || dtype === 'f8') return input
  return { ...input, null: nullOfIntegers(dtype) }
}

/** A later batch has what the first one settled, where it does not say: a batch of no rows does not tell by its values. */
function laterInput(input: ColumnInput, known: EncodedColumn): ColumnInput {
  const strings = known.tform.endsWith('A') && input.offsets === undefined ? shapeSize(input.shape ?? []) : 0
  return {
    ...(known.null === undefined ? {} : { null: known.null }),
    ...(known.tform.endsWith('L') ? { dtype: 'bool' as const } : {}),
    ...(strings === 0 ? {} : { width: known.width / strings }),
    ...input,
  }
}

function* rowChunks(columns: readonly EncodedColumn[], rows: number, rowBytes: number): Generator<Uint8Array> {
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, rowBytes)))
  for (let at = 0; at < rows; at += perChunk) {
    const count = Math.min(perChunk, rows - at)
    const bytes = new Uint8Array(count * rowBytes)
    const view = new DataView(bytes.buffer)
    let offset = 0
    for (const column of columns) {
      if (column.width > 0) column.write(view, offset, rowBytes, count, at)
      offset += column.width
    }
    yield bytes
  }
}

function* heapChunks(columns: readonly HeapColumn[]): Generator<Uint8Array> {
  for (const column of columns) yield* column.heapChunks()
}

function heapFull(name: string, size: number): Error {
  return badInput(
    `column ${JSON.stringify(name)} goes beyond what 32-bit descriptors reach`,
    `${size} bytes of arrays`,
    `at most ${MAX_P_HEAP}`,
    "Ask for 64-bit ones: variable: { descriptor: 'Q' }.",
  )
}
