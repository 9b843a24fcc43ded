import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { ColumnInput, FitsFile } from '@astrolabel/io-fits'
import { encodeFits, FitsError, openFits } from '@astrolabel/io-fits'

const columns: ColumnInput[] = [
  { name: 'FLUX', values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2] },
  { name: 'NAME', values: ['a', 'b', 'c'] },
  { name: 'ID', values: Int32Array.of(1, 2, 3) },
]
const good = (): Uint8Array =>
  encodeFits([
    { kind: 'image', name: 'FIRST', data: Int16Array.of(1, 2, 3) },
    { kind: 'table', name: 'T', columns },
    { kind: 'image', name: 'LAST', data: new Float64Array(1000) },
  ])

/** The bytes with a card's value field (or any text of the same length) replaced, once. */
function patch(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from)
  if (at < 0 || from.length !== to.length) throw new Error(`cannot patch ${from}`)
  const copy = bytes.slice()
  copy.set(Buffer.from(to, 'latin1'), at)
  return copy
}
const card = (key: string, value: string | number): string => `${key.padEnd(8)}= ${String(value).padStart(20)}`

async function failure(promise: Promise<unknown>): Promise<FitsError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FitsError)
  return error as FitsError
}

test.each<[string, Uint8Array, string, RegExp]>([
  ['nothing', new Uint8Array(0), 'fits/not-fits', /got no bytes, expected "SIMPLE  ="/],
  ['text', new TextEncoder().encode('hello world, not FITS'), 'fits/not-fits', /starts with "hello wor".*Check that/],
  ['a bad bzip2', new TextEncoder().encode('BZh91AY&SY'), 'fits/bad-bzip2', /got an early end.*damaged or cut short/],
  ['a bad .Z', Uint8Array.of(0x1f, 0x9d, 0x8c), 'fits/not-fits', /got no bytes/],
  ['a .Z of impossible codes', Uint8Array.of(0x1f, 0x9d, 0x9f), 'fits/bad-lzw', /codes of 31 bits, expected 9 to 16/],
  ['xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), 'fits/not-fits', /packed by xz.*unxz/],
  ['a bad gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8), 'fits/bad-gzip', /damaged or cut short/],
  ['no END', good().subarray(0, 400), 'fits/bad-header', /header at byte 0 has no END card: got none in 400 bytes/],
  [
    'END overwritten',
    patch(good(), `END${' '.repeat(77)}`, '\0'.repeat(80)),
    'fits/bad-header',
    /no END card: got byte 0x0/,
  ],
  [
    'negative NAXIS1',
    patch(good(), card('NAXIS1', 3), card('NAXIS1', -3)),
    'fits/bad-header',
    /bad NAXIS1: got -3, expected a whole number/,
  ],
  ['text for NAXIS1', patch(good(), card('NAXIS1', 3), card('NAXIS1', "'three'")), 'fits/bad-header', /got three/],
  [
    'NAXIS of thousands',
    patch(good(), card('NAXIS', 1), card('NAXIS', 5000)),
    'fits/bad-header',
    /bad NAXIS: got 5000, expected 0 to 999/,
  ],
  [
    'BITPIX of 17',
    patch(good(), card('BITPIX', 16), card('BITPIX', 17)),
    'fits/bad-header',
    /got 17, expected one of 8, 16, 32/,
  ],
  ['no NAXIS1', patch(good(), card('NAXIS1', 3), card('NAXISX', 3)), 'fits/bad-header', /got no such keyword/],
])('%s: does not open', async (_, bytes, code, message) => {
  const error = await failure(openFits(bytes))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.remedy).toBeTruthy()
})

test('an image of 10^12 values that are not there opens, and fails at once when read', async () => {
  const file = await openFits(patch(good(), card('NAXIS1', 3), card('NAXIS1', 1e12)))
  expect(file.hdus).toHaveLength(1)
  expect(file.warnings.join()).toMatch(/Data of HDU 0 \(FIRST\) are cut short: got \d+ bytes, expected 2000000000000/)
  const error = await failure(file.image(0).read())
  expect(error.code).toBe('fits/truncated')
  expect(error.message).toMatch(
    /HDU 0 \(FIRST\) are cut short: got \d+ bytes there, expected 2000000000000 bytes needed/,
  )
})

test('a table of 10^12 rows fails at once when read, and its first rows can be read', async () => {
  const file = await openFits(patch(good(), card('NAXIS2', 3), card('NAXIS2', 1e12)))
  expect((await failure(file.table('T').read())).code).toBe('fits/truncated')
  expect((await file.table('T').read({ columns: ['ID'], rows: [0, 3] })).column('ID').values).toEqual(
    Int32Array.of(1, 2, 3),
  )
})

test('a file cut in the data opens with a warning; what lies before the cut reads', async () => {
  const whole = good()
  const file = await openFits(whole.subarray(0, whole.length - 5000))
  expect(file.hdus.map((hdu) => hdu.name)).toEqual(['FIRST', 'T', 'LAST'])
  expect(file.warnings.join()).toMatch(/LAST\) are cut short/)
  expect((await file.image('FIRST').read()).data).toEqual(Int16Array.of(1, 2, 3))
  const error = await failure(file.image('LAST').read())
  expect(error.code).toBe('fits/truncated')
  expect(error.message).toMatch(
    /^data of HDU 2 \(LAST\) are cut short: got 3640 bytes there, expected 8000 bytes needed/,
  )
  expect((await file.image('LAST').read({ rows: [0, 455] })).data).toHaveLength(455)
})

