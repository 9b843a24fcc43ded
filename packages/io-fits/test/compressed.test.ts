import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ByteSource, FitsArray, FitsImage } from '@astrolabel/io-fits'
import { FitsError, bytesSource, openFits } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { ditherSequence } from '../src/compression/dither.ts'

interface Golden {
  algorithm: string
  dtype: string
  shape: number[]
  sha: string
  missing: number
}

const answers = (name: string): Record<string, Golden> =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as Record<string, Golden>
const golden = answers('compressed')
const bytes = new Uint8Array(gunzipSync(readFileSync(new URL('golden/compressed.fits.gz', import.meta.url))))
const file = await openFits(bytes)

const sha = ({ data }: FitsImage): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')
const missing = (data: FitsArray): number =>
  data instanceof Float32Array || data instanceof Float64Array ? data.filter(Number.isNaN).length : 0

test.each(Object.keys(golden))('%s is what astropy reads', async (name) => {
  const expected = golden[name] as Golden
  const hdu = file.image(name)
  const image = await hdu.read()
  expect(hdu.compression?.algorithm).toBe(expected.algorithm)
  expect([hdu.dtype, hdu.shape]).toEqual([expected.dtype, expected.shape])
  expect([image.dtype, image.shape]).toEqual([expected.dtype, expected.shape])
  expect(missing(image.data)).toBe(expected.missing)
  expect(sha(image)).toBe(expected.sha)
})

test('smoothed HCOMPRESS_1 images are what cfitsio reads, bit for bit', async () => {
  const packed = readFileSync(new URL('golden/smooth.fits.gz', import.meta.url))
  const smooth = await openFits(new Uint8Array(gunzipSync(packed)))
  const read: Record<string, unknown> = {}
  for (const hdu of smooth.hdus.slice(1)) {
    const image = await smooth.image(hdu.name).read()
    read[hdu.name] = { shape: image.shape, dtype: image.dtype, sha: sha(image) }
  }
  expect(read).toEqual(answers('smooth'))
})

test('rows are those of the whole image, for every way to compress', async () => {
  const row = fc.nat({ max: 40 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(golden)), row, row, async (name, a, b) => {
      const hdu = file.image(name)
      const rows = hdu.shape[0] as number
      const [start, end] = [Math.min(a, b, rows), Math.min(Math.max(a, b), rows)]
      const { data, shape } = await hdu.read({ rows: [start, end] })
      const whole = await hdu.read()
      const perRow = whole.data.length / rows
      expect(shape).toEqual([end - start, ...hdu.shape.slice(1)])
      expect(data).toEqual(whole.data.slice(start * perRow, end * perRow))
    }),
    { numRuns: 150 },
  )
})

const root = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const shared = answers('compressed-shared')
test.skipIf(!existsSync(root)).each(Object.keys(shared))(
  '%s is what astropy reads (needs shared/data)',
  async (key) => {
    const [path, index] = key.split('#') as [string, string]
    const opened = await openFitsFile(root + path)
    const image = await opened.image(Number(index)).read()
    const { dtype, shape, sha: digest } = shared[key] as Golden
    expect({ dtype: image.dtype, shape: image.shape, sha: sha(image) }).toEqual({ dtype, shape, sha: digest })
    await opened.close()
  },
)

test('missing integers are marked, missing reals are NaN', async () => {
  const { data, valid } = await file.image('BLANK_SCALED').read()
  expect(valid && [...valid].filter((mark) => mark === 0)).toHaveLength(1)
  expect(valid?.[13]).toBe(0)
  expect(data[13]).toBeNaN()
})

test('the header is that of the image', () => {
  const { header, compression, bitpix } = file.image('RICE_1_U4')
  const structure = [
    'XTENSION',
    'BITPIX',
    'NAXIS',
    'NAXIS1',
    'NAXIS2',
    'PCOUNT',
    'GCOUNT',
    'BZERO',
    'OBJECT',
    'EXTNAME',
  ]
  expect(structure.map((key) => header.get(key))).toEqual([
    'IMAGE',
    32,
    2,
    37,
    23,
    0,
    1,
    2147483648,
    'Vega',
    'RICE_1_U4',
  ])
  expect(header.cards[0]?.key).toBe('XTENSION')
  expect(header.comment('OBJECT')).toBe('target')
  expect(header.history).toEqual(['made for tests'])
  expect(header.cards.filter(({ key }) => /^Z|^TFIELDS|^TTYPE|^TFORM/.test(key))).toEqual([])
  expect(bitpix).toBe(32)
  expect(compression?.tileShape).toEqual([1, 37])
  expect(compression?.tableHeader.get('ZCMPTYPE')).toBe('RICE_1')
})

