import { DTYPE_BYTES, shapeSize } from '../dtype.js'
import { numberFormat } from '../number-format.js'
import type { ColumnLayout } from './column-layout.js'
import type { DataLayout } from './data-layout.js'
import { STORED_BY_BITPIX } from './data-layout.js'
import type { HduBase } from './hdu.js'
import type { TableLayout } from './table-layout.js'
import { uniqueName } from './table-layout.js'

/** Random groups as a table: a row a group, a column a parameter, and the column `DATA` for the array. */
export function randomGroupsLayout({ header, dataOffset }: HduBase, layout: DataLayout): TableLayout {
  const stored = STORED_BY_BITPIX[layout.bitpix]
  const bytes = DTYPE_BYTES[stored]
  const taken = new Set<string>(['DATA'])
  const columns: ColumnLayout[] = []
  const groups = header.getNumber('GCOUNT') ?? 1
  // Without axes behind the first there is no array.
  const shape = layout.axes.length < 2 ? [0] : layout.axes.slice(1).reverse()
  const add = (name: string, cell: number[], scale: number, zero: number): void => {
    const format = numberFormat(stored, scale, zero, undefined, 'f8')
    const offset = columns.reduce((sum, { width }) => sum + width, 0)
    const count = shapeSize(cell)
    const info = { name, format: String(layout.bitpix), dtype: format.dtype, shape: cell }
    columns.push({ info, kind: 'number', offset, width: count * bytes, count, format })
  }
  for (let n = 1; n <= Math.min(layout.pcount, MAX_PARAMETERS); n++) {
    const name = uniqueName(header.getString(`PTYPE${n}`)?.trim(), n, taken)
    add(name, [], header.getNumber(`PSCAL${n}`) ?? 1, header.getNumber(`PZERO${n}`) ?? 0)
  }
  const skipped = Math.max(0, layout.pcount - MAX_PARAMETERS) * bytes
  add('DATA', shape, header.getNumber('BSCALE') ?? 1, header.getNumber('BZERO') ?? 0)
  const rowBytes = columns.reduce((sum, { width }) => sum + width, skipped)
  const data = columns.pop() as ColumnLayout
  columns.push({ ...data, offset: data.offset + skipped })
  return { rows: groups, rowBytes, columns, heap: { offset: dataOffset, size: 0 } }
}

// PTYPEn has room for no more.
const MAX_PARAMETERS = 999
