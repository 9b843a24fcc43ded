import type { RiceBytePix } from '../../compression/rice.js'
import { numbersOf } from '../../compression/tile-bytes.js'
import type { Card } from '../../header/card.js'
import type { StoredDtype } from '../../number-format.js'
import type { TableCompressionAlgorithm } from '../../read/hdu.js'
import { badInput } from '../bad-input.js'
import type { EncodedColumn } from '../encode-column.js'
import type { PreparedTable } from '../encode-table.js'
import { columnCards, prepareTable } from '../encode-table.js'
import type { HeapColumn } from '../encode-variable-column.js'
import type { EncodedHdu } from '../encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from '../encoded-hdu.js'
import type { TableCompressionInput, TableInput } from '../hdu-input.js'
import { encodeRice } from './encode-rice.js'
import { gzipTile, shuffle } from './gzip-tile.js'

const DESCRIPTOR_BYTES = 16
const TILE_BYTES = 1024 * 1024

/** What readers take for each type of value, the default first. */
const TAKEN: Readonly<Record<string, readonly TableCompressionAlgorithm[]>> = {
  B: ['GZIP_1', 'RICE_1', 'NOCOMPRESS'],
  I: ['GZIP_2', 'GZIP_1', 'RICE_1', 'NOCOMPRESS'],
  J: ['RICE_1', 'GZIP_1', 'GZIP_2', 'NOCOMPRESS'],
  K: ['GZIP_2', 'GZIP_1', 'NOCOMPRESS'],
  E: ['GZIP_2', 'GZIP_1', 'NOCOMPRESS'],
  D: ['GZIP_2', 'GZIP_1', 'NOCOMPRESS'],
}
const OTHERS: readonly TableCompressionAlgorithm[] = ['GZIP_1', 'NOCOMPRESS']
const STORED: Readonly<Record<string, { readonly stored: StoredDtype; readonly bytes: number }>> = {
  B: { stored: 'u1', bytes: 1 },
  I: { stored: 'i2', bytes: 2 },
  J: { stored: 'i4', bytes: 4 },
  K: { stored: 'i8', bytes: 8 },
  E: { stored: 'f4', bytes: 4 },
  D: { stored: 'f8', bytes: 8 },
}

/** The bytes behind the rows, in pieces, and how many there are so far. */
interface Heap {
  readonly parts: Uint8Array[]
  size: number
}

/**
 * A table compressed by tiles of rows, column by column (FITS 4.0, section 10.3). All tiles are compressed at once and
 * their bytes kept until they are written. Fails with `fits/bad-input`.
 */
export function encodeCompressedTable(input: TableInput, how: TableCompressionInput): EncodedHdu {
  const table = prepareTable(input)
  const { columns, rows, rowBytes, label } = table
  const tileRows = tileRowsOf(how, rowBytes, rows, label)
  const algorithms = algorithmsOf(columns, how, label)
  const tiles = rows === 0 ? 0 : Math.ceil(rows / tileRows)
  const descriptors = new BigInt64Array(tiles * columns.length * 2)
  const heap: Heap = { parts: [], size: 0 }
  const most = columns.map(() => 0)
  const flats = table.heaps.map((column) => (column === undefined ? undefined : joined(column)))
  for (let tile = 0; tile < tiles; tile++) {
    const row = tile * tileRows
    const count = Math.min(tileRows, rows - row)
    for (const [i, column] of columns.entries()) {
      if (column.width === 0) continue
      const plain = new Uint8Array(count * column.width)
      column.write(new DataView(plain.buffer), 0, column.width, count, row)
      const algorithm = algorithms[i] as TableCompressionAlgorithm
      const flat = flats[i]
      const bytes =
        flat === undefined
          ? compress(plain, algorithm, letterOf(column))
          : gzipTile(withPacked(plain, column, flat, baseOf(table.heaps, i), algorithm, heap))
      const at = (tile * columns.length + i) * 2
      descriptors[at] = BigInt(bytes.length)
      descriptors[at + 1] = BigInt(heap.size)
      most[i] = Math.max(most[i] as number, bytes.length)
      append(heap, bytes)
    }
  }
  const cards = tableCards(table, { tiles, tileRows, algorithms, most, heapSize: heap.size })
  const width = columns.length * DESCRIPTOR_BYTES
  const fill = (view: DataView, first: number, count: number): void => {
    for (let i = 0; i < count * columns.length * 2; i++) {
      view.setBigInt64(i * 8, descriptors[first * columns.length * 2 + i] as bigint)
    }
  }
  return encodedHdu(encodeHeader(cards, input), tiles, width, fill, { size: heap.size, chunks: () => heap.parts })
}

function append(heap: Heap, bytes: Uint8Array): void {
  heap.parts.push(bytes)
  heap.size += bytes.length
}

