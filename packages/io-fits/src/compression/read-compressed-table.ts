import { requireBytes, rowRange } from '../read/check-bytes.js'
import { columnDecoder } from '../read/column-decoder.js'
import type { ColumnLayout } from '../read/column-layout.js'
import { FitsTable } from '../read/fits-table.js'
import type { FitsColumn, HduBase, TableReadOptions } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import type { HeapPiece } from '../read/read-heap.js'
import { readHeap } from '../read/read-heap.js'
import { readRows } from '../read/read-rows.js'
import { chooseColumns, unreadColumns } from '../read/table-hdu.js'
import type { Descriptors } from '../read/variable-column.js'
import { DescriptorReader } from '../read/variable-column.js'
import type { ByteSource } from '../source/byte-source.js'
import { tileFailure } from './bad-tile.js'
import type { ColumnCompression, CompressedTableLayout } from './compressed-table-layout.js'
import { decodeColumnTile } from './decode-column-tile.js'
import { requireRoom } from './room.js'
import type { ColumnTiles, TableTile, TileRows } from './table-tiles.js'
import { addTableTiles, columnTiles } from './table-tiles.js'
import { VariableTiles } from './variable-tiles.js'

/** Takes the bytes of a column's tiles, decompressed, and gives the column at the end. */
interface TileReader {
  push(bytes: Uint8Array, tile: TableTile): void
  finish(): FitsColumn | Promise<FitsColumn>
}

/**
 * Reads columns and rows of a compressed table: the descriptors of the tiles that hold them, then those tiles. Near tiles
 * are read together. Fails with `fits/bad-tile` naming column and tile, and as a plain table does.
 */
export async function readCompressedTable(
  source: ByteSource,
  base: HduBase,
  layout: CompressedTableLayout,
  options: TableReadOptions,
): Promise<FitsTable> {
  const label = hduLabel(base)
  const { table, tiles: stored, tileRows } = layout
  const [start, end] = rowRange(options.rows, table.rows, label)
  const columns = chooseColumns(table, label, options.columns)
  const places = columns.map((column) => table.columns.indexOf(column))
  const hows = places.map((place) => layout.compression[place] as ColumnCompression)
  const range = { start, end, rows: table.rows, tileRows, first: Math.floor(start / tileRows) }

  const described = await readDescriptors(source, base, layout, places, range, options)
  const plans = columns.map((column, i) => columnTiles(column, hows[i] as ColumnCompression))
  const tiles: TableTile[] = []
  const pieces: HeapPiece[] = []
  plans.forEach((plan, i) =>
    addTableTiles(plan, i, described[i] as Descriptors, range, stored.heap, label, tiles, pieces),
  )
  let [wanted, packed, far] = [0, 0, 0]
  for (const [i, { column, rows }] of tiles.entries()) {
    const { start: at, bytes } = pieces[i] as HeapPiece
    wanted += rows * (plans[column] as ColumnTiles).width
    packed += bytes
    far = Math.max(far, at + bytes)
  }
  requireRoom(wanted, packed, options.maxBytes, label)
  requireBytes(source.size, label, stored.heap.offset, far)

  const context = { source, heap: stored.heap, label, options, firstRow: start, rows: end - start }
  const readers = columns.map((column, i): TileReader =>
    column.descriptor === undefined
      ? cellReader(column, end - start, start)
      : new VariableTiles(column, hows[i] as ColumnCompression, context),
  )
  await readHeap(source, stored.heap.offset, pieces, label, options, (view, offset, { bytes, to }) => {
    const tile = tiles[to] as TableTile
    const { column, how, width } = plans[tile.column] as ColumnTiles
    const compressed = new Uint8Array(view.buffer, view.byteOffset + offset, bytes)
    try {
      readers[tile.column]?.push(decodeColumnTile(compressed, how, tile.rows * width), tile)
    } catch (error) {
      throw tileFailure(error, tile.tile, `column ${column.info.name} of ${label}`)
    }
  })
  const values = new Map<string, FitsColumn>()
  for (const [i, { info }] of columns.entries()) values.set(info.name, await (readers[i] as TileReader).finish())
  return new FitsTable(end - start, values, unreadColumns(table))
}

/** Where the tiles of the chosen columns lie, tile after tile from the range's first. */
async function readDescriptors(
  source: ByteSource,
  base: HduBase,
  { tiles }: CompressedTableLayout,
  places: readonly number[],
  { start, end, tileRows, first }: TileRows,
  { signal }: TableReadOptions,
): Promise<Descriptors[]> {
  const rows = end === start ? 0 : Math.ceil(end / tileRows) - first
  const offset = base.dataOffset + first * tiles.rowBytes
  const label = hduLabel(base)
  requireBytes(source.size, label, offset, rows * tiles.rowBytes)
  const cells = places.map((place) => tiles.columns[place] as ColumnLayout)
  const readers = cells.map(({ descriptor }) => new DescriptorReader(descriptor ?? 'P', rows))
  const range = { offset, rowBytes: tiles.rowBytes, rows, label }
  await readRows(source, range, cells, signal === undefined ? {} : { signal }, (i, view, at, stride, count, row) =>
    readers[i]?.push(view, at, stride, count, row),
  )
  return readers.map(({ descriptors }) => descriptors)
}

function cellReader(column: ColumnLayout, rows: number, firstRow: number): TileReader {
  const decoder = columnDecoder(column, rows, firstRow)
  const { width } = column
  return {
    push: (bytes, { skip, count, row }) =>
      decoder.push(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), skip * width, width, count, row),
    finish: () => decoder.finish(),
  }
}
