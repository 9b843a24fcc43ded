import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TableReadOptions } from '@astrolabel/io-fits'
import { FitsError, openFits } from '@astrolabel/io-fits'
import { answer, bytes, plain } from './golden-files.js'

interface Golden {
  dtype: string
  values: (number | string)[]
  valid?: number[]
  unit?: string
}

const golden = answer('text') as Record<string, Golden>
test.each(Object.keys(golden))('column %s of an ASCII table, written by astropy', async (name) => {
  const { dtype, values, valid, unit } = golden[name] as Golden
  const hdu = (await openFits(bytes('text'))).table('TEXT')
  expect([hdu.type, hdu.rows]).toEqual(['ascii-table', 3])
  const column = (await hdu.read({ columns: [name.toLowerCase()] })).column(name)
  expect([column.info.dtype, column.info.shape, column.info.unit]).toEqual([dtype, [], unit])
  const known = (all: (number | string)[]): unknown[] => all.map((value, i) => (valid?.[i] === 0 ? null : value))
  expect(known(plain(column.values))).toEqual(known(values))
  expect(column.valid && [...column.valid]).toEqual(valid)
  const last = (await hdu.read({ rows: [1, 3] })).column(name)
  expect(plain(last.values)).toEqual(plain(column.values).slice(1))
})

