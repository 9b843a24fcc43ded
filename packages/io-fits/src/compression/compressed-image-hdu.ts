import { DTYPE_BYTES, makeArray, shapeSize } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from '../source/byte-source.js'
import { DEFAULT_SEEK_COST, readExactly } from '../source/byte-source.js'
import { requireBytes, rowRange } from '../read/check-bytes.js'
import type { DataLayout } from '../read/data-layout.js'
import type { FitsImage, HduBase, ImageHdu, ImageReadOptions, OtherHdu } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import type { CompressedLayout } from './compressed-layout.js'
import { tileFailure } from './bad-tile.js'
import { compressedLayout } from './compressed-layout.js'
import { TileDecoder } from './decode-tile.js'
import { placeTile, tileSpan } from './place-tile.js'
import { requireRoom } from './room.js'
import { meantNumbers, putNumbers } from './tile-bytes.js'
import type { Tile } from './tile-index.js'
import { tileIndex } from './tile-index.js'

// Tiles that lie together are read together, up to so many bytes; a gap shorter than the source's seek cost is read over.
const GROUP_BYTES = 1024 * 1024
const GROUPS_IN_FLIGHT = 4
// The fewest bytes of a gzip member.
const MEMBER_BYTES = 20

/**
 * A tile-compressed image (FITS 4.0, section 10) as the image it holds, with the image's header. One whose keywords
 * cannot be followed opens as `compressed-image`, with the reason in `unread` and in a warning.
 */
export function compressedImageHdu(
  base: HduBase,
  layout: DataLayout,
  source: ByteSource,
  warn: (message: string) => void,
): ImageHdu | OtherHdu {
  let compressed: CompressedLayout
  try {
    compressed = compressedLayout(base, layout)
  } catch (error) {
    if (!(error instanceof FitsError)) throw error
    warn(error.message)
    return { ...base, type: 'compressed-image', unread: error }
  }
  return {
    ...base,
    header: compressed.header,
    type: 'image',
    shape: [...compressed.shape],
    bitpix: compressed.bitpix,
    dtype: compressed.format.dtype,
    compression: {
      algorithm: compressed.algorithm,
      tileShape: [...compressed.tileShape],
      tableHeader: base.header,
    },
    read: (options = {}) => readCompressed(source, base, compressed, options),
  }
}

async function readCompressed(
  source: ByteSource,
  base: HduBase,
  layout: CompressedLayout,
  options: ImageReadOptions,
): Promise<FitsImage> {
  const label = hduLabel(base)
  const { shape, format } = layout
  const { dtype } = format
  const [start, end] = rowRange(options.rows, shape[0] ?? 0, label)
  const outShape = shape.length === 0 ? [] : [end - start, ...shape.slice(1)]
  const length = shape.length === 0 ? 0 : shapeSize(outShape)
  if (length === 0) return { shape: outShape, dtype, data: makeArray(dtype, 0) }
  requireBytes(source.size, label, base.dataOffset, base.dataSize)
  const tiles = await tileIndex(source, layout, base.dataOffset, [start, end], label)
  const groups = groupTiles(tiles, source.seekCost ?? DEFAULT_SEEK_COST)
  const total = groups.reduce((sum, group) => sum + group.end - group.start, 0)

  const packed = tiles.reduce((sum, { bytes }) => sum + bytes, 0)
  requireRoom(length * DTYPE_BYTES[format.stored], packed, options.maxBytes, label)
  const out = makeArray(format.stored, length)
  const decoder = new TileDecoder(layout)
  const read = (group: Group): Promise<GroupBytes> => {
    const reading = readGroup(source, group, decoder, label)
    // When a tile or the caller throws, the reads under way have no one left to report to.
    reading.catch(() => undefined)
    return reading
  }
  const pending = groups.slice(0, GROUPS_IN_FLIGHT).map(read)
  let done = 0
  for (const [i, group] of groups.entries()) {
    const { bytes, inflated } = await (pending.shift() as Promise<GroupBytes>)
    options.signal?.throwIfAborted()
    const next = groups[i + GROUPS_IN_FLIGHT]
    if (next !== undefined) pending.push(read(next))
    let from = 0
    for (const tile of group.tiles) {
      const at = tile.offset - group.start
      const part = inflated?.subarray(from, (from += decoder.inflatedBytes(tile) ?? 0))
      try {
        const into = tileSpan(tile, out, outShape, start)
        const values = decoder.decode(bytes.subarray(at, at + tile.bytes), tile, into, part)
        if (into === undefined) placeTile(values, tile, out, outShape, start)
        else if (values !== into) putNumbers(values, 0, into.length, into, 0)
      } catch (error) {
        throw tileFailure(error, tile.index, label)
      }
    }
    done += group.end - group.start
    options.onProgress?.(done, total)
  }
  return { shape: outShape, dtype, ...meantNumbers(out, format) }
}

/** The bytes of a group of tiles, and what they give as gzip where they are nothing but that. */
interface GroupBytes {
  readonly bytes: Uint8Array
  readonly inflated?: Uint8Array
}

async function readGroup(source: ByteSource, group: Group, decoder: TileDecoder, label: string): Promise<GroupBytes> {
  const bytes = await readExactly(source, group.start, group.end - group.start, label)
  const size = source.gunzip === undefined ? undefined : inflatedSize(bytes, group, decoder)
  if (size === undefined || source.gunzip === undefined) return { bytes }
  try {
    const inflated = await source.gunzip(bytes, size)
    return inflated.length === size ? { bytes, inflated } : { bytes }
  } catch {
    // Tile by tile it will come out which of them is damaged.
    return { bytes }
  }
}

/** The bytes that the tiles of a group give as gzip members one after another, undefined where they are not just that. */
function inflatedSize(bytes: Uint8Array, group: Group, decoder: TileDecoder): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let size = 0
  let end = group.start
  for (const tile of group.tiles) {
    const wanted = decoder.inflatedBytes(tile)
    if (wanted === undefined || tile.offset !== end || tile.bytes < MEMBER_BYTES) return undefined
    end = tile.offset + tile.bytes
    // A member ends with the number of its bytes.
    if (view.getUint32(end - group.start - 4, true) !== wanted) return undefined
    size += wanted
  }
  return end === group.end ? size : undefined
}

interface Group {
  readonly start: number
  end: number
  readonly tiles: Tile[]
}

function groupTiles(tiles: readonly Tile[], gap: number): Group[] {
  const groups: Group[] = []
  for (const tile of tiles.toSorted((a, b) => a.offset - b.offset)) {
    const last = groups.at(-1)
    const end = tile.offset + tile.bytes
    if (last !== undefined && tile.offset - last.end < gap && end - last.start <= GROUP_BYTES) {
      last.end = Math.max(last.end, end)
      last.tiles.push(tile)
    } else {
      groups.push({ start: tile.offset, end, tiles: [tile] })
    }
  }
  return groups
}
