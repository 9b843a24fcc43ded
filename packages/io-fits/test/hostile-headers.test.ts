import { expect, test } from 'vitest'
import { FitsError, openFits } from '@astrolabel/io-fits'

/*
 * Headers that claim what no file of this size can hold, and cards by the hundred thousand. None may hang or ask for
 * the memory they claim: each gives values that are there, or a FitsError.
 */

const card = (key: string, value: string | number): string =>
  `${key.padEnd(8)}= ${String(value).padStart(20)}`.padEnd(80)
const block = (text: string): string => text.padEnd(Math.ceil(text.length / 2880) * 2880)
const header = (cards: readonly string[]): string => block(`${cards.join('')}END`)
const primary = ['SIMPLE', 'BITPIX', 'NAXIS'].map((key, i) => card(key, ['T', 8, 0][i]!))

/** 32-bit numbers as the text of their bytes. */
function words(...values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4))
  return bytes.toString('latin1')
}

function image(keys: Readonly<Record<string, string | number>>, data = ''): string {
  const all = { SIMPLE: 'T', BITPIX: 8, NAXIS: 1, NAXIS1: 10, ...keys }
  return header(Object.entries(all).map(([key, value]) => card(key, value))) + block(data)
}

function table(keys: Readonly<Record<string, string | number>>, forms: readonly string[], data = ''): string {
  const shape = { BITPIX: 8, NAXIS: 2, NAXIS1: 8, NAXIS2: 1, PCOUNT: 0, GCOUNT: 1, TFIELDS: forms.length }
  const all = { XTENSION: "'BINTABLE'", ...shape, ...keys }
  const cards = Object.entries(all).map(([key, value]) => card(key, value))
  forms.forEach((form, i) => cards.push(card(`TFORM${i + 1}`, `'${form}'`)))
  return header(primary) + header(cards) + block(data)
}

const axes = (n: number): Record<string, number> =>
  Object.fromEntries([['NAXIS', n], ...Array.from({ length: n }, (_, i) => [`NAXIS${i + 1}`, 1] as const)])

/** Opens a file and reads all of it; the codes of what failed, in order. */
async function codes(text: string): Promise<string[]> {
  const found: string[] = []
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof FitsError)) throw error
      found.push(error.code)
    }
  }
  await attempt(async () => {
    const file = await openFits(new Uint8Array(Buffer.from(text, 'latin1')))
    for (const hdu of file.hdus) {
      expect(hdu.header.cards.length).toBe(hdu.header.size)
      if ('read' in hdu) await attempt(() => hdu.read())
    }
    if (file.warnings.length > 0) found.push('warned')
  })
  return found
}

const MIB = 1024 * 1024
const shared = (form: string, rows: number, count: number): string =>
  table({ NAXIS2: rows, PCOUNT: MIB }, [form], words(count, 0).repeat(rows) + '\0'.repeat(MIB))

