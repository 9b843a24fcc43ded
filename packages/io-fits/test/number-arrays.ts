import fc from 'fast-check'
import type { FitsArray, NumberDtype } from '@astrolabel/io-fits'

/** Arrays of any values of each type, of a length. */
export const arrays: Record<NumberDtype, (length: number) => fc.Arbitrary<FitsArray>> = {
  u1: (n) => fc.uint8Array({ minLength: n, maxLength: n }),
  i1: (n) => fc.int8Array({ minLength: n, maxLength: n }),
  i2: (n) => fc.int16Array({ minLength: n, maxLength: n }),
  u2: (n) => fc.uint16Array({ minLength: n, maxLength: n }),
  i4: (n) => fc.int32Array({ minLength: n, maxLength: n }),
  u4: (n) => fc.uint32Array({ minLength: n, maxLength: n }),
  i8: (n) => fc.bigInt64Array({ minLength: n, maxLength: n }),
  u8: (n) => fc.bigUint64Array({ minLength: n, maxLength: n }),
  f4: (n) => fc.float32Array({ minLength: n, maxLength: n }),
  f8: (n) => fc.float64Array({ minLength: n, maxLength: n }),
}

export const dtypes = Object.keys(arrays) as NumberDtype[]
