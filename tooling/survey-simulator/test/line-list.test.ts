import { expect, test } from 'vitest'
import { elements } from '../src/elements.ts'
import { metalLines } from '../src/line-list.ts'

/** Wave number of a line's upper level over the ground, eV. */
const upper = (line: { excitation: number; wave: number }) => line.excitation + 12398.4198 / line.wave

test('every line lies in the range, below its ion’s limit, and is there once', () => {
  const seen = new Set<string>()
  for (const line of metalLines) {
    const { element, charge, wave, excitation, gf } = line
    expect(wave).toBeGreaterThan(3560)
    expect(wave).toBeLessThan(9900)
    expect(excitation).toBeGreaterThanOrEqual(0)
    expect(upper(line)).toBeLessThan(elements[element].ionisation[charge] + 0.6)
    expect(Math.log10(gf)).toBeGreaterThan(-6)
    expect(Math.log10(gf)).toBeLessThan(1.5)
    const key = `${element} ${charge} ${wave.toFixed(2)}`
    expect(seen.has(key), key).toBe(false)
    seen.add(key)
  }
  expect(metalLines.filter((line) => line.element === 'Fe').length).toBeGreaterThan(400)
})

test('lines with a common upper level meet in it (Ritz)', () => {
  const level = (element: string, charge: number, wave: number): number =>
    upper(metalLines.find((l) => l.element === element && l.charge === charge && Math.abs(l.wave - wave) < 0.05)!)
  // Vacuum wavelengths of pairs with different lower levels (NIST); lower energies are rounded to 0.001 eV.
  for (const [element, charge, first, second] of [
    ['Ca', 1, 3934.777, 8544.438],
    ['Ca', 1, 3969.591, 8664.52],
    ['Ca', 1, 8500.36, 8544.438],
    ['Mg', 0, 5185.048, 5174.125],
    ['Na', 0, 8185.505, 8197.04],
    ['Ba', 1, 4555.306, 6143.413],
    ['Ba', 1, 4935.454, 6498.693],
  ] as const) {
    expect(Math.abs(level(element, charge, first) - level(element, charge, second))).toBeLessThan(0.0012)
  }
})

test('nearly every Fe I line shares its upper level with another', () => {
  // A misprinted wavelength or energy would put a line on a level of its own; by chance three in ten would meet.
  const iron = metalLines.filter((line) => line.element === 'Fe' && line.charge === 0)
  const meets = iron.filter((a) =>
    iron.some((b) => Math.abs(a.excitation - b.excitation) > 0.003 && Math.abs(upper(a) - upper(b)) < 0.0012),
  )
  expect(meets.length / iron.length).toBeGreaterThan(0.85)
})
