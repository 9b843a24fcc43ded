import type { FitsArray } from '../dtype.js'
import { dtypeOf } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { ColumnLayout } from '../read/column-layout.js'
import { badInput } from '../write/bad-input.js'
import type { EncodedColumn } from '../write/encode-column.js'
import { encodeColumn } from '../write/encode-column.js'
import type { ColumnInput } from '../write/hdu-input.js'

/** New values of a column, as reading it gives them. */
export interface CellValues {
  /** Row-major, of the type that reading the column gives: strings for strings, floats for scaled numbers. */
  readonly values: FitsArray | readonly string[] | readonly boolean[]
  /** One byte a value, 0 = missing; of integers only where the column has a null value (TNULL). */
  readonly valid?: Uint8Array
}

/**
 * The values as cells of a column that is there, stored as its header says. Fails with `fits/bad-input` where they are
 * of another type, too long, or cannot be missing, and with `fits/unsupported` on columns of variable-length arrays, of
 * text and of scaled floats.
 */
export function columnCells(layout: ColumnLayout, cells: CellValues): EncodedColumn {
  const { info, kind, format } = layout
  const label = `column ${JSON.stringify(info.name)}`
  if (layout.unread !== undefined) throw layout.unread
  const scaledFloat = format?.scaled !== undefined && (format.stored === 'f4' || format.stored === 'f8')
  if (layout.descriptor !== undefined || kind === 'text-number' || layout.text !== undefined || scaledFloat) {
    throw new FitsError('fits/unsupported', `${label} cannot be changed in place`, {
      got: info.format,
      expected: 'a column of a binary table, of fixed length, scaled only where it stores integers',
      remedy: 'Read the table and write it anew.',
    })
  }
  const { name, shape, dtype } = info
  requireType(cells, layout, label)
  const input: ColumnInput = {
    name,
    shape,
    ...cells,
    ...(dtype === 'bool' || dtype === 'bit' || dtype === 'c8' || dtype === 'c16' ? { dtype } : {}),
    ...(layout.chars === undefined ? {} : { width: layout.chars }),
    ...(info.null === undefined ? {} : { null: info.null }),
    ...(format?.scaled === undefined
      ? {}
      : { stored: format.stored as 'u1' | 'i2' | 'i4' | 'i8', scale: info.scale ?? 1, zero: info.zero ?? 0 }),
  }
  const encoded = encodeColumn(input)
  if (encoded.null !== undefined && info.null === undefined) {
    throw badInput(
      `${label} cannot have missing values`,
      'a missing value',
      'a null value (TNULL) in the header',
      'Set TNULL with updateHeader to a number that no value has, or give values for all.',
    )
  }
  if (encoded.width !== layout.width) {
    throw badInput(`${label} has cells of another length`, encoded.width, `${layout.width} bytes`, 'Write it anew.')
  }
  return encoded
}

function requireType({ values }: CellValues, { info, format }: ColumnLayout, label: string): void {
  const given = dtypeOf(values)
  const strings = info.dtype === 'str'
  if (strings || (info.dtype === 'bool' && given === undefined)) {
    const wanted = strings ? 'string' : 'boolean'
    if (given === undefined && Array.from<unknown>(values).every((value) => typeof value === wanted)) return
    throw badInput(
      `${label} takes other values`,
      given ?? 'others',
      `an array of ${wanted}s`,
      'Give the type that it has.',
    )
  }
  const wanted = { bool: 'u1', bit: 'u1', c8: 'f4', c16: 'f8' }[info.dtype as string] ?? info.dtype
  const scaled = format?.scaled !== undefined && (given === 'f4' || given === 'f8')
  if (given === wanted || scaled) return
  throw badInput(
    `${label} takes other values`,
    given ?? 'a plain array',
    wanted,
    'Give the type that reading it gives.',
  )
}
