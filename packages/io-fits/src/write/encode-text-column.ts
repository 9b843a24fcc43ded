import type { FitsArray } from '../dtype.js'
import { dtypeOf } from '../dtype.js'
import { badInput } from './bad-input.js'
import type { TextColumnInput } from './hdu-input.js'

/** A column of an ASCII table, ready to be written. */
export interface TextColumn {
  readonly name: string
  readonly tform: string
  readonly unit?: string
  /** What stands for a missing number. */
  readonly nullText?: string
  readonly width: number
  readonly rows: number
  /** The text of a row, at most `width` characters, blanks to follow it. */
  readonly textOf: (row: number) => string
}

const FORM = /^(?:([AI])(\d+)|([FED])(\d+)\.(\d+))$/
const PRINTABLE = /^[\x20-\x7e]*$/
const MAX_I8 = 2n ** 63n - 1n
const NULL_TEXT = '*'
// Enough digits that every number reads back as the same one.
const FLOAT_FORMS = { f4: 'E15.8', f8: 'D24.16' } as const

/** Prepares a column of an ASCII table. Fails with `fits/bad-input` naming the column, and the row where one is at fault. */
export function encodeTextColumn(input: TextColumnInput): TextColumn {
  const { name, values, valid, unit } = input
  const label = `column ${JSON.stringify(name)}`
  if (valid !== undefined && valid.length !== values.length) {
    throw badInput(`${label} has a mask of another length`, valid.length, `${values.length}, one a row`, 'Give one.')
  }
  const shared = { name, rows: values.length, ...(unit === undefined ? {} : { unit }) }
  const dtype = dtypeOf(values)
  const numbers = values as FitsArray
  const isFloat = dtype === 'f4' || dtype === 'f8'
  const missing = (row: number): boolean => valid?.[row] === 0 || (isFloat && Number.isNaN(numbers[row]))
  const plain = dtype === undefined ? stringOf(input, label) : integerText(numbers)
  const format = input.format ?? (isFloat ? FLOAT_FORMS[dtype] : undefined)
  if (format === undefined) {
    const width = longest(values.length, (row) => (missing(row) ? NULL_TEXT : plain(row)))
    return encodeTextColumn({ ...input, format: `${dtype === undefined ? 'A' : 'I'}${width}` })
  }
  const [, integral, integralWidth, real = '', realWidth, decimals] = FORM.exec(format) ?? []
  const letter = integral ?? real
  const width = Number(integralWidth ?? realWidth ?? 0)
  const wanted = dtype === undefined ? 'A' : isFloat ? 'FED' : 'I'
  if (width === 0 || !wanted.includes(letter) || Number(decimals ?? 0) > Math.min(width, 100)) {
    throw badInput(`${label} cannot be written as ${format}`, format, expectedForm(wanted), 'Choose another format.')
  }
  const written = isFloat ? realText(numbers as Float64Array, letter, Number(decimals)) : plain
  let holes = false
  for (let row = 0; row < values.length; row++) {
    const hole = missing(row)
    holes ||= hole
    const text = hole ? '' : written(row)
    if (text.length > width || /Infinity/.test(dtype === undefined ? '' : text)) {
      throw badInput(
        `${label} has a value that does not fit in ${format}`,
        `${text} in row ${row}`,
        `${width} characters`,
        'Choose a wider format, or mark the value as missing.',
      )
    }
  }
  const nullText = holes && dtype !== undefined ? { nullText: NULL_TEXT } : {}
  // Numbers stand at the right of their field, but what TNULL says at the left: cfitsio looks for it there.
  const aligned = dtype === undefined ? written : (row: number): string => written(row).padStart(width)
  const hole = dtype === undefined ? '' : NULL_TEXT
  return { ...shared, ...nullText, tform: format, width, textOf: (row) => (missing(row) ? hole : aligned(row)) }
}

function expectedForm(letters: string): string {
  if (letters === 'A') return 'Aw for strings'
  return letters === 'I' ? 'Iw for integers' : 'Fw.d, Ew.d or Dw.d for floats'
}

function stringOf({ values }: TextColumnInput, label: string): (row: number) => string {
  return (row) => {
    const text: unknown = values[row]
    if (typeof text === 'string' && PRINTABLE.test(text)) return text
    throw badInput(
      `${label} has a value that an ASCII table cannot hold`,
      `${JSON.stringify(text)} in row ${row}`,
      'printable ASCII, or a typed array of numbers',
      'Write a binary table, or replace it.',
    )
  }
}

function integerText(values: FitsArray): (row: number) => string {
  return (row) => {
    const value = values[row] as number | bigint
    if (typeof value === 'bigint' && value > MAX_I8) {
      throw badInput(
        'an unsigned integer goes beyond what an ASCII table holds',
        `${value} in row ${row}`,
        `at most ${MAX_I8}`,
        'Write a binary table.',
      )
    }
    return String(value)
  }
}

function realText(values: Float32Array | Float64Array, letter: string, decimals: number): (row: number) => string {
  return (row) => {
    const value = values[row] as number
    if (!Number.isFinite(value)) return String(value)
    if (letter === 'F') return value.toFixed(decimals)
    const [digits, exponent = ''] = value.toExponential(decimals).split('e')
    return `${digits}${letter}${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`
  }
}

function longest(rows: number, textOf: (row: number) => string): number {
  let width = 1
  for (let row = 0; row < rows; row++) width = Math.max(width, textOf(row).length)
  return width
}
