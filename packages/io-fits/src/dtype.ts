/** Number types, in numpy's short names: kind and bytes. */
export type NumberDtype = 'u1' | 'i1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8'

/** What a table cell can be: `c8` and `c16` are complex (two floats each), `bit` and `bool` are one byte of 0 or 1. */
export type ColumnDtype = NumberDtype | 'bool' | 'bit' | 'c8' | 'c16' | 'str'

export type FitsArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** Bytes of one value of each number type. */
export const DTYPE_BYTES: Readonly<Record<NumberDtype, 1 | 2 | 4 | 8>> = {
  u1: 1,
  i1: 1,
  i2: 2,
  u2: 2,
  i4: 4,
  u4: 4,
  i8: 8,
  u8: 8,
  f4: 4,
  f8: 8,
}

/** A zeroed array of `length` values over its own buffer. */
export function makeArray(dtype: NumberDtype, length: number): FitsArray {
  switch (dtype) {
    case 'u1':
      return new Uint8Array(length)
    case 'i1':
      return new Int8Array(length)
    case 'i2':
      return new Int16Array(length)
    case 'u2':
      return new Uint16Array(length)
    case 'i4':
      return new Int32Array(length)
    case 'u4':
      return new Uint32Array(length)
    case 'i8':
      return new BigInt64Array(length)
    case 'u8':
      return new BigUint64Array(length)
    case 'f4':
      return new Float32Array(length)
    case 'f8':
      return new Float64Array(length)
  }
}

/** The number type of a typed array, or undefined for anything else. */
export function dtypeOf(values: unknown): NumberDtype | undefined {
  if (values instanceof Float32Array) return 'f4'
  if (values instanceof Float64Array) return 'f8'
  if (values instanceof Uint8Array) return 'u1'
  if (values instanceof Int8Array) return 'i1'
  if (values instanceof Int16Array) return 'i2'
  if (values instanceof Uint16Array) return 'u2'
  if (values instanceof Int32Array) return 'i4'
  if (values instanceof Uint32Array) return 'u4'
  if (values instanceof BigInt64Array) return 'i8'
  if (values instanceof BigUint64Array) return 'u8'
  return undefined
}

/** The number of values in an array of that shape; `[]` is one value. */
export function shapeSize(shape: readonly number[]): number {
  let size = 1
  for (const axis of shape) size *= axis
  return size
}
