import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ByteSource, HduInput } from '@astrolabel/io-fits'
import { blobSource, bytesSource, encodeFits, openFits, streamSource } from '@astrolabel/io-fits'
import { fileSource, openFitsFile, writeFitsFile } from '@astrolabel/io-fits/node'

const data = Float64Array.from({ length: 50_000 }, (_, i) => Math.sin(i))
const hdus: HduInput[] = [
  { kind: 'image', data },
  { kind: 'table', columns: [{ name: 'x', values: data, unit: 'deg' }] },
]
const plain = encodeFits(hdus)
const packed = new Uint8Array(gzipSync(plain))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'io-fits-'))
  await writeFile(join(folder, 'a.fits'), plain)
  await writeFile(join(folder, 'b.fits'), packed)
})
afterAll(() => rm(folder, { recursive: true }))

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 9999) yield bytes.subarray(at, at + 9999)
}

const bytesOf = (values: unknown): Uint8Array => new Uint8Array((values as Float32Array).buffer)

const sources: Record<string, (bytes: Uint8Array, name: string) => ByteSource | Promise<ByteSource>> = {
  bytes: (bytes) => bytesSource(bytes),
  blob: (bytes) => blobSource(new Blob([bytes as Uint8Array<ArrayBuffer>])),
  'async iterable': (bytes) => streamSource(pieces(bytes)),
  'web stream': (bytes) => streamSource(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()),
  file: (_, name) => fileSource(join(folder, name)),
}

test.each(Object.keys(sources))('%s: plain and gzip read the same', async (kind) => {
  for (const [bytes, name] of [
    [plain, 'a.fits'],
    [packed, 'b.fits'],
  ] as const) {
    const source = await sources[kind]?.(bytes, name)
    const file = await openFits(source as ByteSource)
    expect((await file.image(0).read()).data).toEqual(data)
    expect((await file.table(1).read({ columns: ['X'] })).column('x').values).toEqual(data)
    await file.close()
  }
})

test('openFits takes bytes and blobs as they are', async () => {
  expect((await openFits(plain)).hdus).toHaveLength(2)
  expect((await openFits(new Blob([packed as Uint8Array<ArrayBuffer>]))).hdus).toHaveLength(2)
})

test('a view into a larger buffer, at an odd byte, reads the same', async () => {
  const shifted = new Uint8Array(plain.length + 3)
  shifted.set(plain, 3)
  expect((await (await openFits(shifted.subarray(3))).image(0).read()).data).toEqual(data)
})

test('what is read is a copy: changing it does not change the source', async () => {
  const bytes = encodeFits([{ kind: 'image', data: Uint8Array.of(1, 2, 3) }])
  const file = await openFits(bytes)
  const { data: copy } = await file.image(0).read()
  copy[0] = 9
  expect((await file.image(0).read()).data).toEqual(Uint8Array.of(1, 2, 3))
})

test('a source may fill the buffers it is given, while the last one is worked on', async () => {
  const long = Float32Array.from({ length: 1_500_000 }, (_, i) => i)
  const bytes = encodeFits([
    { kind: 'image', data: long },
    { kind: 'table', columns: [{ name: 'x', values: long }] },
  ])
  let filled = 0
  const source: ByteSource = {
    ...bytesSource(bytes),
    read: (offset, length, into) => {
      if (into === undefined) return Promise.resolve(bytes.slice(offset, offset + length))
      filled++
      into.set(bytes.subarray(offset, offset + length))
      return Promise.resolve(into.subarray(0, length))
    },
  }
  const file = await openFits(source)
  filled = 0
  // Compared as a whole: a difference of millions of values is not worth printing.
  expect(Buffer.compare(bytesOf((await file.image(0).read()).data), bytesOf(long))).toBe(0)
  expect(Buffer.compare(bytesOf((await file.table(1).read()).column('x').values), bytesOf(long))).toBe(0)
  expect(filled).toBe(12)
})

test('a closed file says so', async () => {
  const file = await openFitsFile(join(folder, 'a.fits'))
  const reading = file.image(0).read()
  await file.close()
  await file.close()
  await expect(reading).resolves.toMatchObject({ shape: [50_000] })
  await expect(file.image(0).read()).rejects.toMatchObject({ code: 'fits/closed' })
})

test('a gzip file cut short fails with its own code', async () => {
  const path = join(folder, 'cut.fits.gz')
  await writeFile(path, packed.subarray(0, 5000))
  await expect(openFitsFile(path)).rejects.toMatchObject({ code: 'fits/bad-gzip' })
  await expect(openFits(packed.subarray(0, 5000))).rejects.toMatchObject({ code: 'fits/bad-gzip' })
  await expect(openFitsFile(join(folder, 'absent.fits'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('writing a file puts exactly the encoded bytes in place', async () => {
  const path = join(folder, 'new.fits')
  await writeFile(path, 'what was there before')
  await writeFitsFile(path, hdus)
  expect(Buffer.compare(await readFile(path), plain)).toBe(0)
  await writeFitsFile(`${path}.gz`, hdus)
  const file = await openFitsFile(`${path}.gz`)
  expect((await file.image(0).read()).data).toEqual(data)
})

test('a write that is stopped leaves what was there and nothing beside it', async () => {
  const path = join(folder, 'kept.fits')
  await writeFile(path, 'kept')
  const before = await readdir(folder)
  await expect(writeFitsFile(path, hdus, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  const bad: HduInput[] = [{ kind: 'image', shape: [7], data: new Int16Array(3) }]
  await expect(writeFitsFile(path, bad)).rejects.toMatchObject({ code: 'fits/bad-input' })
  expect(await readFile(path, 'utf8')).toBe('kept')
  expect(await readdir(folder)).toEqual(before)
})