test('missing padding at the end is no fault', async () => {
  const whole = encodeFits([{ kind: 'image', data: Int16Array.of(1, 2, 3) }])
  const file = await openFits(whole.subarray(0, 2886))
  expect(file.warnings).toEqual([])
  expect((await file.image(0).read()).data).toEqual(Int16Array.of(1, 2, 3))
})

test('a damaged extension header leaves the HDUs before it', async () => {
  const file = await openFits(patch(good(), card('NAXIS2', 3), card('NAXIS2', -1)))
  expect(file.hdus).toHaveLength(1)
  expect(file.warnings[0]).toMatch(/^HDU 1 and any after it cannot be opened. HDU 1 \(T\) has a bad NAXIS2/)
  expect(() => file.hdu('T')).toThrow(/no HDU "T".*one of HDU 0 \(FIRST\).*bad NAXIS2/)
})

test('bytes behind the last HDU are ignored with a warning', async () => {
  const whole = good()
  const file = await openFits(Buffer.concat([whole, Buffer.alloc(100)]))
  expect(file.hdus).toHaveLength(3)
  expect(file.warnings).toEqual(['100 bytes after HDU 2 (LAST) are no FITS extension and are ignored.'])
})

test.each<[string, string, string, RegExp]>([
  ["'2E      '", "'900E    '", 'fits/bad-table', /does not fit into the row: got TFORM1 = 900E/],
  ["'2E      '", "'99999999999999999999E'", 'fits/bad-table', /does not fit into the row/],
  ["'1J      '", "'1W      '", 'fits/bad-table', /column ID has a TFORM that is not FITS: got TFORM3 = "1W"/],
  ["'1J      '", "'        '", 'fits/bad-table', /not FITS/],
  ["'1J      '", "'1P      '", 'fits/bad-table', /not FITS/],
])('TFORM %s as %s', async (from, to, code, message) => {
  const grown = to.length - from.length
  const file = await openFits(patch(good(), from + ' '.repeat(grown), to))
  const names = file.table('T').columns.map(({ name }) => name)
  expect(names).toEqual(['FLUX', 'NAME', 'ID'])
  const broken = from.includes('E') ? 'FLUX' : 'ID'
  const error = await failure(file.table('T').read({ columns: [broken] }))
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
  expect((await failure(file.table('T').read())).message).toBe(error.message)
  expect(file.warnings).toEqual([`HDU 1 (T): ${error.message}`])
  if (broken === 'FLUX') return
  const before = await file.table('T').read({ columns: ['FLUX', 'NAME'] })
  expect(before.column('NAME').values).toEqual(['a', 'b', 'c'])
  expect(() => before.column('ID')).toThrow(message)
})

