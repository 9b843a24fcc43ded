import { AstrolabelError } from '@astrolabel/spectra'
import type { CellNumber } from './cell-columns.js'
import type { VotableColumn } from './votable-column.js'
import { BYTES } from './votable-fields.js'
import type { VotableField } from './votable-fields.js'

const UTF8 = new TextDecoder()
const UTF16 = new TextDecoder('utf-16be')

/**
 * Fill columns from a BINARY or BINARY2 stream, big-endian: cells one after another, those of varying length behind their
 * number of elements, in BINARY2 each row behind bits that tell which cells are missing.
 *
 * @returns the number of rows.
 * @throws `surveys/votable` when the stream ends within a row.
 */
export function readBinaryRows(
  bytes: Uint8Array,
  columns: readonly VotableColumn[],
  version: 1 | 2,
  source: string,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = version === 2 ? Math.ceil(columns.length / 8) : 0
  const nulls = columns.map(({ field }) => nullOf(field))
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
    for (const [j, column] of columns.entries()) {
      const { field } = column
      const count = field.length ?? view.getUint32(take(4))
      const from = take(field.datatype === 'bit' ? Math.ceil(count / 8) : count * BYTES[field.datatype]!)
      if (version === 2 && ((bytes[mask + (j >> 3)]! >> (7 - (j & 7))) & 1) === 1) column.addMissing()
      else addCell(view, bytes, from, count, column, nulls[j])
    }
    row++
    // Cells that take no room would go on for ever.
    if (at === start) break
  }
  return row
}

/** What stands for a missing value, as it is read. */
function nullOf({ null: missing, datatype }: VotableField): number | bigint | undefined {
  if (missing === undefined || !/^[+-]?\d+$/.test(missing)) return undefined
  return datatype === 'long' ? BigInt(missing) : Number(missing)
}

function addCell(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  count: number,
  column: VotableColumn,
  missing: number | bigint | undefined,
): void {
  const { datatype, scalar } = column.field
  if (datatype === 'char' || datatype === 'unicodeChar') {
    const wide = datatype === 'unicodeChar'
    const raw = bytes.subarray(from, from + (wide ? 2 * count : count))
    const text = (wide ? UTF16 : UTF8).decode(raw)
    const end = text.indexOf('\0')
    column.addText((end < 0 ? text : text.slice(0, end)).trimEnd())
  } else if (datatype.endsWith('Complex')) column.addMissing()
  else if (scalar) column.addNumber(numberOf(view, bytes, from, 0, 1, datatype, missing))
  else column.addList(Array.from({ length: count }, (_, i) => numberOf(view, bytes, from, i, count, datatype, missing)))
}

function numberOf(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  i: number,
  count: number,
  datatype: string,
  missing: number | bigint | undefined,
): CellNumber {
  const value = elementOf(view, bytes, from, i, count, datatype)
  return value === missing || (typeof value === 'number' && Number.isNaN(value)) ? undefined : value
}

function elementOf(
  view: DataView,
  bytes: Uint8Array,
  from: number,
  i: number,
  count: number,
  datatype: string,
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
      return view.getFloat32(from + 4 * i)
    case 'double':
      return view.getFloat64(from + 8 * i)
    case 'long':
      return view.getBigInt64(from + 8 * i)
    case 'int':
      return view.getInt32(from + 4 * i)
    case 'short':
      return view.getInt16(from + 2 * i)
    default:
      return bytes[from + i]!
  }
}
