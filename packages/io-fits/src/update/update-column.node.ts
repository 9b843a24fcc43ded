import { OnesSum } from '../checksum/ones-sum.js'
import { FitsError } from '../fits-error.js'
import { padToBlock } from '../header/card.js'
import { rowRange } from '../read/check-bytes.js'
import { dataLayout } from '../read/data-layout.js'
import { findColumn, noColumn } from '../read/fits-table.js'
import { hduLabel } from '../read/hdu.js'
import { tableLayout } from '../read/table-layout.js'
import { readExactly } from '../source/byte-source.js'
import { badInput } from '../write/bad-input.js'
import { writeAside } from '../write/write-aside.node.js'
import { writeAt } from '../write/write-at.node.js'
import type { CellValues } from './column-cells.js'
import { columnCells } from './column-cells.js'
import { copyBytes } from './copy-bytes.node.js'
import { openToChange } from './open-to-change.node.js'
import { latin1Bytes, latin1Text, sealHeader } from './seal-header.js'

/** Which cells are changed, and what they become. */
export interface ColumnUpdate extends CellValues {
  /** Its name, case ignored. */
  readonly column: string
  /** `[start, end)`; all by default. */
  readonly rows?: readonly [number, number]
}

const CHUNK_BYTES = 1024 * 1024

/**
 * Changes the values of a column of a binary table, all or those of some rows; everything else stays byte for byte, but
 * CHECKSUM and DATASUM, which are set anew where they are there. The file is written aside and renamed: it is whole at
 * every moment. Cost: the length of the file. Fails with `fits/bad-input`, `fits/bad-range`, `fits/no-hdu`,
 * `fits/not-a-table`, `fits/no-column`, `fits/unsupported` or the file system's own error; the file is as it was then.
 */
export async function updateColumn(
  path: string,
  hdu: string | number,
  update: ColumnUpdate,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await openToChange(path, async ({ source, file }) => {
    const table = file.table(hdu)
    const label = hduLabel(table)
    if (table.type !== 'bintable' || table.header.get('ZTABLE') === true || 'compression' in table) {
      throw new FitsError('fits/unsupported', `columns of ${label} cannot be changed in place`, {
        got: 'compression' in table ? 'a compressed table' : table.type,
        expected: 'a binary table',
        remedy: 'Read the table and write it anew.',
      })
    }
    const { columns, rowBytes } = tableLayout(table, dataLayout(table.header, label))
    const names = columns.map(({ info }) => info.name)
    const name = findColumn(update.column, names)
    const layout = columns.find(({ info }) => info.name === name)
    if (layout === undefined) throw noColumn(update.column, label, names)
    const [first, end] = rowRange(update.rows, table.rows, label)
    const { column: _, rows: __, ...values } = update
    const cells = columnCells(layout, values)
    if (cells.rows !== undefined && cells.rows !== end - first) {
      throw badInput(
        `column ${JSON.stringify(name)} gets values for other rows`,
        cells.rows,
        `${end - first} rows`,
        'Give one cell a row.',
      )
    }

    await writeAside(path, async (aside) => {
      const sum = new OnesSum()
      const control = { signal: options.signal, see: (bytes: Uint8Array): void => sum.add(bytes) }
      await copyBytes(source, aside, [0, table.dataOffset], { signal: options.signal })
      await copyBytes(source, aside, [table.dataOffset, table.dataOffset + first * rowBytes], control)
      const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, rowBytes)))
      for (let row = first; row < end; row += perChunk) {
        options.signal?.throwIfAborted()
        const count = Math.min(perChunk, end - row)
        const at = table.dataOffset + row * rowBytes
        const bytes = (await readExactly(source, at, count * rowBytes, label)).slice()
        // Bits are set where they are 1: they must be 0 before.
        for (let cell = layout.offset; cell < bytes.length; cell += rowBytes) bytes.fill(0, cell, cell + layout.width)
        if (layout.width > 0) cells.write(new DataView(bytes.buffer), layout.offset, rowBytes, count, row - first)
        sum.add(bytes)
        await aside.writeFile(bytes)
      }
      const dataEnd = Math.min(source.size, table.dataOffset + padToBlock(table.dataSize))
      await copyBytes(source, aside, [table.dataOffset + end * rowBytes, dataEnd], control)
      await copyBytes(source, aside, [dataEnd, source.size], { signal: options.signal })
      const header = await readExactly(source, table.headerOffset, table.dataOffset - table.headerOffset, label)
      await writeAt(aside, latin1Bytes(sealHeader(latin1Text(header), sum.value)), table.headerOffset)
    })
  })
}
