import { describe, expect, test } from 'vitest'
import { modelFlux, modelSpectrum } from '@astrolabel/survey-simulator'
import type { StellarLabels } from '@astrolabel/survey-simulator'

const sun: StellarLabels = { teff: 5772, logg: 4.44, fe_h: 0, mg_fe: 0 }

/** Equivalent width (Å) between two wavelengths, over the model's own continuum. */
function width(labels: StellarLabels, from: number, to: number): number {
  const step = 0.1
  const wave = Float64Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + step * i)
  return modelSpectrum(labels, wave, { resolution: () => 20_000 }).reduce((sum, value) => sum + (1 - value) * step, 0)
}

/** Vacuum windows about lines or groups of them. */
const lines = {
  hAlpha: [6545, 6585],
  hBeta: [4845, 4880],
  calciumTriplet: [8490, 8680],
  calcium8544: [8534, 8555],
  magnesiumB: [5160, 5192],
  sodiumD: [5885, 5904],
  calcium4227: [4222, 4234],
  iron5270: [5262, 5276],
  iron5328: [5322, 5334],
  iron4065: [4063.7, 4065.7],
  iron4405: [4402, 4411],
  ionisedIron4924: [4924.8, 4925.8],
  ionisedIron5317: [5317.4, 5318.9],
  strontium4078: [4078.2, 4079.5],
  titanium4572: [4572.8, 4573.8],
} as const satisfies Record<string, readonly [number, number]>

const of = (line: keyof typeof lines, change: Partial<StellarLabels> = {}): number =>
  width({ ...sun, ...change }, lines[line][0], lines[line][1])

describe('temperature', () => {
  test.each(['hAlpha', 'hBeta'] as const)('%s grows from 4500 to 8000 K', (line) => {
    const widths = [4500, 5500, 6500, 7500, 8000].map((teff) => of(line, { teff, fe_h: -1 }))
    for (let i = 1; i < widths.length; i++) expect(widths[i]).toBeGreaterThan(widths[i - 1]!)
  })

  test('neutral metals fade as they are ionised', () => {
    for (const line of ['iron5270', 'calcium4227', 'sodiumD', 'magnesiumB'] as const) {
      expect(of(line, { teff: 6500 })).toBeLessThan(0.75 * of(line, { teff: 5200 }))
    }
  })
})

describe('abundance', () => {
  test.each(['calciumTriplet', 'iron5270', 'iron5328', 'ionisedIron4924'] as const)('%s grows with [Fe/H]', (line) => {
    const widths = [-2, -1.5, -1, -0.5, 0, 0.4].map((fe_h) => of(line, { fe_h }))
    for (let i = 1; i < widths.length; i++) expect(widths[i]).toBeGreaterThan(widths[i - 1]!)
  })

  test('[Mg/Fe] moves Mg b and leaves iron', () => {
    const more = { mg_fe: 0.4, alpha_fe: 0 }
    expect(of('magnesiumB', more) / of('magnesiumB')).toBeGreaterThan(1.15)
    // Magnesium gives electrons, hence opacity and lower pressure: the wings of iron may shrink by this much.
    for (const line of ['iron5328', 'iron4405'] as const) {
      expect(Math.abs(of(line, more) / of(line) - 1)).toBeLessThan(0.08)
    }
  })

  test('[α/Fe] moves calcium and titanium', () => {
    const more = { alpha_fe: 0.4 }
    expect(of('calciumTriplet', more)).toBeGreaterThan(1.1 * of('calciumTriplet'))
    expect(of('titanium4572', more)).toBeGreaterThan(1.1 * of('titanium4572'))
  })
})

describe('gravity', () => {
  test.each(['ionisedIron4924', 'ionisedIron5317', 'titanium4572'] as const)(
    'the ion line %s is stronger in giants',
    (line) => {
      // Metal-poor, where no wings of neutral neighbours reach into the windows.
      const base = { teff: 5000, fe_h: -1 }
      const [giant, subgiant, dwarf] = [1.5, 3, 4.5].map((logg) => of(line, { ...base, logg }))
      expect(giant).toBeGreaterThan(subgiant!)
      expect(subgiant).toBeGreaterThan(dwarf!)
    },
  )

  test('Sr II 4078 grows over Fe I 4065, the luminosity criterion of the MK system', () => {
    const ratio = (logg: number) => {
      const star = { teff: 5000, logg }
      return of('strontium4078', star) / of('iron4065', star)
    }
    const [giant, subgiant, dwarf] = [1.5, 3, 4.5].map(ratio)
    expect(giant).toBeGreaterThan(subgiant!)
    expect(subgiant).toBeGreaterThan(dwarf!)
  })

  test.each(['magnesiumB', 'sodiumD', 'calcium4227'] as const)('the wings of %s are narrower in giants', (line) => {
    const base = { teff: 4800 }
    const [giant, subgiant, dwarf] = [1.5, 3, 4.5].map((logg) => of(line, { ...base, logg }))
    expect(giant).toBeLessThan(subgiant!)
    expect(subgiant).toBeLessThan(0.9 * dwarf!)
  })
})

