import type { Quantizer } from '../../compression/dither.js'
import { DitherSequence, EXACT_ZERO } from '../../compression/dither.js'
import { tileStatistics } from './noise.js'

/** The integer that stands for NaN in quantised tiles, cfitsio's choice. */
export const QUANTIZED_NULL = -2147483647

// Integers from the lowest on that stand for something, with room beside them.
const RESERVED = 10
const MAX_INT32 = 2 ** 31 - 1

export interface QuantizeHow {
  readonly dither: Quantizer
  /** Place of the tile, from 0, plus ZDITHER0 − 1. */
  readonly seed: number
  /** Steps to a standard deviation of the noise. */
  readonly level: number
  /** The step itself, in place of `level`. */
  readonly step?: number
}

/** `value ≈ (integer − dither + ½) × scale + zero`. */
export interface QuantizedTile {
  readonly integers: Int32Array
  readonly scale: number
  readonly zero: number
}

/**
 * Makes real values integers in steps of a fraction of their noise (White & Greenfield 1999; FITS 4.0, section 10.2) as
 * cfitsio does, `rowLength` values a row. Undefined where that cannot be: no noise, one value, or a range of more than
 * 2^32 steps (also where there are infinities).
 */
export function quantizeTile(
  values: Float32Array | Float64Array,
  rowLength: number,
  { dither, seed, level, step }: QuantizeHow,
): QuantizedTile | undefined {
  const { length } = values
  if (length <= 1) return undefined
  const { min, max, good, noise } = tileStatistics(values, length, rowLength)
  if (good === 0) return { integers: new Int32Array(length).fill(QUANTIZED_NULL), scale: 1, zero: 0 }
  const scale = step ?? noise / level
  const range = (max - min) / scale
  if (!(scale > 0) || !(range <= 2 * MAX_INT32 - RESERVED)) return undefined
  const zero = zeroPoint(min, max, scale, good < length || dither === 'SUBTRACTIVE_DITHER_2')
  const integers = new Int32Array(length)
  const sequence = dither === 'NO_DITHER' ? undefined : new DitherSequence(seed)
  const keepZero = dither === 'SUBTRACTIVE_DITHER_2'
  for (let i = 0; i < length; i++) {
    const value = values[i] as number
    const shift = sequence === undefined ? 0 : sequence.next() - 0.5
    if (Number.isNaN(value)) integers[i] = QUANTIZED_NULL
    else if (keepZero && value === 0) integers[i] = EXACT_ZERO
    else integers[i] = nearest((value - zero) / scale + shift)
  }
  return { integers, scale, zero }
}

/** Beside the reserved integers where some are used; else the lowest value, as a multiple of the scale. */
function zeroPoint(min: number, max: number, scale: number, reserved: boolean): number {
  if (reserved) return min - scale * (QUANTIZED_NULL + RESERVED)
  if ((max - min) / scale < MAX_INT32 - RESERVED) return Math.trunc(min / scale + 0.5) * scale
  return (min + max) / 2
}

/** Halves away from 0. */
function nearest(value: number): number {
  return value >= 0 ? Math.trunc(value + 0.5) : Math.trunc(value - 0.5)
}
