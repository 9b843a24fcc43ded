import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { FitsError, FitsFile, encodeFits, openFits, streamSource } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { compressLzw } from './lzw.js'
import { zip } from './zip.js'

const folder = mkdtempSync(join(tmpdir(), 'io-fits-'))
afterAll(() => rmSync(folder, { recursive: true }))

// As made by test/oracle/make-packed.py: two streams, of several blocks of 100 kB each.
const bzip2 = new Uint8Array(readFileSync(new URL('golden/blocks.fits.bz2', import.meta.url)))
const values = Int16Array.from(
  { length: 150_000 },
  (_, i) => ((i * 7919) % 4093) - ((i * i) % 13) - (i % 5000 < 900 ? i % 4093 : 0),
)
const plain = encodeFits([{ kind: 'image', data: Int16Array.from(values) }])
const image = async (file: Awaited<ReturnType<typeof openFits>>): Promise<unknown> => (await file.image(0).read()).data

const formats: Record<string, { packed: Uint8Array; code: string }> = {
  gzip: { packed: new Uint8Array(gzipSync(plain)), code: 'fits/bad-gzip' },
  bzip2: { packed: bzip2, code: 'fits/bad-bzip2' },
  compress: { packed: compressLzw(plain, 14), code: 'fits/bad-lzw' },
  zip: { packed: zip([['a.fits', plain]]), code: 'fits/bad-zip' },
}
const join2 = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 9999) yield bytes.subarray(at, at + 9999)
}

