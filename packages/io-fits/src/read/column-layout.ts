import type { ColumnDtype } from '../dtype.js'
import { shapeSize } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import type { NumberFormat, StoredDtype } from '../number-format.js'
import { numberFormat } from '../number-format.js'
import type { FitsColumnInfo } from './hdu.js'
import type { TextFormat } from './text-decoder.js'

/** How the bytes of a cell become values. */
export type CellKind = 'number' | 'complex' | 'bool' | 'bit' | 'string' | 'text-number'

/** Where a column lies in a row and how to decode it. */
export interface ColumnLayout {
  readonly info: FitsColumnInfo
  readonly kind: CellKind
  /** Byte offset in the row and bytes in all, used or not. */
  readonly offset: number
  readonly width: number
  /** Values of a cell that are used: TDIM may leave some over. */
  readonly count: number
  /** Of kind `number` and `complex`. */
  readonly format?: NumberFormat
  /** Bytes of one string, for kind `string`. */
  readonly chars?: number
  /** The form of the descriptors in the rows, for a column of variable-length arrays. */
  readonly descriptor?: 'P' | 'Q'
  /** How the text of an ASCII table is read. */
  readonly text?: TextFormat
  /** Why the column cannot be read. */
  readonly unread?: FitsError
}

interface Code {
  readonly kind: CellKind
  readonly dtype: ColumnDtype
  readonly bytes: number
  readonly stored?: StoredDtype
}

const CODES: Readonly<Record<string, Code>> = {
  L: { kind: 'bool', dtype: 'bool', bytes: 1 },
  X: { kind: 'bit', dtype: 'bit', bytes: 0 },
  B: { kind: 'number', dtype: 'u1', bytes: 1, stored: 'u1' },
  I: { kind: 'number', dtype: 'i2', bytes: 2, stored: 'i2' },
  J: { kind: 'number', dtype: 'i4', bytes: 4, stored: 'i4' },
  K: { kind: 'number', dtype: 'i8', bytes: 8, stored: 'i8' },
  E: { kind: 'number', dtype: 'f4', bytes: 4, stored: 'f4' },
  D: { kind: 'number', dtype: 'f8', bytes: 8, stored: 'f8' },
  C: { kind: 'complex', dtype: 'c8', bytes: 8, stored: 'f4' },
  M: { kind: 'complex', dtype: 'c16', bytes: 16, stored: 'f8' },
  A: { kind: 'string', dtype: 'str', bytes: 1 },
}

const TFORM = /^(\d*)([A-Z])(.*)$/
const VARIABLE = /^([A-Z])(?:\((\d+)\))?/

/** One column by its number `n` (from 1). A column that cannot be read says so in `unread` instead of failing here. */
export function columnLayout(header: Header, n: number, name: string, offset: number, rowBytes: number): ColumnLayout {
  const format = (header.getString(`TFORM${n}`) ?? '').trim()
  const match = TFORM.exec(format.toUpperCase())
  const letter = match?.[2] ?? ''
  const repeat = match === null || match[1] === '' ? 1 : Number(match[1])
  const rest = match?.[3] ?? ''
  // A column of no descriptors holds nothing: it is one of empty cells.
  if ((letter === 'P' || letter === 'Q') && repeat > 0) {
    const place = { offset, rowBytes }
    return variableColumn(header, n, name, format, place, repeat, letter, rest)
  }
  const code = CODES[/^[PQ]$/.test(letter) ? (VARIABLE.exec(rest)?.[1] ?? '') : letter]
  if (code === undefined) return unreadable(name, format, offset, badFormat(name, n, format))

  // "A12" without a repeat count is not in the standard and means 12A.
  const chars = letter === 'A' && match?.[1] === '' && /^\d+$/.test(rest) ? Number(rest) : repeat
  const width = letter === 'X' ? Math.ceil(repeat / 8) : letter === 'A' ? chars : repeat * code.bytes
  if (!(offset + width <= rowBytes)) {
    return unreadable(name, format, offset, tooWide(name, n, format, offset + width, rowBytes))
  }
  const strings = letter === 'A' ? stringShape(header, n, chars, match?.[1] === '' ? '' : rest) : undefined
  const shape = strings?.shape ?? arrayShape(header, n, repeat)
  const number = code.stored === undefined ? undefined : columnFormat(header, n, code.stored)
  return {
    info: { name, format, dtype: dtypeRead(code, number), shape, ...describe(header, n, code) },
    kind: code.kind,
    offset,
    width,
    count: shapeSize(shape),
    ...(number === undefined ? {} : { format: number }),
    ...(strings === undefined ? {} : { chars: strings.chars }),
  }
}

