import type { NumberFormat } from '../number-format.js'
import type { ColumnLayout } from './column-layout.js'
import type { FitsColumn, FitsColumnInfo, TableReadOptions } from './hdu.js'
import { NumberDecoder } from './number-decoder.js'
import { packStrings, StringSlots } from './packed-strings.js'
import type { TextFormat } from './text-decoder.js'
import { TextNumberDecoder } from './text-decoder.js'

/** Takes the cells of one column as they are read, rows in any order, and gives the column at the end. */
export interface ColumnDecoder {
  /** Decodes `rows` cells, `stride` bytes apart from `offset`, into the rows from `row`. */
  push(view: DataView, offset: number, stride: number, rows: number, row: number): void
  finish(): FitsColumn
}

type StringForm = NonNullable<TableReadOptions['strings']>

const TRUE = 0x54
const FALSE = 0x46

/**
 * A decoder for `rows` rows of a column, from the table's row `firstRow`; the caller has checked that the source holds
 * them.
 */
export function columnDecoder(
  layout: ColumnLayout,
  rows: number,
  firstRow = 0,
  strings: StringForm = 'text',
): ColumnDecoder {
  switch (layout.kind) {
    case 'number':
      return numberColumn(layout, layout.format as NumberFormat, rows)
    case 'complex':
      return complexColumn(layout, layout.format as NumberFormat, rows)
    case 'bool':
      return boolColumn(layout, rows)
    case 'bit':
      return bitColumn(layout, rows)
    case 'string':
      return stringColumn(layout, rows, strings)
    case 'text-number':
      return new TextNumberDecoder(layout.info, layout.text as TextFormat, layout.width, rows, firstRow)
  }
}

function numberColumn({ info, count }: ColumnLayout, format: NumberFormat, rows: number): ColumnDecoder {
  const decoder = new NumberDecoder(format, rows * count)
  return {
    push: (view, offset, stride, cells, row) => decoder.push(view, { offset, stride, cells, count }, row * count),
    finish: () => {
      const { values, valid } = decoder
      return valid === undefined ? { info, values } : { info, values, valid }
    },
  }
}

function complexColumn({ info, count }: ColumnLayout, format: NumberFormat, rows: number): ColumnDecoder {
  const { scaled } = format
  // TZERO shifts the real part only.
  const shift = scaled?.zero ?? 0
  const parts = scaled === undefined ? format : { ...format, scaled: { scale: scaled.scale, zero: 0 } }
  const decoder = new NumberDecoder(parts, rows * count * 2)
  return {
    push: (view, offset, stride, cells, row) =>
      decoder.push(view, { offset, stride, cells, count: count * 2 }, row * count * 2),
    finish: () => {
      const values = decoder.values as Float64Array
      if (shift !== 0) for (let i = 0; i < values.length; i += 2) values[i] = (values[i] as number) + shift
      return { info, values }
    },
  }
}

function boolColumn({ info, count }: ColumnLayout, rows: number): ColumnDecoder {
  const values = new Uint8Array(rows * count)
  let valid: Uint8Array | undefined
  return {
    push: (view, offset, stride, cells, row) => {
      let to = row * count
      for (let cell = 0, start = offset; cell < cells; cell++, start += stride) {
        for (let p = start; p < start + count; p++, to++) {
          const byte = view.getUint8(p)
          if (byte === TRUE) values[to] = 1
          else if (byte !== FALSE) {
            valid ??= new Uint8Array(values.length).fill(1)
            valid[to] = 0
          }
        }
      }
    },
    finish: () => (valid === undefined ? { info, values } : { info, values, valid }),
  }
}

function bitColumn({ info, count }: ColumnLayout, rows: number): ColumnDecoder {
  const values = new Uint8Array(rows * count)
  return {
    push: (view, offset, stride, cells, row) => {
      let to = row * count
      for (let cell = 0, start = offset; cell < cells; cell++, start += stride) {
        for (let bit = 0; bit < count; bit++) {
          values[to++] = (view.getUint8(start + (bit >> 3)) >> (7 - (bit & 7))) & 1
        }
      }
    },
    finish: () => ({ info, values }),
  }
}

function stringColumn({ info, count, chars = 0, text }: ColumnLayout, rows: number, form: StringForm): ColumnDecoder {
  const slots = new StringSlots(rows, count, chars)
  // Strings of an ASCII table that TNULL may mark are looked at one by one.
  const marked = (): FitsColumn => withMissing({ info, values: slots.text() }, text?.null as string)
  const plain = (): FitsColumn => (form === 'utf8' ? packedColumn(info, slots) : textColumn(info, slots))
  return {
    push: (view, offset, stride, cells, row) => slots.push(view, offset, stride, cells, row),
    finish: () => {
      // A blank string is a string, whatever TNULL says of blanks.
      if (text?.null === undefined || text.null === '') return plain()
      return form === 'utf8' ? packedStringColumn(marked()) : marked()
    },
  }
}

/** Strings that are made when they are first asked for: who reads a table whole seldom needs them all. */
function textColumn(info: FitsColumnInfo, slots: StringSlots): FitsColumn {
  let made: string[] | undefined
  let left: StringSlots | undefined = slots
  return {
    info,
    get values(): string[] {
      made ??= left?.text() ?? []
      left = undefined
      return made
    },
  }
}

function packedColumn(info: FitsColumnInfo, slots: StringSlots): FitsColumn {
  const { bytes, offsets } = slots.packed()
  return { info, values: bytes, stringOffsets: offsets }
}

/** A column of strings with its values as UTF-8. */
export function packedStringColumn(column: FitsColumn): FitsColumn {
  const { bytes, offsets } = packStrings(column.values as string[])
  return { ...column, values: bytes, stringOffsets: offsets }
}

/** Empties and marks the strings that stand for "no value" in an ASCII table. */
function withMissing(column: FitsColumn, missing: string): FitsColumn {
  const values = column.values as string[]
  const valid = Uint8Array.from(values, (value) => (value.trim() === missing ? 0 : 1))
  if (!valid.includes(0)) return column
  return { ...column, values: values.map((value, i) => (valid[i] === 0 ? '' : value)), valid }
}
