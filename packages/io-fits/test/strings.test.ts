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
