import type { FitsArray } from '../dtype.js'
import { DTYPE_BYTES } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { requireBytes } from './check-bytes.js'
import { columnDecoder } from './column-decoder.js'
import type { ColumnLayout } from './column-layout.js'
import type { FitsColumn, ReadControl } from './hdu.js'
import type { HeapPiece } from './read-heap.js'
import { joinPieces, readHeap } from './read-heap.js'
import { decodeStrings } from './string-decoder.js'

/** The part of a table's data behind its rows, where variable-length arrays lie. */
export interface Heap {
  /** Byte offset in the source, and bytes to the end of the data. */
  readonly offset: number
  readonly size: number
}

/** Where each row's array lies: values and the byte offset in the heap. */
export interface Descriptors {
  readonly counts: Float64Array
  readonly starts: Float64Array
}

// Rows may share heap bytes. A small file whose rows all share them must not ask for more memory than any file needs.
const MAX_SHARED_BYTES = 64 * 1024 * 1024
const MAX_INT32 = 2 ** 31 - 1

/** Takes descriptors as the rows are read: P has two 32-bit numbers, Q two of 64 bits. */
export class DescriptorReader {
  readonly descriptors: Descriptors
  readonly #wide: boolean

  constructor(descriptor: 'P' | 'Q', rows: number) {
    this.descriptors = { counts: new Float64Array(rows), starts: new Float64Array(rows) }
    this.#wide = descriptor === 'Q'
  }

  push(view: DataView, offset: number, stride: number, rows: number, row: number): void {
    const { counts, starts } = this.descriptors
    for (let i = row, p = offset; i < row + rows; i++, p += stride) {
      // 32-bit ones are taken without a sign, as cfitsio does: a heap may reach beyond 2 GiB.
      counts[i] = this.#wide ? view.getInt32(p) * 2 ** 32 + view.getUint32(p + 4) : view.getUint32(p)
      starts[i] = this.#wide ? view.getInt32(p + 8) * 2 ** 32 + view.getUint32(p + 12) : view.getUint32(p + 4)
    }
  }
}

/**
 * Reads the arrays that descriptors point to; `firstRow` is the table's row of the first one. Only their own bytes of
 * the heap are read. Fails with `fits/bad-table` naming column and row where one points out of the heap.
 */
export async function readVariableColumn(
  source: ByteSource,
  layout: ColumnLayout,
  heap: Heap,
  descriptors: Descriptors,
  firstRow: number,
  label: string,
  control: ReadControl,
): Promise<FitsColumn> {
  const at = `column ${layout.info.name} of ${label}`
  const itemBytes = bytesOfItem(layout)
  const pieces = piecesOf(descriptors, layout, itemBytes, heap, firstRow, at)
  const offsets = offsetsOf(descriptors.counts, layout)
  let last = 0
  for (const piece of pieces) last = Math.max(last, piece.start + piece.bytes)
  requireBytes(source.size, label, heap.offset, last)

  const cells = variableCells(layout, offsets, itemBytes)
  const whole = layout.kind === 'bit' || layout.kind === 'string'
  // Strings and bits are decoded a row at a time: a row of them starts on a byte of its own.
  const joined = whole ? pieces : joinPieces(pieces, itemBytes)
  await readHeap(source, heap.offset, joined, at, control, (view, offset, piece) => cells.push(view, offset, piece))
  return { ...cells.finish(), offsets }
}

/** Bytes of a value in the heap: an eighth for bits. */
export function bytesOfItem({ kind, format }: ColumnLayout): number {
  if (format === undefined) return kind === 'bit' ? 1 / 8 : 1
  return DTYPE_BYTES[format.stored] * (kind === 'complex' ? 2 : 1)
}

/** The heap bytes of every row that has some, checked. */
function piecesOf(
  { counts, starts }: Descriptors,
  layout: ColumnLayout,
  itemBytes: number,
  heap: Heap,
  firstRow: number,
  at: string,
): HeapPiece[] {
  const pieces: HeapPiece[] = []
  let total = 0
  let values = 0
  // What a value takes when it is read: a bit is a byte then, a scaled number a double.
  const readBytes = layout.format?.scaled === undefined ? Math.max(1, itemBytes) : 16
  let to = 0
  for (let row = 0; row < counts.length; row++) {
    const count = counts[row] as number
    const start = starts[row] as number
    if (count === 0) continue
    const bytes = Math.ceil(count * itemBytes)
    if (!(count > 0 && start >= 0 && start + bytes <= heap.size)) {
      throw new FitsError('fits/bad-table', `${at} points out of the heap in row ${firstRow + row}`, {
        got: `${count} values of TFORM ${layout.info.format} from byte ${start}`,
        expected: `a place among the ${heap.size} bytes of the heap`,
        remedy: 'The file is damaged: read the other columns, or the rows before that one (rows count from 0).',
      })
    }
    pieces.push({ start, bytes, to: layout.kind === 'string' ? row : to, count })
    to += count
    total += bytes
    values += count * readBytes
  }
  if (total > heap.size && values > MAX_SHARED_BYTES) {
    throw new FitsError('fits/bad-table', `rows of ${at} share heap bytes too often`, {
      got: `${values} bytes in all rows`,
      expected: `at most ${Math.max(heap.size, MAX_SHARED_BYTES)}`,
      remedy: 'Read fewer rows at a time.',
    })
  }
  return pieces
}

/** Where each row starts in the values; a row of characters is one string. */
function offsetsOf(counts: Float64Array, { kind }: ColumnLayout): Int32Array | Float64Array {
  const rows = counts.length
  let total = 0
  for (let row = 0; row < rows; row++) total += kind === 'string' ? 1 : (counts[row] as number)
  const offsets = total > MAX_INT32 ? new Float64Array(rows + 1) : new Int32Array(rows + 1)
  for (let row = 0, sum = 0; row < rows; row++) {
    sum += kind === 'string' ? 1 : (counts[row] as number)
    offsets[row + 1] = sum
  }
  return offsets
}

interface VariableCells {
  push(view: DataView, offset: number, piece: HeapPiece): void
  finish(): FitsColumn
}

function variableCells(layout: ColumnLayout, offsets: Int32Array | Float64Array, itemBytes: number): VariableCells {
  const { info, kind } = layout
  if (kind === 'string') {
    const values: string[] = new Array(offsets.length - 1).fill('')
    return {
      push: (view, offset, { to, count }) =>
        decodeStrings(view, { offset, stride: count, cells: 1, count }, 1, count, values, to),
      finish: () => ({ info, values }),
    }
  }
  const total = offsets.at(-1) ?? 0
  if (kind === 'bit') {
    const values: FitsArray = new Uint8Array(total)
    return {
      push: (view, offset, { to, count }) => {
        for (let bit = 0; bit < count; bit++) {
          values[to + bit] = (view.getUint8(offset + (bit >> 3)) >> (7 - (bit & 7))) & 1
        }
      },
      finish: () => ({ info, values }),
    }
  }
  // To the decoder the whole heap part is a column of single values.
  const decoder = columnDecoder({ ...layout, count: 1 }, total)
  return {
    push: (view, offset, { to, count }) => decoder.push(view, offset, itemBytes, count, to),
    finish: () => decoder.finish(),
  }
}
