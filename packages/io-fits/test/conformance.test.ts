import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FitsError } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'

const root = fileURLToPath(new URL('../../../../shared/data/fits-conformance/', import.meta.url))
const files = existsSync(root)
  ? readdirSync(root).flatMap((of) => readdirSync(join(root, of)).map((name) => join(of, name)))
  : []
const NOT_FITS = /(\.Z|\.bz2|testprog\.out)$/

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
    } else if (hdu.type === 'bintable') {
      const table = await hdu.read()
      for (const { name: column, variable } of hdu.columns) {
        if (variable === undefined) expect(table.column(column).info.name).toBe(column)
        else expect(() => table.column(column)).toThrow(FitsError)
      }
    } else {
      const ask = (): unknown => (hdu.type.endsWith('table') ? file.table(hdu.index) : file.image(hdu.index))
      expect(ask).toThrow(/^HDU \d+( \(.*\))? (cannot be read|is not an image)/)
    }
  }
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
