import { TileError } from './bad-tile.js'
import { HcompressBits } from './hcompress-bits.js'
import { invertHTransform } from './h-transform.js'

const HEADER_BYTES = 25
// Sums of 2^32 pixels of 32 bits have 64; a damaged count would only make the decoding long.
const MAX_PLANES = 64

/**
 * Decodes a tile of HCOMPRESS_1 (FITS 4.0, section 10.4.4; White et al. 1992): `length` values into `out` from its
 * start, smoothed on request. Doubles carry the sums of 32-bit pixels exactly. Fails with a `TileError`.
 */
export function decodeHcompress(bytes: Uint8Array, length: number, out: Float64Array, smooth = false): void {
  if (bytes.length < HEADER_BYTES || bytes[0] !== 0xdd || bytes[1] !== 0x99) {
    throw new TileError(
      'an HCOMPRESS_1 tile has no header',
      `${bytes.length} bytes`,
      `bytes DD 99 and ${HEADER_BYTES - 2} more`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows = view.getInt32(2)
  const columns = view.getInt32(6)
  const scale = view.getInt32(10)
  if (rows <= 0 || columns <= 0 || rows * columns !== length) {
    throw new TileError('an HCOMPRESS_1 tile has another size', `${rows} × ${columns}`, `${length} pixels`)
  }
  const planes = [...bytes.subarray(22, HEADER_BYTES)] as [number, number, number]
  if (Math.max(...planes) > MAX_PLANES) {
    throw new TileError('an HCOMPRESS_1 tile has too many bit planes', planes.join(', '), `at most ${MAX_PLANES}`)
  }
  out.fill(0, 0, length)
  const bits = new HcompressBits(bytes, HEADER_BYTES)
  const [rowsHigh, columnsHigh] = [(rows + 1) >> 1, (columns + 1) >> 1]
  const [rowsLow, columnsLow] = [rows >> 1, columns >> 1]
  const scratch = new Uint8Array(((rowsHigh + 1) >> 1) * ((columnsHigh + 1) >> 1) + 1)
  const quadrant = (start: number, nx: number, ny: number, count: number): void =>
    decodeQuadrant(bits, { out, start, stride: columns, rows: nx, columns: ny }, count, scratch)
  quadrant(0, rowsHigh, columnsHigh, planes[0])
  quadrant(columnsHigh, rowsHigh, columnsLow, planes[1])
  quadrant(columns * rowsHigh, rowsLow, columnsHigh, planes[1])
  quadrant(columns * rowsHigh + columnsHigh, rowsLow, columnsLow, planes[2])
  const ended = bits.take(4)
  if (ended !== 0) throw new TileError('an HCOMPRESS_1 tile has no end mark', ended, 0)

  bits.align()
  for (let i = 0; i < length; i++) {
    const value = out[i] as number
    if (value !== 0 && bits.take(1) === 1) out[i] = -value
  }
  out[0] = view.getInt32(14) * 4294967296 + view.getUint32(18)
  if (scale > 1) for (let i = 0; i < length; i++) out[i] = (out[i] as number) * scale
  invertHTransform(out, rows, columns, smooth ? scale : 0)
}

/** A rectangle of coefficients in the tile. */
interface Quadrant {
  readonly out: Float64Array
  readonly start: number
  readonly stride: number
  readonly rows: number
  readonly columns: number
}

function decodeQuadrant(bits: HcompressBits, quadrant: Quadrant, planes: number, scratch: Uint8Array): void {
  const { rows, columns } = quadrant
  const codes = ((rows + 1) >> 1) * ((columns + 1) >> 1)
  const levels = levelsOf(Math.max(rows, columns))
  for (let plane = planes - 1; plane >= 0; plane--) {
    const form = bits.take(4)
    if (form === 0) {
      for (let i = 0; i < codes; i++) scratch[i] = bits.take(4)
    } else if (form === 0xf) {
      expandQuadtree(bits, rows, columns, levels, scratch)
    } else {
      throw new TileError('an HCOMPRESS_1 tile has a bit plane of unknown form', form, '0 or 15')
    }
    addPlane(scratch, quadrant, 2 ** plane)
  }
}

/** The number of halvings that take `size` to 1. */
function levelsOf(size: number): number {
  return size <= 1 ? 0 : 32 - Math.clz32(size - 1)
}

/** Reads a quadtree from its top to the level of 2 × 2 blocks; a block of zeros has nothing below it. */
function expandQuadtree(bits: HcompressBits, rows: number, columns: number, levels: number, codes: Uint8Array): void {
  codes[0] = bits.takeCode()
  for (let level = levels - 1; level >= 1; level--) {
    // Blocks at this level: each is 2^level pixels wide.
    const nx = Math.max(1, Math.ceil(rows / 2 ** level))
    const ny = Math.max(1, Math.ceil(columns / 2 ** level))
    spread(codes, nx, ny)
    for (let i = nx * ny - 1; i >= 0; i--) if (codes[i] !== 0) codes[i] = bits.takeCode()
  }
}

/** Turns 4-bit codes of 2 × 2 blocks into `nx` × `ny` single bits, in place: from the end, so that none is lost. */
function spread(codes: Uint8Array, nx: number, ny: number): void {
  const [blockRows, blockColumns] = [(nx + 1) >> 1, (ny + 1) >> 1]
  for (let i = blockRows - 1; i >= 0; i--) {
    for (let j = blockColumns - 1; j >= 0; j--) {
      const code = codes[i * blockColumns + j] as number
      const at = 2 * i * ny + 2 * j
      const [below, right] = [2 * i + 1 < nx, 2 * j + 1 < ny]
      // Only places behind the codes still to come are written: 2·i·ny + 2·j >= i·blockColumns + j.
      if (below && right) codes[at + ny + 1] = code & 1
      if (below) codes[at + ny] = (code >> 1) & 1
      if (right) codes[at + 1] = (code >> 2) & 1
      codes[at] = (code >> 3) & 1
    }
  }
}

function addPlane(codes: Uint8Array, { out, start, stride, rows, columns }: Quadrant, weight: number): void {
  let k = 0
  for (let i = 0; i < rows; i += 2) {
    const below = i + 1 < rows
    for (let j = 0; j < columns; j += 2) {
      const code = codes[k++] as number
      if (code === 0) continue
      const at = start + i * stride + j
      const right = j + 1 < columns
      if ((code & 8) !== 0) out[at] = (out[at] as number) + weight
      if ((code & 4) !== 0 && right) out[at + 1] = (out[at + 1] as number) + weight
      if ((code & 2) !== 0 && below) out[at + stride] = (out[at + stride] as number) + weight
      if ((code & 1) !== 0 && right && below) out[at + stride + 1] = (out[at + stride + 1] as number) + weight
    }
  }
}
