import { FitsError } from '../fits-error.js'
import type { ColumnLayout } from '../read/column-layout.js'
import type { HeapPiece } from '../read/read-heap.js'
import type { Descriptors, Heap } from '../read/variable-column.js'
import type { ColumnCompression } from './compressed-table-layout.js'
import { columnTileCanHold } from './decode-column-tile.js'

/** How the tiles of one column decompress: to `width` bytes a row. */
export interface ColumnTiles {
  readonly column: ColumnLayout
  readonly how: ColumnCompression
  readonly width: number
}

/** A tile of one column and which of its rows are wanted. */
export interface TableTile {
  /** Place of the column among those read, and of the tile in the table of tiles. */
  readonly column: number
  readonly tile: number
  readonly rows: number
  /** Rows from `skip`, `count` of them, go to row `row` of what is read. */
  readonly skip: number
  readonly count: number
  readonly row: number
}

/** Rows `[start, end)` of a table of `rows` rows in tiles of `tileRows`, of which `first` is the first one read. */
export interface TileRows {
  readonly start: number
  readonly end: number
  readonly rows: number
  readonly tileRows: number
  readonly first: number
}

/** The descriptors of variable-length arrays: the array's own, then one of 64 bits to where it lies compressed. */
export const COMPRESSED_DESCRIPTOR_BYTES = 16

/** What the tiles of a column of the table hold: its cells, or two descriptors a row, which are always gzip. */
export function columnTiles(column: ColumnLayout, how: ColumnCompression): ColumnTiles {
  if (column.descriptor === undefined) return { column, how, width: column.width }
  const gzip = { algorithm: 'GZIP_1', sorted: 1, bytePix: undefined } as const
  return { column, how: gzip, width: column.width + COMPRESSED_DESCRIPTOR_BYTES }
}

/** The tiles of one column that hold the rows; each piece's `to` is its place in `tiles`. Fails with `fits/bad-tile`. */
export function addTableTiles(
  { column: { info }, how, width }: ColumnTiles,
  index: number,
  { counts, starts }: Descriptors,
  range: TileRows,
  heap: Heap,
  label: string,
  tiles: TableTile[],
  pieces: HeapPiece[],
): void {
  if (width === 0) return
  for (let i = 0; i < counts.length; i++) {
    const tile = range.first + i
    const from = tile * range.tileRows
    const rows = Math.min(range.tileRows, range.rows - from)
    const skip = Math.max(0, range.start - from)
    const count = Math.min(rows, range.end - from) - skip
    const [start, bytes] = [starts[i] as number, counts[i] as number]
    if (!(bytes >= 0 && start >= 0 && start + bytes <= heap.size)) {
      throw badTile(
        tile,
        info.name,
        label,
        'lies outside the heap',
        `${bytes} bytes from ${start}`,
        `within ${heap.size}`,
      )
    }
    if (!columnTileCanHold(how, bytes, rows * width)) {
      throw badTile(tile, info.name, label, 'cannot hold its rows', `${bytes} bytes`, `enough for ${rows * width}`)
    }
    pieces.push({ start, bytes, to: tiles.length, count })
    tiles.push({ column: index, tile, rows, skip, count, row: from + skip - range.start })
  }
}

function badTile(tile: number, column: string, label: string, what: string, got: string, expected: string): FitsError {
  return new FitsError('fits/bad-tile', `tile ${tile} of column ${column} of ${label} ${what}`, {
    got,
    expected,
    remedy: 'The header or the table of tiles is damaged: fetch the file again, or read other columns or rows.',
  })
}
