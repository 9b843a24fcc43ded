import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import { openFitsFile, writeFitsFile } from '@astrolabel/io-fits/node'
import type { OracleFile } from './astropy.js'
import { arrays, dtypes } from './number-arrays.js'
import { PYTHON, askAstropy, differences, hasAstropy } from './astropy.js'

const SCRIPT = fileURLToPath(new URL('oracle/make-random.py', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'io-fits-'))
afterAll(() => rmSync(folder, { recursive: true }))
// One run of Python answers for all files; another seed and count for longer runs than CI's.
const SEED = Number(process.env['FITS_RANDOM_SEED'] ?? 20_261_122)
const FILES = Number(process.env['FITS_RANDOM_FILES'] ?? 60)

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1)
const flags = (n: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ min: 0, max: 1, minLength: n, maxLength: n })
const textArb = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$|^$/)

function fixedColumn(name: string, rows: number): fc.Arbitrary<ColumnInput> {
  return fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).chain((shape) => {
    const n = rows * sizeOf(shape)
    return fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .constantFrom(...dtypes)
          .chain((dtype) => arrays[dtype](n))
          .map((values) => ({ name, shape, values })),
      },
      flags(n).map((values) => ({ name, shape, values, dtype: 'bool' as const })),
      // Of bits with dimensions astropy makes whole bytes.
      flags(rows * 11).map((values) => ({ name, shape: [11], values, dtype: 'bit' as const })),
      arrays.f4(2 * n).map((values) => ({ name, shape, values, dtype: 'c8' as const, unit: 'Jy' })),
      arrays.f8(2 * n).map((values) => ({ name, shape, values, dtype: 'c16' as const })),
      fc.array(textArb, { minLength: n, maxLength: n }).map((values) => ({ name, shape, values, width: 13 })),
      fc.array(fc.integer({ min: -999, max: 999 }), { minLength: n, maxLength: n }).map((stored) => ({
        name,
        shape,
        values: Float64Array.from(stored, (i) => 10 + i / 4),
        stored: 'i2' as const,
        scale: 0.25,
        zero: 10,
      })),
      fc.tuple(arrays.i2(n), flags(n)).map(([values, valid]) => ({
        name,
        shape,
        values: Int32Array.from(values as Int16Array),
        valid,
        null: -70_000,
      })),
    )
  })
}

function variableColumn(name: string, rows: number): fc.Arbitrary<ColumnInput> {
  return fc.array(fc.nat({ max: 4 }), { minLength: rows, maxLength: rows }).chain((counts) => {
    const offsets = new Int32Array(rows + 1)
    counts.forEach((count, row) => (offsets[row + 1] = (offsets[row] as number) + count))
    const n = offsets[rows] as number
    const descriptor = fc.constantFrom('P' as const, 'Q' as const)
    // astropy leaves unsigned arrays of variable length as they are stored.
    const values = fc.constantFrom(
      'u1' as const,
      'i2' as const,
      'i4' as const,
      'i8' as const,
      'f4' as const,
      'f8' as const,
    )
    return fc.oneof(
      fc
        .tuple(
          values.chain((dtype) => arrays[dtype](n)),
          descriptor,
        )
        .map(([array, kind]) => ({ name, values: array, offsets, variable: { descriptor: kind } })),
      flags(n).map((array) => ({ name, values: array, dtype: 'bool' as const, offsets })),
      arrays.f8(2 * n).map((array) => ({ name, values: array, dtype: 'c16' as const, offsets })),
    )
  })
}

const tableArb: fc.Arbitrary<HduInput> = fc.integer({ min: 1, max: 9 }).chain((rows) =>
  fc
    .integer({ min: 1, max: 6 })
    .chain((n) =>
      fc.tuple(
        ...Array.from({ length: n }, (_, i) =>
          fc.oneof({ weight: 4, arbitrary: fixedColumn(`c${i}`, rows) }, variableColumn(`c${i}`, rows)),
        ),
      ),
    )
    .map((columns): HduInput => ({ kind: 'table', name: 'T', columns })),
)
const imageArb: fc.Arbitrary<HduInput> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }))
  .chain(([dtype, shape]) =>
    arrays[dtype](sizeOf(shape)).map((data): HduInput => ({ kind: 'image', name: 'I', shape, data })),
  )
const asciiArb: fc.Arbitrary<HduInput> = fc.integer({ min: 1, max: 6 }).chain((rows) => {
  const finite = { noNaN: true, noDefaultInfinity: true, minLength: rows, maxLength: rows }
  return fc
    .tuple(
      arrays.i4(rows),
      fc.float32Array(finite),
      fc.float64Array(finite),
      fc.array(textArb, { minLength: rows, maxLength: rows }),
    )
    .map(([ids, singles, doubles, texts]): HduInput => ({
      kind: 'ascii-table',
      columns: [
        // As wide as the type that it is read as is in both.
        { name: 'i', values: ids, format: 'I11' },
        { name: 'e', values: singles },
        { name: 'd', values: doubles, unit: 'K' },
        { name: 'a', values: texts },
      ],
    }))
})
const valueArb = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.stringMatching(/^[!-~]([ -~]{0,150}[!-%'-~])?$/),
)
const cardArb = fc.tuple(
  fc.stringMatching(/^[A-Z]{3}[A-Z0-9]{3}( [A-Z]{2,9})?$/),
  valueArb,
  fc.stringMatching(/^[!-~]{0,20}$/),
)
const fileArb: fc.Arbitrary<HduInput[]> = fc
  .tuple(
    fc.array(cardArb, { maxLength: 5 }),
    fc.array(fc.oneof(tableArb, tableArb, imageArb, asciiArb), { minLength: 1, maxLength: 3 }),
  )
  .map(([cards, hdus]): HduInput[] => [
    { kind: 'image', header: cards.map(([key, value, comment]) => ({ key, value, comment })) },
    ...hdus,
  ])

async function allDifferences(paths: readonly string[]): Promise<Record<string, string[]>> {
  const oracle = askAstropy(paths)
  const found: Record<string, string[]> = {}
  for (const path of paths) {
    const file = await openFitsFile(path)
    const here = [...file.warnings, ...(await differences(file, oracle[path] as OracleFile))]
    if (here.length > 0) found[path] = here
    await file.close()
  }
  return found
}

test.skipIf(!hasAstropy)(
  'random files that we write are what astropy reads (needs astropy)',
  { timeout: 120_000 },
  async () => {
    const paths: string[] = []
    for (const [i, hdus] of fc.sample(fileArb, { numRuns: FILES, seed: SEED }).entries()) {
      const path = join(folder, `ours-${i}.fits`)
      await writeFitsFile(path, hdus, { checksum: i % 2 === 0 })
      paths.push(path)
    }
    expect(await allDifferences(paths)).toEqual({})
  },
)

test.skipIf(!hasAstropy)(
  'random files that astropy writes are what it reads (needs astropy)',
  { timeout: 120_000 },
  async () => {
    const theirs = join(folder, 'theirs')
    mkdirSync(theirs)
    const { status, stderr } = spawnSync(PYTHON, [SCRIPT, theirs, String(FILES), String(SEED)], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
    expect(await allDifferences(Array.from({ length: FILES }, (_, i) => join(theirs, `${i}.fits`)))).toEqual({})
  },
)
