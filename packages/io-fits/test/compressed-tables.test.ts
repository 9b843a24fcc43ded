import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { ByteSource, ColumnInput, FitsArray, FitsFile, FitsTable, TableInput } from '@astrolabel/io-fits'
import { bytesSource, encodeFits, FitsError, openFits } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'

const golden = async (name: string): Promise<FitsFile> =>
  openFits(new Uint8Array(gunzipSync(readFileSync(new URL(`golden/${name}.fits.gz`, import.meta.url)))))

const plain = await golden('tables')
const packed = await golden('tables-packed')
const truth = await plain.table('STARS').read()
const columns: ColumnInput[] = [...truth.columns.values()].map((column) => ({ ...column.info, ...column }))
const ROWS = truth.rows

/** The same columns with the same values. */
function expectSame(got: FitsTable, expected: FitsTable): void {
  expect(got.rows).toBe(expected.rows)
  expect([...got.columns.keys()]).toEqual([...expected.columns.keys()])
  for (const [name, { values, valid, offsets }] of expected.columns) {
    const { info: _, ...read } = got.column(name)
    expect([name, { ...read, offsets: read.offsets }]).toEqual([name, { values, ...(valid && { valid }), offsets }])
  }
}

test('what fpack packed reads as the table that it packed', async () => {
  const table = packed.table('STARS')
  expect(packed.warnings).toEqual([])
  expect(table.compression?.tileRows).toBe(50)
  expect(new Set(table.compression?.algorithms)).toEqual(new Set(['GZIP_1', 'GZIP_2', 'RICE_1']))
  expect(table.columns).toEqual(plain.table('STARS').columns)
  expectSame(await table.read(), truth)
  expect(await table.verify()).toEqual({ checksum: 'ok', datasum: 'ok' })
})

test('the header is that of the table', () => {
  const { header, compression } = packed.table('STARS')
  const sums = ['CHECKSUM', 'DATASUM']
  const cards = (file: FitsFile): unknown =>
    file
      .table('STARS')
      .header.cards.filter(({ key }) => !sums.includes(key))
      .map(({ key, value }) => [key, value])
  expect(cards(packed)).toEqual(cards(plain))
  expect(header.get('NAXIS2')).toBe(ROWS)
  expect(compression?.tableHeader.get('NAXIS2')).toBe(3)
})

test('rows and columns are those of the whole table', async () => {
  const names = fc.subarray([...truth.columns.keys()], { minLength: 1, maxLength: 4 })
  const row = fc.nat({ max: ROWS })
  await fc.assert(
    fc.asyncProperty(names, row, row, async (chosen, a, b) => {
      const options = { columns: chosen, rows: [Math.min(a, b), Math.max(a, b)] as const }
      const read = await packed.table('STARS').read(options)
      expect(read.rows).toBe(Math.abs(a - b))
      expectSame(read, await plain.table('STARS').read(options))
    }),
    { numRuns: 60 },
  )
})

const root = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const shared = JSON.parse(
  readFileSync(new URL('golden/compressed-tables-shared.json', import.meta.url), 'utf8'),
) as Record<string, { rows: number; columns: { format: string; sha: string }[] }>

test.skipIf(!existsSync(root)).each(Object.keys(shared))(
  '%s is what funpack unpacks (needs shared/data)',
  async (path) => {
    const file = await openFitsFile(root + path)
    const table = file.table(1)
    const read = await table.read()
    const described = table.columns.map(({ name, format }) => {
      const { values } = read.column(name)
      const bytes =
        typeof values[0] === 'string'
          ? Buffer.from((values as string[]).join('\n'), 'latin1')
          : new Uint8Array((values as FitsArray).buffer)
      return { format, sha: createHash('sha256').update(bytes).digest('hex') }
    })
    expect({ rows: read.rows, columns: described }).toEqual(shared[path])
    await file.close()
  },
)

const ALGORITHMS = ['RICE_1', 'GZIP_1', 'GZIP_2', 'NOCOMPRESS'] as const
const packedTable = (input: Partial<TableInput> & Pick<TableInput, 'compress'>): TableInput => ({
  kind: 'table',
  name: 'T',
  columns,
  ...input,
})

