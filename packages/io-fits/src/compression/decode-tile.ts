import type { FitsArray } from '../dtype.js'
import { DTYPE_BYTES, makeArray, shapeSize } from '../dtype.js'
import type { StoredDtype } from '../number-format.js'
import { TileError } from './bad-tile.js'
import type { CompressedLayout, HeapColumn } from './compressed-layout.js'
import type { TileQuantization } from './dither.js'
import { dequantize } from './dither.js'
import { gunzipTile, unshuffle } from './gzip-tile.js'
import { decodeHcompress } from './hcompress.js'
import { decodePlio } from './plio.js'
import { decodeRice } from './rice.js'
import { numbersOf } from './tile-bytes.js'
import type { Tile } from './tile-index.js'

/** Decodes the tiles of one image one after another, with memory of its own that is used again. */
export class TileDecoder {
  readonly #layout: CompressedLayout
  readonly #stored: StoredDtype
  #integers = new Int32Array(0)
  #doubles = new Float64Array(0)
  #reals: Float32Array | Float64Array | undefined
  #bytes = new Uint8Array(0)
  #sorted = new Uint8Array(0)

  constructor(layout: CompressedLayout) {
    this.#layout = layout
    this.#stored = layout.format.stored
  }

  /** The values of a tile, good until the next call. Fails with a `TileError`. */
  decode(bytes: Uint8Array, { place, shape, quantization }: Pick<Tile, 'place' | 'shape' | 'quantization'>): FitsArray {
    const length = shapeSize(shape)
    if (place === 'uncompressed') return this.#plain(bytes, (this.#layout.uncompressed as HeapColumn).element, length)
    // Tiles of real numbers that could not be made integers.
    if (place === 'gzipped') return this.#gzip(bytes, length, false, this.#stored)
    const values = this.#decompress(bytes, length, quantization !== undefined)
    if (quantization === undefined) return values
    if (!(values instanceof Int32Array) && !(values instanceof Float64Array)) {
      return this.#dequantize(Int32Array.from(values as Int16Array), length, quantization)
    }
    return this.#dequantize(values, length, quantization)
  }

  #decompress(bytes: Uint8Array, length: number, quantized: boolean): FitsArray {
    const { algorithm, rice } = this.#layout
    switch (algorithm) {
      case 'RICE_1': {
        decodeRice(bytes, length, rice.blockSize, rice.bytePix, this.#integersOf(length))
        return this.#integers
      }
      case 'PLIO_1':
        decodePlio(bytes, length, this.#integersOf(length))
        return this.#integers
      case 'HCOMPRESS_1':
        if (this.#doubles.length < length) this.#doubles = new Float64Array(length)
        decodeHcompress(bytes, length, this.#doubles, this.#layout.smooth)
        return this.#doubles
      case 'NOCOMPRESS':
        return this.#plain(bytes, quantized ? 'i4' : this.#stored, length)
      case 'GZIP_1':
      case 'GZIP_2':
        return this.#gzip(bytes, length, algorithm === 'GZIP_2', quantized ? 'i4' : this.#stored)
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

  #gzip(bytes: Uint8Array, length: number, sorted: boolean, wanted: StoredDtype): FitsArray {
    // Some writers store integers as wider ones.
    const capacity = length * Math.max(4, DTYPE_BYTES[wanted])
    if (this.#bytes.length < capacity) this.#bytes = new Uint8Array(capacity)
    const count = gunzipTile(bytes, this.#bytes.subarray(0, capacity))
    const expected = length * DTYPE_BYTES[wanted]
    const stored = count === expected ? wanted : wanted.startsWith('f') ? undefined : INTEGERS[count / length]
    if (stored === undefined) throw new TileError('a gzip tile has another size', `${count} bytes`, `${expected} bytes`)
    const whole = this.#bytes.subarray(0, count)
    if (!sorted || count === length) return numbersOf(whole, stored, length)
    if (this.#sorted.length < count) this.#sorted = new Uint8Array(count)
    const joined = this.#sorted.subarray(0, count)
    unshuffle(whole, count / length, joined)
    return numbersOf(joined, stored, length)
  }

  #dequantize(from: Int32Array | Float64Array, length: number, how: TileQuantization): FitsArray {
    if (this.#reals === undefined || this.#reals.length < length) {
      this.#reals = makeArray(this.#stored, length) as Float32Array | Float64Array
    }
    dequantize(from, length, how, this.#reals)
    return this.#reals
  }
}

const INTEGERS: Readonly<Record<number, StoredDtype>> = { 1: 'u1', 2: 'i2', 4: 'i4', 8: 'i8' }
