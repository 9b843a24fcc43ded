import { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import type { ColumnLayout } from './column-layout.js'
import { tooWide, unreadable } from './column-layout.js'
import type { DataLayout } from './data-layout.js'
import type { FitsColumnInfo, HduBase } from './hdu.js'
import type { TableLayout } from './table-layout.js'
import { tableShape, uniqueName } from './table-layout.js'
import type { TextFormat } from './text-decoder.js'

// No number takes more characters than this.
const MAX_DIGITS = 255
const TFORM = /^(A|I|F|E|D)(\d+)(?:\.(\d+))?/

/** The columns of an ASCII table. Fails with `fits/bad-header` where the keywords cannot be those of a table. */
export function asciiTableLayout(base: HduBase, layout: DataLayout): TableLayout {
  const shape = tableShape(base, layout)
  const taken = new Set<string>()
  const columns: ColumnLayout[] = []
  for (let n = 1; n <= shape.fields; n++) {
    const name = uniqueName(base.header.getString(`TTYPE${n}`)?.trim(), n, taken)
    columns.push(textColumn(base.header, n, name, shape.rowBytes))
  }
  return { rows: shape.rows, rowBytes: shape.rowBytes, columns, heap: { offset: base.dataOffset, size: 0 } }
}

function textColumn(header: Header, n: number, name: string, rowBytes: number): ColumnLayout {
  const format = (header.getString(`TFORM${n}`) ?? '').trim()
  const match = TFORM.exec(format.toUpperCase())
  const width = Number(match?.[2] ?? 0)
  const isNumber = match !== null && match[1] !== 'A'
  if (match === null || width === 0 || (isNumber && width > MAX_DIGITS))
    return unreadable(name, format, 0, badText(name, `TFORM${n}`, format, FORMS))
  const start = header.getNumber(`TBCOL${n}`)
  if (start === undefined || !Number.isInteger(start) || start < 1) {
    return unreadable(name, format, 0, badText(name, `TBCOL${n}`, String(header.get(`TBCOL${n}`)), '1 or more'))
  }
  const offset = start - 1
  if (offset + width > rowBytes) {
    return unreadable(name, format, 0, tooWide(name, n, `${format} at ${start}`, offset + width, rowBytes))
  }
  const info = { name, format, shape: [], ...described(header, n) }
  // A string by the standard; some write the number.
  const missing = header.get(`TNULL${n}`)
  const nullText = missing === undefined ? {} : { null: String(missing).trim() }
  if (match[1] === 'A') {
    return {
      info: { ...info, dtype: 'str' },
      kind: 'string',
      offset,
      width,
      count: 1,
      chars: width,
      text: { dtype: 'f8', decimals: 0, ...nullText },
    }
  }
  const dtype = match[1] === 'I' ? integerOf(width) : 'f8'
  const { scale = 1, zero = 0 } = info
  const scaled = scale === 1 && Number(zero) === 0 ? {} : { scaled: { scale, zero: Number(zero) } }
  const text: TextFormat = { dtype, decimals: Number(match[3] ?? 0), ...scaled, ...nullText }
  const read = text.scaled === undefined ? dtype : 'f8'
  return { info: { ...info, dtype: read }, kind: 'text-number', offset, width, count: 1, text }
}

/** The smallest integer that holds every number of so many characters, as cfitsio has it. */
function integerOf(width: number): 'i2' | 'i4' | 'i8' {
  if (width <= 4) return 'i2'
  return width <= 9 ? 'i4' : 'i8'
}

function described(header: Header, n: number): Pick<FitsColumnInfo, 'unit' | 'scale' | 'zero'> {
  const unit = header.getString(`TUNIT${n}`)
  const scale = header.getNumber(`TSCAL${n}`)
  const zero = header.getNumber(`TZERO${n}`)
  return {
    ...(unit === undefined || unit === '' ? {} : { unit }),
    ...(scale === undefined ? {} : { scale }),
    ...(zero === undefined ? {} : { zero }),
  }
}

const FORMS = 'one of A, I, F, E and D and a width'

function badText(name: string, key: string, got: string, expected: string): FitsError {
  return new FitsError('fits/bad-table', `column ${name} of an ASCII table has a bad ${key}`, {
    got: JSON.stringify(got),
    expected,
    remedy: 'Repair the header, or read the other columns.',
  })
}
