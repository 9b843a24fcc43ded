import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { ColumnInput, HduInput, NumberDtype } from '@astrolabel/io-fits'
import { openFitsFile, writeFitsFile } from '@astrolabel/io-fits/node'
import type { OracleFile } from './astropy.js'
import { askAstropy, differences, hasAstropy } from './astropy.js'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'io-fits-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Up to `limit` files of a survey, spread over its folder. */
function filesOf(survey: string, limit: number): string[] {
  const all = readdirSync(join(data, survey))
    .filter((name) => /\.fits(\.gz)?$/.test(name))
    .toSorted()
  const step = Math.max(1, Math.floor(all.length / limit))
  return all.filter((_, i) => i % step === 0).map((name) => join(data, survey, name))
}

/** Differences from astropy by file; no entry for a file that is read the same. */
async function compareAll(paths: readonly string[]): Promise<Record<string, string[]>> {
  const oracle = askAstropy(paths)
  const found: Record<string, string[]> = {}
  for (const path of paths) {
    const file = await openFitsFile(path)
    const here = await differences(file, oracle[path] as OracleFile)
    if (here.length > 0) found[path] = here
    await file.close()
  }
  return found
}

const surveys: [string, number][] = [
  ['miles', 20],
  ['desi', 10],
  ['apogee', 12],
  ['sdss', 4],
  ['lamost', 10],
]
test.skipIf(!hasAstropy || !existsSync(data)).each(surveys)(
  'every HDU of real %s files is what astropy reads (needs astropy and shared/data)',
  async (survey, limit) => {
    expect(await compareAll(filesOf(survey, limit))).toEqual({})
  },
)

const ramp = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array }
const numbers: Record<NumberDtype, ColumnInput['values']> = {
  ...(Object.fromEntries(
    Object.entries(ramp).map(([dtype, make]) => [dtype, make.from([0, 1, 127, 2 ** 31, 65_535, 2 ** 32 - 1])]),
  ) as Record<keyof typeof ramp, Int32Array>),
  i8: BigInt64Array.of(0n, -1n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, 7n),
  u8: BigUint64Array.of(0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 7n),
  f4: Float32Array.of(0.1, -0, NaN, Infinity, 1e-45, -3.4e38),
  f8: Float64Array.of(0.1, -0, NaN, -Infinity, 5e-324, 1.7e308),
}

test.skipIf(!hasAstropy)('astropy reads what we write (needs astropy)', async () => {
  const columns: ColumnInput[] = []
  for (const [name, values] of Object.entries(numbers)) {
    columns.push({ name, values, unit: 'km/s' }, { name: `${name}_pair`, values: repeatTwice(values), shape: [2] })
  }
  const flags = Uint8Array.of(1, 0, 1, 1, 0, 1)
  columns.push(
    { name: 'cube', values: Float32Array.from({ length: 36 }, (_, i) => i), shape: [3, 2] },
    { name: 'bool', values: flags, dtype: 'bool' },
    { name: 'bit', values: Uint8Array.from({ length: 66 }, (_, i) => ((i * i) % 3) & 1), dtype: 'bit', shape: [11] },
    { name: 'c8', values: Float32Array.from({ length: 12 }, (_, i) => i - 4), dtype: 'c8' },
    { name: 'c16', values: Float64Array.from({ length: 12 }, (_, i) => i / 7), dtype: 'c16' },
    { name: 'str', values: ['Vega', '', ' a', "it's", 'x'.repeat(20), 'z'] },
    { name: 'strs', values: Array.from({ length: 18 }, (_, i) => 'ab'.repeat(i % 4)), shape: [3] },
    { name: 'empty', values: new Float32Array(0), shape: [0] },
  )
  const offsets = Int32Array.of(0, 2, 2, 3, 6, 6, 6)
  for (const [name, values] of Object.entries(numbers)) {
    // astropy leaves scaled arrays of variable length unscaled where they are unsigned.
    if (/^[if]|u1/.test(name) && name !== 'i1') columns.push({ name: `${name}_rows`, values, offsets })
  }
  columns.push(
    { name: 'bool_rows', values: flags, dtype: 'bool', offsets },
    { name: 'c8_rows', values: Float32Array.from({ length: 12 }, (_, i) => i), dtype: 'c8', offsets },
    { name: 'str_rows', values: ['Vega', '', 'a', "it's", 'x', 'z'], offsets: Int32Array.of(0, 1, 2, 3, 4, 5, 6) },
    { name: 'q_rows', values: Int16Array.of(1, 2, 3, 4, 5, 6), offsets, variable: { descriptor: 'Q' } },
  )
  const header = [
    { key: 'OBJECT', value: "Barnard's star", comment: 'target' },
    { key: 'LONG', value: 'words & quotes '.repeat(20), comment: 'a long string' },
    { key: 'ESO INS NAME', value: 'GIRAFFE' },
    { key: 'EXPTIME', value: 1234.5678901234567 },
    { key: 'TINY', value: 1e-300 },
    { key: 'HUGE', value: 2n ** 70n },
    { key: 'DONE', value: false },
    { key: 'NOTHING', value: undefined },
    { key: 'CPLX', complex: [1.5, -2] },
    { key: 'HISTORY', value: 'made '.repeat(30).trimEnd(), commentary: true },
  ] as const
  const images = Object.entries(numbers).map(([name, values]): HduInput => ({
    kind: 'image',
    name,
    data: values as Float64Array,
    shape: [2, 3],
  }))
  const path = join(folder, 'ours.fits')
  await writeFitsFile(path, [
    { kind: 'image', header },
    { kind: 'table', name: 'TABLE', columns },
    { kind: 'table', name: 'NO ROWS', columns: [{ name: 'x', values: new Float64Array(0) }] },
    ...images,
    { kind: 'image', name: 'STORED', data: Float64Array.of(1, 2.5, NaN), stored: 'i2', scale: 0.5, zero: 10 },
  ])
  expect(await compareAll([path])).toEqual({})
})

function repeatTwice(values: ColumnInput['values']): ColumnInput['values'] {
  const twice = new (values.constructor as Float64ArrayConstructor)(values.length * 2)
  for (let i = 0; i < twice.length; i++) twice[i] = values[i >> 1] as number
  return twice
}
