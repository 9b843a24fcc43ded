import { expect, test } from 'vitest'
import { continuousOpacity } from '../src/continuous-opacity.ts'
import { ionShares, solvePhotosphere } from '../src/photosphere.ts'

const sun = { teff: 5772, logg: 4.44, fe_h: 0, mg_fe: 0 }

test('the solar layer has the pressures of published models', () => {
  // Gray 2005, table 9.2, near τ = 0.35: T about 5500 K, log P_g 4.8 to 4.9, log P_e 0.9 to 1.1.
  const { temperature, gasPressure, electronPressure } = solvePhotosphere(sun)
  expect(temperature).toBeGreaterThan(5250)
  expect(temperature).toBeLessThan(5650)
  expect(Math.abs(Math.log10(gasPressure) - 4.8)).toBeLessThan(0.25)
  expect(Math.abs(Math.log10(electronPressure) - 0.95)).toBeLessThan(0.3)
})

test('electron pressure grows with gravity, temperature and metals', () => {
  const base = solvePhotosphere(sun).electronPressure
  expect(solvePhotosphere({ ...sun, logg: 3 }).electronPressure).toBeLessThan(base / 3)
  expect(solvePhotosphere({ ...sun, teff: 6500 }).electronPressure).toBeGreaterThan(1.5 * base)
  expect(solvePhotosphere({ ...sun, teff: 5000, fe_h: -1.5 }).electronPressure).toBeLessThan(
    solvePhotosphere({ ...sun, teff: 5000 }).electronPressure,
  )
})

test('iron is mostly ionised in the Sun, half at about 4300 K, and silicon less than sodium', () => {
  expect(ionShares('Fe', 5500, 10)[1]).toBeGreaterThan(0.9)
  expect(ionShares('Na', 5500, 10)[1]).toBeGreaterThan(ionShares('Si', 5500, 10)[1])
  const [neutral, ionised] = ionShares('Ca', 5500, 10)
  expect(neutral + ionised).toBeLessThanOrEqual(1)
})

test('negative hydrogen is most opaque near 8500 Å and least near 16000 Å', () => {
  const at = (wave: number) => continuousOpacity(wave, 5800, 10, 1)
  expect(at(8500)).toBeGreaterThan(at(5000))
  expect(at(8500)).toBeGreaterThan(at(12500))
  expect(at(12500)).toBeGreaterThan(at(16000))
  // Gray 2005, figure 8.5: about 2.4e-26 cm² per hydrogen atom and dyn cm⁻² at 5143 K and 8500 Å.
  expect(continuousOpacity(8500, 5143, 1, 1) / 5e-26).toBeGreaterThan(0.3)
  expect(continuousOpacity(8500, 5143, 1, 1) / 5e-26).toBeLessThan(3)
})

test('the Balmer continuum adds to it below 3647 Å in hot stars only', () => {
  const jump = (temperature: number) =>
    continuousOpacity(3640, temperature, 100, 1) / continuousOpacity(3655, temperature, 100, 1)
  expect(jump(8000)).toBeGreaterThan(2)
  expect(jump(4500)).toBeLessThan(1.02)
})
