import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { bytesSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import { decodeNpy, encodeNpy, openNpz, readNpz, writeNpz } from '@astrolabel/surveys'
import type { NpyArray, NpyData } from '@astrolabel/surveys'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { rejection } from './memory-source.js'

const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`golden/${name}`, import.meta.url)))
const answers = JSON.parse(readFileSync(new URL('golden/arrays.json', import.meta.url), 'utf8')) as Record<
  string,
  { shape: number[]; values: unknown[] }
>

/** An archive of one array, stored by writeNpz, as numpy.savez_compressed would have written it. */
function deflated(stored: Uint8Array): Uint8Array {
  const view = new DataView(stored.buffer)
  const start = 30 + view.getUint16(26, true)
  const size = view.getUint32(22, true)
  const packed = deflateRawSync(stored.subarray(start, start + size))
  const out = new Uint8Array(stored.length - size + packed.length)
  out.set(stored.subarray(0, start))
  out.set(packed, start)
  out.set(stored.subarray(start + size), start + packed.length)
  const central = start + packed.length
  const to = new DataView(out.buffer)
  for (const header of [4, central + 6]) {
    to.setUint16(header + 4, 8, true)
    to.setUint32(header + 14, packed.length, true)
  }
  to.setUint32(out.length - 6, central, true)
  return out
}

const plain = (data: NpyData): unknown[] =>
  Array.from(data as ArrayLike<unknown>, (value) => (typeof value === 'bigint' ? String(value) : value))

for (const file of ['stored.npz', 'compressed.npz']) {
  test(`reads what numpy wrote: ${file}`, async () => {
    const arrays = await readNpz(golden(file))
    expect([...arrays.keys()]).toEqual(Object.keys(answers))
    for (const [name, { shape, values }] of Object.entries(answers)) {
      const array = arrays.get(name)!
      expect(array.shape, name).toEqual(shape)
      expect(plain(array.data), name).toEqual(values)
    }
    expect(arrays.get('bool')!.boolean).toBe(true)
    expect(arrays.get('f4')!.data).toBeInstanceOf(Float32Array)
  })

  test(`reads rows of an array: ${file}`, async () => {
    const npz = await openNpz(bytesSource(golden(file)))
    expect([...(await npz.read('i4', [1, 3])).data]).toEqual([3, 4, 5, -6])
    expect((await npz.read('i4', [1, 3])).shape).toEqual([2, 2])
    expect([...(await npz.read('fortran', [1, 2])).data]).toEqual(Array.from({ length: 12 }, (_, i) => 12 + i))
  })
}

test('a stored array is read by its rows, not whole', async () => {
  const bytes = writeNpz(new Map([['flux', { shape: [1000, 100], data: new Float64Array(100_000).map((_, i) => i) }]]))
  let read = 0
  const source = bytesSource(bytes)
  const npz = await openNpz({ ...source, read: (offset, length) => ((read += length), source.read(offset, length)) })
  expect((await npz.read('flux', [500, 501])).data[99]).toBe(50_099)
  expect(read).toBeLessThan(70_000)
})

test('opening an archive inflates the beginnings of its compressed arrays, not the arrays', async () => {
  // Noise does not shrink: reading the beginning cannot mean reading everything.
  const noise = Float64Array.from({ length: 200_000 }, (_, i) => Math.sin(i * i))
  const bytes = deflated(writeNpz(new Map([['flux', { shape: [1000, 200], data: noise }]])))
  const whole = bytesSource(bytes)
  let read = 0
  const source = { ...whole, read: (at: number, length: number) => ((read += length), whole.read(at, length)) }
  const npz = await openNpz(source)
  expect(npz.arrays.get('flux')!.shape).toEqual([1000, 200])
  // The directory's tail is 64 KiB, and a platform's stream reads up to as much again ahead.
  expect(read).toBeLessThan(3 * 64 * 1024)
  expect(bytes.length).toBeGreaterThan(1_000_000)
  expect((await npz.read('flux', [998, 999])).data[199]).toBe(noise[199_799])
  const once = read
  expect(once).toBeGreaterThan(1_000_000)
  expect((await npz.read('flux', [999, 1000])).data[199]).toBe(noise[199_999])
  expect(read).toBe(once)
})

