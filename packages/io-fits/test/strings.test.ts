import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFits, openFits } from '@astrolabel/io-fits'

/** A one-column table of strings with its data bytes replaced. */
async function readStrings(cells: string[], tform: string, encoding: 'latin1' | 'utf8' = 'latin1'): Promise<unknown> {
  const width = Buffer.from(cells[0] as string, encoding).length
  const bytes = encodeFits([{ kind: 'table', columns: [{ name: 's', values: cells.map(() => 'x'.repeat(width)) }] }])
  const text = Buffer.from(bytes)
  text.write(`'${tform}'`.padEnd(12), text.indexOf(`'${width}A`))
  // All data fit into the last block.
  text.write(cells.join(''), text.length - 2880, encoding)
  return (await (await openFits(new Uint8Array(text))).table(1).read()).column('s').values
}

test('strings end at NUL and lose trailing blanks, not leading ones', async () => {
  expect(await readStrings(['ab\0cd', ' a b ', '\0abcd', '     ', 'abcde'], '5A')).toEqual([
    'ab',
    ' a b',
    '',
    '',
    'abcde',
  ])
})

test('rAw splits a cell into strings of w', async () => {
  expect(await readStrings(['ab cd ', 'efgh  '], '6A3')).toEqual(['ab', 'cd', 'efg', 'h'])
})

test('A with a width and no repeat count is that many characters', async () => {
  expect(await readStrings(['abc', 'de '], 'A3')).toEqual(['abc', 'de'])
})

test('bytes outside ASCII are UTF-8 where they can be, else Latin-1', async () => {
  expect(await readStrings(['5 Å   ', 'plain  '], '7A', 'utf8')).toEqual(['5 Å', 'plain'])
  expect(await readStrings(['5 \xc5', 'abc'], '3A')).toEqual(['5 Å', 'abc'])
})

test('property: strings as UTF-8 are those read as text', async () => {
  const alphabet = fc.constantFrom(' ', ' ', 'a', 'b', '~', '\0', '\xe9')
  const cell = fc.string({ unit: alphabet, minLength: 7, maxLength: 7 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 9 }),
      fc.constantFrom('7A', '7A3', 'A7'),
      async (cells, tform) => {
        const bytes = encodeFits([{ kind: 'table', columns: [{ name: 's', values: cells.map(() => 'x'.repeat(7)) }] }])
        const text = Buffer.from(bytes)
        text.write(`'${tform}'`.padEnd(12), text.indexOf(`'7A`))
        text.write(cells.join(''), text.length - 2880, 'latin1')
        const hdu = (await openFits(new Uint8Array(text))).table(1)
        const rows = [1, cells.length] as const
        const wanted = (await hdu.read({ rows })).column('s').values
        const { values, stringOffsets } = (await hdu.read({ rows, strings: 'utf8' })).column('s')
        expect(unpack(values as Uint8Array, stringOffsets!)).toEqual(wanted)
      },
    ),
  )
})

test('strings are made once, and a column of them is one like any other', async () => {
  const bytes = encodeFits([{ kind: 'table', columns: [{ name: 's', values: ['a', 'bc'] }] }])
  const column = (await (await openFits(bytes)).table(1).read()).column('s')
  expect(column.values).toBe(column.values)
  expect({ ...column }).toEqual({ info: column.info, values: ['a', 'bc'] })
  expect(structuredClone(column)).toEqual(column)
})

test('strings of variable length come as UTF-8 too', async () => {
  const words = ['5 Å', 'plain', '', 'b']
  const ascii = words.map((word) => word.replace('Å', '@'))
  const long = encodeFits([
    { kind: 'table', columns: [{ name: 's', values: ascii, offsets: Int32Array.of(0, 1, 2, 3, 4) }] },
  ])
  long[long.indexOf(0x40, 5760)] = 0xc5
  const { values, stringOffsets } = (await (await openFits(long)).table(1).read({ strings: 'utf8' })).column('s')
  expect(unpack(values as Uint8Array, stringOffsets!)).toEqual(words)
})

function unpack(bytes: Uint8Array, offsets: Int32Array): string[] {
  return Array.from(offsets.subarray(1), (end, i) => new TextDecoder().decode(bytes.subarray(offsets[i], end)))
}