/** A file of one ASCII table: TFORMn and other cards, and rows of text. */
function asciiTable(cards: readonly (readonly [string, string | number])[], rows: readonly string[]): Uint8Array {
  const width = rows[0]?.length ?? 0
  const structure: [string, string | number][] = [
    ['XTENSION', "'TABLE   '"],
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['NAXIS1', width],
    ['NAXIS2', rows.length],
    ['PCOUNT', 0],
    ['GCOUNT', 1],
    ['TFIELDS', cards.filter(([key]) => key.startsWith('TFORM')).length],
  ]
  const header = (all: readonly (readonly [string, string | number])[]): string =>
    all.map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`.padEnd(80)).join('') + 'END'
  const block = (text: string): string => text.padEnd(Math.ceil(text.length / 2880) * 2880)
  const primary: [string, string | number][] = [
    ['SIMPLE', 'T'],
    ['BITPIX', 8],
    ['NAXIS', 0],
  ]
  return Buffer.from(block(header(primary)) + block(header([...structure, ...cards])) + block(rows.join('')), 'latin1')
}

async function readColumn(
  form: string,
  fields: readonly string[],
  cards: readonly (readonly [string, string])[] = [],
  options: TableReadOptions = {},
) {
  const file = await openFits(asciiTable([['TFORM1', `'${form.padEnd(8)}'`], ['TBCOL1', 1], ...cards], fields))
  return (await file.table(1).read(options)).column('COL1')
}

test.each<[string, string, (number | bigint)[]]>([
  ['I5', '    1   -2 +003     ', [1, -2, 3, 0]],
  ['I10', '4294967295-999999999         0          ', [4294967295n, -999999999n, 0n, 0n]],
  ['F8.3', '   1.500   12345    -.25      0.', [1.5, 12.345, -0.25, 0]],
  ['E8.2', ' 1.5E+03 1.5e-03   2.5+1    15D2', [1500, 0.0015, 25, 15]],
  ['D9.0', '     1D10      NaN     -Inf      7.5', [1e10, NaN, -Infinity, 7.5]],
])('%s: fields of every form', async (form, text, values) => {
  const width = Number(/\d+/.exec(form)?.[0])
  const fields = Array.from({ length: text.length / width }, (_, i) => text.slice(i * width, (i + 1) * width))
  const column = await readColumn(form, fields)
  expect(Array.from<number | bigint>(column.values as Float64Array)).toEqual(values)
  expect(column.valid).toBeUndefined()
})

test('scaling and TNULL; a blank field is the number 0', async () => {
  const cards = [
    ['TSCAL1', '0.5'],
    ['TZERO1', '100'],
    ['TNULL1', "'***     '"],
  ] as const
  const { values, valid, info } = await readColumn('I4', ['   4', ' ***', '    ', '-200'], cards)
  expect([...(values as Float64Array)]).toEqual([102, NaN, 100, 0])
  expect(valid).toEqual(Uint8Array.of(1, 0, 1, 1))
  expect(info).toMatchObject({ dtype: 'f8', scale: 0.5, zero: 100 })
  const missing = await readColumn('I4', ['   4', '    '], [['TNULL1', "'        '"]])
  expect(missing).toMatchObject({ values: Int16Array.of(4, 0), valid: Uint8Array.of(1, 0) })
  const none = [['TNULL1', "'none    '"]] as const
  const packed = await readColumn('A4', ['Vega', 'none'], none, { strings: 'utf8' })
  expect(packed.values).toEqual(new TextEncoder().encode('Vega'))
  expect([...packed.stringOffsets!, ...packed.valid!]).toEqual([0, 4, 4, 1, 0])
  const names = await readColumn('A4', ['Vega', 'none'], none)
  expect(names).toMatchObject({ values: ['Vega', ''], valid: Uint8Array.of(1, 0) })
})

test.each<[string, string]>([
  ['I5', '  1.5'],
  ['I5', ' 1 2 '],
  ['I5', '*****'],
  ['I20', '99999999999999999999'],
  ['F6.2', 'abc   '],
  ['F6.2', '1.2.3 '],
  ['E6.2', '   .  '],
  ['E6.2', '1E    '],
])('%s with %j: an error that names column, row and text', async (form, field) => {
  const good = '1'.padStart(field.length)
  const error = await readColumn(form, [good, good, field]).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(FitsError)
  expect((error as FitsError).code).toBe('fits/bad-table')
  expect((error as FitsError).message).toContain(
    `column COL1 has text that is no number in row 2: got ${JSON.stringify(field.trim())}`,
  )
})

test.each<[string, [string, string | number][], RegExp]>([
  ['a TFORM that is not there', [['TFORM1', "'X4      '"]], /has a bad TFORM1: got "X4", expected one of A, I/],
  ['a TFORM without a width', [['TFORM1', "'I       '"]], /has a bad TFORM1/],
  ['no TBCOL', [['TFORM1', "'I4      '"]], /has a bad TBCOL1: got "undefined"/],
  [
    'a TBCOL below 1',
    [
      ['TFORM1', "'I4      '"],
      ['TBCOL1', 0],
    ],
    /has a bad TBCOL1: got "0"/,
  ],
  [
    'a field beyond the row',
    [
      ['TFORM1', "'I4      '"],
      ['TBCOL1', 2],
    ],
    /does not fit into the row/,
  ],
])('%s: opens with a warning, and reading says why', async (_, cards, message) => {
  const file = await openFits(asciiTable(cards, ['   1', '   2']))
  expect(file.warnings.join()).toMatch(message)
  await expect(file.table(1).read()).rejects.toThrow(message)
})

test('property: numbers written as text come back as themselves', async () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(numbers, async (values) => {
      const column = await readColumn(
        'D25.17',
        values.map((value) => value.toExponential(16).replace('e', 'D').padStart(25)),
      )
      expect([...(column.values as Float64Array)].map((value) => value + 0)).toEqual(values.map((value) => value + 0))
    }),
    { numRuns: 100 },
  )
})

test('random groups written by astropy are a table: a row a group', async () => {
  const hdu = (await openFits(bytes('groups'))).table(0)
  expect([hdu.type, hdu.rows]).toEqual(['random-groups', 2])
  const table = await hdu.read()
  const expected = answer('groups') as Record<string, number[]>
  expect([...table.columns.keys()]).toEqual(Object.keys(expected))
  for (const [name, values] of Object.entries(expected)) {
    expect(Array.from<number | bigint>(table.column(name).values as Float32Array)).toEqual(values)
  }
  expect(table.column('DATA').info.shape).toEqual([1, 3, 4])
  const second = await hdu.read({ columns: ['DATA'], rows: [1, 2] })
  expect([...(second.column('DATA').values as Float32Array)]).toEqual(expected['DATA']?.slice(12))
})
