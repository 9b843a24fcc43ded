import { FlagSet } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from './caught.js'

const aspcap = new FlagSet([
  { bit: 0, name: 'TEFF_WARN' },
  { bit: 23, name: 'STAR_BAD', description: 'BAD overall for star' },
  { bit: 30, name: 'VSINI_BAD' },
  { bit: 31, name: 'NO_ASPCAP_RESULT' },
  { bit: 32, name: 'MISSING_APSTAR' },
  { bit: 41, name: 'MULTIPLE_SUSPECT' },
  { bit: 63, name: 'LAST' },
])

test.each([
  ['TEFF_WARN', 1n],
  ['NO_ASPCAP_RESULT', 2147483648n],
  ['MISSING_APSTAR', 4294967296n],
  ['MULTIPLE_SUSPECT', 2199023255552n],
  ['LAST', 9223372036854775808n],
])('mask of %s', (name, mask) => {
  expect(aspcap.mask(name)).toBe(mask)
  expect(aspcap.names(mask)).toEqual([name])
  expect(aspcap.any(mask, mask)).toBe(true)
  expect(aspcap.any(BigInt.asIntN(64, mask), mask)).toBe(true)
})

test('masks of several names, in any case, and of none', () => {
  expect(aspcap.mask('star_bad', 'Teff_Warn')).toBe(8388609n)
  expect(aspcap.mask()).toBe(0n)
  expect(aspcap.bit('last')).toBe(63)
})

test('a signed 32-bit mask with its top bit set has no bit above it', () => {
  const top = -2147483648
  expect(aspcap.names(top)).toEqual(['NO_ASPCAP_RESULT'])
  expect(aspcap.names(top + 1)).toEqual(['TEFF_WARN', 'NO_ASPCAP_RESULT'])
  expect(aspcap.any(top, aspcap.mask('NO_ASPCAP_RESULT'))).toBe(true)
  expect(aspcap.any(top, aspcap.mask('MISSING_APSTAR', 'LAST'))).toBe(false)
  expect(aspcap.names(-1)).toHaveLength(32)
})

test('a number holds bits above 31 when it is positive, a signed bigint up to 63', () => {
  expect(aspcap.names(2 ** 41 + 1)).toEqual(['TEFF_WARN', 'MULTIPLE_SUSPECT'])
  expect(aspcap.names(-1n)).toHaveLength(64)
  expect(aspcap.names(0)).toEqual([])
})

test('bits without a name are shown by their number', () => {
  expect(aspcap.names(0b101n)).toEqual(['TEFF_WARN', 'bit 2'])
})

test('names and masks undo each other, and any is the intersection', () => {
  const subset = fc.subarray(aspcap.bits.map((bit) => bit.name))
  fc.assert(
    fc.property(subset, subset, (a, b) => {
      expect(aspcap.names(aspcap.mask(...a))).toEqual(a)
      expect(aspcap.any(aspcap.mask(...a), aspcap.mask(...b))).toBe(a.some((name) => b.includes(name)))
    }),
  )
})

test('masks of 32 bits are unsigned numbers', () => {
  expect(aspcap.mask32('NO_ASPCAP_RESULT', 'TEFF_WARN')).toBe(2147483649)
  const error = caught(() => aspcap.mask32('TEFF_WARN', 'MISSING_APSTAR'))
  expect(error.code).toBe('flags/too-wide')
  expect(error.message).toBe(
    'These flags do not fit 32 bits: got TEFF_WARN, MISSING_APSTAR. Use mask(), which gives a bigint',
  )
})

test('an unknown flag is named together with those there are', () => {
  const error = caught(() => aspcap.mask('STAR_WARN'))
  expect(error.code).toBe('flags/unknown')
  expect(error.message).toMatch(/^Unknown flag: got STAR_WARN, expected TEFF_WARN, STAR_BAD, .*LAST$/)
})

test.each([
  ['a bit above 63', [{ bit: 64, name: 'A' }]],
  ['a negative bit', [{ bit: -1, name: 'A' }]],
  ['half a bit', [{ bit: 0.5, name: 'A' }]],
  [
    'a bit given twice',
    [
      { bit: 1, name: 'A' },
      { bit: 1, name: 'B' },
    ],
  ],
  [
    'a name given twice',
    [
      { bit: 1, name: 'A' },
      { bit: 2, name: 'a' },
    ],
  ],
])('%s is refused', (_, bits) => {
  expect(caught(() => new FlagSet(bits)).code).toBe('flags/invalid')
})