test('rows of an image read the tiles that hold them, and no others', async () => {
  let read = 0
  const inner = bytesSource(bytes)
  const counted: ByteSource = {
    ...inner,
    seekCost: 1,
    read: (offset, length) => {
      read += length
      return inner.read(offset, length)
    },
  }
  const hdu = (await openFits(counted)).image('LONG_DITHER')
  read = 0
  await hdu.read()
  const whole = read
  read = 0
  await hdu.read({ rows: [1, 2] })
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(whole * 0.4)
})

test('progress reaches the whole, and a signal stops', async () => {
  const hdu = file.image('RICE_1_I2')
  const seen: [number, number][] = []
  await hdu.read({ onProgress: (done, total) => seen.push([done, total]) })
  expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1])
  await expect(hdu.read({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})

test('the random numbers of the dithers end as the standard says', () => {
  const sequence = ditherSequence()
  expect(sequence).toHaveLength(10_000)
  expect(sequence[9_999]).toBe(Math.fround(1043618065 / 2147483647))
})

/** The file with only the primary HDU and one other, whose header text is changed. */
function altered(name: string, change: (header: string) => string, damage?: (data: Uint8Array) => void): Uint8Array {
  const hdu = file.image(name)
  const end = hdu.dataOffset + Math.ceil(hdu.dataSize / 2880) * 2880
  const text = new TextDecoder('latin1').decode(bytes.subarray(hdu.headerOffset, hdu.dataOffset))
  const header = new TextEncoder().encode(change(text))
  const data = bytes.slice(hdu.dataOffset, end)
  damage?.(data)
  const out = new Uint8Array(2880 + header.length + data.length)
  out.set(bytes.subarray(0, 2880))
  out.set(header, 2880)
  out.set(data, 2880 + header.length)
  return out
}

const card = (key: string, value: string): string => `${key.padEnd(8)}= ${value.padStart(20)}`.padEnd(80)
const setCard =
  (key: string, value: string) =>
  (header: string): string => {
    const at = header.indexOf(`${key.padEnd(8)}=`)
    expect(at % 80).toBe(0)
    return header.slice(0, at) + card(key, value) + header.slice(at + 80)
  }

test.each([
  [
    'ZCMPTYPE',
    "'LZMA_9  '",
    'RICE_1_I2',
    /^HDU 1 \(RICE_1_I2\) has a bad ZCMPTYPE: got LZMA_9, expected one of RICE_1/,
  ],
  ['ZVAL2', '3', 'RICE_1_I2', /bad parameters of RICE_1: got BLOCKSIZE 32, BYTEPIX 3/],
  ['ZVAL1', '2000000000', 'RICE_1_I2', /bad parameters of RICE_1/],
  ['ZTILE1', '-4', 'TILED', /has a bad ZTILE1: got -4/],
  ['ZTILE1', '0', 'TILED', /has a bad ZTILE1: got 0/],
  ['ZTILE1', '2.5', 'TILED', /has a bad ZTILE1: got 2.5/],
  ['ZBITPIX', '12', 'TILED', /has a bad BITPIX: got 12/],
  ['ZBITPIX', '-32', 'RICE_1_I2', /has a bad ZBITPIX: got -32, expected 8, 16 or 32 for RICE_1/],
  ['ZBITPIX', '-64', 'PLIO_1_I2', /has a bad ZBITPIX: got -64/],
  ['ZNAXIS1', '-3', 'RICE_1_I2', /has a bad NAXIS1: got -3/],
  ['ZNAXIS1', '9000000000000000', 'RICE_1_I2', /is impossibly large/],
  ['ZDITHER0', '-7', 'RICE_1_F4_ONE', /has a bad ZDITHER0: got -7/],
  ['ZTILE2', '3', 'TILED', /another number of tiles than its image: got 25 rows, expected 35 tiles/],
  ['ZNAXIS2', '1000000000', 'RICE_1_I2', /another number of tiles/],
  ['ZNAXIS', '999999999999', 'RICE_1_I2', /has a bad NAXIS: got 999999999999/],
  ['TTYPE1', "'DATA    '", 'RICE_1_I2', /has no column COMPRESSED_DATA: got DATA/],
  ['TFORM1', "'8A      '", 'RICE_1_I2', /column COMPRESSED_DATA that cannot hold tiles: got TFORM 8A/],
  ['ZQUANTIZ', "'DITHER_9'", 'RICE_1_F4_ONE', /has a bad ZQUANTIZ/],
])('a header with %s = %s opens with a warning, and reading says why not', async (key, value, name, message) => {
  const opened = await openFits(altered(name, setCard(key, value)))
  expect(opened.warnings).toHaveLength(1)
  expect(opened.warnings[0]).toMatch(message)
  expect(opened.hdu(1).type).toBe('compressed-image')
  expect(() => opened.image(1)).toThrow(FitsError)
  expect(() => opened.image(1)).toThrow(message)
})

test.each(['RICE_1_I2', 'GZIP_1_I2', 'PLIO_1_I2', 'HCOMPRESS_1_I2'])(
  '%s that claims more pixels than its bytes can be fails before it takes memory',
  async (name) => {
    const tile = setCard('ZTILE1', '1000000000')
    const opened = await openFits(altered(name, (header) => tile(setCard('ZNAXIS1', '1000000000')(header))))
    await expect(opened.image(1).read()).rejects.toThrow(/cannot hold its pixels/)
  },
)

test.each([
  ['GZIP_1_I2', '8', /a tile has a value that the type of the image cannot hold: got -?\d+, expected 0 to 255/],
  ['RICE_1_I2', '8', /a tile has a value that the type of the image cannot hold/],
  ['GZIP_2_I4', '-64', /a gzip tile has another size/],
])('%s with ZBITPIX = %s says what its tiles hold', async (name, bitpix, message) => {
  const opened = await openFits(altered(name, setCard('ZBITPIX', bitpix)))
  const error = await opened
    .image(1)
    .read()
    .catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'fits/bad-tile', message: expect.stringMatching(message) })
})

