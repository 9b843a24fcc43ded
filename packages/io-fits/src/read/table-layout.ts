import { FitsError } from '../fits-error.js'
import { badKeyword } from './data-layout.js'
import type { DataLayout } from './data-layout.js'
import type { ColumnLayout } from './column-layout.js'
import { columnLayout } from './column-layout.js'
import type { HduBase } from './hdu.js'
import { hduLabel } from './hdu.js'
import type { Heap } from './variable-column.js'

export interface TableLayout {
  readonly rows: number
  readonly rowBytes: number
  readonly columns: readonly ColumnLayout[]
  readonly heap: Heap
}

// The standard allows 999; more have been seen, but none near this.
const MAX_FIELDS = 10_000

/** The columns of a binary table. Fails with `fits/bad-header` where the keywords cannot be those of a table. */
export function tableLayout(base: HduBase, layout: DataLayout): TableLayout {
  const { header } = base
  const { rows, rowBytes, fields } = tableShape(base, layout)
  const columns: ColumnLayout[] = []
  const taken = new Set<string>()
  let offset = 0
  let broken: FitsError | undefined
  for (let n = 1; n <= fields; n++) {
    const column = columnLayout(
      header,
      n,
      uniqueName(header.getString(`TTYPE${n}`)?.trim(), n, taken),
      offset,
      rowBytes,
    )
    // Where a width is unknown, so is every offset after it.
    columns.push(broken === undefined ? column : { ...column, unread: broken })
    if (column.unread?.code === 'fits/bad-table') broken ??= column.unread
    offset += column.width
  }
  return { rows, rowBytes, columns, heap: heapOf(base, rows * rowBytes) }
}

/** Where the heap lies: behind the rows, or where THEAP says, which leaves a gap. */
function heapOf({ header, dataOffset, dataSize }: HduBase, rowsSize: number): Heap {
  const given = header.getNumber('THEAP') ?? rowsSize
  // Out of bounds: a heap of no bytes, where reading an array fails and says so.
  const start = Number.isInteger(given) && given >= rowsSize && given <= dataSize ? given : dataSize
  return { offset: dataOffset + start, size: dataSize - start }
}

/** Rows, bytes of a row and number of columns. Fails with `fits/bad-header` where the keywords cannot be a table's. */
export function tableShape(
  base: HduBase,
  layout: DataLayout,
): { readonly rows: number; readonly rowBytes: number; readonly fields: number } {
  const { header } = base
  const label = hduLabel(base)
  const fields = header.getNumber('TFIELDS')
  if (fields === undefined || !Number.isInteger(fields) || fields < 0 || fields > MAX_FIELDS) {
    throw badKeyword(label, 'TFIELDS', header, '0 to 999')
  }
  const [rowBytes, rows] = layout.axes
  if (layout.bitpix !== 8 || rowBytes === undefined || rows === undefined || layout.axes.length !== 2) {
    throw new FitsError('fits/bad-header', `${label} is no table`, {
      got: `BITPIX ${layout.bitpix}, NAXIS ${layout.axes.length}`,
      expected: 'BITPIX 8, NAXIS 2',
      remedy: 'The header is damaged: fetch the file again.',
    })
  }
  return { rows, rowBytes, fields }
}

/** TTYPE, or `COLn`; where an earlier column has it, with a number. */
export function uniqueName(given: string | undefined, n: number, taken: Set<string>): string {
  const base = given === undefined || given === '' ? `COL${n}` : given
  let name = base
  for (let copy = 2; taken.has(name); copy++) name = `${base}_${copy}`
  taken.add(name)
  return name
}
