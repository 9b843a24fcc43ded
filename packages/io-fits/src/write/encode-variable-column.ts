import { badInput } from './bad-input.js'
import type { EncodedColumn } from './encode-column.js'
import { encodeColumn } from './encode-column.js'
import type { ColumnInput } from './hdu-input.js'

/** A column of variable-length arrays whose place in the heap is not known yet. */
export interface HeapColumn {
  readonly heapSize: number
  /** The heap bytes of all rows, one after another. */
  heapChunks(): Iterable<Uint8Array>
  /** The column of descriptors, once its heap bytes are known to start at `base`; `wide` for 64-bit ones (Q). */
  place(base: number, wide: boolean): EncodedColumn
  /** The descriptors asked for. */
  readonly descriptor: 'P' | 'Q' | undefined
}

const CHUNK_BYTES = 1024 * 1024

/** Prepares a column that has `offsets`. Fails with `fits/bad-input` naming the column. */
export function encodeVariableColumn(input: ColumnInput, offsets: Int32Array | Float64Array): HeapColumn {
  const label = `column ${JSON.stringify(input.name)}`
  const { shape = [] } = input
  if (shape.length > 0) {
    throw badInput(
      `${label} has both offsets and a cell shape`,
      `shape [${shape.join(', ')}]`,
      'no shape',
      'Give one of the two.',
    )
  }
  // As a column of single values: what remains is to cut it into rows.
  const flat = encodeColumn({ ...input, shape: [] })
  const isText = flat.tform.endsWith('A')
  checkOffsets(offsets, flat.rows ?? 0, isText, label)
  const rows = offsets.length - 1
  const texts = isText ? (input.values as readonly string[]) : undefined
  const countOf = (row: number): number =>
    texts === undefined
      ? (offsets[row + 1] as number) - (offsets[row] as number)
      : input.valid?.[row] === 0
        ? 0
        : (texts[row] as string).length
  const bits = flat.tform.endsWith('X')
  const bytesOf = (row: number): number =>
    bits ? Math.ceil(countOf(row) / 8) : countOf(row) * (texts ? 1 : flat.width)
  let heapSize = 0
  let max = 0
  for (let row = 0; row < rows; row++) {
    heapSize += bytesOf(row)
    max = Math.max(max, countOf(row))
  }
  const letter = flat.tform.at(-1) as string
  const { unit, scale, zero, null: nullValue } = flat
  return {
    heapSize,
    descriptor: input.variable?.descriptor,
    heapChunks: () =>
      texts !== undefined
        ? textChunk(texts, countOf, heapSize)
        : bits
          ? bitChunk(input.values as Uint8Array, offsets, heapSize)
          : numberChunks(flat),
    place: (base, wide) => ({
      name: flat.name,
      tform: `1${wide ? 'Q' : 'P'}${letter}(${max})`,
      ...(unit === undefined ? {} : { unit }),
      ...(scale === undefined ? {} : { scale }),
      ...(zero === undefined ? {} : { zero }),
      ...(nullValue === undefined ? {} : { null: nullValue }),
      width: wide ? 16 : 8,
      rows,
      write: descriptorWriter(base, wide, rows, countOf, bytesOf),
    }),
  }
}

function checkOffsets(offsets: Int32Array | Float64Array, values: number, isText: boolean, label: string): void {
  let good = offsets.length > 0 && offsets[0] === 0 && offsets.at(-1) === values
  for (let i = 1; good && i < offsets.length; i++) {
    const step = (offsets[i] as number) - (offsets[i - 1] as number)
    good = isText ? step === 1 : step >= 0 && Number.isInteger(step)
  }
  if (good) return
  throw badInput(
    `${label} has offsets that do not cut its values into rows`,
    `${offsets.length} offsets from ${offsets[0]} to ${offsets.at(-1)}`,
    isText ? `0, 1, 2 … ${values}: one string a row` : `0 first, never falling, ${values} last`,
    'Give one offset a row and one more.',
  )
}

/** Writes descriptors of rows asked for in any order: where each begins is added up once. */
function descriptorWriter(
  base: number,
  wide: boolean,
  rows: number,
  countOf: (row: number) => number,
  bytesOf: (row: number) => number,
): EncodedColumn['write'] {
  const starts = new Float64Array(rows)
  for (let row = 0, at = base; row < rows; row++) {
    starts[row] = at
    at += bytesOf(row)
  }
  return (view, offset, stride, count, row) => {
    for (let i = row, p = offset; i < row + count; i++, p += stride) {
      const length = countOf(i)
      const start = starts[i] as number
      if (!wide) {
        view.setUint32(p, length)
        view.setUint32(p + 4, start)
        continue
      }
      view.setBigInt64(p, BigInt(length))
      view.setBigInt64(p + 8, BigInt(start))
    }
  }
}

function* numberChunks(flat: EncodedColumn): Generator<Uint8Array> {
  const total = flat.rows ?? 0
  const step = Math.floor(CHUNK_BYTES / flat.width)
  for (let at = 0; at < total; at += step) {
    const count = Math.min(step, total - at)
    const bytes = new Uint8Array(count * flat.width)
    flat.write(new DataView(bytes.buffer), 0, flat.width, count, at)
    yield bytes
  }
}

function* textChunk(texts: readonly string[], countOf: (row: number) => number, size: number): Generator<Uint8Array> {
  const bytes = new Uint8Array(size)
  let to = 0
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row] as string
    for (let c = 0; c < countOf(row); c++) bytes[to++] = text.charCodeAt(c)
  }
  yield bytes
}

/** Each row starts on a byte of its own, highest bit first. */
function* bitChunk(values: Uint8Array, offsets: Int32Array | Float64Array, size: number): Generator<Uint8Array> {
  const bytes = new Uint8Array(size)
  let to = 0
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = offsets[row] as number
    const count = (offsets[row + 1] as number) - start
    for (let bit = 0; bit < count; bit++) {
      if (values[start + bit]) bytes[to + (bit >> 3)] = (bytes[to + (bit >> 3)] as number) | (0x80 >> (bit & 7))
    }
    to += Math.ceil(count / 8)
  }
  yield bytes
}
