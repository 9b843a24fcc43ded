import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CardInput } from '@astrolabel/io-fits'
import { encodeFits, FitsError, Header, openFits } from '@astrolabel/io-fits'

/** A header through the writer and back, without the writer's own cards. */
async function roundTrip(cards: Iterable<CardInput>): Promise<Header> {
  const file = await openFits(encodeFits([{ kind: 'image', header: cards }]))
  const own = new Set(['SIMPLE', 'BITPIX', 'NAXIS', 'EXTEND'])
  return new Header(file.hdu(0).header.cards.filter(({ key }) => !own.has(key)))
}

const ascii = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(`aZ09 '&/=(),.-+`)), maxLength })
const standardKey = fc.stringMatching(/^[A-Z][A-Z0-9_-]{0,5}$/).map((key) => `Q${key}`)
const longKey = fc.stringMatching(/^[A-Z]{1,8}( [A-Z0-9.]{1,8}){1,3}$/)
const value = fc.oneof(
  ascii(300),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
  fc.bigInt({ min: -(2n ** 200n), max: -(2n ** 53n) }),
  fc.boolean(),
  fc.constant(undefined),
)

test('property: values come back as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(standardKey, longKey), value, async (key, written) => {
      fc.pre(written === undefined || typeof written === 'string' || String(written).length <= 80 - key.length - 12)
      const header = await roundTrip([{ key, value: written }])
      expect(header.size).toBe(1)
      // Trailing blanks of header strings do not count, by the standard.
      expect(header.get(key)).toEqual(typeof written === 'string' ? written.trimEnd() : written)
    }),
    { numRuns: 300 },
  )
})

test('property: order, duplicates and comments are kept', async () => {
  const comment = fc.string({ unit: fc.constantFrom('a', 'b', '/', "'", '&', '='), maxLength: 30 })
  const card = fc.record({ key: standardKey, value: fc.oneof(fc.integer(), ascii(20)), comment })
  await fc.assert(
    fc.asyncProperty(fc.array(card, { maxLength: 60 }), async (cards) => {
      const kept = cards.map((given) => ({
        ...given,
        value: typeof given.value === 'string' ? given.value.trimEnd() : given.value,
      }))
      expect((await roundTrip(cards)).cards).toEqual(kept)
    }),
    { numRuns: 100 },
  )
})

test('a long comment goes along with a long string', async () => {
  const comment = 'words that do not fit behind the value and go on behind the continued string, one after the other'
  const header = await roundTrip([{ key: 'NOTE', value: `it's ${'x'.repeat(130)}&`, comment }])
  expect(header.get('NOTE')).toBe(`it's ${'x'.repeat(130)}&`)
  expect(header.comment('NOTE')).toBe(comment)
})

test('complex values and commentary come back', async () => {
  const given = new Header().addHistory('h'.repeat(100)).addComment("it's").add('AFTER', 1)
  const header = await roundTrip([...given.cards, { key: 'C', complex: [1, -2.5] }])
  expect(header.history).toEqual(['h'.repeat(72), 'h'.repeat(28)])
  expect(header.comments).toEqual(["it's"])
  expect(header.card('C')?.complex).toEqual([1, -2.5])
})

test('the header of another HDU can be handed on: its data keywords are left out', async () => {
  const first = encodeFits([{ kind: 'image', data: Uint16Array.of(1, 2), header: { OBJECT: 'Vega', CHECKSUM: 'x' } }])
  const { header } = (await openFits(first)).hdu(0)
  const second = await openFits(encodeFits([{ kind: 'image', data: new Float32Array(3), shape: [1, 3], header }]))
  expect(second.image(0).shape).toEqual([1, 3])
  expect(second.image(0).dtype).toBe('f4')
  expect(second.hdu(0).header.all('BITPIX')).toHaveLength(1)
  expect(second.hdu(0).header.get('OBJECT')).toBe('Vega')
  expect(second.hdu(0).header.has('BZERO')).toBe(false)
  expect(second.hdu(0).header.has('CHECKSUM')).toBe(false)
})

test('set, add and delete', () => {
  const header = new Header().set('a', 1, 'one').set('B', 2).add('A', 3)
  expect(header.set('A', 4).cards).toEqual([
    { key: 'A', value: 4, comment: 'one' },
    { key: 'B', value: 2, comment: '' },
    { key: 'A', value: 3, comment: '' },
  ])
  expect(header.delete('a').cards.map((card) => card.key)).toEqual(['B'])
  expect(header.get('B')).toBe(2)
  expect(header.getString('B')).toBeUndefined()
  expect(header.getNumber('A')).toBeUndefined()
})

test.each<[string, unknown, string]>([
  ["'abc'   / note", 'abc', 'note'],
  ["'O''Hara / x' / note", "O'Hara / x", 'note'],
  ["'unclosed", 'unclosed', ''],
  ["''", '', ''],
  ['  1.5D+03', 1500, ''],
  ['-.5', -0.5, ''],
  ['1.', 1, ''],
  ['1e400', Infinity, ''],
  ['0042', 42, ''],
  ['+9007199254740993 / big', 9007199254740993n, 'big'],
  ['T/true', true, 'true'],
  ['  F', false, ''],
  ['(1.0, 2)', '(1.0, 2)', ''],
  ['free text / note', 'free text', 'note'],
  [' / only a comment', undefined, 'only a comment'],
])('card value %j', (field, expected, comment) => {
  const header = Header.parse(`KEY     = ${field}`.padEnd(80))
  expect(header.get('KEY')).toEqual(expected)
  expect(header.comment('KEY')).toBe(comment)
})

test('CONTINUE that continues nothing stays a card of its own', () => {
  const text = ["A       = 'abc'", "CONTINUE  'def'", "B       = 'x&'", "CONTINUE  'y'", 'C       = 1', "CONTINUE  'z'"]
  const header = Header.parse(text.map((line) => line.padEnd(80)).join(''))
  expect(header.get('A')).toBe('abc')
  expect(header.get('B')).toBe('xy')
  expect(header.get('C')).toBe(1)
  expect(header.all('CONTINUE')).toHaveLength(2)
})

test.each<[string, CardInput, string]>([
  ['NaN', { key: 'A', value: NaN }, 'FITS headers have no NaN'],
  ['text outside ASCII', { key: 'A', value: 'Å' }, 'printable ASCII'],
  ['a line break', { key: 'A', value: 1, comment: 'a\nb' }, 'printable ASCII'],
  ['a keyword with =', { key: 'A LONG=KEY', value: 1 }, 'a name without "="'],
  ['a keyword of a whole card', { key: 'K'.repeat(70), value: 'text' }, 'Shorten the keyword'],
])('refuses to write %s', (_, card, message) => {
  const write = (): unknown => encodeFits([{ kind: 'image', header: [card] }])
  expect(write).toThrow(FitsError)
  expect(write).toThrow(message)
})
