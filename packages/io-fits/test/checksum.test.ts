import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { HduInput } from '@astrolabel/io-fits'
import { encodeFits, encodeFitsChunks, openFits } from '@astrolabel/io-fits'
import { openFitsFile, writeFitsFile } from '@astrolabel/io-fits/node'
import { hasAstropy, PYTHON } from './astropy.js'
import { answer, bytes } from './golden-files.js'

const folder = mkdtempSync(join(tmpdir(), 'io-fits-sums-'))
afterAll(() => rmSync(folder, { recursive: true }))

const OK = { checksum: 'ok', datasum: 'ok' }

test('what astropy wrote is right, HDU by HDU', async () => {
  const file = await openFits(bytes('checksum'))
  expect(file.hdus).toHaveLength((answer('checksum') as unknown[]).length)
  for (const hdu of file.hdus) expect(await hdu.verify()).toEqual(OK)
})

test('the same data give the same DATASUM as in astropy', async () => {
  const sums = answer('checksum') as [string, string][]
  const read = await openFits(bytes('checksum'))
  const hdus: HduInput[] = [
    { kind: 'image' },
    { kind: 'image', name: 'RAMP', data: (await read.image('RAMP').read()).data },
    { kind: 'image', name: 'ODD', data: (await read.image('ODD').read()).data },
  ]
  const file = await openFits(encodeFits(hdus, { checksum: true }))
  expect(file.hdus.map((hdu) => hdu.header.get('DATASUM'))).toEqual(sums.slice(0, 3).map(([, datasum]) => datasum))
})

test('property: one flipped bit is found, in the data by both sums, in the header by one', async () => {
  const whole = bytes('checksum')
  const { hdus } = await openFits(whole)
  const ramp = hdus[1] as (typeof hdus)[number]
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 4003 }), fc.nat({ max: 7 }), async (at, bit) => {
      const flipped = whole.slice()
      flipped[ramp.dataOffset + at] = (flipped[ramp.dataOffset + at] as number) ^ (1 << bit)
      const file = await openFits(flipped)
      expect(await file.hdu('RAMP').verify()).toEqual({ checksum: 'bad', datasum: 'bad' })
      expect(await file.hdu('TABLE').verify()).toEqual(OK)
    }),
    { numRuns: 50 },
  )
  const header = whole.slice()
  // A letter of the comment of its first card.
  header[ramp.headerOffset + 35] = (header[ramp.headerOffset + 35] as number) ^ 1
  expect(await (await openFits(header)).hdu('RAMP').verify()).toEqual({ checksum: 'bad', datasum: 'ok' })
})

test('property: what is written with checksums verifies, whatever its length, and in chunks', async () => {
  const values = fc.uint8Array({ minLength: 0, maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(values, fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), async (data, text) => {
      const hdus: HduInput[] = [
        { kind: 'image', header: { OBJECT: text } },
        { kind: 'image', data },
        {
          kind: 'table',
          columns: [{ name: 'V', values: data, offsets: Int32Array.of(0, data.length >> 1, data.length) }],
        },
      ]
      const whole = encodeFits(hdus, { checksum: true })
      const file = await openFits(whole)
      for (const hdu of file.hdus) expect(await hdu.verify()).toEqual(OK)
      expect(Buffer.concat([...encodeFitsChunks(hdus, { checksum: true })]).equals(whole)).toBe(true)
    }),
    { numRuns: 100 },
  )
})

test('an HDU of several chunks that end within words', async () => {
  const columns = [{ name: 'T', values: new Uint8Array(3_000_000).map((_, i) => i * i), shape: [3] }]
  const file = await openFits(encodeFits([{ kind: 'table', columns }], { checksum: true }))
  expect(await file.hdu(1).verify()).toEqual(OK)
})

test('headers that end anywhere in a block', async () => {
  for (let cards = 20; cards < 40; cards++) {
    const header = Object.fromEntries(Array.from({ length: cards }, (_, i) => [`KEY${i}`, i]))
    const whole = encodeFits([{ kind: 'image', header, data: Int16Array.of(1, 2) }], { checksum: true })
    expect(whole.length % 2880).toBe(0)
    const file = await openFits(whole)
    expect(await file.hdu(0).verify()).toEqual(OK)
    expect((await file.image(0).read()).data).toEqual(Int16Array.of(1, 2))
  }
})

test('absent where there are none; a file cut short says so', async () => {
  const hdus: HduInput[] = [{ kind: 'image', data: new Float64Array(1000) }]
  expect(await (await openFits(encodeFits(hdus))).hdu(0).verify()).toEqual({ checksum: 'absent', datasum: 'absent' })
  const sealed = encodeFits(hdus, { checksum: true })
  const cut = await openFits(sealed.subarray(0, 9000))
  await expect(cut.hdu(0).verify()).rejects.toMatchObject({ code: 'fits/truncated' })
  const unpadded = await openFits(sealed.subarray(0, 2880 + 8000))
  expect(await unpadded.hdu(0).verify()).toEqual(OK)
})

test.skipIf(!hasAstropy)('astropy finds our checksums right (needs astropy)', async () => {
  const path = join(folder, 'ours.fits')
  const ramp = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 10 ** (i % 40))
  const columns = [
    { name: 'V', values: ramp, offsets: Int32Array.of(0, 7, 7, 5000) },
    { name: 'B', values: Uint8Array.of(1, 2, 3) },
  ]
  await writeFitsFile(
    path,
    [
      { kind: 'image', data: ramp, header: { OBJECT: 'Vega' } },
      { kind: 'table', columns },
    ],
    {
      checksum: true,
    },
  )
  const ask = `from astropy.io import fits
print([(h.verify_checksum(), h.verify_datasum()) for h in fits.open(${JSON.stringify(path)})])`
  expect(spawnSync(PYTHON, ['-c', ask], { encoding: 'utf8' }).stdout.trim()).toBe('[(1, 1), (1, 1)]')
  const file = await openFitsFile(path)
  expect(await file.hdu(1).verify()).toEqual(OK)
  await file.close()
})
