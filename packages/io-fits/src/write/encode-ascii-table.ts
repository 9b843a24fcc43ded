import type { Card } from '../header/card.js'
import { badInput } from './bad-input.js'
import type { TextColumn } from './encode-text-column.js'
import { encodeTextColumn } from './encode-text-column.js'
import { countRows, requireNames } from './encode-table.js'
import type { EncodedHdu } from './encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from './encoded-hdu.js'
import type { AsciiTableInput } from './hdu-input.js'

const BLANK = 0x20

/** An ASCII table HDU: fields with a blank between them. Fails with `fits/bad-input`. */
export function encodeAsciiTable(input: AsciiTableInput): EncodedHdu {
  const label = `table ${JSON.stringify(input.name ?? '')}`
  const columns = input.columns.map(encodeTextColumn)
  requireNames(columns, label)
  const rows = countRows(columns, input.rows, label)
  const starts: number[] = []
  let rowBytes = 0
  for (const { width } of columns) {
    starts.push(rowBytes)
    rowBytes += width + 1
  }
  if (columns.length === 0 && rows > 0) {
    throw badInput(`${label} has rows and no columns`, rows, '0 rows', 'Give it columns.')
  }
  // The last field has no blank behind it.
  rowBytes = Math.max(0, rowBytes - 1)
  const header = encodeHeader(structuralCards(columns, starts, rows, rowBytes), input)
  const fill = (view: DataView, row: number, count: number): void => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(BLANK)
    columns.forEach(({ textOf }, i) => {
      for (let r = 0; r < count; r++) {
        const text = textOf(row + r)
        let to = r * rowBytes + (starts[i] as number)
        for (let c = 0; c < text.length; c++) bytes[to++] = text.charCodeAt(c)
      }
    })
  }
  return encodedHdu(header, rows, rowBytes, fill, undefined, BLANK)
}

function structuralCards(
  columns: readonly TextColumn[],
  starts: readonly number[],
  rows: number,
  rowBytes: number,
): Card[] {
  const cards = [
    card('XTENSION', 'TABLE', 'ASCII table extension'),
    card('BITPIX', 8, 'array data type'),
    card('NAXIS', 2, 'number of array dimensions'),
    card('NAXIS1', rowBytes, 'characters in a row'),
    card('NAXIS2', rows, 'number of rows'),
    card('PCOUNT', 0, 'number of parameters'),
    card('GCOUNT', 1, 'number of groups'),
    card('TFIELDS', columns.length, 'number of columns'),
  ]
  columns.forEach(({ name, tform, unit, nullText }, i) => {
    const n = i + 1
    cards.push(card(`TTYPE${n}`, name), card(`TFORM${n}`, tform), card(`TBCOL${n}`, (starts[i] as number) + 1))
    if (unit !== undefined) cards.push(card(`TUNIT${n}`, unit))
    if (nullText !== undefined) cards.push(card(`TNULL${n}`, nullText))
  })
  return cards
}
