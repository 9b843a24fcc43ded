import { DTYPE_BYTES, shapeSize } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { readExactly } from '../source/byte-source.js'
import type { CompressedLayout, HeapColumn, TileParameter } from './compressed-layout.js'
import type { TileQuantization } from './dither.js'
import { numbersOf } from './tile-bytes.js'
import { canHold, canHoldAll } from './tile-capacity.js'

/** In which column a tile lies. */
export type TilePlace = 'compressed' | 'gzipped' | 'uncompressed'

/** A tile to read: where it lies in the image and in the source. */
export interface Tile {
  /** Place in the table, from 0. */
  readonly index: number
  readonly place: TilePlace
  /** Byte offset in the source, and bytes. */
  readonly offset: number
  readonly bytes: number
  /** First pixel and pixels along each axis, slowest first. */
  readonly start: readonly number[]
  readonly shape: readonly number[]
  readonly quantization?: TileQuantization
}

/**
 * The tiles that hold rows `[from, to)` of the slowest axis, in the order of the table; reads those rows of it and no
 * more. Fails with `fits/bad-tile` where a descriptor points out of the heap or its bytes cannot be so many pixels.
 */
export async function tileIndex(
  source: ByteSource,
  layout: CompressedLayout,
  baseOffset: number,
  [from, to]: readonly [number, number],
  label: string,
): Promise<Tile[]> {
  const perSlab = shapeSize(layout.tiles.slice(1))
  const depth = layout.tileShape[0] as number
  const first = Math.floor(from / depth) * perSlab
  const last = Math.ceil(to / depth) * perSlab
  const { rowBytes } = layout
  const bytes = await readExactly(source, baseOffset + first * rowBytes, (last - first) * rowBytes, label)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const tiles: Tile[] = []
  let compressed = 0
  let pixels = 0
  for (let index = first; index < last; index++) {
    const tile = tileAt(layout, view, (index - first) * rowBytes, index, label)
    tiles.push(tile)
    compressed += tile.bytes
    pixels += shapeSize(tile.shape)
  }
  // Descriptors may point at the same bytes.
  if (!canHoldAll(Math.min(compressed, layout.heap.size), pixels)) throw tooMany(label, pixels, compressed)
  return tiles
}

function tileAt(layout: CompressedLayout, view: DataView, row: number, index: number, label: string): Tile {
  const start: number[] = []
  const shape: number[] = []
  let rest = index
  for (let axis = layout.tiles.length - 1; axis >= 0; axis--) {
    const count = layout.tiles[axis] as number
    const size = layout.tileShape[axis] as number
    const at = (rest % count) * size
    rest = Math.floor(rest / count)
    start.unshift(at)
    shape.unshift(Math.min(size, (layout.shape[axis] as number) - at))
  }
  const candidates: readonly (readonly [TilePlace, HeapColumn | undefined])[] = [
    ['compressed', layout.compressed],
    ['gzipped', layout.gzipped],
    ['uncompressed', layout.uncompressed],
  ]
  for (const [place, column] of candidates) {
    if (column === undefined) continue
    const { bytes, offset } = descriptor(view, row, column)
    if (bytes === 0) continue
    if (!(bytes > 0 && offset >= 0 && offset + bytes <= layout.heap.size))
      throw outOfHeap(label, index, offset, bytes, layout)
    if (!canHold(layout, place, bytes, shapeSize(shape)))
      throw tooMany(`tile ${index} of ${label}`, shapeSize(shape), bytes)
    const tile: Tile = { index, place, offset: layout.heap.offset + offset, bytes, start, shape }
    const quantization = place === 'compressed' ? quantizationAt(layout, view, row, index) : undefined
    return quantization === undefined ? tile : { ...tile, quantization }
  }
  throw new FitsError('fits/bad-tile', `tile ${index} of ${label} is empty`, {
    got: '0 bytes in every column',
    expected: 'bytes in COMPRESSED_DATA, GZIP_COMPRESSED_DATA or UNCOMPRESSED_DATA',
    remedy: 'The file is damaged: fetch it again; rows in other tiles can be read.',
  })
}

function descriptor(
  view: DataView,
  row: number,
  { offset, wide, element }: HeapColumn,
): { bytes: number; offset: number } {
  const at = row + offset
  const size = DTYPE_BYTES[element]
  if (!wide) return { bytes: view.getInt32(at) * size, offset: view.getInt32(at + 4) }
  return { bytes: Number(view.getBigInt64(at)) * size, offset: Number(view.getBigInt64(at + 8)) }
}

function quantizationAt(
  { quantization }: CompressedLayout,
  view: DataView,
  row: number,
  index: number,
): TileQuantization | undefined {
  if (quantization === undefined) return undefined
  const scale = parameterAt(quantization.scale, view, row) ?? 0
  // cfitsio's mark of a tile that was left as real numbers in the same column.
  if (scale === 0) return undefined
  return {
    quantizer: quantization.quantizer,
    scale,
    zero: parameterAt(quantization.zero, view, row) ?? 0,
    blank: parameterAt(quantization.blank, view, row),
    seed: index + quantization.seed,
  }
}

function parameterAt({ column, value }: TileParameter, view: DataView, row: number): number | undefined {
  if (column === undefined) return value
  const { offset, stored } = column
  const cell = new Uint8Array(view.buffer, view.byteOffset + row + offset, DTYPE_BYTES[stored])
  return Number(numbersOf(cell, stored, 1)[0])
}

function outOfHeap(label: string, index: number, offset: number, bytes: number, { heap }: CompressedLayout): FitsError {
  return new FitsError('fits/bad-tile', `tile ${index} of ${label} lies outside the heap`, {
    got: `${bytes} bytes from ${offset}`,
    expected: `within ${heap.size} bytes`,
    remedy: 'The file is damaged: fetch it again; rows in other tiles can be read.',
  })
}

function tooMany(what: string, pixels: number, bytes: number): FitsError {
  return new FitsError('fits/bad-tile', `${what} cannot hold its pixels`, {
    got: `${bytes} bytes`,
    expected: `enough for ${pixels} pixels`,
    remedy: 'The header or the table of tiles is damaged: fetch the file again.',
  })
}