test.each<[string, string, string[]]>([
  ['NAXIS 10^12', image({ NAXIS: 1e12 }), ['fits/bad-header']],
  ['NAXIS1 10^12', image({ NAXIS1: 1e12 }), ['fits/truncated', 'warned']],
  ['negative NAXIS1', image({ NAXIS1: -5 }), ['fits/bad-header']],
  ['999 axes', image({ ...axes(999), NAXIS1: 10 }, 'x'.repeat(10)), []],
  ['999 axes beyond 2^53', image({ ...axes(999), NAXIS2: 1e12, NAXIS9: 1e12 }), ['fits/bad-header']],
  ['no values in 10^23', image({ NAXIS: 3, NAXIS1: 0, NAXIS2: 1e12, NAXIS3: 1e11 }), []],
  ['GCOUNT 0 that hides 10^12 values', image({ NAXIS1: 1e12, GCOUNT: 0 }), ['fits/truncated']],
  ['GCOUNT 0 that hides 10^12 rows', table({ NAXIS2: 1e12, GCOUNT: 0 }, ['8A']), ['fits/truncated']],
  ['10^12 rows of nothing', table({ NAXIS1: 0, NAXIS2: 1e12 }, ['0A', '0J', '0PE', '0X', '0E(3)']), []],
  ['TFIELDS 10^9', table({ TFIELDS: 1e9 }, []), ['fits/bad-header', 'warned']],
  ['TFIELDS 9999 without columns', table({ TFIELDS: 9999 }, []), ['fits/bad-table', 'warned']],
  ['repeat 10^15', table({}, ['999999999999999E']), ['fits/bad-table', 'warned']],
  ['repeat beyond a double', table({}, [`${'9'.repeat(40)}D`]), ['fits/bad-table', 'warned']],
  ['bits 10^9', table({}, ['999999999X']), ['fits/bad-table', 'warned']],
  ['PCOUNT 10^12', table({ PCOUNT: 1e12 }, ['PE(3)'], words(3, 0)), ['warned']],
  ['negative PCOUNT', table({ PCOUNT: -3 }, ['8A']), ['warned']],
  ['THEAP 10^12', table({ PCOUNT: 100, THEAP: 1e12 }, ['PE(3)'], words(3, 0)), ['fits/bad-table']],
  ['a pointer past the heap', table({ PCOUNT: 16 }, ['PE'], words(3, 4e9)), ['fits/bad-table']],
  ['a count past the heap', table({ PCOUNT: 16 }, ['PE'], words(4e9, 0)), ['fits/bad-table']],
  ['bits past the heap', table({ PCOUNT: 16 }, ['PX'], words(4e9, 0)), ['fits/bad-table']],
  [
    'a count of 2^63',
    table({ NAXIS1: 16, PCOUNT: 16 }, ['QE'], words(0x7fffffff, 2 ** 32 - 1, 0, 8)),
    ['fits/bad-table'],
  ],
  [
    'a count of -1',
    table({ NAXIS1: 16, PCOUNT: 16 }, ['QE'], words(2 ** 32 - 1, 2 ** 32 - 1, 0, 0)),
    ['fits/bad-table'],
  ],
  ['10^5 rows that share one heap', shared('PE', 1e5, MIB / 4), ['fits/bad-table']],
  // 60 MiB of heap bytes, but eight times as many bits.
  ['bits that share one heap', shared('PX', 60, 8 * MIB), ['fits/bad-table']],
  ['strings that share one heap', shared('PA', 60, MIB), []],
])('%s', async (_, text, wanted) => {
  expect(await codes(text)).toEqual(wanted)
})

test('a string of 100 000 CONTINUE cards is one string', async () => {
  const cards = Array.from({ length: 100_000 }, (_, i) => `CONTINUE  '${'b'.repeat(50)}&' / ${i}`.padEnd(80))
  const text = header([...primary, "LONG    = 'a&' / start".padEnd(80), ...cards])
  const file = await openFits(new Uint8Array(Buffer.from(text, 'latin1')))
  const value = file.hdu(0).header.get('LONG') as string
  // The last '&' has nothing to go on to.
  expect([value.length, value.slice(0, 3), value.slice(-2)]).toEqual([5_000_002, 'abb', 'b&'])
  expect(file.hdu(0).header.comment('LONG').slice(0, 9)).toBe('start 0 1')
})

test.each<[string, readonly string[]]>([
  ['CONTINUE that continues nothing', Array.from({ length: 100_000 }, () => "CONTINUE  'b&'".padEnd(80))],
  [
    'HIERARCH with CONTINUE',
    Array.from({ length: 50_000 }, (_, i) => `HIERARCH A${i} B = 'b&'`.padEnd(80) + "CONTINUE  'b'".padEnd(80)),
  ],
  ['HISTORY', Array.from({ length: 150_000 }, () => 'HISTORY x'.padEnd(80))],
])('very many cards: %s', async (_, cards) => {
  expect(await codes(header([...primary, ...cards]))).toEqual([])
})

test('a header that never ends is given up', async () => {
  const text = header([...primary, 'HISTORY x'.padEnd(80).repeat(250_000)])
  expect(await codes(text)).toEqual(['fits/bad-header'])
})