function joined(column: HeapColumn): Uint8Array {
  const bytes = new Uint8Array(column.heapSize)
  let at = 0
  for (const chunk of column.heapChunks()) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** Where the arrays of column `index` begin in the heap of the plain table. */
function baseOf(heaps: PreparedTable['heaps'], index: number): number {
  return heaps.slice(0, index).reduce((sum, column) => sum + (column?.heapSize ?? 0), 0)
}

/**
 * The descriptors of a tile of variable-length arrays with those of the compressed arrays behind them, which go to the
 * heap each on its own: in cfitsio's order, which every reader takes.
 */
function withPacked(
  plain: Uint8Array,
  column: EncodedColumn,
  flat: Uint8Array,
  base: number,
  algorithm: TableCompressionAlgorithm,
  heap: Heap,
): Uint8Array {
  const { width } = column
  const count = plain.length / width
  const both = new Uint8Array(plain.length + count * DESCRIPTOR_BYTES)
  both.set(plain)
  const view = new DataView(both.buffer)
  const letter = letterOf(column)
  for (let row = 0; row < count; row++) {
    const [length, start] =
      width === 8
        ? [view.getUint32(row * 8), view.getUint32(row * 8 + 4)]
        : [Number(view.getBigInt64(row * 16)), Number(view.getBigInt64(row * 16 + 8))]
    if (length === 0) continue
    const bytes = letter === 'X' ? Math.ceil(length / 8) : length * valueBytes(letter)
    const array = flat.subarray(start - base, start - base + bytes)
    const packed = compress(array, algorithm, letter)
    // What does not get shorter is kept as it is; readers tell by the length.
    const kept = packed.length < bytes ? packed : array.slice()
    const at = plain.length + row * DESCRIPTOR_BYTES
    view.setBigInt64(at, BigInt(kept.length))
    view.setBigInt64(at + 8, BigInt(heap.size))
    append(heap, kept)
  }
  return both
}

function valueBytes(letter: string): number {
  return STORED[letter]?.bytes ?? { C: 8, M: 16 }[letter] ?? 1
}

function compress(bytes: Uint8Array, algorithm: TableCompressionAlgorithm, letter: string): Uint8Array {
  if (algorithm === 'NOCOMPRESS') return bytes
  const { stored, bytes: width } = STORED[letter] ?? { stored: 'u1', bytes: 1 }
  if (algorithm === 'GZIP_1') return gzipTile(bytes)
  if (algorithm === 'GZIP_2') return gzipTile(shuffle(bytes, width))
  const length = bytes.length / width
  return encodeRice(numbersOf(bytes, stored, length) as Int32Array, length, width as RiceBytePix)
}

/** The type of a column's values: of a variable-length array, that of its elements. */
function letterOf({ tform }: EncodedColumn): string {
  return /^\d*(?:[PQ])?([A-Z])/.exec(tform)?.[1] ?? 'A'
}

function tileRowsOf({ tileRows }: TableCompressionInput, rowBytes: number, rows: number, label: string): number {
  if (tileRows === undefined) return Math.max(1, Math.min(rows, Math.floor(TILE_BYTES / Math.max(1, rowBytes))))
  if (Number.isInteger(tileRows) && tileRows >= 1) return Math.max(1, Math.min(tileRows, rows))
  throw badInput(
    `${label} cannot be cut into tiles`,
    `tileRows ${tileRows}`,
    'a whole number, 1 or more',
    'Choose one.',
  )
}

function algorithmsOf(
  columns: readonly EncodedColumn[],
  { algorithms = {} }: TableCompressionInput,
  label: string,
): TableCompressionAlgorithm[] {
  const names = new Set(columns.map(({ name }) => name))
  const stray = Object.keys(algorithms).find((name) => !names.has(name))
  if (stray !== undefined) {
    throw badInput(
      `${label} has no column to compress so`,
      JSON.stringify(stray),
      [...names].join(', '),
      'Name one of those.',
    )
  }
  return columns.map((column) => {
    const taken = TAKEN[letterOf(column)] ?? OTHERS
    const wanted = algorithms[column.name] ?? (taken[0] as TableCompressionAlgorithm)
    if (taken.includes(wanted)) return wanted
    throw badInput(
      `column ${JSON.stringify(column.name)} of ${label} cannot be compressed`,
      `${wanted} for TFORM ${column.tform}`,
      `one of ${taken.join(', ')}`,
      'Choose one.',
    )
  })
}

interface Packed {
  readonly tiles: number
  readonly tileRows: number
  readonly algorithms: readonly TableCompressionAlgorithm[]
  /** Bytes of the longest tile of each column. */
  readonly most: readonly number[]
  readonly heapSize: number
}

function tableCards({ columns, rows, rowBytes, heap }: PreparedTable, packed: Packed): Card[] {
  return [
    card('XTENSION', 'BINTABLE', 'binary table extension'),
    card('BITPIX', 8, 'array data type'),
    card('NAXIS', 2, 'number of array dimensions'),
    card('NAXIS1', columns.length * DESCRIPTOR_BYTES, 'bytes in a row'),
    card('NAXIS2', packed.tiles, 'number of tiles'),
    card('PCOUNT', packed.heapSize, 'bytes of compressed tiles'),
    card('GCOUNT', 1, 'number of groups'),
    card('TFIELDS', columns.length, 'number of columns'),
    ...columns.flatMap((column, i) => [
      ...columnCards(column, i + 1, `1QB(${packed.most[i]})`),
      card(`ZFORM${i + 1}`, column.tform),
      card(`ZCTYP${i + 1}`, packed.algorithms[i]),
    ]),
    card('ZTABLE', true, 'this is a compressed table'),
    card('ZTILELEN', packed.tileRows, 'rows of a tile'),
    card('ZNAXIS1', rowBytes, 'bytes in a row of the table'),
    card('ZNAXIS2', rows, 'rows of the table'),
    card('ZPCOUNT', heap.size, 'bytes of its variable-length arrays'),
  ]
}
