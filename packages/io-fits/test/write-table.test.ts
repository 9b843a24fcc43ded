import fc from 'fast-check'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { ColumnInput, HduInput, TextColumnInput } from '@astrolabel/io-fits'
import { encodeFits, openFits } from '@astrolabel/io-fits'
import type { WriteTableOptions } from '@astrolabel/io-fits/node'
import { openFitsFile, writeFitsTable } from '@astrolabel/io-fits/node'
import type { OracleFile } from './astropy.js'
import { askAstropy, differences, hasAstropy } from './astropy.js'

const folder = mkdtempSync(join(tmpdir(), 'io-fits-'))
const path = join(folder, 'a.fits')
beforeEach(() => writeFileSync(path, 'kept'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Rows `from` up to `to` of one table with columns of every kind. */
function rowsOf(from: number, to: number): ColumnInput[] {
  const rows = Array.from({ length: to - from }, (_, i) => from + i)
  const counts = rows.map((row) => row % 4)
  const offsets = Int32Array.from([0, ...counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0))])
  return [
    { name: 'id', values: BigInt64Array.from(rows, (row) => BigInt(row) * 10n ** 15n), unit: 'n' },
    { name: 'flux', values: Float32Array.from({ length: rows.length * 6 }, (_, i) => from * 6 + i), shape: [2, 3] },
    { name: 'flag', values: rows.map((row) => row % 3 === 0), dtype: 'bool' },
    {
      name: 'bits',
      values: Uint8Array.from({ length: rows.length * 5 }, (_, i) => (i % 5) & 1),
      dtype: 'bit',
      shape: [5],
    },
    { name: 'name', values: rows.map((row) => `star ${row}`), width: 12 },
    { name: 'count', values: Uint16Array.from(rows), valid: Uint8Array.from(rows, (row) => (row % 7 === 5 ? 0 : 1)) },
    {
      name: 'scaled',
      values: Float64Array.from(rows, (row) => (row % 5 === 4 ? NaN : row / 10)),
      stored: 'i4',
      scale: 0.1,
    },
    {
      name: 'list',
      values: Float64Array.from(rows.flatMap((row) => Array.from({ length: row % 4 }, (_, i) => row * 10 + i))),
      offsets,
    },
    {
      name: 'text',
      values: rows.map((row) => 'ab'.repeat(row % 5)),
      offsets: Int32Array.from({ length: rows.length + 1 }, (_, i) => i),
    },
  ]
}

async function* batches(sizes: readonly number[]): AsyncGenerator<ColumnInput[]> {
  let from = 0
  for (const size of sizes) {
    yield rowsOf(from, from + size)
    from += size
  }
}

test.each<[string, number[]]>([
  ['one batch', [50]],
  ['several', [3, 20, 1, 26]],
  ['empty ones between', [0, 10, 0, 40, 0]],
])('%s: the table that is streamed has the rows of the one written at once', async (_, sizes) => {
  const seen: number[] = []
  const rows = await writeFitsTable(path, batches(sizes), {
    name: 'T',
    header: { ORIGIN: 'here' },
    checksum: true,
    onProgress: (done) => seen.push(done),
  })
  expect([rows, seen.at(-1), seen.length]).toEqual([50, 50, sizes.length])
  const file = await openFitsFile(path)
  expect(file.warnings).toEqual([])
  const whole = await openFits(encodeFits([{ kind: 'table', name: 'T', columns: rowsOf(0, 50) }]))
  const [ours, wanted] = await Promise.all([file.table('T').read(), whole.table('T').read()])
  for (const [name, column] of wanted.columns) expect(ours.column(name)).toEqual(column)
  expect(file.hdu('T').header.get('ORIGIN')).toBe('here')
  for (const hdu of file.hdus) expect(await hdu.verify()).toEqual({ checksum: 'ok', datasum: 'ok' })
  await file.close()
  expect(readdirSync(folder)).toEqual(['a.fits'])
})

test('property: cut into batches anywhere, the table is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
      const rows = await writeFitsTable(path, batches(sizes), { checksum: true })
      const file = await openFitsFile(path)
      const whole = await openFits(encodeFits([{ kind: 'table', columns: rowsOf(0, rows) }]))
      const [ours, wanted] = await Promise.all([file.table(1).read(), whole.table(1).read()])
      for (const [name, { values, valid, offsets }] of wanted.columns) {
        const column = ours.column(name)
        expect([column.values, column.valid, column.offsets]).toEqual([values, valid, offsets])
      }
      expect(await file.hdu(1).verify()).toEqual({ checksum: 'ok', datasum: 'ok' })
      await file.close()
    }),
    { numRuns: 25 },
  )
})