test('what we pack comes back, for every tile size and algorithm that a column takes', async () => {
  const taken: Record<string, readonly string[]> = {
    byte: ['RICE_1', 'GZIP_1', 'NOCOMPRESS'],
    short: ALGORITHMS,
    int: ALGORITHMS,
    real: ['GZIP_1', 'GZIP_2', 'NOCOMPRESS'],
    flag: ['GZIP_1', 'NOCOMPRESS'],
    complex: ['GZIP_1', 'NOCOMPRESS'],
    var_PI: ALGORITHMS,
    var_QD: ['GZIP_1', 'GZIP_2', 'NOCOMPRESS'],
    var_PA: ['GZIP_1', 'NOCOMPRESS'],
  }
  const algorithms = fc.record(
    Object.fromEntries(Object.entries(taken).map(([name, of]) => [name, fc.constantFrom(...of)])),
  ) as fc.Arbitrary<Record<string, (typeof ALGORITHMS)[number]>>
  await fc.assert(
    fc.asyncProperty(algorithms, fc.integer({ min: 1, max: 200 }), async (chosen, tileRows) => {
      const bytes = encodeFits([packedTable({ compress: { algorithms: chosen, tileRows } })], { checksum: true })
      const table = (await openFits(bytes)).table('T')
      expectSame(await table.read(), truth)
      expect(table.compression?.tileRows).toBe(Math.min(tileRows, ROWS))
      expect(await table.verify()).toEqual({ checksum: 'ok', datasum: 'ok' })
    }),
    { numRuns: 25 },
  )
})

test('a table without rows and one without columns come back', async () => {
  const compress = {}
  const file = await openFits(
    encodeFits([
      { kind: 'table', name: 'NONE', columns: [{ name: 'a', values: new Int32Array(0) }], compress },
      { kind: 'table', name: 'BARE', columns: [], rows: 3, compress },
    ]),
  )
  expect(file.warnings).toEqual([])
  expect((await file.table('NONE').read()).column('a').values).toEqual(new Int32Array(0))
  expect((await file.table('BARE').read()).rows).toBe(3)
})

const folder = mkdtempSync(join(tmpdir(), 'astrolabel-tables-'))
afterAll(() => rmSync(folder, { recursive: true }))
const FUNPACK = '/usr/bin/funpack'
const hasFunpack = existsSync(FUNPACK)

test.skipIf(!hasFunpack)('funpack unpacks what we pack (needs funpack)', async () => {
  const path = join(folder, 'ours.fits')
  // It knows no NOCOMPRESS.
  const algorithms = { int: 'GZIP_2', short: 'RICE_1', byte: 'RICE_1', var_PI: 'RICE_1', double: 'GZIP_1' } as const
  // It crashes on variable-length text, fpack's own too.
  const known = columns.filter(({ name }) => name !== 'var_PA')
  writeFileSync(path, encodeFits([packedTable({ columns: known, compress: { tileRows: 37, algorithms } })]))
  const unpacked = join(folder, 'plain.fits')
  expect(spawnSync(FUNPACK, ['-O', unpacked, path]).status).toBe(0)
  const file = await openFitsFile(unpacked)
  expect(file.table('T').compression).toBeUndefined()
  const names = known.map(({ name }) => name)
  expectSame(await file.table('T').read(), await plain.table('STARS').read({ columns: names }))
  await file.close()
})

test.each([
  [{ tileRows: 0 }, /tileRows 0/],
  [{ algorithms: { nosuch: 'GZIP_1' } }, /no column to compress so: got "nosuch"/],
  [{ algorithms: { real: 'RICE_1' } }, /"real" of table "T" cannot be compressed: got RICE_1 for TFORM 1E/],
  [{ algorithms: { name: 'GZIP_2' } }, /expected one of GZIP_1, NOCOMPRESS/],
] as const)('%j is refused', (compress, message) => {
  expect(() => encodeFits([packedTable({ compress })])).toThrow(FitsError)
  expect(() => encodeFits([packedTable({ compress })])).toThrow(message)
})

test('only the tiles of the columns and rows asked for are read', async () => {
  const rows = 4000
  const noise = Float64Array.from({ length: rows * 20 }, (_, i) => Math.sin(i * i))
  const wide: ColumnInput[] = Array.from({ length: 5 }, (_, i) => ({ name: `c${i}`, values: noise, shape: [20] }))
  const bytes = encodeFits([{ kind: 'table', columns: wide, compress: { tileRows: 500 } }])
  const inner = bytesSource(bytes)
  let count = 0
  const source: ByteSource = {
    ...inner,
    seekCost: 1024,
    read: (offset, length) => {
      count += length
      return inner.read(offset, length)
    },
  }
  const table = (await openFits(source)).table(1)
  count = 0
  await table.read({ columns: ['c3'], rows: [1200, 1300] })
  // One of 5 columns, one of 8 tiles.
  expect(count).toBeLessThan(bytes.length / 35)
  expect(count).toBeGreaterThan(0)
})

