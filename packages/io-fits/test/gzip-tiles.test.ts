import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { ByteSource, ImageInput } from '@astrolabel/io-fits'
import { bytesSource, encodeFits, FitsError, openFits } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { TileError } from '../src/compression/bad-tile.ts'
import { gunzipTile } from '../src/compression/gzip-tile.ts'
import { inflate } from '../src/compression/inflate.ts'

/** Bytes of every temper: runs, repeats, few values, noise. */
const data = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.nat({ max: 255 }), fc.integer({ min: 1, max: 600 }))
        .map(([value, count]) => new Array<number>(count).fill(value)),
      fc.array(fc.nat({ max: 255 }), { maxLength: 80 }),
      fc.array(fc.nat({ max: 3 }), { maxLength: 400 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()))

test('inflate gives what was deflated, at every level and in every form of block', () => {
  fc.assert(
    fc.property(data, fc.nat({ max: 9 }), fc.nat({ max: 4 }), (bytes, level, strategy) => {
      const packed = new Uint8Array(deflateRawSync(bytes, { level, strategy }))
      const out = new Uint8Array(bytes.length)
      // Something before and behind, as in a tile.
      const inside = Uint8Array.of(1, 2, 3, ...packed, 9, 9)
      expect(inflate(inside, 3, out)).toEqual({ written: bytes.length, end: packed.length + 3 })
      expect(out).toEqual(bytes)
    }),
    { numRuns: 400 },
  )
})

test('cut, damaged or oversized deflate data end in a TileError or in other bytes, never beyond the array', () => {
  fc.assert(
    fc.property(data, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (bytes, at, change, cut) => {
      const packed = new Uint8Array(deflateRawSync(bytes))
      const broken = cut ? packed.slice(0, at % packed.length) : packed.slice()
      if (!cut) broken[at % broken.length] = (broken[at % broken.length] as number) ^ change
      const out = new Uint8Array(bytes.length)
      try {
        const { written, end } = inflate(broken, 0, out)
        expect(cut).toBe(false)
        expect(written).toBeLessThanOrEqual(out.length)
        expect(end).toBeLessThanOrEqual(broken.length)
      } catch (error) {
        expect(error).toBeInstanceOf(TileError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a bomb stops at the end of its tile', () => {
  const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)))
  expect(() => gunzipTile(bomb, new Uint8Array(4096))).toThrow(/are too long/)
})

const folder = mkdtempSync(join(tmpdir(), 'astrolabel-gzip-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shape = [300, 70]
const noise = Float32Array.from({ length: 21_000 }, (_, i) => Math.sin(i * i) * 100)
const images: ImageInput[] = (['GZIP_1', 'GZIP_2'] as const).flatMap((algorithm) => [
  { kind: 'image', name: algorithm, shape, data: noise, compress: { algorithm } },
  {
    kind: 'image',
    name: `${algorithm}_I`,
    shape,
    data: Int16Array.from(noise),
    compress: { algorithm, tileShape: [7, 9] },
  },
  { kind: 'image', name: `${algorithm}_Q`, shape, data: noise, compress: { algorithm, quantize: { level: 16 } } },
])
const bytes = encodeFits(images)
const path = join(folder, 'images.fits')
writeFileSync(path, bytes)

test('the thread pool gives what is decompressed here', async () => {
  const [file, memory] = [await openFitsFile(path), await openFits(bytes)]
  for (const { name } of images) {
    const image = await file.image(name as string).read()
    expect(image).toEqual(await memory.image(name as string).read())
    const part = await file.image(name as string).read({ rows: [100, 203] })
    expect(part.data).toEqual(image.data.slice(100 * 70, 203 * 70))
  }
  await file.close()
})

test('a source that decompresses is asked once for many tiles, and what it gets wrong is done here', async () => {
  const inner = bytesSource(bytes)
  let calls = 0
  const counting: ByteSource = {
    ...inner,
    gunzip: () => {
      calls++
      return calls % 2 === 0 ? Promise.reject(new Error('no')) : Promise.resolve(new Uint8Array(5))
    },
  }
  const [file, memory] = [await openFits(counting), await openFits(bytes)]
  for (const name of ['GZIP_1', 'GZIP_2']) {
    calls = name === 'GZIP_1' ? 0 : 1
    const before = calls
    expect(await file.image(name).read()).toEqual(await memory.image(name).read())
    expect(calls).toBe(before + 1)
  }
})

test('one bit wrong is found, and told by its tile', async () => {
  const { dataOffset, dataSize } = (await openFits(bytes)).image('GZIP_2')
  const broken = bytes.slice()
  const at = dataOffset + dataSize - 40
  broken[at] = (broken[at] as number) ^ 16
  const bad = join(folder, 'bad.fits')
  writeFileSync(bad, broken)
  const file = await openFitsFile(bad)
  const error = await file
    .image('GZIP_2')
    .read()
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(FitsError)
  expect((error as FitsError).message).toMatch(/^tile 299 of HDU 4 \(GZIP_2\) cannot be decoded/)
  expect((await file.image('GZIP_2').read({ rows: [0, 299] })).data).toEqual(noise.slice(0, 299 * 70))
  await file.close()
})