test('a table of rows without arrays is byte for byte the one written at once, with the HDUs before it', async () => {
  const plain = (from: number, to: number): ColumnInput[] => rowsOf(from, to).slice(0, 5)
  const image: HduInput = { kind: 'image', data: Int16Array.of(1, 2, 3) }
  await writeFitsTable(path, [plain(0, 7), plain(7, 9)], { name: 'T', before: [image] })
  const wanted = encodeFits([image, { kind: 'table', name: 'T', columns: plain(0, 9) }])
  expect(Buffer.compare(readFileSync(path), wanted)).toBe(0)
})

test('memory stays flat however long the table is', { timeout: 60_000 }, async () => {
  const flux = new Float32Array(1_000_000)
  function* long(): Generator<ColumnInput[]> {
    for (let i = 0; i < 100; i++) yield [{ name: 'flux', values: flux.fill(i), shape: [1000] }]
  }
  const before = process.memoryUsage().rss
  let most = 0
  const rows = await writeFitsTable(path, long(), {
    onProgress: () => {
      most = Math.max(most, process.memoryUsage().rss - before)
    },
  })
  expect(rows).toBe(100_000)
  // 400 MB are written.
  expect(most).toBeLessThan(150e6)
  const file = await openFitsFile(path)
  expect((await file.table(1).read({ rows: [99_999, 100_000] })).column('flux').values[0]).toBe(99)
  await file.close()
})

test.each<[string, ColumnInput[][], RegExp]>([
  ['no batches', [], /has no batches.*Give one of no rows/],
  ['other columns', [rowsOf(0, 2), rowsOf(2, 4).slice(1)], /other columns: got flux, .*expected id, flux/],
  [
    'another type',
    [[{ name: 'a', values: Int16Array.of(1) }], [{ name: 'a', values: Int32Array.of(1) }]],
    /changes from one batch to the next: got TFORM 1J, expected TFORM 1I/,
  ],
  [
    'an array in place of a value',
    [
      [{ name: 'a', values: Int16Array.of(1) }],
      [{ name: 'a', values: Int16Array.of(1), offsets: Int32Array.of(0, 1) }],
    ],
    /got TFORM 1PI, expected TFORM 1I/,
  ],
  [
    'a mask that comes late',
    [[{ name: 'a', values: Int16Array.of(1) }], [{ name: 'a', values: Int16Array.of(1), valid: Uint8Array.of(0) }]],
    /TNULL -32768.*a mask \(valid\) from the first on/,
  ],
  ['a string that is longer', [[{ name: 'a', values: ['ab'] }], [{ name: 'a', values: ['abc'] }]], /width 2/],
  ['columns of different lengths', [[rowsOf(0, 2)[0], rowsOf(0, 3)[1]] as ColumnInput[]], /different lengths/],
])('%s: refused, and what was there stays', async (_, given, message) => {
  await expect(writeFitsTable(path, given)).rejects.toMatchObject({
    code: 'fits/bad-input',
    message: expect.stringMatching(message),
  })
  expect(readFileSync(path, 'utf8')).toBe('kept')
  expect(readdirSync(folder)).toEqual(['a.fits'])
})

test('a stream that fails, a signal, a packed path: nothing is left behind', async () => {
  function* failing(): Generator<ColumnInput[]> {
    yield rowsOf(0, 100)
    throw new Error('the survey ended')
  }
  const attempts: [Parameters<typeof writeFitsTable>[1], WriteTableOptions, string][] = [
    [failing(), {}, 'the survey ended'],
    [batches([5, 5]), { signal: AbortSignal.abort() }, 'aborted'],
  ]
  for (const [given, options, message] of attempts) {
    await expect(writeFitsTable(path, given, options)).rejects.toThrow(message)
    expect(readFileSync(path, 'utf8')).toBe('kept')
    expect(readdirSync(folder)).toEqual(['a.fits'])
  }
  await expect(writeFitsTable(`${path}.gz`, [])).rejects.toMatchObject({ code: 'fits/bad-input' })
})

