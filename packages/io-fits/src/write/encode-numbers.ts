import type { CellLayout } from '../big-endian.js'
import { scatter1, scatter2, scatter4, scatter8 } from '../big-endian.js'
import type { FitsArray, NumberDtype } from '../dtype.js'
import { DTYPE_BYTES, dtypeOf, makeArray } from '../dtype.js'
import type { StoredDtype } from '../number-format.js'
import { OFFSET_INTEGERS } from '../number-format.js'
import { badInput } from './bad-input.js'
import type { NumberInput } from './hdu-input.js'

/** Numbers ready to be written: their storage type and the header values that give them their meaning. */
export interface EncodedNumbers {
  readonly stored: StoredDtype
  readonly itemBytes: 1 | 2 | 4 | 8
  /** BSCALE/TSCAL, BZERO/TZERO and BLANK/TNULL, where they must be written. */
  readonly scale?: number
  readonly zero?: number | bigint
  readonly null?: number | bigint
  /** Writes values from index `at` into cells. */
  write(view: DataView, cells: CellLayout, at: number): void
}

type StoredInteger = 'u1' | 'i2' | 'i4' | 'i8'

const STORED: Readonly<Record<NumberDtype, StoredDtype>> = {
  u1: 'u1',
  i1: 'u1',
  i2: 'i2',
  u2: 'i2',
  i4: 'i4',
  u4: 'i4',
  i8: 'i8',
  u8: 'i8',
  f4: 'f4',
  f8: 'f8',
}
const RANGE: Readonly<Record<StoredInteger, readonly [bigint, bigint]>> = {
  u1: [0n, 255n],
  i2: [-(2n ** 15n), 2n ** 15n - 1n],
  i4: [-(2n ** 31n), 2n ** 31n - 1n],
  i8: [-(2n ** 63n), 2n ** 63n - 1n],
}

/**
 * Prepares numbers for writing; the input is copied only where missing values or scaling change it.
 * Fails with `fits/bad-input`, naming `label`, on values that the storage cannot hold.
 */
export function encodeNumbers(
  values: FitsArray,
  options: NumberInput,
  missing: number | bigint | undefined,
  label: string,
): EncodedNumbers {
  const { valid } = options
  if (valid !== undefined && valid.length !== values.length) {
    throw badInput(
      `${label} has a mask of another length`,
      `${valid.length} mask bytes`,
      `${values.length}, one a value`,
      'Give one byte a value.',
    )
  }
  if (options.stored !== undefined) return encodeScaled(values, options.stored, options, missing, label)
  const dtype = dtypeOf(values) as NumberDtype
  const stored = STORED[dtype]
  if (stored === 'f4' || stored === 'f8') {
    return encoded(stored, valid === undefined ? values : withNaN(values as Float32Array | Float64Array, valid), 0, {})
  }
  const offset = OFFSET_INTEGERS[stored].dtype === dtype ? OFFSET_INTEGERS[stored] : undefined
  const shifted = offset === undefined ? {} : { zero: stored === 'i8' ? offset.zero : Number(offset.zero) }
  const flip = offset?.flip ?? 0
  const holes = valid?.includes(0) === true
  if (!holes && missing === undefined) return encoded(stored, values, flip, shifted)
  const nullValue = checkNull(missing ?? defaultNull(stored, offset !== undefined), stored, label)
  const meant = BigInt(nullValue) + (offset?.zero ?? 0n)
  const filled = holes ? withNull(values, valid, stored === 'i8' ? meant : Number(meant), label) : values
  return encoded(stored, filled, flip, { ...shifted, null: nullValue })
}