test('TFIELDS that cannot be: the table opens without columns and says why when read', async () => {
  const file = await openFits(patch(good(), card('TFIELDS', 3), card('TFIELDS', -7)))
  expect(file.table('T').columns).toEqual([])
  expect((await failure(file.table('T').read())).message).toMatch(/bad TFIELDS: got -7/)
  expect(file.image('LAST').shape).toEqual([1000])
})

test('no row bytes and 10^15 rows take no memory', async () => {
  const bytes = encodeFits([{ kind: 'table', columns: [{ name: 'E', values: [], shape: [0] }], rows: 3 }])
  const file = await openFits(patch(bytes, card('NAXIS2', 3), card('NAXIS2', 1e15)))
  const table = await file.table(1).read()
  expect([table.rows, table.column('E').values]).toEqual([1e15, []])
})

test('a column of descriptors that are all zero has rows without values', async () => {
  const bytes = encodeFits([
    { kind: 'table', name: 'V', columns: [...columns, { name: 'P', values: new Float64Array(3) }] },
  ])
  const file = await openFits(patch(bytes, "'1D      '", "'1PE(99) '"))
  const hdu = file.table('V')
  expect(hdu.columns[3]).toMatchObject({ name: 'P', dtype: 'f4', variable: { max: 99, descriptor: 'P' } })
  const table = await hdu.read()
  expect(table.column('ID').values).toEqual(Int32Array.of(1, 2, 3))
  expect(table.column('P')).toMatchObject({ values: new Float32Array(0), offsets: new Int32Array(4) })
})

test('asking for what is not there names what is', async () => {
  const file: FitsFile = await openFits(good())
  expect(() => file.hdu('X')).toThrow('expected one of HDU 0 (FIRST), HDU 1 (T), HDU 2 (LAST)')
  expect(() => file.hdu(9)).toThrow(FitsError)
  expect(() => file.hdu(-1)).toThrow(FitsError)
  expect(() => file.hdu('T', 2)).toThrow('"T" version 2')
  expect(() => file.image('T')).toThrow(
    'HDU 1 (T) is not an image: got a binary table, expected an image. Read it with table().',
  )
  expect(() => file.table('LAST')).toThrow('HDU 2 (LAST) is not a table: got an image')
  const missing = await failure(file.table('T').read({ columns: ['flux', 'SNR'] }))
  expect(missing.code).toBe('fits/no-column')
  expect(missing.message).toBe(
    'HDU 1 (T) has no column "SNR": got "SNR", expected one of FLUX, NAME, ID. Ask for a column that is there.',
  )
  for (const rows of [
    [-1, 2],
    [2, 1],
    [0, 4],
    [0.5, 2],
    [NaN, 1],
  ] as const) {
    expect((await failure(file.table('T').read({ rows }))).code).toBe('fits/bad-range')
    expect((await failure(file.image('FIRST').read({ rows }))).code).toBe('fits/bad-range')
  }
})

test('property: any bytes changed give values or a FitsError, never another error', async () => {
  const whole = good()
  const spot = fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.nat({ max: 255 }) })
  const cut = fc.nat({ max: whole.length })
  // Most changes fall into the headers, where they can do most.
  const inHeader = fc.record({ at: fc.nat({ max: 1200 }), byte: fc.integer({ min: 0x20, max: 0x7e }) })
  const inTable = inHeader.map(({ at, byte }) => ({ at: at + 5760, byte }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(spot, inHeader, inTable), { maxLength: 5 }),
      cut,
      fc.boolean(),
      async (spots, end, cutIt) => {
        const bytes = whole.slice(0, cutIt ? end : whole.length)
        for (const { at, byte } of spots) if (at < bytes.length) bytes[at] = byte
        try {
          const file = await openFits(bytes)
          for (const hdu of file.hdus) {
            if (hdu.type === 'image' || hdu.type === 'bintable') await hdu.read()
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FitsError)
        }
      },
    ),
    { numRuns: 500 },
  )
})
