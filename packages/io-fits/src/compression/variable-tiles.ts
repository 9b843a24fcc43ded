import { FitsError } from '../fits-error.js'
import type { ColumnLayout } from '../read/column-layout.js'
import type { FitsColumn, TableReadOptions } from '../read/hdu.js'
import type { HeapPiece } from '../read/read-heap.js'
import { readHeap } from '../read/read-heap.js'
import type { Heap } from '../read/variable-column.js'
import { bytesOfItem, DescriptorReader, readVariableColumn } from '../read/variable-column.js'
import type { ByteSource } from '../source/byte-source.js'
import { bytesSource } from '../source/byte-source.js'
import { rowFailure } from './bad-tile.js'
import type { ColumnCompression } from './compressed-table-layout.js'
import { columnTileCanHold, decodeColumnTile } from './decode-column-tile.js'
import { requireRoom } from './room.js'
import type { TableTile } from './table-tiles.js'
import { COMPRESSED_DESCRIPTOR_BYTES } from './table-tiles.js'

/** What is read, and from where. */
export interface VariableContext {
  readonly source: ByteSource
  readonly heap: Heap
  readonly label: string
  readonly options: TableReadOptions
  /** The table's row that is read first, and rows read. */
  readonly firstRow: number
  readonly rows: number
}

/**
 * Variable-length arrays of a compressed table, each compressed on its own. Tiles bring two descriptors a row; the arrays
 * are decompressed into a heap of their own, which then reads as that of a plain table.
 */
export class VariableTiles {
  readonly #column: ColumnLayout
  readonly #how: ColumnCompression
  readonly #context: VariableContext
  readonly #arrays: DescriptorReader
  readonly #packed: DescriptorReader

  constructor(column: ColumnLayout, how: ColumnCompression, context: VariableContext) {
    this.#column = column
    this.#how = how
    this.#context = context
    this.#arrays = new DescriptorReader(column.descriptor ?? 'P', context.rows)
    this.#packed = new DescriptorReader('Q', context.rows)
  }

  /** Takes the descriptors of a tile. The standard's text puts the packed ones first; cfitsio puts them last. */
  push(bytes: Uint8Array, { rows, skip, count, row }: TableTile): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const { width } = this.#column
    const last = pointInto(view, rows * width, rows, this.#context.heap.size)
    const packed = last ? rows * width : 0
    const arrays = last ? 0 : rows * COMPRESSED_DESCRIPTOR_BYTES
    this.#arrays.push(view, arrays + skip * width, width, count, row)
    const stride = COMPRESSED_DESCRIPTOR_BYTES
    this.#packed.push(view, packed + skip * stride, stride, count, row)
  }

  async finish(): Promise<FitsColumn> {
    const { source, heap, label, options, firstRow } = this.#context
    const where = `column ${this.#column.info.name} of ${label}`
    const { pieces, starts, size } = this.#plan(where)
    requireRoom(
      size,
      pieces.reduce((sum, { bytes }) => sum + bytes, 0),
      options.maxBytes,
      where,
    )
    const plain = new Uint8Array(size)
    await readHeap(source, heap.offset, pieces, where, options, (view, offset, { bytes, to }) => {
      const packed = new Uint8Array(view.buffer, view.byteOffset + offset, bytes)
      const at = starts[to] as number
      const length = this.#bytesOf(to)
      try {
        // What would not get shorter is there as it was.
        plain.set(bytes === length ? packed : decodeColumnTile(packed, this.#how, length), at)
      } catch (error) {
        throw rowFailure(error, firstRow + to, where)
      }
    })
    const descriptors = { counts: this.#arrays.descriptors.counts, starts }
    return readVariableColumn(
      bytesSource(plain),
      this.#column,
      { offset: 0, size },
      descriptors,
      firstRow,
      label,
      options.signal === undefined ? {} : { signal: options.signal },
    )
  }

  #bytesOf(row: number): number {
    return Math.ceil((this.#arrays.descriptors.counts[row] as number) * bytesOfItem(this.#column))
  }

  /** The compressed bytes of each row that has some, checked, and where each array goes. */
  #plan(where: string): { pieces: HeapPiece[]; starts: Float64Array; size: number } {
    const { counts, starts: from } = this.#packed.descriptors
    const { heap, firstRow, rows } = this.#context
    const pieces: HeapPiece[] = []
    const starts = new Float64Array(rows)
    let size = 0
    for (let row = 0; row < rows; row++) {
      const wanted = this.#bytesOf(row)
      const bytes = counts[row] as number
      const start = from[row] as number
      starts[row] = size
      if (wanted === 0) continue
      const inHeap = bytes > 0 && start >= 0 && start + bytes <= heap.size
      if (!inHeap || (bytes !== wanted && !columnTileCanHold(this.#how, bytes, wanted))) {
        throw new FitsError('fits/bad-tile', `row ${firstRow + row} of ${where} cannot be where its descriptor says`, {
          got: `${bytes} bytes from ${start} for an array of ${wanted}`,
          expected: `a place among the ${heap.size} bytes of the heap, and enough bytes`,
          remedy: 'The file is damaged: fetch it again, or read other columns or rows.',
        })
      }
      pieces.push({ start, bytes, to: row, count: 1 })
      size += wanted
    }
    return { pieces, starts, size }
  }
}

/** Whether all descriptors of 64 bits from byte `at` point into a heap of `size` bytes. */
function pointInto(view: DataView, at: number, rows: number, size: number): boolean {
  for (let p = at; p < at + rows * COMPRESSED_DESCRIPTOR_BYTES; p += COMPRESSED_DESCRIPTOR_BYTES) {
    const bytes = view.getBigInt64(p)
    const start = view.getBigInt64(p + 8)
    if (bytes < 0n || start < 0n || bytes + start > BigInt(size)) return false
  }
  return true
}