const text: TextColumnInput[] = [
  { name: 'id', values: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 7n) },
  { name: 'n', values: Int32Array.of(-12, 5, 123_456), valid: Uint8Array.of(1, 0, 1), unit: 'count' },
  { name: 'teff', values: Float32Array.of(5772.1, NaN, -1.5e-30), unit: 'K' },
  { name: 'mass', values: Float64Array.of(1 / 3, 1.7e308, -5e-324) },
  { name: 'mag', values: Float64Array.of(12.345, -1.5, 0), format: 'F8.3' },
  { name: 'name', values: ['alpha Lyr', '', "O'Neill"] },
  { name: 'small', values: Uint8Array.of(0, 7, 255) },
]

test('ASCII tables: every number comes back, missing ones as missing', async () => {
  const bytes = encodeFits([{ kind: 'ascii-table', name: 'T', columns: text }], { checksum: true })
  // cfitsio looks for what TNULL says at the start of the field.
  expect(new TextDecoder().decode(bytes)).toContain('9223372036854775807 *      ')
  const file = await openFits(bytes)
  expect(file.warnings).toEqual([])
  const hdu = file.table('T')
  expect([hdu.type, hdu.rows, await hdu.verify()]).toEqual(['ascii-table', 3, { checksum: 'ok', datasum: 'ok' }])
  expect(hdu.columns.map(({ format }) => format)).toEqual(['I20', 'I6', 'E15.8', 'D24.16', 'F8.3', 'A9', 'I3'])
  const table = await hdu.read()
  expect(table.column('id').values).toEqual(text[0]?.values)
  expect(table.column('n')).toMatchObject({ values: Int32Array.of(-12, 0, 123_456), valid: Uint8Array.of(1, 0, 1) })
  expect(Float32Array.from(table.column('teff').values as Float64Array)).toEqual(text[2]?.values)
  expect(table.column('teff')).toMatchObject({ valid: Uint8Array.of(1, 0, 1), info: { unit: 'K' } })
  for (const name of ['mass', 'mag', 'name']) {
    expect(table.column(name).values).toEqual(text.find((column) => column.name === name)?.values)
  }
  expect(table.column('small').values).toEqual(Int16Array.of(0, 7, 255))
})

test('ASCII tables of no rows, and of no columns', async () => {
  const file = await openFits(
    encodeFits([
      {
        kind: 'ascii-table',
        columns: [
          { name: 'a', values: [] },
          { name: 'b', values: new Float64Array(0) },
        ],
      },
      { kind: 'ascii-table', columns: [] },
    ]),
  )
  expect([1, 2].map((i) => [file.table(i).rows, file.table(i).columns.length])).toEqual([
    [0, 2],
    [0, 0],
  ])
})

test.each<[string, TextColumnInput[], RegExp]>([
  ['a format of another kind', [{ name: 'a', values: Int16Array.of(1), format: 'E15.7' }], /Iw for integers/],
  ['a format that is none', [{ name: 'a', values: Float64Array.of(1), format: 'E15' }], /Fw.d, Ew.d or Dw.d/],
  ['a field too narrow', [{ name: 'a', values: Float64Array.of(1, 12345.5), format: 'F6.2' }], /12345.50 in row 1/],
  ['infinity', [{ name: 'a', values: Float64Array.of(Infinity) }], /Infinity in row 0/],
  ['an unsigned integer too large', [{ name: 'a', values: BigUint64Array.of(2n ** 63n) }], /Write a binary table/],
  ['text outside ASCII', [{ name: 'a', values: ['Ångström'] }], /printable ASCII/],
  ['a mask of another length', [{ name: 'a', values: ['x'], valid: new Uint8Array(2) }], /mask of another length/],
])('ASCII tables: %s is refused', (_, columns, message) => {
  expect(() => encodeFits([{ kind: 'ascii-table', columns }])).toThrow(
    expect.objectContaining({ code: 'fits/bad-input', message: expect.stringMatching(message) }) as Error,
  )
})

test.skipIf(!hasAstropy)('astropy reads streamed tables and ASCII tables (needs astropy)', async () => {
  const ascii = join(folder, 'ascii.fits')
  writeFileSync(ascii, encodeFits([{ kind: 'ascii-table', name: 'T', columns: text.slice(2) }], { checksum: true }))
  // It scales the stored null value too, where ours is NaN.
  const plain = [rowsOf(0, 5), rowsOf(5, 35), rowsOf(35, 50)].map((batch) => batch.filter(({ stored }) => !stored))
  await writeFitsTable(path, plain, { name: 'T', checksum: true })
  const oracle = askAstropy([path, ascii])
  for (const written of [path, ascii]) {
    const file = await openFitsFile(written)
    expect(await differences(file, oracle[written] as OracleFile)).toEqual([])
    await file.close()
  }
  rmSync(ascii)
})
