import type { ColumnDtype } from '../dtype.js'
import { dtypeOf, shapeSize } from '../dtype.js'
import type { StoredDtype } from '../number-format.js'
import { badInput } from './bad-input.js'
import { encodeNumbers } from './encode-numbers.js'
import type { ColumnInput } from './hdu-input.js'

/** A column ready to be written. */
export interface EncodedColumn {
  readonly name: string
  readonly tform: string
  readonly tdim?: string
  readonly unit?: string
  readonly scale?: number
  readonly zero?: number | bigint
  readonly null?: number | bigint
  /** Bytes of a cell. */
  readonly width: number
  /** Undefined where cells are empty and any number of rows would do. */
  readonly rows: number | undefined
  /** Writes `rows` cells from row `row`, `stride` bytes apart from `offset`. */
  write(view: DataView, offset: number, stride: number, rows: number, row: number): void
}

const LETTER: Readonly<Record<StoredDtype, string>> = { u1: 'B', i2: 'I', i4: 'J', i8: 'K', f4: 'E', f8: 'D' }
const PRINTABLE = /^[\x20-\x7e]*$/

/** Prepares a column. Fails with `fits/bad-input` naming the column. */
export function encodeColumn(input: ColumnInput): EncodedColumn {
  const label = `column ${JSON.stringify(input.name)}`
  const dtype = columnDtype(input, label)
  const shape = input.shape ?? []
  const count = shapeSize(shape)
  const perCell = dtype === 'c8' || dtype === 'c16' ? count * 2 : count
  const rows = perCell === 0 ? undefined : input.values.length / perCell
  if (rows === undefined ? input.values.length > 0 : !Number.isInteger(rows)) {
    throw badInput(
      `${label} does not hold whole cells`,
      `${input.values.length} values`,
      `a multiple of ${perCell} for cells of shape [${shape.join(', ')}]`,
      'Give the shape of one cell, without the rows.',
    )
  }
  const shared = {
    name: input.name,
    rows,
    ...(input.unit === undefined ? {} : { unit: input.unit }),
    ...(needsTdim(shape) ? { tdim: tdim(shape) } : {}),
  }
  if (dtype === 'str') return { ...shared, ...stringCells(input, shape, count, label) }
  if (dtype === 'bool') return { ...shared, ...boolCells(input, count) }
  if (dtype === 'bit') return { ...shared, ...bitCells(input, count, label) }
  return { ...shared, ...numberCells(input, dtype, perCell, label) }
}

type Cells = Omit<EncodedColumn, 'name' | 'rows' | 'unit'>

function columnDtype({ values, dtype }: ColumnInput, label: string): ColumnDtype {
  const own = dtypeOf(values)
  const [first] = values
  if (own === undefined) {
    if (dtype === 'bool' || typeof first === 'boolean') return 'bool'
    if (typeof first === 'string' || (first === undefined && Array.isArray(values))) return 'str'
    throw badInput(
      `${label} cannot be written`,
      `an array of ${typeof first}`,
      'a typed array, strings or booleans',
      'Numbers need a typed array, which says how to store them.',
    )
  }
  const needed = { bool: 'u1', bit: 'u1', c8: 'f4', c16: 'f8' }[String(dtype)]
  if (needed === undefined) return own
  if (own === needed) return dtype as ColumnDtype
  throw badInput(
    `${label} has values of another type than ${dtype}`,
    own,
    needed,
    'Give the array that the type needs.',
  )
}

// A shape of one axis follows from the repeat count, but for a single value, which reads back as no axis at all.
function needsTdim(shape: readonly number[]): boolean {
  return shape.length > 1 || shape[0] === 1
}

function tdim(shape: readonly number[]): string {
  return `(${[...shape].reverse().join(',')})`
}

