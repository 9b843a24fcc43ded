import { makeTable } from '@astrolabel/spectra'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSelection } from '../src/selection/parse-selection.js'
import { addReports, selectRows } from '../src/selection/select-rows.js'
import { selectionOf } from '../src/selection/selection-of.js'
import { rowsOfTable } from '../src/selection/selection-rows.js'
import { fault } from './fault.js'

const table = makeTable([
  { name: 'SNR', values: Float64Array.of(120, 40, 60, Number.NaN, 80) },
  { name: 'teff', values: Float64Array.of(4500, 5000, 6500, 5000, 7500) },
  { name: 'fe_h', values: Float64Array.of(-0.5, 0.1, Number.NaN, -2, 0.3), valid: Uint8Array.of(1, 1, 0, 1, 1) },
  { name: 'STARFLAG', values: Uint32Array.of(0, 1, 2 ** 31, 2, 3) },
  { name: 'ASPCAPFLAG', values: BigUint64Array.of(0n, 1n << 40n, 0n, 0n, 1n << 40n) },
  { name: 'field', values: ['M13', 'M67', '', 'M13', 'N7789'] },
  { name: 'MG_FE_FLAG', values: Int32Array.of(0, 1, 256, -2_147_483_648, 257) },
])

function kept(text: string): number[] {
  return [...selectRows(parseSelection(text), rowsOfTable(table)).kept]
}

describe('what a selection keeps', () => {
  test.each([
    ['snr > 50', [0, 2, 4]],
    ['SNR >= 60 and fe_h > -1', [0, 4]],
    ['4000 < teff < 7000', [0, 1, 2, 3]],
    ['4500 <= teff <= 5000', [0, 1, 3]],
    ['teff < 4600 or teff > 7000', [0, 4]],
    ['not starflag.BAD_PIXELS', [0, 2, 3]],
    ['starflag.BAD_PIXELS and aspcapflag.PROBLEM_TARGET', [1, 4]],
    ['mg_fe_flag.GRIDEDGE_BAD', [1, 4]],
    ['not mg_fe_flag.GRIDEDGE_WARN', [0, 1, 3]],
    ["field == 'M13'", [0, 3]],
    ['field != "M13"', [1, 4]],
    ['field is missing', [2]],
    ['fe_h is not missing', [0, 1, 3, 4]],
    ['abs(fe_h) < 0.4', [1, 4]],
    ['-fe_h > 0.4', [0, 3]],
    ['teff / 1000 - 5 = 0', [1, 3]],
    ['2 * (teff - 5000) >= 3e3', [2, 4]],
    ['starflag == 2147483648', [2]],
    ['not not snr > 50', [0, 2, 4]],
  ])('%s', (text, rows) => {
    expect(kept(text)).toEqual(rows)
  })

  test('a star without the value is selected by no condition on it, however it is turned', () => {
    expect(kept('fe_h > -1')).not.toContain(2)
    expect(kept('not (fe_h > -1)')).not.toContain(2)
    expect(kept('not (fe_h > -1 and teff > 0)')).not.toContain(2)
    expect(kept('fe_h > -1 or teff > 6000')).toContain(2)
    expect(kept('not (fe_h > -1 and teff < 0)')).toContain(2)
  })

  test('and, or and not bind as everywhere: a tree says the same as its text', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (a, b, c) => {
        const rows = rowsOfTable(makeTable([{ name: 'x', values: Float64Array.of(1) }]))
        const bit = (value: boolean): string => (value ? 'x == 1' : 'x == 2')
        const holds = (text: string): boolean => selectRows(parseSelection(text), rows).kept.length === 1
        expect(holds(`${bit(a)} or ${bit(b)} and ${bit(c)}`)).toBe(a || (b && c))
        expect(holds(`(${bit(a)} or ${bit(b)}) and ${bit(c)}`)).toBe((a || b) && c)
        expect(holds(`not ${bit(a)} and ${bit(b)}`)).toBe(!a && b)
        expect(holds(`not (${bit(a)} and ${bit(b)})`)).toBe(!(a && b))
      }),
    )
  })

  test('ranges of a recipe are clauses, too', () => {
    const selection = selectionOf({ teff: [4500, 5000], snr: [null, 100] })
    expect(selection.clauses.map(({ text }) => text)).toEqual(['4500 <= teff <= 5000', 'snr <= 100'])
    expect([...selectRows(selection, rowsOfTable(table)).kept]).toEqual([1])
    expect(selectionOf('snr > 50').text).toBe('snr > 50')
    expect([...selectRows(selectionOf({ fe_h: [null, null] }), rowsOfTable(table)).kept]).toEqual([0, 1, 3, 4])
  })
})

describe('what each clause did', () => {
  test('fails counts by itself, removes in its turn', () => {
    const { report } = selectRows(
      parseSelection('snr > 50 and (fe_h > -1 or teff > 7000) and 4000 < teff < 7000'),
      rowsOfTable(table),
    )
    expect(report).toEqual([
      { clause: 'snr > 50', fails: 2, removes: 2 },
      { clause: 'fe_h > -1 or teff > 7000', fails: 2, removes: 1 },
      { clause: '4000 < teff < 7000', fails: 1, removes: 1 },
    ])
    expect(addReports(report, report).map(({ removes }) => removes)).toEqual([4, 2, 2])
    expect(addReports([], report)).toEqual(report)
  })
})

describe('what cannot be read', () => {
  test.each([
    ['snr > ', 'Expected a column, a number or a text, got the end, character 7 of the selection\n  snr > \n        ^'],
    ['snr >> 50', "Expected a column, a number or a text, got '>', character 6"],
    ['snr > 50 teff', "'teff' does not follow, character 10"],
    ['(snr > 50', "Expected ')', got the end, character 10"],
    ['snr > 50 & teff > 1', "'&' means nothing here, character 10"],
    ['fe_h is here', "Expected missing, got 'here', character 9"],
    ['starflag.', 'Expected a flag of starflag, got the end, character 10'],
    ['abs 3', "Expected '(' after abs, got '3', character 5"],
    ['', 'Expected a column, a number or a text, got the end, character 1'],
  ])('%s', (text, message) => {
    const error = fault(() => parseSelection(text))
    expect([error.code, error.message]).toEqual(['selection/syntax', expect.stringContaining(message)])
    expect(error.remedy).toContain('snr > 50')
  })

  test('the mark stands under the character', () => {
    const [, text, mark] = fault(() => parseSelection('teff > 4000 and ) snr')).message.split('\n')
    expect(text![mark!.indexOf('^')]).toBe(')')
  })

  test('text that nests without end is refused, not overflowed', () => {
    expect(fault(() => parseSelection('('.repeat(100_000))).message).toContain('nests too deep')
    expect(fault(() => parseSelection('not '.repeat(100_000))).message).toContain('nests too deep')
    expect(fault(() => parseSelection('-'.repeat(100_000))).message).toContain('nests too deep')
  })

  test.each([
    ['snrr > 50', 'table/no-column', /no column snrr: expected one of SNR, teff, fe_h/],
    ['starflag.NOPE', 'flags/unknown', /BAD_PIXELS/],
    ['teff.BAD', 'selection/no-flags', /bits of column teff have no names: expected one of starflag/],
    ["teff == 'hot'", 'selection/type', /got 4500 and 'hot', expected two numbers or two texts/],
    ['field + 1 > 2', 'selection/type', /in '\+': got 'M13', expected numbers/],
    ['teff', 'selection/type', /got 4500, expected a condition such as snr > 50/],
  ])('%s: %s', (text, code, message) => {
    const error = fault(() => kept(text))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
  })
})
