import type { FitsArray } from '../dtype.js'
import { DTYPE_BYTES, dtypeOf, makeArray, shapeSize } from '../dtype.js'
import type { StoredDtype } from '../number-format.js'
import { TileError } from './bad-tile.js'
import type { CompressedLayout, HeapColumn } from './compressed-layout.js'
import type { TileQuantization } from './dither.js'
import { dequantize } from './dither.js'
import { gunzipTile } from './gzip-tile.js'
import { decodeHcompress } from './hcompress.js'
import { decodePlio } from './plio.js'
import { decodeRice } from './rice.js'
import { numbersOf, putBigEndian, putSorted } from './tile-bytes.js'
import type { Tile } from './tile-index.js'

/** Decodes the tiles of one image one after another, with memory of its own that is used again. */
export class TileDecoder {
  readonly #layout: CompressedLayout
  readonly #stored: StoredDtype
  #integers = new Int32Array(0)
  #doubles = new Float64Array(0)
  #reals: Float32Array | Float64Array | undefined
  #bytes = new Uint8Array(0)

  constructor(layout: CompressedLayout) {
    this.#layout = layout
    this.#stored = layout.format.stored
  }

  /**
   * The values of a tile, good until the next call. They may be in `into`, where it is given: an array of the image's
   * stored type, as long as the tile. `inflated` is what the bytes give as gzip, where that is known. Fails with a
   * `TileError`.
   */
  decode(
    bytes: Uint8Array,
    { place, shape, quantization }: Pick<Tile, 'place' | 'shape' | 'quantization'>,
    into?: FitsArray,
    inflated?: Uint8Array,
  ): FitsArray {
    const length = shapeSize(shape)
    if (place === 'uncompressed') return this.#plain(bytes, (this.#layout.uncompressed as HeapColumn).element, length)
    // Tiles of real numbers that could not be made integers.
    if (place === 'gzipped') return this.#gzip(bytes, length, false, this.#stored, into, inflated)
    if (quantization === undefined) {
      return requireRange(this.#decompress(bytes, length, false, into, inflated), length, this.#stored)
    }
    const values = this.#decompress(bytes, length, true, undefined, inflated)
    const integers =
      values instanceof Int32Array || values instanceof Float64Array ? values : Int32Array.from(values as Int16Array)
    return this.#dequantize(integers, length, quantization, into)
  }

  /** How many bytes the tile gives as gzip where it has the usual type; undefined where it is no gzip. */
  inflatedBytes({ place, shape, quantization }: Pick<Tile, 'place' | 'shape' | 'quantization'>): number | undefined {
    const { algorithm } = this.#layout
    const isGzip = place === 'gzipped' || (place === 'compressed' && (algorithm === 'GZIP_1' || algorithm === 'GZIP_2'))
    return isGzip ? shapeSize(shape) * (quantization === undefined ? DTYPE_BYTES[this.#stored] : 4) : undefined
  }

  #decompress(
    bytes: Uint8Array,
    length: number,
    quantized: boolean,
    into: FitsArray | undefined,
    inflated: Uint8Array | undefined,
  ): FitsArray {
    const { algorithm, rice, smooth } = this.#layout
    switch (algorithm) {
      case 'RICE_1': {
        const direct = isRiceTarget(into) && into.BYTES_PER_ELEMENT === rice.bytePix
        const target = direct ? into : this.#integersOf(length)
        decodeRice(bytes, length, rice.blockSize, rice.bytePix, target)
        return target
      }
      case 'PLIO_1':
        decodePlio(bytes, length, this.#integersOf(length))
        return this.#integers
      case 'HCOMPRESS_1':
        if (this.#doubles.length < length) this.#doubles = new Float64Array(length)
        decodeHcompress(bytes, length, this.#doubles, smooth)
        return this.#doubles
      case 'NOCOMPRESS':
        return this.#plain(bytes, quantized ? 'i4' : this.#stored, length)
      case 'GZIP_1':
      case 'GZIP_2':
        return this.#gzip(bytes, length, algorithm === 'GZIP_2', quantized ? 'i4' : this.#stored, into, inflated)
    }
  }

  #integersOf(length: number): Int32Array {
    if (this.#integers.length < length) this.#integers = new Int32Array(length)
    return this.#integers
  }

  #plain(bytes: Uint8Array, stored: StoredDtype, length: number): FitsArray {
    const expected = length * DTYPE_BYTES[stored]
    if (bytes.length !== expected) throw new TileError('an uncompressed tile has another size', bytes.length, expected)
    return numbersOf(bytes, stored, length)
  }

  #gzip(
    bytes: Uint8Array,
    length: number,
    sorted: boolean,
    wanted: StoredDtype,
    into: FitsArray | undefined,
    inflated: Uint8Array | undefined,
  ): FitsArray {
    const whole = inflated ?? this.#inflate(bytes, length * Math.max(4, DTYPE_BYTES[wanted]))
    const count = whole.length
    const expected = length * DTYPE_BYTES[wanted]
    // Some writers store integers as wider ones.
    const stored = count === expected ? wanted : wanted.startsWith('f') ? undefined : INTEGERS[count / length]
    if (stored === undefined) throw new TileError('a gzip tile has another size', `${count} bytes`, `${expected} bytes`)
    const out = into !== undefined && stored === this.#stored ? into : makeArray(stored, length)
    if (sorted) putSorted(whole, out)
    else putBigEndian(whole, out)
    return out
  }

  #inflate(bytes: Uint8Array, capacity: number): Uint8Array {
    if (this.#bytes.length < capacity) this.#bytes = new Uint8Array(capacity)
    return this.#bytes.subarray(0, gunzipTile(bytes, this.#bytes.subarray(0, capacity)))
  }

  #dequantize(
    from: Int32Array | Float64Array,
    length: number,
    how: TileQuantization,
    into: FitsArray | undefined,
  ): FitsArray {
    if (into instanceof Float32Array || into instanceof Float64Array) {
      dequantize(from, length, how, into)
      return into
    }
    if (this.#reals === undefined || this.#reals.length < length) {
      this.#reals = makeArray(this.#stored, length) as Float32Array | Float64Array
    }
    dequantize(from, length, how, this.#reals)
    return this.#reals
  }
}

const RANGES: Readonly<Partial<Record<StoredDtype, readonly [number, number]>>> = {
  u1: [0, 255],
  i2: [-32_768, 32_767],
  i4: [-2_147_483_648, 2_147_483_647],
}

/** Fails where integers that were kept in a wider type would not fit into that of the image. */
function requireRange(values: FitsArray, length: number, stored: StoredDtype): FitsArray {
  const range = RANGES[stored]
  if (range === undefined || dtypeOf(values) === stored) return values
  const [low, high] = range
  for (let i = 0; i < length; i++) {
    const value = values[i] as number | bigint
    if (value < low || value > high) {
      throw new TileError(
        'a tile has a value that the type of the image cannot hold',
        String(value),
        `${low} to ${high}`,
      )
    }
  }
  return values
}

function isRiceTarget(array: FitsArray | undefined): array is Int32Array | Int16Array | Uint8Array {
  return array instanceof Int32Array || array instanceof Int16Array || array instanceof Uint8Array
}

const INTEGERS: Readonly<Record<number, StoredDtype>> = { 1: 'u1', 2: 'i2', 4: 'i4', 8: 'i8' }
