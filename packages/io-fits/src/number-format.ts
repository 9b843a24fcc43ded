import type { NumberDtype } from './dtype.js'

/** The types that numbers are stored as. */
export type StoredDtype = 'u1' | 'i2' | 'i4' | 'i8' | 'f4' | 'f8'

/** How stored numbers become the numbers meant: `meant = zero + scale × stored`. */
export interface NumberFormat {
  readonly stored: StoredDtype
  readonly dtype: NumberDtype
  /** XORed on the stored bits (of the high 32 bits in 8-byte values): the sign bit of integers stored by offset. */
  readonly flip: number
  /** Set where `dtype` is a float made from a scaled number. */
  readonly scaled?: { readonly scale: number; readonly zero: number }
  /** The stored integer that means "no value" (BLANK, TNULL). */
  readonly null?: number | bigint
}

/** Integers of the other signedness are stored as `stored`, shifted by `zero`; `flip` does the same shift on the bits. */
interface OffsetInteger {
  readonly dtype: NumberDtype
  readonly zero: bigint
  readonly flip: number
}

export const OFFSET_INTEGERS: Readonly<Record<'u1' | 'i2' | 'i4' | 'i8', OffsetInteger>> = {
  u1: { dtype: 'i1', zero: -128n, flip: 0x80 },
  i2: { dtype: 'u2', zero: 32768n, flip: 0x8000 },
  i4: { dtype: 'u4', zero: 2147483648n, flip: 0x80000000 },
  i8: { dtype: 'u8', zero: 9223372036854775808n, flip: 0x80000000 },
}

/**
 * The format of numbers stored as `stored` with these header values (1, 0 and undefined where the header has none).
 * Integers shifted by half their range stay exact integers; other scaled numbers become `scaledDtype`.
 */
export function numberFormat(
  stored: StoredDtype,
  scale: number,
  zero: number,
  nullValue: number | bigint | undefined,
  scaledDtype: 'f4' | 'f8',
): NumberFormat {
  const integer = stored !== 'f4' && stored !== 'f8'
  const missing = integer && nullValue !== undefined && isInteger(nullValue) ? { null: nullValue } : {}
  if (scale === 1 && zero === 0) return { stored, dtype: stored, flip: 0, ...missing }
  const offset = integer ? OFFSET_INTEGERS[stored] : undefined
  if (offset !== undefined && scale === 1 && zero === Number(offset.zero)) {
    return { stored, dtype: offset.dtype, flip: offset.flip, ...missing }
  }
  return { stored, dtype: scaledDtype, flip: 0, scaled: { scale, zero }, ...missing }
}

/** The number meant by the stored integer that marks missing values, in a format that is not scaled. */
export function nullAsMeant(format: NumberFormat): number | bigint | undefined {
  if (format.null === undefined) return undefined
  const { stored } = format
  const zero = format.flip === 0 || stored === 'f4' || stored === 'f8' ? 0n : OFFSET_INTEGERS[stored].zero
  const meant = BigInt(format.null) + zero
  return stored === 'i8' ? meant : Number(meant)
}

function isInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value)
}
