import { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import type { StoredDtype } from '../number-format.js'

/** Size and shape of the data behind a header, by its mandatory keywords. */
export interface DataLayout {
  readonly bitpix: 8 | 16 | 32 | 64 | -32 | -64
  /** NAXIS1 first. */
  readonly axes: readonly number[]
  /** Bytes after the main data that belong to the HDU. */
  readonly pcount: number
  /** Bytes in all, without padding. */
  readonly size: number
}

const BITPIX = [8, 16, 32, 64, -32, -64] as const
const MAX_AXES = 999

/** What the numbers of each BITPIX are stored as. */
export const STORED_BY_BITPIX: Readonly<Record<DataLayout['bitpix'], StoredDtype>> = {
  8: 'u1',
  16: 'i2',
  32: 'i4',
  64: 'i8',
  [-32]: 'f4',
  [-64]: 'f8',
}

/** Reads the mandatory keywords. Fails with `fits/bad-header` naming the keyword that is missing or impossible. */
export function dataLayout(header: Header, label: string): DataLayout {
  const given = header.getNumber('BITPIX')
  const bitpix = BITPIX.find((known) => known === given)
  if (bitpix === undefined) throw badKeyword(label, 'BITPIX', header, `one of ${BITPIX.join(', ')}`)
  const naxis = count(header, label, 'NAXIS', MAX_AXES)
  const axes: number[] = []
  for (let n = 1; n <= naxis; n++) axes.push(count(header, label, `NAXIS${n}`))
  const pcount = header.has('PCOUNT') ? count(header, label, 'PCOUNT') : 0
  const gcount = header.has('GCOUNT') ? count(header, label, 'GCOUNT') : 1
  // Random groups write NAXIS1 = 0 and mean that the other axes count.
  const counted = isRandomGroups(header, axes) ? axes.slice(1) : axes
  const values = counted.length === 0 ? 0 : counted.reduce((product, axis) => product * axis, 1)
  const size = (Math.abs(bitpix) / 8) * gcount * (pcount + values)
  if (!Number.isSafeInteger(size)) {
    throw new FitsError('fits/bad-header', `${label} is impossibly large`, {
      got: `NAXISn ${axes.join(' × ')}, PCOUNT ${pcount}, GCOUNT ${gcount}`,
      expected: 'fewer than 2^53 bytes',
      remedy: 'The header is damaged: fetch the file again.',
    })
  }
  return { bitpix, axes, pcount, size }
}

/** True for a primary HDU in the random-groups form. */
export function isRandomGroups(header: Header, axes: readonly number[]): boolean {
  return axes[0] === 0 && header.get('GROUPS') === true && header.has('SIMPLE')
}

/** A keyword that must hold a whole number from 0 to `max`. */
function count(header: Header, label: string, key: string, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = header.get(key)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value
  throw badKeyword(label, key, header, max === Number.MAX_SAFE_INTEGER ? 'a whole number, 0 or more' : `0 to ${max}`)
}

/** The error for a keyword that is missing or has a value it cannot have. */
export function badKeyword(label: string, key: string, header: Header, expected: string): FitsError {
  return new FitsError('fits/bad-header', `${label} has a bad ${key}`, {
    got: header.has(key) ? String(header.get(key)) : 'no such keyword',
    expected,
    remedy: 'The header is damaged or not FITS: fetch the file again, or repair the keyword.',
  })
}