const card = (key: string, value: string | number | boolean): string => {
  const text = typeof value === 'string' ? `'${value.padEnd(8)}'` : String(value === true ? 'T' : value).padStart(20)
  return `${key.padEnd(8)}= ${text}`.padEnd(80)
}

/** A compressed table of one column, its keywords and bytes as given. */
function handmade(cards: Record<string, string | number | boolean>, rows: bigint[], heap: Uint8Array): Uint8Array {
  const header = {
    XTENSION: 'BINTABLE',
    BITPIX: 8,
    NAXIS: 2,
    NAXIS1: 16,
    NAXIS2: rows.length / 2,
    PCOUNT: heap.length,
    GCOUNT: 1,
    TFIELDS: 1,
    TTYPE1: 'c',
    TFORM1: '1QB',
    ZTABLE: true,
    ZTILELEN: 2,
    ZNAXIS1: 4,
    ZNAXIS2: 2,
    ZPCOUNT: 0,
    ZFORM1: '1J',
    ZCTYP1: 'GZIP_1',
    ...cards,
  }
  const text = `${Object.entries(header)
    .map(([key, value]) => card(key, value))
    .join('')}END`
  const pad = (length: number): number => Math.ceil(length / 2880) * 2880
  const out = new Uint8Array(2880 + pad(text.length) + pad(rows.length * 8 + heap.length))
  out.set(encodeFits([{ kind: 'image' }]))
  out.set(new TextEncoder().encode(text.padEnd(pad(text.length))), 2880)
  const at = 2880 + pad(text.length)
  const view = new DataView(out.buffer, at)
  rows.forEach((value, i) => view.setBigInt64(i * 8, value))
  out.set(heap, at + rows.length * 8)
  return out
}

const bigEndian = (...values: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  values.forEach((value, i) => view.setInt32(i * 4, value))
  return new Uint8Array(view.buffer)
}
const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))
const tile = gzip(bigEndian(7, -9))
const whole = [BigInt(tile.length), 0n]

test('the tile of the examples below reads', async () => {
  const table = await (await openFits(handmade({}, whole, tile))).table(1).read()
  expect(table.column('c').values).toEqual(Int32Array.of(7, -9))
})

test.each([true, false])('both orders of the descriptors of arrays are taken (packed ones last: %s)', async (last) => {
  const arrays = [gzip(bigEndian(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)), bigEndian(5)]
  const heap: number[] = []
  const [own, packedOnes]: [number[], bigint[]] = [[15, 0, 1, 60], []]
  for (const array of arrays) {
    packedOnes.push(BigInt(array.length), BigInt(heap.length))
    heap.push(...array)
  }
  const quads = new Uint8Array(32)
  packedOnes.forEach((value, i) => new DataView(quads.buffer).setBigInt64(i * 8, value))
  const block = gzip(Uint8Array.from(last ? [...bigEndian(...own), ...quads] : [...quads, ...bigEndian(...own)]))
  const rows = [BigInt(block.length), BigInt(heap.length)]
  const cards = { ZNAXIS1: 8, ZPCOUNT: 64, ZFORM1: '1PJ(15)' }
  const file = await openFits(handmade(cards, rows, Uint8Array.from([...heap, ...block])))
  const { values, offsets } = (await file.table(1).read()).column('c')
  expect(values).toEqual(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 5))
  expect(offsets).toEqual(Int32Array.of(0, 15, 16))
})

