import { airToVacuum, refractivity, vacuumToAir } from '@astrolabel/spectra'
import type { RefractionFormula } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from './caught.js'

const FORMULAS: readonly RefractionFormula[] = ['ciddor1996', 'morton2000', 'edlen1953', 'peck1972']

// Test vectors of specutils (tests/test_utils.py), (n - 1) × 10^4.
test.each([
  ['ciddor1996', 3000, 2.91568633],
  ['ciddor1996', 5000, 2.78973811],
  ['ciddor1996', 10000, 2.74166131],
  ['morton2000', 3000, 2.91568573],
  ['morton2000', 5000, 2.78973402],
  ['morton2000', 10000, 2.74169531],
] as const)('refractivity by %s at %d Å', (formula, wave, published) => {
  expect(refractivity(wave, formula) * 1e4).toBeCloseTo(published, 8)
})

test.each([
  [5000, 4998.60552],
  [6564.614, 6562.80103],
  [8500, 8497.66512],
  [16000, 15995.62966],
])('%d Å in vacuum is %d Å in air', (vacuum, air) => {
  expect(vacuumToAir([vacuum])[0]).toBeCloseTo(air, 5)
})

test('formulas differ by as many m/s as published: what they are called is no matter of taste', () => {
  const metresPerSecond = (a: RefractionFormula, b: RefractionFormula, wave: number) =>
    (refractivity(wave, a) - refractivity(wave, b)) * 299792458
  expect(Math.abs(metresPerSecond('ciddor1996', 'morton2000', 6564.614))).toBeCloseTo(0.3, 1)
  expect(Math.abs(metresPerSecond('ciddor1996', 'morton2000', 16000))).toBeCloseTo(1.5, 1)
  for (const wave of [6564.614, 16000]) {
    expect(metresPerSecond('ciddor1996', 'edlen1953', wave)).toBeGreaterThan(3.5)
    expect(metresPerSecond('ciddor1996', 'edlen1953', wave)).toBeLessThan(6.5)
    // Ciddor's dispersion is Peck and Reeder's with more carbon dioxide.
    expect(refractivity(wave, 'peck1972') / refractivity(wave, 'ciddor1996')).toBeCloseTo(0.99995, 5)
  }
})

test('Piskunov’s fit, which VALD goes back from air by, agrees with the inverse of Morton', () => {
  for (const air of [3000, 5000, 6562.8, 10000]) {
    const s2 = (1e4 / air) ** 2
    const n =
      1 + 8.336624212083e-5 + 0.02408926869968 / (130.1065924522 - s2) + 0.0001599740894897 / (38.92568793293 - s2)
    expect(airToVacuum([air], 'morton2000')[0]).toBeCloseTo(air * n, 7)
  }
})

test.each(FORMULAS)('%s: there and back again to 1e-8 Å', (formula) => {
  fc.assert(
    fc.property(fc.double({ min: 2001, max: 55000, noNaN: true }), (wave) => {
      expect(Math.abs(airToVacuum(vacuumToAir([wave], formula), formula)[0]! - wave)).toBeLessThan(1e-8)
      expect(Math.abs(vacuumToAir(airToVacuum([wave], formula), formula)[0]! - wave)).toBeLessThan(1e-8)
    }),
  )
})

test('wavelengths in air are the shorter ones, and below 2000 Å there is no air', () => {
  const wave = Float64Array.of(1215.67, 1999.99, 2100, 9000)
  const air = vacuumToAir(wave)
  expect([...air.subarray(0, 2)]).toEqual([1215.67, 1999.99])
  expect(air[2]).toBeLessThan(2100)
  expect([...airToVacuum(wave).subarray(0, 2)]).toEqual([1215.67, 1999.99])
  expect(airToVacuum(wave)[3]).toBeGreaterThan(9000)
  expect([...wave]).toEqual([1215.67, 1999.99, 2100, 9000])
  expect(vacuumToAir([])).toHaveLength(0)
})

test('an unknown formula is named together with those there are', () => {
  expect(caught(() => refractivity(5000, 'iau' as RefractionFormula)).message).toBe(
    'Unknown refraction formula: got iau, expected ciddor1996, morton2000, edlen1953, peck1972',
  )
})