test('a tile outside the heap, an empty tile and a cut file say so', async () => {
  const far = altered(
    'RICE_1_I2',
    (header) => header,
    (data) => new DataView(data.buffer).setInt32(4, 1e9),
  )
  await expect((await openFits(far)).image(1).read()).rejects.toThrow(
    /^tile 0 of HDU 1 \(RICE_1_I2\) lies outside the heap/,
  )
  const empty = altered(
    'RICE_1_I2',
    (header) => header,
    (data) => new DataView(data.buffer).setInt32(8, 0),
  )
  await expect((await openFits(empty)).image(1).read()).rejects.toThrow(/^tile 1 of HDU 1 \(RICE_1_I2\) is empty/)
  const cut = altered('RICE_1_I2', (header) => header).subarray(0, -2880)
  await expect((await openFits(cut)).image(1).read()).rejects.toMatchObject({ code: 'fits/truncated' })
})

test('gzip tiles with one bit wrong are found by their check sum', async () => {
  const { dataSize, header } = file.image('GZIP_1_I2')
  expect(header.get('NAXIS2')).toBe(23)
  const flipped = altered(
    'GZIP_1_I2',
    (text) => text,
    (data) => {
      data[dataSize - 20] = (data[dataSize - 20] as number) ^ 4
    },
  )
  await expect((await openFits(flipped)).image(1).read()).rejects.toMatchObject({
    code: 'fits/bad-tile',
    message: expect.stringMatching(/^tile 22 of HDU 1 \(GZIP_1_I2\) cannot be decoded: .*The file is damaged/),
  })
})

test('damaged tiles end in a typed error or in an image of the right size', { timeout: 20_000 }, async () => {
  const names = [
    'RICE_1_I2',
    'GZIP_2_I4',
    'HCOMPRESS_1_I4',
    'PLIO_1_I2',
    'RICE_1_F4_TWO',
    'RICE_1_U1',
    'GZIP_1_F8_EXACT',
  ]
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), flips, async (name, changes) => {
      const { dataSize, shape } = file.image(name)
      const broken = altered(
        name,
        (text) => text,
        (data) => {
          for (const [at, change] of changes) data[at % dataSize] = (data[at % dataSize] as number) ^ change
        },
      )
      try {
        const { data } = await (await openFits(broken)).image(1).read()
        expect(data).toHaveLength(shape.reduce((product, axis) => product * axis, 1))
      } catch (error) {
        expect(error).toBeInstanceOf(FitsError)
      }
    }),
    { numRuns: 400 },
  )
})