test.each([
  [{ ZCTYP1: 'LZMA' }, /has a bad ZCTYP1: got LZMA, expected one of RICE_1/],
  [{ ZCTYP1: 'RICE_1', ZFORM1: '1E' }, /has a bad ZCTYP1: got RICE_1, expected GZIP_1 or GZIP_2/],
  [{ ZTILELEN: 0 }, /has a bad ZTILELEN: got 0/],
  [{ ZTILELEN: -5 }, /has a bad ZTILELEN/],
  [{ ZTILELEN: 1 }, /another number of tiles than its table: got 1 rows, expected 2 tiles/],
  [{ ZNAXIS2: 1e12 }, /another number of tiles/],
  [{ ZNAXIS2: -1 }, /has a bad NAXIS2: got -1/],
  [{ ZNAXIS1: 2 }, /column c does not fit into the row/],
  [{ ZFORM1: '1W' }, /column c has a TFORM that is not FITS/],
  [{ ZPCOUNT: -4 }, /has a bad PCOUNT/],
  [{ TFORM1: '16B' }, /has a column c that cannot hold tiles: got TFORM 16B/],
  [{ TFIELDS: 1e9 }, /has a bad TFIELDS/],
])('a header with %j opens with a warning, and reading says why not', async (cards, message) => {
  const file = await openFits(handmade(cards, whole, tile))
  expect(file.warnings).toHaveLength(1)
  expect(file.warnings[0]).toMatch(message)
  expect(file.hdu(1).type).toBe('compressed-table')
  expect(() => file.table(1)).toThrow(FitsError)
  expect(() => file.table(1)).toThrow(message)
})

test.each([
  ['outside the heap', {}, [999n, 0n], tile, /^tile 0 of column c of HDU 1 lies outside the heap/],
  ['at a negative place', {}, [10n, -4n], tile, /lies outside the heap/],
  ['of no bytes', {}, [0n, 0n], tile, /cannot hold its rows: got 0 bytes/],
  ['of too many rows', { ZTILELEN: 1e9, ZNAXIS2: 1e9 }, whole, tile, /cannot hold its rows/],
  [
    'of noise',
    {},
    [20n, 0n],
    new Uint8Array(20).fill(9),
    /^tile 0 of column c of HDU 1 cannot be decoded: a tile is not gzip/,
  ],
  [
    'of another size',
    {},
    whole,
    gzip(bigEndian(7)),
    /another number of bytes: got 4 bytes, expected 8 bytes|lies outside/,
  ],
  [
    'that is a bomb',
    {},
    [BigInt(gzip(new Uint8Array(1e6)).length), 0n],
    gzip(new Uint8Array(1e6)),
    /too long: got more than 8/,
  ],
  ['cut short', { ZCTYP1: 'RICE_1' }, [3n, 0n], tile, /cannot hold its rows/],
] as const)('a tile %s says so', async (_, cards, rows, heap, message) => {
  const file = await openFits(handmade(cards, [...rows], heap))
  const error = await file
    .table(1)
    .read()
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(FitsError)
  expect((error as FitsError).code).toBe('fits/bad-tile')
  expect((error as FitsError).message).toMatch(message)
})

test('what would take too much memory is refused, unless it is asked for', async () => {
  const bytes = encodeFits([
    { kind: 'table', columns: [{ name: 'z', values: new Float64Array(100_000) }], compress: {} },
    { kind: 'image', name: 'I', data: new Int32Array(100_000), compress: { algorithm: 'GZIP_1' } },
  ])
  const file = await openFits(bytes)
  const refused = { code: 'fits/too-large', message: expect.stringMatching(/800000 bytes out of .*maxBytes/) }
  await expect(file.table(1).read({ maxBytes: 799_999 })).rejects.toMatchObject(refused)
  expect((await file.table(1).read({ maxBytes: 800_000 })).rows).toBe(100_000)
  await expect(file.image('I').read({ maxBytes: 399_999 })).rejects.toMatchObject({ code: 'fits/too-large' })
  expect((await file.image('I').read({ maxBytes: 400_000 })).data).toHaveLength(100_000)
})

test('damaged tables end in a typed error or in a table of the right size', { timeout: 30_000 }, async () => {
  const bytes = encodeFits([packedTable({ compress: { tileRows: 40 } })])
  const { dataOffset, dataSize } = (await openFits(bytes)).hdu(1)
  const flips = fc.array(fc.tuple(fc.nat({ max: dataSize - 1 }), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(flips, fc.boolean(), async (changes, descriptors) => {
      const broken = bytes.slice()
      for (const [at, change] of changes) {
        // The descriptors are few bytes: aim at them half of the time.
        const place = dataOffset + (descriptors ? at % (columns.length * 16 * 4) : at)
        broken[place] = (broken[place] as number) ^ change
      }
      try {
        expect((await (await openFits(broken)).table(1).read()).rows).toBe(ROWS)
      } catch (error) {
        expect(error).toBeInstanceOf(FitsError)
      }
    }),
    { numRuns: 150 },
  )
})
