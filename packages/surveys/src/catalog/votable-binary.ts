import { AstrolabelError } from '@astrolabel/spectra'
import type { CellNumber } from './cell-columns.js'
import { BYTES } from './votable-fields.js'
import type { VotableField } from './votable-fields.js'

/** A cell: its numbers, or its text; undefined where it is missing. */
export type VotableCell = readonly CellNumber[] | string | undefined

/**
 * Rows of a BINARY or BINARY2 stream, big-endian: cells one after another, those of varying length behind their number of
 * elements, in BINARY2 each row behind bits that tell which cells are missing.
 *
 * @throws `surveys/votable` when the stream ends within a row.
 */
export function* binaryRows(
  bytes: Uint8Array,
  fields: readonly VotableField[],
  version: 1 | 2,
  source: string,
): Generator<VotableCell[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = version === 2 ? Math.ceil(fields.length / 8) : 0
  let at = 0
  let row = 0
  const take = (length: number): number => {
    if (length > bytes.length - at)
      throw new AstrolabelError('surveys/votable', `The data of ${source} end within row ${row}`, {
        got: `${bytes.length} bytes`,
        expected: `${length} more at byte ${at}`,
        remedy: 'Fetch the file again',
      })
    const from = at
    at += length
    return from
  }
  while (at < bytes.length) {
    const start = at
    const mask = take(flags)
    const cells: VotableCell[] = []
    for (const [j, field] of fields.entries()) {
      const count = field.length ?? view.getUint32(take(4))
      const from = take(sizeOf(field, count))
      const missing = version === 2 && ((bytes[mask + (j >> 3)]! >> (7 - (j & 7))) & 1) === 1
      cells.push(missing ? undefined : cellOf(view, bytes, from, field, count))
    }
    yield cells
    row++
    // Cells that take no room would go on for ever.
    if (at === start) return
  }
}

function sizeOf({ datatype }: VotableField, count: number): number {
  return datatype === 'bit' ? Math.ceil(count / 8) : count * BYTES[datatype]!
}

function cellOf(view: DataView, bytes: Uint8Array, from: number, field: VotableField, count: number): VotableCell {
  const { datatype } = field
  if (datatype === 'char' || datatype === 'unicodeChar') {
    const raw = bytes.subarray(from, from + sizeOf(field, count))
    const text = datatype === 'char' ? new TextDecoder().decode(raw) : utf16(raw)
    const end = text.indexOf('\0')
    return (end < 0 ? text : text.slice(0, end)).trimEnd()
  }
  if (datatype.endsWith('Complex')) return undefined
  return Array.from({ length: count }, (_, i): CellNumber => numberOf(view, bytes, from, field, i, count))
}

function numberOf(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  { datatype, null: missing }: VotableField,
  i: number,
  count: number,
): CellNumber {
  switch (datatype) {
    case 'bit':
      // Of one bit the standard writes the highest, astropy another.
      if (count === 1) return bytes[from] === 0 ? 0 : 1
      return (bytes[from + (i >> 3)]! >> (7 - (i & 7))) & 1
    case 'boolean': {
      const letter = String.fromCharCode(bytes[from + i]!)
      return 'TtY1'.includes(letter) ? 1 : 'FfN0'.includes(letter) ? 0 : undefined
    }
    case 'float':
      return floatOf(view.getFloat32(from + 4 * i))
    case 'double':
      return floatOf(view.getFloat64(from + 8 * i))
    case 'long': {
      const value = view.getBigInt64(from + 8 * i)
      return String(value) === missing ? undefined : value
    }
    default: {
      const value =
        datatype === 'int'
          ? view.getInt32(from + 4 * i)
          : datatype === 'short'
            ? view.getInt16(from + 2 * i)
            : bytes[from + i]!
      return String(value) === missing ? undefined : value
    }
  }
}

function floatOf(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

function utf16(bytes: Uint8Array): string {
  return new TextDecoder('utf-16be').decode(bytes)
}
