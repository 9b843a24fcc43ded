import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openFitsFile } from '@astrolabel/io-fits/node'
import type { OracleFile } from './astropy.js'
import { differences } from './astropy.js'
import { answer } from './golden-files.js'

const root = fileURLToPath(new URL('../../../../shared/data/fits-conformance/', import.meta.url))
const files = existsSync(root)
  ? readdirSync(root).flatMap((of) => readdirSync(join(root, of)).map((name) => join(of, name)))
  : []
const NOT_FITS = /testprog\.out$/

test.skipIf(files.length === 0)('there are conformance files (needs shared/data)', () => {
  expect(files.length).toBeGreaterThan(50)
})

test.each(files)('%s opens and reads, or says why not', { timeout: 1000 }, async (name) => {
  if (NOT_FITS.test(name)) {
    await expect(openFitsFile(join(root, name))).rejects.toMatchObject({ code: 'fits/not-fits' })
    return
  }
  const file = await openFitsFile(join(root, name))
  expect(file.hdus.length).toBeGreaterThan(0)
  for (const hdu of file.hdus) {
    if (hdu.type === 'image') {
      const { shape, data } = await hdu.read()
      expect(data).toHaveLength(shape.length === 0 ? 0 : shape.reduce((product, axis) => product * axis, 1))
    } else if ('columns' in hdu) {
      const table = await hdu.read()
      for (const { name: column, variable, shape } of hdu.columns) {
        const { values, offsets, info } = table.column(column)
        const perRow = shape.reduce((product, axis) => product * axis, /^c\d/.test(info.dtype) ? 2 : 1)
        expect(offsets?.length).toBe(variable === undefined ? undefined : table.rows + 1)
        if (offsets === undefined) expect(values).toHaveLength(table.rows * perRow)
        else expect(values).toHaveLength((offsets.at(-1) as number) * perRow)
      }
    } else {
      const ask = (): unknown => (hdu.type.endsWith('table') ? file.table(hdu.index) : file.image(hdu.index))
      expect(ask).toThrow(/^HDU \d+( \(.*\))? (cannot be read|is not an image)/)
    }
  }
  await file.close()
})

const golden = answer('conformance') as Record<string, OracleFile>
const answered = files.filter((name) => Array.isArray(golden[name]) && !NOT_FITS.test(name))

test.each(answered)('%s is what astropy reads', async (name) => {
  const file = await openFitsFile(join(root, name))
  expect(await differences(file, golden[name]!)).toEqual([])
  await file.close()
})

test.skipIf(files.length === 0)(
  'a table whose columns have one name: each has its own (needs shared/data)',
  async () => {
    const file = await openFitsFile(join(root, 'nomtam/bt12.fits'))
    expect(file.table(1).columns.map(({ name }) => name)).toEqual(['COL1', 'COL2', 'COL3', 'COL4', 'COL5'])
    await file.close()
  },
)

test.skipIf(files.length === 0)("the variable-length arrays of cfitsio's own test (needs shared/data)", async () => {
  const file = await openFitsFile(join(root, 'cfitsio/testprog.std'))
  const table = await file.table(5).read({ rows: [0, 4] })
  const counts = Int32Array.of(0, 1, 3, 6, 10)
  expect(table.column('Avalue').values).toEqual(['', 'ab', 'abc', 'abcd'])
  // The value before the last of each row was written as missing.
  const valid = Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 1, 0, 1)
  expect(table.column('Lvalue')).toMatchObject({ offsets: counts, valid })
  const values = Int32Array.of(1, 88, 2, 1, 88, 3, 1, 2, 88, 4)
  expect(table.column('Jvalue')).toMatchObject({ offsets: counts, valid, values })
  expect([...(table.column('Dvalue').values as Float64Array)]).toEqual([1, NaN, 2, 1, NaN, 3, 1, 2, NaN, 4])
  await file.close()
})

test.skipIf(files.length === 0)("the ASCII table of cfitsio's own test (needs shared/data)", async () => {
  const file = await openFitsFile(join(root, 'cfitsio/testprog.std'))
  const table = await file.table(3).read()
  expect(table.column('Name').values.slice(0, 3)).toEqual(['first string', 'second string', ''])
  for (const name of ['Ivalue', 'Evalue', 'Dvalue']) {
    const { values, valid } = table.column(name)
    expect(Array.from<unknown, number>(values, Number).slice(0, 11)).toEqual([1, 2, 0, 0, 0, 3, 4, 5, 6, 9, 10])
    expect([...(valid ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
  }
  await file.close()
})
