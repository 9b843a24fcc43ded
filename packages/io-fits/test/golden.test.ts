import { expect, test } from 'vitest'
import type { HeaderValue } from '@astrolabel/io-fits'
import { openFits } from '@astrolabel/io-fits'
import { answer, bytes, plain } from './golden-files.js'

interface Golden {
  dtype: string
  shape: number[]
  values: (number | string)[]
  valid?: number[]
  unit?: string
}

const images = answer('images') as Record<string, Golden>
test.each(Object.keys(images))('image %s written by astropy', async (name) => {
  const { dtype, shape, values, valid } = images[name] as Golden
  const hdu = (await openFits(bytes('images'))).image(name)
  const image = await hdu.read()
  expect([hdu.dtype, hdu.shape]).toEqual([dtype, shape])
  expect([image.dtype, image.shape]).toEqual([dtype, shape])
  expect(plain(image.data)).toEqual(values)
  expect(image.valid && [...image.valid]).toEqual(valid)
})

test('rows of a cube written by astropy', async () => {
  const hdu = (await openFits(bytes('images'))).image('cube')
  const image = await hdu.read({ rows: [1, 2] })
  expect(image.shape).toEqual([1, 3, 4])
  expect([...image.data]).toEqual(Array.from({ length: 12 }, (_, i) => i + 12))
  expect((await hdu.read({ rows: [2, 2] })).data).toHaveLength(0)
})

test('primary HDU without data', async () => {
  const hdu = (await openFits(bytes('images'))).image(0)
  expect([hdu.name, hdu.shape]).toEqual(['PRIMARY', []])
  expect(await hdu.read()).toEqual({ shape: [], dtype: 'u1', data: new Uint8Array(0) })
})

const columns = answer('table') as Record<string, Golden>
test.each(Object.keys(columns))('column %s written by astropy', async (name) => {
  const { dtype, shape, values, valid, unit } = columns[name] as Golden
  const hdu = (await openFits(bytes('table'))).table('ALL')
  const table = await hdu.read({ columns: [name.toLowerCase()] })
  expect([...table.columns.keys()]).toEqual([name])
  const column = table.column(name)
  expect([column.info.dtype, column.info.shape, column.info.unit]).toEqual([dtype, shape, unit])
  expect(plain(column.values)).toEqual(values)
  expect(column.valid && [...column.valid]).toEqual(valid)
})

test('every column at once, and rows of them, are what single reads give', async () => {
  const hdu = (await openFits(bytes('table'))).table(1)
  const all = await hdu.read()
  const last = await hdu.read({ rows: [1, 3] })
  expect([...all.columns.keys()]).toEqual(Object.keys(columns))
  for (const [name, { values }] of Object.entries(columns)) {
    expect(plain(all.column(name).values)).toEqual(values)
    expect(plain(last.column(name).values)).toEqual(values.slice(values.length / 3))
  }
})

test('header written by astropy', async () => {
  const { header } = (await openFits(bytes('header'))).hdu(0)
  const cards = (answer('header') as [string, unknown, string][]).map(([key, value, comment]) => {
    if (value === null) return { key, value: undefined, comment }
    if (typeof value === 'object') {
      const { bigint, complex } = value as { bigint?: string; complex?: [number, number] }
      if (bigint !== undefined) return { key, value: BigInt(bigint), comment }
      return { key, value: '(1.5, -2.0)', comment, complex }
    }
    return {
      key,
      value: value as HeaderValue,
      comment,
      ...(/^(HISTORY|COMMENT)$/.test(key) ? { commentary: true } : {}),
    }
  })
  expect(header.cards).toEqual(cards)
  expect(header.get('hierarch eso exptime')).toBe(12.5)
  expect(header.all('DUP').map((card) => card.value)).toEqual([1, 2])
  expect(header.get('DUP')).toBe(1)
  expect(header.getBoolean('INHERIT')).toBe(true)
  expect(header.has('UNDEF')).toBe(true)
  expect(header.get('UNDEF')).toBeUndefined()
  expect(header.history).toHaveLength(3)
  expect(header.comments).toEqual(['a comment'])
})