function encodeScaled(
  values: FitsArray,
  stored: StoredInteger,
  { valid, scale = 1, zero = 0 }: NumberInput,
  missing: number | bigint | undefined,
  label: string,
): EncodedNumbers {
  const nullValue = checkNull(missing ?? defaultNull(stored, false), stored, label)
  const [min, max] = [Number(RANGE[stored][0]), Number(RANGE[stored][1])]
  const raw = makeArray(stored, values.length)
  const wide = raw instanceof BigInt64Array ? raw : undefined
  const narrow = raw as Int32Array
  const zeroNumber = Number(zero)
  const nullNumber = Number(nullValue)
  let holes = false
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if (valid?.[i] === 0 || Number.isNaN(value)) {
      holes = true
      if (wide === undefined) narrow[i] = nullNumber
      else wide[i] = BigInt(nullValue)
      continue
    }
    const integer = Math.round((value - zeroNumber) / scale)
    // 2^63 - 1 rounds up to 2^63 as a double, which an i8 cannot hold.
    const fits = integer >= min && (wide === undefined ? integer <= max : integer < max)
    if (!fits || integer === nullNumber) {
      throw badInput(
        `${label} has a value that ${stored} cannot hold with scale ${scale} and zero ${zeroNumber}`,
        `${value}, stored as ${integer}`,
        `${min} to ${max}, other than ${nullNumber} which marks missing values`,
        'Choose another scale, zero or storage type.',
      )
    }
    if (wide === undefined) narrow[i] = integer
    else wide[i] = BigInt(integer)
  }
  return encoded(stored, raw, 0, { scale, zero, ...(holes || missing !== undefined ? { null: nullValue } : {}) })
}

/** The null value of integers of a type: the one that is chosen where none is given. */
export function nullOfIntegers(dtype: Exclude<NumberDtype, 'f4' | 'f8'>): number | bigint {
  const stored = STORED[dtype] as StoredInteger
  return defaultNull(stored, stored !== dtype)
}

/** The end of the range that data use least: the lowest of signed integers, the highest of unsigned ones. */
function defaultNull(stored: StoredInteger, shifted: boolean): number | bigint {
  const unsigned = (stored === 'u1') !== shifted
  const end = RANGE[stored][unsigned ? 1 : 0]
  return stored === 'i8' ? end : Number(end)
}

function checkNull(value: number | bigint, stored: StoredInteger, label: string): number | bigint {
  const [min, max] = RANGE[stored]
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    const exact = BigInt(value)
    if (exact >= min && exact <= max) return stored === 'i8' ? exact : Number(value)
  }
  throw badInput(
    `${label} has a null value that its type cannot hold`,
    value,
    `an integer, ${min} to ${max}`,
    'Choose another.',
  )
}

function withNaN<T extends Float32Array | Float64Array>(values: T, valid: Uint8Array): T {
  const copy = values.slice() as T
  for (let i = 0; i < copy.length; i++) if (valid[i] === 0) copy[i] = NaN
  return copy
}

function withNull(values: FitsArray, valid: Uint8Array, missing: number | bigint, label: string): FitsArray {
  const copy = values.slice() as Int32Array
  for (let i = 0; i < copy.length; i++) {
    if (valid[i] === 0) copy[i] = missing as number
    else if ((values[i] as number | bigint) === missing) {
      throw badInput(
        `${label} has a value that equals its null value`,
        missing,
        'a null value that no value has',
        'Choose another null value, or a wider integer type.',
      )
    }
  }
  return copy
}

function encoded(
  stored: StoredDtype,
  raw: FitsArray,
  flip: number,
  keywords: { scale?: number; zero?: number | bigint; null?: number | bigint },
): EncodedNumbers {
  const { buffer, byteOffset, byteLength } = raw
  const itemBytes = DTYPE_BYTES[stored]
  const base = { stored, itemBytes, ...keywords }
  if (itemBytes === 1) {
    const bits = new Uint8Array(buffer, byteOffset, byteLength)
    return { ...base, write: (view, cells, at) => scatter1(bits, at, view, cells, flip) }
  }
  if (itemBytes === 2) {
    const bits = new Uint16Array(buffer, byteOffset, byteLength / 2)
    return { ...base, write: (view, cells, at) => scatter2(bits, at, view, cells, flip) }
  }
  const bits = new Uint32Array(buffer, byteOffset, byteLength / 4)
  if (itemBytes === 4) return { ...base, write: (view, cells, at) => scatter4(bits, at, view, cells, flip) }
  return { ...base, write: (view, cells, at) => scatter8(bits, at, view, cells, flip) }
}
