import fc from 'fast-check'
import { RandomStream } from '@astrolabel/spectra'
import { bootstrapInterval, labelStatistics } from '@astrolabel/metrics'
import { expect, test } from 'vitest'

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length

test('68 % intervals of the mean hold the true mean in about 68 % of simulated surveys', () => {
  const random = RandomStream.fromSeed(11)
  const surveys = 300
  let held = 0
  for (let s = 0; s < surveys; s++) {
    const values = Float64Array.from({ length: 50 }, () => 3 + random.normal())
    const [low, high] = bootstrapInterval(values, mean, { samples: 200, level: 0.68, random })
    if (low <= 3 && 3 <= high) held++
  }
  // Binomial error is 2.7 %; percentile intervals of 50 values are known to be a little narrow.
  expect(held / surveys).toBeGreaterThan(0.58)
  expect(held / surveys).toBeLessThan(0.76)
})

test('its width is that of theory for a normal mean, 2 σ/√n for 68.27 %', () => {
  const random = RandomStream.fromSeed(3)
  const values = Float64Array.from({ length: 400 }, () => 5 * random.normal())
  const [low, high] = bootstrapInterval(values, mean, { samples: 2000, level: 0.6827, random })
  expect((high - low) / ((2 * 5) / 20)).toBeGreaterThan(0.85)
  expect((high - low) / ((2 * 5) / 20)).toBeLessThan(1.15)
})

test('the same seed gives the same intervals, another seed others', () => {
  const p = Float64Array.from({ length: 30 }, (_, i) => i + Math.sin(i))
  const t = Float64Array.from({ length: 30 }, (_, i) => i)
  const run = (seed: number): unknown =>
    labelStatistics(p, t, { bootstrap: { samples: 50, level: 0.9, random: RandomStream.fromSeed(seed) } }).intervals
  expect(run(5)).toEqual(run(5))
  expect(run(5)).not.toEqual(run(6))
})

test('intervals bracket their statistics and coverage has one only with errors', () => {
  const random = RandomStream.fromSeed(8)
  const t = Float64Array.from({ length: 200 }, () => random.uniform())
  const p = t.map((x) => x + 0.1 * random.normal() + 0.05)
  const bootstrap = { samples: 300, level: 0.95, random }
  const s = labelStatistics(p, t, { predictedError: t.map(() => 0.1), bootstrap })
  for (const name of ['bias', 'rmse', 'mae', 'std', 'mad', 'coverage68', 'zWidth'] as const) {
    const [low, high] = s.intervals![name]!
    expect(low, name).toBeLessThanOrEqual(s[name]!)
    expect(high, name).toBeGreaterThanOrEqual(s[name]!)
    expect(high - low, name).toBeGreaterThan(0)
  }
  expect(Object.keys(labelStatistics(p, t, { bootstrap }).intervals!)).toEqual(['bias', 'rmse', 'mae', 'std', 'mad'])
})

test('visits of one star are drawn together: repeating each star nine times does not narrow the interval', () => {
  const random = RandomStream.fromSeed(21)
  const once = Float64Array.from({ length: 60 }, () => random.normal())
  const nine = Float64Array.from({ length: 540 }, (_, i) => once[i % 60]!)
  const groups = Array.from(nine, (_, i) => `star${i % 60}`)
  const width = (residual: Float64Array, stars?: string[]): number => {
    const bootstrap = { samples: 400, level: 0.68, random: RandomStream.fromSeed(2) }
    const [low, high] = labelStatistics(residual, new Float64Array(residual.length), { bootstrap, groups: stars })
      .intervals!.bias
    return high - low
  }
  expect(width(nine, groups) / width(once)).toBeCloseTo(1, 1)
  expect(width(nine) / width(once)).toBeLessThan(0.5)
})

test('no values give no interval, bad options are refused', () => {
  const random = RandomStream.fromSeed(1)
  expect(bootstrapInterval(new Float64Array(), mean, { samples: 5, level: 0.5, random })).toEqual([NaN, NaN])
  for (const bad of [
    { samples: 0, level: 0.5 },
    { samples: 10, level: 1 },
    { samples: 1.5, level: 0.5 },
  ]) {
    expect(() => bootstrapInterval(new Float64Array(3), mean, { ...bad, random })).toThrow(
      expect.objectContaining({ code: 'metrics/bootstrap' }),
    )
  }
})

test('property: intervals are those of resamples written out, by star, with missing errors and ties', () => {
  const value = fc.integer({ min: -8, max: 8 }).map((k) => k / 4)
  const rows = fc.array(fc.record({ star: fc.nat(5), r: value, error: fc.constantFrom(0, 0.5, 1) }), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(rows, fc.nat(1000), (drawn, seed) => {
      const column = (of: (row: (typeof drawn)[number]) => number): Float64Array => Float64Array.from(drawn, of)
      const groups = drawn.map(({ star }) => `s${star}`)
      const options = { samples: 7, level: 0.6 }
      const { intervals } = labelStatistics(
        column(({ r }) => r),
        new Float64Array(drawn.length),
        {
          predictedError: column(({ error }) => error),
          groups,
          bootstrap: { ...options, random: RandomStream.fromSeed(seed) },
        },
      )
      const random = RandomStream.fromSeed(seed)
      const stars = [...new Set(groups)].map((star) => drawn.filter((_, i) => groups[i] === star))
      const resampled = Array.from({ length: options.samples }, () => {
        const sample = stars.flatMap(() => stars[random.integer(stars.length)]!)
        return labelStatistics(
          Float64Array.from(sample, ({ r }) => r),
          new Float64Array(sample.length),
          { predictedError: Float64Array.from(sample, ({ error }) => error) },
        )
      })
      for (const name of ['bias', 'rmse', 'mae', 'std', 'mad', 'coverage68', 'zWidth'] as const) {
        const sorted = Float64Array.from(
          resampled.flatMap((one) => (one[name] === undefined || Number.isNaN(one[name]) ? [] : [one[name]])),
        ).sort()
        const at = (p: number): number => {
          const position = p * (sorted.length - 1)
          const below = Math.floor(position)
          const above = Math.min(below + 1, sorted.length - 1)
          return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!)
        }
        const found = intervals![name]
        if (drawn.every(({ error }) => error === 0) && (name === 'coverage68' || name === 'zWidth')) {
          expect(found).toBeUndefined()
          continue
        }
        if (sorted.length === 0) continue
        expect(found![0]).toBeCloseTo(at(0.2), 9)
        expect(found![1]).toBeCloseTo(at(0.8), 9)
      }
    }),
  )
})
