import { readFileSync } from 'node:fs'
import { encodeFits } from '@astrolabel/io-fits'
import { columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { tableFromEcsv, tableFromVotable } from '@astrolabel/surveys'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rejection, warnings } from './memory-source.js'

const golden = (name: string): string => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')

/** Values of a column row by row, null where missing. */
function cells({ values, valid, width = 1 }: Column): unknown[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    valid?.[row] === 0
      ? null
      : width === 1
        ? values[row]
        : Array.from(values as ArrayLike<unknown>).slice(row * width, (row + 1) * width),
  )
}
const column = (table: Table, name: string): unknown[] => cells(requireColumn(table, name))

/** What the oracle put into every kind of file. */
function expectTypes(table: Table, boolean: boolean): void {
  expect(table.n).toBe(3)
  expect(columnStrings(requireColumn(table, 'id'))).toEqual(['9007199254740993', '-5', '7'])
  expect(requireColumn(table, 'id').values).toBeInstanceOf(BigInt64Array)
  const f = requireColumn(table, 'f')
  expect(f.values).toEqual(Float32Array.of(1.5, Number.NaN, Number.NaN))
  expect(f.valid![2]).toBe(0)
  expect(requireColumn(table, 'n').values).toBeInstanceOf(Int16Array)
  expect(column(table, 'n')).toEqual([1, null, 3])
  expect(column(table, 's')).toEqual(['a b', null, 'x"y, z'])
  expect(column(table, 'b')).toEqual([1, 0, 1])
  expect(requireColumn(table, 'b').boolean).toBe(boolean)
  expect(column(table, 'v')).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ])
  expect([requireColumn(table, 'q').unit, ...column(table, 'q')]).toEqual(['Angstrom', 1, 2, 3])
}

test.each(['types.ecsv', 'types-comma.ecsv'])('%s of astropy: types, units, missing values, vectors', (name) => {
  const seen = warnings()
  const table = tableFromEcsv(golden(name), name, seen)
  expectTypes(table, true)
  expect(requireColumn(table, 'f').unit).toBe('km / s')
  expect(column(table, 'u')).toEqual([18446744073709551615n, 0n, 1n])
  expect(requireColumn(table, 'm').values).toEqual(BigInt64Array.of(2n ** 62n + 1n, 0n, 2n, 3n, 0n, 0n))
  expect([...requireColumn(table, 'm').valid!]).toEqual([1, 1, 0])
  expect(column(table, 'o')).toEqual(['[1,2]', '[3]', 'null'])
  expect(column(table, 'w')).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  expect(table.columns.has('c')).toBe(false)
  expect(seen.list.map(({ message }) => message)).toEqual([
    'Column c holds complex128, which has no place in a table, and is left out',
  ])
})

test.each(['tabledata', 'binary', 'binary2'])('a VOTable of astropy in %s', async (kind) => {
  const seen = warnings()
  const table = await tableFromVotable(golden(`types-${kind}.vot`), `types-${kind}.vot`, seen)
  expectTypes(table, true)
  expect(requireColumn(table, 'f').unit).toBe('km.s-1')
  expect(seen.list).toEqual([])
})

const ecsv = (datatype: string, ...rows: readonly string[]): string =>
  ['# %ECSV 1.0', '# ---', '# datatype:', datatype, ...rows].join('\n')

test.each([
  ['no header', '# %ECSV 1.0\na b\n', /no line # ---/],
  ['YAML', ecsv('# - {name: a, datatype: [', 'a', '1'), /ECSV/],
  ['another type', ecsv('# - {name: a, datatype: int16}', 'a', '1', '40000'), /line 7.*40000.*int16, column a/s],
  ['a name', ecsv('# - {name: a, datatype: int16}', 'b', '1'), /line 5/],
  ['cells', ecsv('# - {name: a, datatype: int16}', 'a', '1 2'), /line 6.*2 cells/s],
  ['a vector', ecsv("# - {name: a, datatype: string, subtype: 'int32[2]'}", 'a', '"[1,2,3]"'), /3 values/],
  ['aliases', ecsv(`# - &a {name: a, datatype: int16}\n${'# - *a\n'.repeat(3)}# x: *b`, 'a', '1'), /ECSV/],
])('ECSV that is wrong in %s says where', (_, text, message) => {
  expect(() => tableFromEcsv(text, 't.ecsv')).toThrow(message)
  expect(() => tableFromEcsv(text, 't.ecsv')).toThrow(expect.objectContaining({ code: 'surveys/ecsv' }) as Error)
})

test('ECSV: a shape that no row bears out takes no memory', () => {
  const text = ecsv(
    "# - {name: a, datatype: string, subtype: 'float64[900000000]'}\n# - {name: b, datatype: int8}",
    'a b',
    '"" 1',
  )
  expect([...tableFromEcsv(text).columns.keys()]).toEqual(['b'])
})

test('ECSV: what is written comes back, 64 bits and all', () => {
  const cell = fc.record({
    i: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    x: fc.double({ noNaN: true }),
    s: fc.string({ minLength: 1 }),
  })
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 8 }), (rows) => {
      const lines = rows.map(
        ({ i, x, s }) => `${i},${String(x).replace('Infinity', 'inf')},"${s.replaceAll('"', '""')}"`,
      )
      const head =
        "# - {name: i, datatype: int64}\n# - {name: x, datatype: float64}\n# - {name: s, datatype: string}\n# delimiter: ','"
      const table = tableFromEcsv(`${ecsv(head, 'i,x,s', ...lines)}\n`)
      expect(column(table, 'i')).toEqual(rows.map(({ i }) => i))
      expect(column(table, 'x')).toEqual(rows.map(({ x }) => x))
      expect(column(table, 's')).toEqual(rows.map(({ s }) => s))
    }),
  )
})