describe.each(Object.entries(formats))('%s', (name, { packed, code }) => {
  test('is told by its bytes and unpacked, whatever it comes from', async () => {
    const path = join(folder, name)
    writeFileSync(path, packed)
    const inputs = [
      () => openFits(packed),
      () => openFits(new Blob([packed as Uint8Array<ArrayBuffer>])),
      async () => openFits(await streamSource(pieces(packed))),
      () => openFitsFile(path),
    ]
    for (const open of inputs) {
      const file = await open()
      expect(file.warnings).toEqual([])
      expect(Buffer.compare(Buffer.from((await image(file)) as Int16Array), Buffer.from(values))).toBe(0)
      await file.close()
    }
  })

  test('cut short, it fails with its code or opens with a warning, from memory as from a path', async () => {
    const path = join(folder, `${name}-cut`)
    // A .Z file ends in the codes of padding, which are not missed.
    for (const length of [5, 100, packed.length >> 1, packed.length - (name === 'compress' ? 3000 : 9)]) {
      const cut = packed.subarray(0, length)
      writeFileSync(path, cut)
      for (const open of [() => openFits(cut), () => openFitsFile(path)]) {
        const outcome = await open().then(
          (file) => file.warnings.join(),
          (error: FitsError) => error.code,
        )
        // A .Z file has no sum and no end mark: it opens as the part of the file that is there.
        expect(outcome).toMatch(name === 'compress' ? /cut short|not-fits|bad-header/ : code)
      }
    }
  })

  test('beyond the limit it fails, and says which option allows more', async () => {
    const path = join(folder, `${name}-limit`)
    writeFileSync(path, packed)
    const maxUnpacked = plain.length - 1
    for (const open of [() => openFits(packed, { maxUnpacked }), () => openFitsFile(path, { maxUnpacked })]) {
      await expect(open()).rejects.toMatchObject({
        code: 'fits/too-large',
        message: expect.stringMatching(
          `^${name} file unpacks .* got more than ${maxUnpacked} bytes from ${packed.length}, .*maxUnpacked`,
        ),
      })
    }
    expect((await openFits(packed, { maxUnpacked: plain.length })).hdus).toHaveLength(1)
    await expect(openFits(packed, { maxUnpacked: NaN })).rejects.toMatchObject({ code: 'fits/bad-input' })
  })

  test('property: damaged bytes end in a typed error or in a file, never in anything else', async () => {
    const spot = fc.tuple(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(spot, { minLength: 1, maxLength: 4 }), async (spots) => {
        const damaged = packed.slice()
        for (const [at, flip] of spots) damaged[at] = (damaged[at] as number) ^ flip
        const error: unknown = await openFits(damaged).catch((reason: unknown) => reason)
        expect(error instanceof FitsError || error instanceof FitsFile).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

test.each(['gzip', 'bzip2'])(
  '%s: streams one after another are one file, and what follows is ignored',
  async (name) => {
    const half = plain.length >> 1
    const pack = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))
    // The golden bzip2 file has two streams as it is.
    const parts = name === 'gzip' ? [pack(plain.subarray(0, half)), pack(plain.subarray(half))] : [bzip2]
    const text = new TextEncoder().encode('what a broken download left')
    for (const tail of [new Uint8Array(0), new Uint8Array(512), text]) {
      const packed = join2(...parts, tail)
      const path = join(folder, 'streams')
      writeFileSync(path, packed)
      for (const open of [() => openFits(packed), () => openFitsFile(path)]) {
        const file = await open()
        expect(Buffer.compare(Buffer.from((await image(file)) as Int16Array), Buffer.from(values))).toBe(0)
        await file.close()
      }
    }
  },
)

test('gzip where the platform reads one member only, as browsers do', async () => {
  class OneMember {
    readonly readable: ReadableStream
    readonly writable: WritableStream
    constructor() {
      const { readable, writable } = new TransformStream({
        transform: () => {
          throw new TypeError('Junk found after end of compressed data.')
        },
      })
      this.readable = readable
      this.writable = writable
    }
  }
  vi.stubGlobal('DecompressionStream', OneMember)
  try {
    const half = plain.length >> 1
    const named = new Uint8Array(gzipSync(plain.subarray(0, half)))
    // FNAME, as the program writes it.
    const withName = join2(
      named.subarray(0, 3),
      Uint8Array.of(8),
      named.subarray(4, 10),
      new TextEncoder().encode('a.fits\0'),
      named.subarray(10),
    )
    const packed = join2(withName, new Uint8Array(gzipSync(plain.subarray(half))), new Uint8Array(7))
    expect(Buffer.compare(Buffer.from((await image(await openFits(packed))) as Int16Array), Buffer.from(values))).toBe(
      0,
    )
    await expect(openFits(packed, { maxUnpacked: plain.length - 1 })).rejects.toMatchObject({ code: 'fits/too-large' })
    const wrong = packed.slice()
    wrong[packed.length - 9] = 1 ^ (wrong[packed.length - 9] as number)
    await expect(openFits(wrong)).rejects.toMatchObject({ code: 'fits/bad-gzip' })
  } finally {
    vi.unstubAllGlobals()
  }
})

test('zip: folders and what macOS adds do not count, other files do', async () => {
  const empty = new Uint8Array(0)
  const packed = zip([
    ['data/', empty],
    ['data/a.fits', plain],
    ['__MACOSX/data/._a.fits', Uint8Array.of(1)],
  ])
  expect((await openFits(packed)).hdus).toHaveLength(1)
  expect((await openFits(zip([['a.fits', plain]], { stored: true }))).hdus).toHaveLength(1)
  const cases: [Uint8Array, string, RegExp][] = [
    [
      zip([
        ['a.fits', plain],
        ['b.fits', plain],
      ]),
      'fits/not-fits',
      /got a zip archive of 2 files.*Unpack it first/,
    ],
    [zip([]), 'fits/not-fits', /starts with/],
    [zip([['a.fits', plain]]).fill(0xff, 40, 200), 'fits/bad-zip', /^zip stream cannot be decompressed: got a/],
    [zip([['a.fits', plain]], { flags: 1 }), 'fits/unsupported', /an encrypted file/],
    [zip([['a.fits', plain]], { method: 12 }), 'fits/unsupported', /compression method 12/],
  ]
  for (const [bytes, code, message] of cases) {
    await expect(openFits(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  }
})

test('bombs: kilobytes that would grow to gigabytes end at the default limit', { timeout: 20_000 }, async () => {
  // 1000 times the bzip2 stream of 1 MB of zeros; 80 MB of zeros in 80 kB of gzip.
  const zeros = Buffer.from('QlpoOTFBWSZTWXnTnkgAB6jAQMAAAAIACCAAMMwJqmmVJDapSQ8XckU4UJB5055I', 'base64')
  const gzipped = new Uint8Array(gzipSync(Buffer.concat([plain.subarray(0, 2880), Buffer.alloc(80e6)]), { level: 9 }))
  const bzipped = join2(bzip2, ...Array.from({ length: 1000 }, () => zeros))
  for (const bomb of [gzipped, bzipped]) {
    expect(bomb.length).toBeLessThan(200_000)
    const before = process.memoryUsage().rss
    await expect(openFits(bomb)).rejects.toMatchObject({ code: 'fits/too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
  }
})

test('property: .Z files of every width of codes unpack to what was packed', async () => {
  const input = fc.tuple(
    fc.integer({ min: 10, max: 16 }),
    fc.integer({ min: 1, max: 255 }),
    fc.integer(),
    fc.integer({ min: 100, max: 60_000 }),
  )
  await fc.assert(
    fc.asyncProperty(input, async ([maxBits, kinds, seed, length]) => {
      let state = seed
      const data = Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0
        return (state >>> 24) % kinds
      })
      const file = await openFits(compressLzw(encodeFits([{ kind: 'image', data }]), maxBits))
      expect(Buffer.compare((await image(file)) as Uint8Array, data)).toBe(0)
    }),
    { numRuns: 30 },
  )
})
