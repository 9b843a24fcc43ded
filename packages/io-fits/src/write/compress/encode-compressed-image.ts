import type { RiceBytePix } from '../../compression/rice.js'
import { numbersOf } from '../../compression/tile-bytes.js'
import type { Card } from '../../header/card.js'
import type { StoredDtype } from '../../number-format.js'
import { badInput } from '../bad-input.js'
import { imageNumbers, STORED_BITPIX } from '../encode-image.js'
import type { EncodedNumbers } from '../encode-numbers.js'
import type { EncodedHdu } from '../encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from '../encoded-hdu.js'
import type { ImageCompressionInput, ImageInput } from '../hdu-input.js'
import { compressionPlan } from './compression-plan.js'
import type { CompressionPlan } from './compression-plan.js'
import { encodePlio, MAX_PLIO } from './encode-plio.js'
import { encodeRice, RICE_BLOCK } from './encode-rice.js'
import { gzipTile, shuffle } from './gzip-tile.js'
import { QUANTIZED_NULL, quantizeTile } from './quantize-tile.js'
import type { GridTile } from './tile-grid.js'
import { tilesOf } from './tile-grid.js'

/** The compressed bytes of a tile; `scale` is 0 where real values could not be made integers. */
interface EncodedTile {
  readonly bytes: Uint8Array
  readonly scale?: number
  readonly zero?: number
}

const MAX_P_HEAP = 2 ** 31 - 1

/**
 * An image compressed by tiles, as a binary table (FITS 4.0, section 10). All tiles are compressed at once and their
 * bytes kept until they are written. Fails with `fits/bad-input`.
 */
export function encodeCompressedImage(input: ImageInput, how: ImageCompressionInput): EncodedHdu {
  const { numbers, shape, label } = imageNumbers(input)
  if (numbers === undefined || shape.length === 0) {
    throw badInput(`${label} has no data to compress`, 'no data', 'an array', 'Leave compress out.')
  }
  const plan = compressionPlan(how, shape, numbers.stored, label)
  const tiles = [...encodeTiles(numbers, shape, plan)]
  const heapSize = tiles.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const wide = heapSize > MAX_P_HEAP
  const width = wide ? 16 : 8
  const quantized = plan.quantize !== undefined
  // The words of PLIO_1 are counted, not their bytes.
  const elementBytes = plan.algorithm === 'PLIO_1' ? 2 : 1
  const rowBytes = quantized ? 2 * width + 16 : width
  const cards = [
    ...tableCards(tiles, rowBytes, heapSize, wide, quantized, elementBytes),
    ...imageCards(numbers, shape, plan),
  ]
  const starts = startsOf(tiles)
  const fill = (view: DataView, first: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const { bytes, scale = 0, zero = 0 } = tiles[first + i] as EncodedTile
      const at = i * rowBytes
      // Real values as they are lie in the second column.
      const descriptor = quantized && scale === 0 ? at + width : at
      putDescriptor(view, descriptor, wide, bytes.length / elementBytes, starts[first + i] as number)
      if (!quantized) continue
      view.setFloat64(at + 2 * width, scale)
      view.setFloat64(at + 2 * width + 8, zero)
    }
  }
  return encodedHdu(encodeHeader(cards, input), tiles.length, rowBytes, fill, {
    size: heapSize,
    *chunks() {
      for (const { bytes } of tiles) yield bytes
    },
  })
}

function* encodeTiles(
  numbers: EncodedNumbers,
  shape: readonly number[],
  plan: CompressionPlan,
): Generator<EncodedTile> {
  for (const tile of tilesOf(shape, plan.tileShape))
    yield encodeTile(tileBytes(numbers, tile), tile, numbers.stored, plan)
}

/** The pixels of a tile, big-endian as stored. */
function tileBytes(numbers: EncodedNumbers, tile: GridTile): Uint8Array {
  const { length, runLength } = tile
  const { itemBytes } = numbers
  const bytes = new Uint8Array(length * itemBytes)
  const view = new DataView(bytes.buffer)
  const stride = runLength * itemBytes
  for (const { from, to } of tile.runs()) {
    numbers.write(view, { offset: to * itemBytes, stride, cells: 1, count: runLength }, from)
  }
  return bytes
}

function encodeTile(bytes: Uint8Array, tile: GridTile, stored: StoredDtype, plan: CompressionPlan): EncodedTile {
  const { quantize, algorithm } = plan
  if (quantize === undefined) return { bytes: compress(bytes, stored, plan) }
  const values = numbersOf(bytes, stored, tile.length) as Float32Array | Float64Array
  const { dither, level, step, seed } = quantize
  const made = quantizeTile(values, tile.runLength, {
    dither,
    level,
    seed: tile.index + seed - 1,
    ...(step === undefined ? {} : { step }),
  })
  if (made === undefined) return { bytes: gzipTile(bytes) }
  const { integers, scale, zero } = made
  const packed =
    algorithm === 'RICE_1' ? encodeRice(integers, tile.length, 4) : compress(bigEndian(integers), 'i4', plan)
  return { bytes: packed, scale, zero }
}

