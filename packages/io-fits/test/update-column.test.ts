import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CellValues, ColumnInput } from '@astrolabel/io-fits'
import { encodeFits } from '@astrolabel/io-fits'
import { openFitsFile, updateColumn } from '@astrolabel/io-fits/node'
import type { OracleFile } from './astropy.js'
import { askAstropy, differences, hasAstropy } from './astropy.js'

const ROWS = 6
const flags = Uint8Array.of(1, 0, 1, 1, 0, 1)
const columns: ColumnInput[] = [
  { name: 'id', values: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) },
  { name: 'count', values: Uint16Array.of(1, 2, 3, 4, 5, 6), null: 9 },
  { name: 'plain', values: Int32Array.of(1, 2, 3, 4, 5, 6) },
  { name: 'flux', values: new Float32Array(ROWS * 4), shape: [2, 2] },
  { name: 'scaled', values: Float64Array.of(1, 2, 3, 4, 5, 6), stored: 'i2', scale: 0.5, zero: 1 },
  { name: 'ok', values: flags, dtype: 'bool' },
  { name: 'bits', values: new Uint8Array(ROWS * 11).fill(1), dtype: 'bit', shape: [11] },
  { name: 'z', values: new Float32Array(ROWS * 2), dtype: 'c8' },
  { name: 'name', values: ['a', 'b', 'c', 'd', 'e', 'f'], width: 8 },
  { name: 'list', values: Float64Array.of(1, 2, 3), offsets: Int32Array.of(0, 1, 1, 2, 3, 3, 3) },
]
let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'io-fits-'))
  path = join(folder, 'a.fits')
})
beforeEach(() =>
  writeFile(
    path,
    encodeFits(
      [
        { kind: 'table', name: 'T', columns },
        { kind: 'image', name: 'AFTER', data: Int16Array.of(1, 2, 3) },
        { kind: 'ascii-table', name: 'TEXT', columns: [{ name: 'a', values: ['x'] }] },
      ],
      { checksum: true },
    ),
  ),
)
afterAll(() => rm(folder, { recursive: true }))

const cases: [string, CellValues][] = [
  ['id', { values: BigInt64Array.of(2n ** 62n, 0n, -5n, 1n, 1n, 1n) }],
  ['count', { values: Uint16Array.of(0, 65_535, 3, 4, 0, 6), valid: flags }],
  ['flux', { values: Float32Array.from({ length: ROWS * 4 }, (_, i) => i / 3) }],
  ['scaled', { values: Float64Array.of(-1, 0.5, 3.5, 100, 5, 7) }],
  ['ok', { values: Uint8Array.of(0, 1, 0, 0, 1, 0) }],
  ['bits', { values: Uint8Array.from({ length: ROWS * 11 }, (_, i) => ((i * i) % 3) & 1) }],
  ['z', { values: Float32Array.from({ length: ROWS * 2 }, (_, i) => i) }],
  ['name', { values: ['Vega', '', 'x'.repeat(8), "it's", 'e', 'f'] }],
]

test.each(cases)('%s takes new values; all else stays, sums are right', async (column, cells) => {
  const before = await openFitsFile(path)
  const old = await before.table('T').read()
  await before.close()
  await updateColumn(path, 'T', { column: column.toUpperCase(), ...cells })
  const file = await openFitsFile(path)
  expect(file.warnings).toEqual([])
  for (const hdu of file.hdus) expect(await hdu.verify()).toEqual({ checksum: 'ok', datasum: 'ok' })
  const table = await file.table('T').read()
  for (const [name, other] of old.columns) if (name !== column) expect(table.column(name)).toEqual(other)
  const { values, valid } = table.column(column)
  if (cells.valid === undefined) expect(values).toEqual(cells.values)
  else
    expect(Array.from<unknown, unknown>(values, (value, i) => (flags[i] === 1 ? value : 0))).toEqual([0, 0, 3, 4, 0, 6])
  expect(valid).toEqual(cells.valid)
  expect((await file.image('AFTER').read()).data).toEqual(Int16Array.of(1, 2, 3))
  await file.close()
})

test('some rows of a column; the same values leave the same bytes', async () => {
  const before = await readFile(path)
  await updateColumn(path, 1, { column: 'plain', rows: [2, 4], values: Int32Array.of(3, 4) })
  expect((await readFile(path)).equals(before)).toBe(true)
  await updateColumn(path, 1, { column: 'plain', rows: [2, 4], values: Int32Array.of(-3, -4) })
  await updateColumn(path, 1, { column: 'plain', rows: [0, 0], values: new Int32Array(0) })
  const file = await openFitsFile(path)
  expect((await file.table(1).read()).column('plain').values).toEqual(Int32Array.of(1, 2, -3, -4, 5, 6))
  await file.close()
})

test.each<[string, Parameters<typeof updateColumn>[1], Parameters<typeof updateColumn>[2], string, RegExp]>([
  ['another type', 'T', { column: 'flux', values: new Float64Array(24) }, 'fits/bad-input', /got f8, expected f4/],
  ['too few rows', 'T', { column: 'plain', values: new Int32Array(5) }, 'fits/bad-input', /expected 6 rows/],
  ['rows that are not there', 'T', { column: 'plain', rows: [3, 9], values: new Int32Array(6) }, 'fits/bad-range', /9/],
  ['a string too long', 'T', { column: 'name', values: Array(6).fill('x'.repeat(9)) }, 'fits/bad-input', /width 8/],
  [
    'missing values without TNULL',
    'T',
    { column: 'plain', values: new Int32Array(6), valid: flags },
    'fits/bad-input',
    /TNULL/,
  ],
  [
    'a value out of scale',
    'T',
    { column: 'scaled', values: new Float64Array(6).fill(1e9) },
    'fits/bad-input',
    /1e9|1000000000/,
  ],
  ['a column that is not there', 'T', { column: 'x', values: new Int32Array(6) }, 'fits/no-column', /flux/],
  [
    'arrays of variable length',
    'T',
    { column: 'list', values: new Float64Array(6) },
    'fits/unsupported',
    /write it anew/,
  ],
  ['an ASCII table', 'TEXT', { column: 'a', values: ['y'] }, 'fits/unsupported', /got ascii-table/],
  ['an image', 'AFTER', { column: 'a', values: ['y'] }, 'fits/not-a-table', /image/],
])('%s: refused, and the file stays', async (_, hdu, update, code, message) => {
  const before = await readFile(path)
  await expect(updateColumn(path, hdu, update)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  })
  expect((await readFile(path)).equals(before)).toBe(true)
})

test.skipIf(!hasAstropy)('astropy reads what was changed (needs astropy)', async () => {
  for (const [column, cells] of cases) await updateColumn(path, 'T', { column, ...cells })
  const file = await openFitsFile(path)
  expect(await differences(file, askAstropy([path])[path] as OracleFile)).toEqual([])
  await file.close()
})