function variableColumn(
  header: Header,
  n: number,
  name: string,
  format: string,
  { offset, rowBytes }: { readonly offset: number; readonly rowBytes: number },
  repeat: number,
  letter: 'P' | 'Q',
  rest: string,
): ColumnLayout {
  const match = VARIABLE.exec(rest)
  const code = CODES[match?.[1] ?? '']
  if (code === undefined || repeat > 1) return unreadable(name, format, offset, badFormat(name, n, format))
  const width = letter === 'P' ? 8 : 16
  if (offset + width > rowBytes) {
    return unreadable(name, format, offset, tooWide(name, n, format, offset + width, rowBytes))
  }
  const max = match?.[2] === undefined ? undefined : Number(match[2])
  const axes = code.kind === 'string' ? undefined : tdim(header, n)
  const number = code.stored === undefined ? undefined : columnFormat(header, n, code.stored)
  return {
    info: {
      name,
      format,
      dtype: dtypeRead(code, number),
      shape: [],
      variable: { max, descriptor: letter, ...(axes === undefined ? {} : { shape: axes.reverse() }) },
      ...describe(header, n, code),
    },
    kind: code.kind,
    descriptor: letter,
    offset,
    width,
    count: 0,
    ...(number === undefined ? {} : { format: number }),
  }
}

/** The type of the values read: scaled numbers are floats. */
function dtypeRead(code: Code, number: NumberFormat | undefined): ColumnDtype {
  if (number === undefined) return code.dtype
  if (code.kind !== 'complex') return number.dtype
  return number.scaled === undefined ? code.dtype : 'c16'
}

function columnFormat(header: Header, n: number, stored: StoredDtype): NumberFormat {
  const scale = header.getNumber(`TSCAL${n}`) ?? 1
  return numberFormat(stored, scale, header.getNumber(`TZERO${n}`) ?? 0, nullOf(header, n), 'f8')
}

function nullOf(header: Header, n: number): number | bigint | undefined {
  const value = header.get(`TNULL${n}`)
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

function describe(header: Header, n: number, code: Code): Partial<FitsColumnInfo> {
  const unit = header.getString(`TUNIT${n}`)
  const missing = code.kind === 'number' ? nullOf(header, n) : undefined
  const scale = code.stored === undefined ? undefined : header.getNumber(`TSCAL${n}`)
  const zero = code.stored === undefined ? undefined : header.get(`TZERO${n}`)
  return {
    ...(unit === undefined || unit === '' ? {} : { unit }),
    ...(missing === undefined ? {} : { null: missing }),
    ...(scale === undefined ? {} : { scale }),
    ...(typeof zero === 'number' || typeof zero === 'bigint' ? { zero } : {}),
  }
}

/** The shape of a cell of `repeat` numbers. A TDIM that asks for more than there are is not followed. */
function arrayShape(header: Header, n: number, repeat: number): number[] {
  const axes = tdim(header, n)
  if (axes !== undefined && shapeSize(axes) <= repeat) return axes.reverse()
  return repeat === 1 ? [] : [repeat]
}

/** Strings in a cell of `chars` characters, by TDIM (the first axis is the length) or by the rAw convention. */
function stringShape(header: Header, n: number, chars: number, rest: string): { shape: number[]; chars: number } {
  // Strings of no width take no bytes, so no count of them can be believed.
  if (chars === 0) return { shape: [0], chars: 0 }
  const axes = tdim(header, n)
  if (axes !== undefined && shapeSize(axes) <= chars && axes[0] !== 0) {
    return { shape: axes.slice(1).reverse(), chars: axes[0] as number }
  }
  const length = /^\d+$/.test(rest) ? Number(rest) : 0
  if (length > 0 && length < chars) return { shape: [Math.floor(chars / length)], chars: length }
  return { shape: [], chars }
}

function tdim(header: Header, n: number): number[] | undefined {
  const text = header.getString(`TDIM${n}`)?.trim()
  if (text === undefined || !/^\(\s*\d+\s*(?:,\s*\d+\s*)*\)$/.test(text)) return undefined
  return text.slice(1, -1).split(',').map(Number)
}

/** A column that cannot be read, and why. */
export function unreadable(name: string, format: string, offset: number, unread: FitsError): ColumnLayout {
  return { info: { name, format, dtype: 'u1', shape: [0] }, kind: 'number', offset, width: 0, count: 0, unread }
}

function badFormat(name: string, n: number, format: string): FitsError {
  return new FitsError('fits/bad-table', `column ${name} has a TFORM that is not FITS`, {
    got: `TFORM${n} = ${JSON.stringify(format)}`,
    expected: 'a repeat count and one of L X B I J K A E D C M P Q',
    remedy: 'Repair the header; columns before this one can be read.',
  })
}

/** The error for a column that ends behind its row. */
export function tooWide(name: string, n: number, format: string, end: number, rowBytes: number): FitsError {
  return new FitsError('fits/bad-table', `column ${name} does not fit into the row`, {
    got: `TFORM${n} = ${format}, which ends at byte ${end}`,
    expected: `at most NAXIS1 = ${rowBytes} bytes`,
    remedy: 'Repair the header; columns before this one can be read.',
  })
}
