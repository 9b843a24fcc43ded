import type { Labels } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels } from '@astrolabel/spectra'
import { compareModels, compareResiduals } from '@astrolabel/metrics'
import { expect, test } from 'vitest'

const bootstrap = (seed = 1): { samples: number; level: number; random: RandomStream } => ({
  samples: 400,
  level: 0.95,
  random: RandomStream.fromSeed(seed),
})

function labelsOf(starId: readonly string[], teff: Float64Array): Labels {
  return makeLabels({
    starId,
    labels: [labelInfo('teff')],
    values: teff,
    errors: new Float64Array(teff.length).fill(50),
  })
}

/** A truth, and two models whose residuals share the noise of the spectra: B is a little worse. */
function models(n: number, extra: number): { truth: Labels; a: Labels; b: Labels } {
  const random = RandomStream.fromSeed(8)
  const starId = Array.from({ length: n }, (_, i) => `s${i}`)
  const truth = Float64Array.from(starId, () => 5000 + 300 * random.normal())
  const shared = Float64Array.from(starId, () => 80 * random.normal())
  const a = truth.map((t, i) => t + shared[i]! + 10 * random.normal())
  const b = truth.map((t, i) => t + shared[i]! + extra * random.normal())
  return { truth: labelsOf(starId, truth), a: labelsOf(starId, a), b: labelsOf(starId, b) }
}

test('a difference that two separate error bars hide is found in pairs', () => {
  const { truth, a, b } = models(300, 40)
  const {
    pairs,
    verdicts,
    models: statistics,
  } = compareModels(
    [
      { name: 'a', labels: a },
      { name: 'b', labels: b },
    ],
    truth,
    bootstrap(),
  )
  const [pair] = pairs
  expect(pair!.better).toBe('a')
  expect(pair!.rmse_ci[1]).toBeLessThan(0)
  expect(pair!.rmse_difference).toBeCloseTo(statistics['a']!['teff']!.rmse! - statistics['b']!['teff']!.rmse!, 9)
  expect(pair!.text).toMatch(/^Teff: a is better than b, nearer for \d+ % of 300 stars/)
  expect(verdicts['teff']).toMatch(/^Teff: a has the lowest RMSE, \d+\.\d K, certainly lower than b$/)
  // The intervals of the two RMSE overlap all the same.
  expect(statistics['a']!['teff']!.ci!['rmse']![1]).toBeGreaterThan(statistics['b']!['teff']!.ci!['rmse']![0]!)
})

test('equal models are told apart no more often than chance has it', () => {
  let claims = 0
  for (let seed = 0; seed < 40; seed++) {
    const random = RandomStream.fromSeed(100 + seed)
    const groups = Array.from({ length: 80 }, (_, i) => String(i))
    const noise = (): Float64Array => Float64Array.from(groups, () => random.normal())
    const { rmseInterval, p } = compareResiduals(noise(), noise(), groups, bootstrap(seed))
    if ((rmseInterval[0] > 0 || rmseInterval[1] < 0) && p < 0.05) claims++
  }
  expect(claims).toBeLessThan(7)
})

test('models that agree are not told apart, and of three the best is named with its rivals', () => {
  const { truth, a, b } = models(200, 10)
  const worse = { ...b, values: b.values.map((value) => value + 300) }
  const { verdicts, pairs } = compareModels(
    [
      { name: 'one', labels: a },
      { name: 'two', labels: b },
      { name: 'shifted', labels: worse },
    ],
    truth,
    bootstrap(),
  )
  expect(pairs.map(({ a: left, b: right, better }) => [left, right, better])).toEqual([
    ['one', 'two', null],
    ['one', 'shifted', 'one'],
    ['two', 'shifted', 'two'],
  ])
  expect(pairs[0]!.text).toMatch(/one and two cannot be told apart by 200 stars/)
  expect(verdicts['teff']).toMatch(/cannot tell it from (one|two)$/)
})

test('only rows that all models and the truth have are compared, values that one lacks are missing for all', () => {
  const { truth, a, b } = models(50, 20)
  const shuffled = Array.from({ length: 50 }, (_, i) => 49 - i)
  const reversed = labelsOf(
    shuffled.map((i) => b.starId[i]!),
    Float64Array.from(shuffled, (i) => b.values[i]!),
  )
  const gap = labelsOf(a.starId.slice(0, 40), a.values.slice(0, 40).fill(Number.NaN, 3, 4))
  const {
    n,
    left_out,
    models: statistics,
  } = compareModels(
    [
      { name: 'gap', labels: gap },
      { name: 'reversed', labels: reversed },
    ],
    truth,
    bootstrap(),
  )
  expect({ n, left_out }).toEqual({ n: 40, left_out: { gap: 0, reversed: 10 } })
  expect(statistics['reversed']!['teff']!.n).toBe(39)
})

test('visits of a star are drawn together', () => {
  const random = RandomStream.fromSeed(5)
  const perStar = Float64Array.from({ length: 20 }, () => random.normal())
  const a = Float64Array.from({ length: 200 }, (_, i) => perStar[i % 20]!)
  const b = a.map((value) => value * (1 + 0.3 * (random.uniform() - 0.5)))
  const byStar = Array.from(a, (_, i) => String(i % 20))
  const width = ([low, high]: readonly [number, number]): number => high - low
  const grouped = compareResiduals(a, b, byStar, bootstrap())
  const loose = compareResiduals(
    a,
    b,
    byStar.map((_, i) => String(i)),
    bootstrap(),
  )
  expect(grouped.stars).toBe(20)
  expect(loose.stars).toBe(200)
  expect(Number.isFinite(width(grouped.rmseInterval))).toBe(true)
})

test('one model, or two of one name, cannot be compared', () => {
  const { truth, a } = models(20, 10)
  expect(() => compareModels([{ name: 'a', labels: a }], truth, bootstrap())).toThrow(/Two models or more/)
  const other = labelsOf(
    a.starId.map((id) => `x${id}`),
    a.values,
  )
  expect(() =>
    compareModels(
      [
        { name: 'a', labels: a },
        { name: 'b', labels: other },
      ],
      truth,
      bootstrap(),
    ),
  ).toThrow(/No star is in the truth and in the labels of every model/)
})