test('an error of the source, on opening a compressed array, comes through as it is', async () => {
  const whole = bytesSource(golden('compressed.npz'))
  let reads = 0
  const failing = new AstrolabelError('test/unplugged', 'The disk is gone')
  const source = {
    ...whole,
    read: (at: number, length: number) => (++reads > 3 ? Promise.reject(failing) : whole.read(at, length)),
  }
  expect((await rejection(openNpz(source))).code).toBe('test/unplugged')
})

test('half a million strings can be written', () => {
  const ids = Array.from({ length: 500_000 }, (_, i) => `s${i}`)
  const back = decodeNpy(encodeNpy({ shape: [ids.length], data: ids }))
  expect([back.data.length, back.data[499_999]]).toEqual([500_000, 's499999'])
})

test('an object array beside the spectra does not keep them from being read, and asking for it says why', async () => {
  const npz = await openNpz(bytesSource(golden('objects.npz')))
  expect([...npz.arrays.keys()]).toEqual(['flux', 'wavelength'])
  expect((await rejection(npz.read('info'))).message).toMatch(/Cannot read this type of numpy: got \|O/)
  expect((await rejection(npz.read('nothing'))).message).toMatch(/no array nothing: expected flux, wavelength/)
})

test('arrays of every type survive a round trip', async () => {
  const typed = (data: NpyData, extra: Partial<NpyArray> = {}): NpyArray => ({ shape: [data.length], data, ...extra })
  const numbers = fc.oneof(
    fc.float64Array().map((data) => typed(data)),
    fc.float32Array().map((data) => typed(data)),
    fc.int32Array().map((data) => typed(data)),
    fc.uint16Array().map((data) => typed(data)),
    fc.int8Array().map((data) => typed(data)),
    fc.bigInt64Array().map((data) => typed(data)),
    fc.uint8Array({ max: 1 }).map((data) => typed(data, { boolean: true })),
    fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.endsWith('\0'))).map((data) => typed(data)),
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), numbers), async (arrays) => {
      const back = await readNpz(writeNpz(new Map(Object.entries(arrays))))
      expect(Object.fromEntries(back)).toEqual({ ...arrays })
    }),
    { numRuns: 60 },
  )
})

test('a shape of several axes survives a .npy round trip', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
      const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 7)
      expect(decodeNpy(encodeNpy({ shape, data }))).toEqual({ shape, data })
    }),
  )
})

test('a compressed array that is no deflate stream is told on opening', async () => {
  const bytes = deflated(writeNpz(new Map([['flux', { shape: [3], data: Float64Array.of(1, 2, 3) }]])))
  bytes[38] = 0xff // The first byte after the local header: an impossible kind of block.
  expect((await rejection(openNpz(bytesSource(bytes)))).message).toMatch(/flux.npy does not decompress/)
})

test('whatever byte is damaged, reading ends, in an error of its own or not at all', async () => {
  const whole = golden('compressed.npz')
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const damaged = whole.slice()
      damaged[at]! ^= flip
      const outcome = await readNpz(damaged).then(
        () => 'npz/read',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      )
      expect(outcome).toMatch(/^npz\//)
    }),
    { numRuns: 300 },
  )
})

test('damage is found and told', async () => {
  const whole = golden('compressed.npz')
  const flipped = whole.slice()
  flipped[80]! ^= 0xff
  expect((await rejection(readNpz(flipped))).code).toMatch(/^npz\/(corrupt|not-npy)$/)
  const stored = writeNpz(new Map([['a', { shape: [3], data: Float32Array.of(1, 2, 3) }]]))
  stored[stored.indexOf(0x80, 128)]! ^= 1
  const bad = await rejection(readNpz(stored))
  expect([bad.code, bad.message]).toEqual(['npz/corrupt', expect.stringContaining('a.npy does not have its checksum')])
  expect((await rejection(readNpz(whole.subarray(0, 2000)))).message).toMatch(
    /Not a .npz archive: got 2000 bytes without a zip directory/,
  )
  expect((await rejection(readNpz(new Uint8Array(0)))).code).toBe('npz/not-zip')
  expect(() => decodeNpy(new Uint8Array(20))).toThrow(/Not an array of numpy/)
  const short = encodeNpy({ shape: [4], data: new Float64Array(4) })
  expect(() => decodeNpy(short.subarray(0, short.length - 1))).toThrow(/ends too early: got 31 bytes, expected 32/)
})
