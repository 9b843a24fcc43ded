import { crc32 } from '@astrolabel/spectra'
import fc from 'fast-check'
import { crc32 as zlibCrc32 } from 'node:zlib'
import { expect, test } from 'vitest'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each([
  ['', 0],
  ['123456789', 0xcbf43926],
  ['a', 0xe8b7be43],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('published value of %j', (text, crc) => {
  expect(crc32(bytes(text))).toBe(crc)
})

test('agrees with zlib, in one piece or two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (all, cut) => {
      expect(crc32(all)).toBe(zlibCrc32(all))
      expect(crc32(all.subarray(cut), crc32(all.subarray(0, cut)))).toBe(crc32(all))
    }),
  )
})