function numberCells(input: ColumnInput, dtype: ColumnDtype, perCell: number, label: string): Cells {
  const values = input.values as Float64Array
  const complex = dtype === 'c8' || dtype === 'c16'
  const numbers = complex
    ? encodeNumbers(values, complexValid(input), undefined, label)
    : encodeNumbers(values, input, dtype === 'f4' || dtype === 'f8' ? floatNull(input) : input.null, label)
  const { itemBytes } = numbers
  const tform = complex ? `${perCell / 2}${dtype === 'c8' ? 'C' : 'M'}` : `${perCell}${LETTER[numbers.stored]}`
  return {
    tform,
    width: perCell * itemBytes,
    ...(numbers.scale === undefined ? {} : { scale: numbers.scale }),
    ...(numbers.zero === undefined ? {} : { zero: numbers.zero }),
    ...(numbers.null === undefined ? {} : { null: numbers.null }),
    write: (view, offset, stride, rows, row) =>
      numbers.write(view, { offset, stride, cells: rows, count: perCell }, row * perCell),
  }
}

// Floats have a null value only when they are stored as integers.
function floatNull(input: ColumnInput): number | bigint | undefined {
  return input.stored === undefined ? undefined : input.null
}

function complexValid({ valid }: ColumnInput): { valid?: Uint8Array } {
  if (valid === undefined) return {}
  return { valid: Uint8Array.from({ length: valid.length * 2 }, (_, i) => valid[i >> 1] as number) }
}

function boolCells({ values, valid }: ColumnInput, count: number): Cells {
  return {
    tform: `${count}L`,
    width: count,
    write: (view, offset, stride, rows, row) => {
      let i = row * count
      for (let start = offset; start < offset + rows * stride; start += stride) {
        for (let p = start; p < start + count; p++, i++) {
          view.setUint8(p, valid?.[i] === 0 ? 0 : values[i] ? 0x54 : 0x46)
        }
      }
    },
  }
}

function bitCells({ values, valid }: ColumnInput, count: number, label: string): Cells {
  if (valid?.includes(0) === true) {
    throw badInput(`${label} has missing bits`, 'a mask with zeros', 'no mask', 'Use dtype bool, which can be missing.')
  }
  return {
    tform: `${count}X`,
    width: Math.ceil(count / 8),
    write: (view, offset, stride, rows, row) => {
      let i = row * count
      for (let start = offset; start < offset + rows * stride; start += stride) {
        for (let bit = 0; bit < count; bit++, i++) {
          if (!values[i]) continue
          const p = start + (bit >> 3)
          view.setUint8(p, view.getUint8(p) | (0x80 >> (bit & 7)))
        }
      }
    },
  }
}

function stringCells(input: ColumnInput, shape: readonly number[], count: number, label: string): Cells {
  const values = input.values as readonly string[]
  let longest = 1
  for (const value of values) {
    if (typeof value !== 'string' || !PRINTABLE.test(value)) {
      throw badInput(
        `${label} has a string that FITS cannot hold`,
        JSON.stringify(value),
        'printable ASCII',
        'Replace the other characters.',
      )
    }
    if (value.length > longest) longest = value.length
  }
  const chars = input.width ?? longest
  if (!Number.isInteger(chars) || chars < longest) {
    throw badInput(`${label} has a string longer than its width`, `width ${chars}`, `${longest} or more`, 'Widen it.')
  }
  return {
    tform: `${count * chars}A`,
    width: count * chars,
    ...(shape.length === 0 ? {} : { tdim: tdim([...shape, chars]) }),
    write: (view, offset, stride, rows, row) => {
      let i = row * count
      for (let start = offset; start < offset + rows * stride; start += stride) {
        for (let p = start; p < start + count * chars; p += chars, i++) {
          const value = input.valid?.[i] === 0 ? '' : (values[i] as string)
          for (let c = 0; c < chars; c++) view.setUint8(p + c, c < value.length ? value.charCodeAt(c) : 0x20)
        }
      }
    },
  }
}