const votable = (fields: string, data: string): string =>
  `<?xml version="1.0"?><v:VOTABLE xmlns:v="x" version="1.3"><v:RESOURCE><v:TABLE>${fields}<v:DATA>${data}</v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>`
const rows = (...lines: readonly (readonly string[])[]): string =>
  `<TABLEDATA>${lines.map((line) => `<TR>${line.map((cell) => `<TD>${cell}</TD>`).join('')}</TR>`).join('')}</TABLEDATA>`

test('VOTable: prefixes, nulls, hexadecimal, arrays, truth, entities of XML', async () => {
  const fields =
    '<v:FIELD name="n" datatype="int"><VALUES null="-1"/></v:FIELD><FIELD name="h" datatype="unsignedByte"/>' +
    '<FIELD name="a" datatype="float" arraysize="2x*"/><FIELD name="r" datatype="int" arraysize="*"/>' +
    '<FIELD name="t" datatype="boolean"/><FIELD name="s" datatype="char" arraysize="*" unit="-"/>'
  const seen = warnings()
  const table = await tableFromVotable(
    votable(
      fields,
      rows(
        ['-1', '0xfF', '1 2 3 +Inf', '1', 'T', 'a &lt; b'],
        ['5', '7', 'NaN -0 1e3 4', '1 2', '?', '<![CDATA[x&y]]>'],
      ),
    ),
    'x.vot',
    seen,
  )
  expect(column(table, 'n')).toEqual([null, 5])
  expect(column(table, 'h')).toEqual([255, 7])
  expect(column(table, 'a')).toEqual([
    [1, 2, 3, Infinity],
    [Number.NaN, -0, 1000, 4],
  ])
  expect(column(table, 't')).toEqual([1, null])
  expect(column(table, 's')).toEqual(['a < b', 'x&y'])
  expect(seen.list.map(({ message }) => message)).toEqual([
    'Column r holds complex numbers or arrays of different lengths and is left out',
  ])
})

test('VOTable with a FITS file inside', async () => {
  const bytes = encodeFits([
    { kind: 'table', columns: [{ name: 'teff', values: Float64Array.of(5000, 6000), unit: 'K' }] },
  ])
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  const table = await tableFromVotable(
    votable('<FIELD name="teff" datatype="double"/>', `<FITS><STREAM encoding="base64">${base64}</STREAM></FITS>`),
  )
  expect(column(table, 'teff')).toEqual([5000, 6000])
})

const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><VOTABLE><RESOURCE><TABLE><FIELD name="s" datatype="char" arraysize="*"/><DATA>${rows(['&b;'])}</DATA></TABLE></RESOURCE></VOTABLE>`
const INT = '<FIELD name="n" datatype="int"/>'
test.each([
  ['not XML', 'star teff\n1 2', /well formed/],
  ['cut short', votable(INT, rows(['1'])).slice(0, -30), /well formed/],
  ['a bomb of entities', bomb, /undefined entity|disallowed|entity/i],
  ['no table', '<VOTABLE/>', /no TABLE/],
  ['another type', votable(INT, rows(['1'], ['x'])), /x.*int, field n/s],
  ['a row', votable(INT, rows(['1', '2'])), /2 cells/],
  ['a datatype', votable('<FIELD name="n" datatype="quaternion"/>', rows(['1'])), /quaternion/],
  ['an arraysize', votable('<FIELD name="n" datatype="int" arraysize="-5"/>', rows(['1'])), /arraysize -5/],
  ['data elsewhere', votable(INT, '<BINARY><STREAM href="http://x/y"/></BINARY>'), /http:\/\/x\/y/],
  ['base64', votable(INT, '<BINARY><STREAM encoding="base64">AA=A*</STREAM></BINARY>'), /base64/],
  ['binary', votable(INT, '<BINARY><STREAM encoding="base64">AAAAAAAA</STREAM></BINARY>'), /end within row 1/],
  [
    'binary counts',
    votable(
      '<FIELD name="n" datatype="double" arraysize="*"/>',
      '<BINARY><STREAM encoding="base64">/////wAA</STREAM></BINARY>',
    ),
    /end within row 0/,
  ],
])('a VOTable that is wrong (%s) says what', async (_, text, message) => {
  const error = await rejection(tableFromVotable(text, 'x.vot'))
  expect(error).toMatchObject({ code: 'surveys/votable' })
  expect(error.message).toMatch(message)
})

test('VOTable: sizes that no row bears out take no memory', async () => {
  const huge = '<FIELD name="a" datatype="double" arraysize="999999999"/><FIELD name="n" datatype="int"/>'
  const table = await tableFromVotable(votable(huge, rows(['', '1'])))
  expect([...table.columns.keys()]).toEqual(['n'])
})

test('damaged VOTables end in an error of ours or a table', async () => {
  const text = golden('types-binary2.vot')
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(40), async (at, put, cut) => {
      try {
        const table = await tableFromVotable(text.slice(0, at) + put + text.slice(at + cut))
        expect(table.n).toBeLessThan(100)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(?:surveys|table)\//) as string })
      }
    }),
    { numRuns: 300 },
  )
})