describe('the Sun', () => {
  // Equivalent widths of the solar flux spectrum (Moore et al. 1966; Cayrel & Bentolila for Hα): a one-layer model is
  // asked for no more than a factor of 1.6.
  test.each([
    ['hAlpha', 3.8],
    ['magnesiumB', 4.2],
    ['sodiumD', 1.4],
    ['calcium8544', 3.7],
    ['calcium4227', 2.3],
  ] as const)('%s is %d Å wide or nearly', (line, observed) => {
    const ratio = of(line) / observed
    expect(ratio).toBeGreaterThan(1 / 1.6)
    expect(ratio).toBeLessThan(1.6)
  })

  test('Ca K is the deepest of all lines and Fe I 5270 one of many', () => {
    const wave = Float64Array.from({ length: 7000 }, (_, i) => 3700 + 0.8 * i)
    const flux = modelSpectrum(sun, wave)
    const deepest = wave[flux.indexOf(Math.min(...flux))]!
    expect([3934.8, 3969.6].some((line) => Math.abs(deepest - line) < 2)).toBe(true)
    expect(
      flux.filter((value, i) => i > 0 && value < 0.95 && value < flux[i - 1]! && value < flux[i + 1]!).length,
    ).toBeGreaterThan(150)
  })

  test('lines lie at their vacuum wavelengths', () => {
    // NIST: Na D 5891.583 and 5897.558, Ca II 8544.44, Mg b1 5185.05, Fe I 4384.78, Ba II 4555.31.
    for (const line of [5891.58, 5897.56, 8544.44, 5185.05, 4384.78, 4555.31]) {
      const wave = Float64Array.from({ length: 41 }, (_, i) => line - 1 + 0.05 * i)
      const flux = modelSpectrum(sun, wave, { resolution: () => 50_000 })
      expect(Math.abs(wave[flux.indexOf(Math.min(...flux))]! - line)).toBeLessThan(0.08)
    }
  })

  test('its continuum has the colour and the surface flux of a star of 5772 K', () => {
    const wave = Float64Array.from({ length: 7600 }, (_, i) => 3700 + 0.8 * i)
    const flux = modelFlux(sun, wave)
    // σ T⁴ is 6.3e10; the range holds a little more than half of it.
    const total = flux.reduce((sum, value) => sum + value * 0.8, 0)
    expect(total).toBeGreaterThan(0.45 * 6.29e10)
    expect(total).toBeLessThan(0.7 * 6.29e10)
  })
})

test('a receding star is shifted to the red', () => {
  const wave = Float64Array.from({ length: 61 }, (_, i) => 8530 + 0.5 * i)
  const centre = (vRad: number) => {
    const depth = modelSpectrum(sun, wave, { vRad }).map((value) => 1 - value)
    return depth.reduce((sum, d, i) => sum + d * wave[i]!, 0) / depth.reduce((sum, d) => sum + d, 0)
  }
  // 100 km/s is 2.85 Å here; the cut-off wings hold back a little of it.
  expect(centre(100) - centre(0)).toBeGreaterThan(1.5)
  expect(centre(100) - centre(0)).toBeLessThan(3)
})

test('a spectrum does not depend on which part of it is asked for', () => {
  const whole = Float64Array.from({ length: 500 }, (_, i) => 5000 + 0.8 * i)
  const part = whole.slice(200, 260)
  const expected = modelSpectrum(sun, whole).slice(200, 260)
  modelSpectrum(sun, part).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 10))
})

test('a wavelength beyond the line list is refused', () => {
  expect(() => modelSpectrum(sun, [3000, 3001])).toThrowError(
    expect.objectContaining({ code: 'simulator/out-of-range', got: 3000 }),
  )
})