function compress(bytes: Uint8Array, stored: StoredDtype, { algorithm, label }: CompressionPlan): Uint8Array {
  const width = WIDTH[stored]
  if (algorithm === 'GZIP_1') return gzipTile(bytes)
  if (algorithm === 'GZIP_2') return gzipTile(shuffle(bytes, width))
  const length = bytes.length / width
  if (algorithm === 'PLIO_1') return plioTile(numbersOf(bytes, stored, length) as Int32Array, length, label)
  return encodeRice(numbersOf(bytes, stored, length) as Int32Array, length, width as RiceBytePix)
}

function plioTile(values: Int32Array, length: number, label: string): Uint8Array {
  const odd = values.find((value) => value < 0 || value > MAX_PLIO)
  if (odd === undefined) return encodePlio(values, length)
  throw badInput(
    `${label} cannot be compressed by PLIO_1`,
    `a pixel stored as ${odd}`,
    `0 to ${MAX_PLIO}`,
    'Use RICE_1 or GZIP_2; unsigned integers of more than 8 bits are stored as signed ones.',
  )
}

const WIDTH: Readonly<Record<StoredDtype, number>> = { u1: 1, i2: 2, i4: 4, i8: 8, f4: 4, f8: 8 }

function bigEndian(values: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (let i = 0; i < values.length; i++) view.setInt32(i * 4, values[i] as number)
  return new Uint8Array(view.buffer)
}

function startsOf(tiles: readonly EncodedTile[]): Float64Array {
  const starts = new Float64Array(tiles.length)
  for (let i = 1; i < tiles.length; i++)
    starts[i] = (starts[i - 1] as number) + (tiles[i - 1] as EncodedTile).bytes.length
  return starts
}

function putDescriptor(view: DataView, at: number, wide: boolean, count: number, start: number): void {
  if (wide) {
    view.setBigInt64(at, BigInt(count))
    view.setBigInt64(at + 8, BigInt(start))
  } else {
    view.setInt32(at, count)
    view.setInt32(at + 4, start)
  }
}

function tableCards(
  tiles: readonly EncodedTile[],
  rowBytes: number,
  heapSize: number,
  wide: boolean,
  quantized: boolean,
  elementBytes: number,
): Card[] {
  const most = tiles.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 0)
  const heap = `1${wide ? 'Q' : 'P'}${elementBytes === 2 ? 'I' : 'B'}(${most / elementBytes})`
  const columns: readonly (readonly [string, string])[] = quantized
    ? [
        ['COMPRESSED_DATA', heap],
        ['GZIP_COMPRESSED_DATA', heap],
        ['ZSCALE', '1D'],
        ['ZZERO', '1D'],
      ]
    : [['COMPRESSED_DATA', heap]]
  return [
    card('XTENSION', 'BINTABLE', 'binary table extension'),
    card('BITPIX', 8, 'array data type'),
    card('NAXIS', 2, 'number of array dimensions'),
    card('NAXIS1', rowBytes, 'bytes in a row'),
    card('NAXIS2', tiles.length, 'number of tiles'),
    card('PCOUNT', heapSize, 'bytes of compressed tiles'),
    card('GCOUNT', 1, 'number of groups'),
    card('TFIELDS', columns.length, 'number of columns'),
    ...columns.flatMap(([name, form], i) => [card(`TTYPE${i + 1}`, name), card(`TFORM${i + 1}`, form)]),
  ]
}

function imageCards(numbers: EncodedNumbers, shape: readonly number[], plan: CompressionPlan): Card[] {
  const { algorithm, tileShape, quantize } = plan
  const cards = [
    card('ZIMAGE', true, 'this is a compressed image'),
    card('ZTENSION', 'IMAGE', 'type of the image extension'),
    card('ZBITPIX', STORED_BITPIX[numbers.stored], 'array data type of the image'),
    card('ZNAXIS', shape.length, 'number of axes of the image'),
    ...shape.toReversed().map((axis, i) => card(`ZNAXIS${i + 1}`, axis)),
    card('ZPCOUNT', 0, 'number of parameters of the image'),
    card('ZGCOUNT', 1, 'number of groups of the image'),
    ...tileShape.toReversed().map((axis, i) => card(`ZTILE${i + 1}`, axis, 'pixels of a tile')),
    card('ZCMPTYPE', algorithm, 'compression algorithm'),
  ]
  if (algorithm === 'RICE_1') {
    const bytePix = quantize === undefined ? numbers.itemBytes : 4
    cards.push(
      card('ZNAME1', 'BLOCKSIZE'),
      card('ZVAL1', RICE_BLOCK),
      card('ZNAME2', 'BYTEPIX'),
      card('ZVAL2', bytePix),
    )
  }
  if (quantize !== undefined) {
    cards.push(card('ZQUANTIZ', quantize.dither, 'how real values became integers'))
    if (quantize.dither !== 'NO_DITHER') cards.push(card('ZDITHER0', quantize.seed, 'where the random numbers begin'))
    cards.push(card('ZBLANK', QUANTIZED_NULL, 'integer that stands for NaN'))
  } else if (numbers.stored === 'f4' || numbers.stored === 'f8') {
    cards.push(card('ZQUANTIZ', 'NONE', 'real values as they are'))
  }
  if (numbers.zero !== undefined) cards.push(card('BSCALE', numbers.scale ?? 1), card('BZERO', numbers.zero))
  if (numbers.null !== undefined) cards.push(card('BLANK', numbers.null, 'stored value of missing pixels'))
  return cards
}
