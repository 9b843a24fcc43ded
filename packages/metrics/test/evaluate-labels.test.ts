import type { Labels } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import { evaluateLabels, labelPairs, matchLabels } from '@astrolabel/metrics'
import { expect, test } from 'vitest'

const infos = (...names: string[]): Labels['labels'] => names.map(labelInfo)
const truth = makeLabels({
  starId: ['A', 'B', 'C', 'D', 'E'],
  labels: infos('logg', 'teff'),
  values: Float64Array.of(4, 5000, 3, 4800, NaN, 5600, 2, 4200, 1, 4000),
})

function predictions(extra: Partial<Parameters<typeof makeLabels>[0]> = {}): Labels {
  return makeLabels({
    starId: ['C', 'A', 'X', 'B'],
    labels: infos('teff', 'logg', 'fe_h'),
    values: Float64Array.of(5610, 3.5, 0, 5030, 4.1, 0, 1, 1, 1, 4770, 3, 0),
    errors: Float64Array.of(20, 0.1, 0.1, 20, 0.2, 0.1, 1, 1, 1, 20, NaN, 0.1),
    flags: Uint32Array.of(1, 3, 1, 8),
    flagBits: [
      { bit: 0, name: 'OUTSIDE_HULL' },
      { bit: 1, name: 'HIGH_CHI2' },
      { bit: 2, name: 'FAILED' },
    ],
    extra: makeTable([{ name: 'SNR', values: Float32Array.of(30, 120, 10, 150) }]),
    ...extra,
  })
}

test('labels are matched by star and name, whatever the order of rows and columns', () => {
  const e = evaluateLabels(predictions(), truth)
  expect(e).toMatchObject({ n: 3, unmatched: 1, unmatched_truth: 2, missing: { teff: 0, logg: 1 } })
  expect(Object.keys(e.labels)).toEqual(['teff', 'logg'])
  expect(e.labels['teff']).toMatchObject({
    unit: 'K',
    n: 3,
    mae: 70 / 3,
    median_residual: 10,
    coverage68: 1 / 3,
    n_with_error: 3,
  })
  expect(e.labels['teff']!.bias).toBeCloseTo(10 / 3, 12)
  expect(e.labels['logg']).toMatchObject({ unit: 'dex(cm s-2)', n: 2, n_with_error: 1, coverage68: 1 })
})

test('flags are counted over matched stars, also bits without a name', () => {
  expect(evaluateLabels(predictions(), truth).flags).toEqual({ OUTSIDE_HULL: 2, HIGH_CHI2: 1, FAILED: 0, 'bit 3': 1 })
})

test('S/N bins are of the matched stars; the truth can have the S/N', () => {
  const { by_snr: bins } = evaluateLabels(predictions(), truth)
  expect(bins.map(({ from, to, n }) => ({ from, to, n }))).toEqual([
    { from: 20, to: 50, n: 1 },
    { from: 100, to: 200, n: 2 },
  ])
  expect(bins[1]!.labels['teff']).toMatchObject({ n: 2, bias: 0, rmse: 30 })
  const own = evaluateLabels(predictions(), truth, { snrEdges: [0, 100, Infinity] }).by_snr
  expect(own.map((bin) => [bin.from, bin.to, bin.n])).toEqual([
    [0, 100, 1],
    [100, null, 2],
  ])
  const { extra: _, ...without } = predictions()
  expect(evaluateLabels(without, truth).by_snr).toEqual([])
  const fromTruth = evaluateLabels(without, {
    ...truth,
    extra: makeTable([{ name: 'snr', values: Float64Array.of(60, 60, NaN, 1, 1) }]),
  })
  expect(fromTruth.by_snr.map((bin) => [bin.from, bin.n])).toEqual([[50, 2]])
})

test('it is plain JSON: no NaN gets lost on the way', () => {
  const allMissing = predictions({ values: new Float64Array(12).fill(NaN) })
  const e = evaluateLabels(allMissing, truth, {
    bootstrap: { samples: 5, level: 0.68, random: RandomStream.fromSeed(1) },
  })
  expect(JSON.parse(JSON.stringify(e))).toEqual(e)
  expect(e.missing).toEqual({ teff: 3, logg: 3 })
  expect(e.labels['teff']).toMatchObject({ n: 0, bias: null, rmse: null, coverage68: null, ci: { bias: [null, null] } })
})

test('intervals come with the bootstrap and are those of stars', () => {
  const random = RandomStream.fromSeed(9)
  const e = evaluateLabels(predictions(), truth, { bootstrap: { samples: 100, level: 0.68, random } })
  expect(Object.keys(e.labels['teff']!.ci!)).toEqual(['bias', 'rmse', 'mae', 'std', 'mad', 'coverage68', 'z_width'])
  const visits = predictions({ starId: ['A', 'A', 'A', 'A'] })
  const [low, high] = evaluateLabels(visits, truth, { bootstrap: { samples: 100, level: 0.68, random } }).labels[
    'teff'
  ]!.ci!['bias']!
  expect(low).toBe(high)
})

test('errors of the truth count unless told not to', () => {
  const wide = { ...truth, errors: new Float64Array(10).fill(100) }
  expect(evaluateLabels(predictions(), wide).labels['teff']!.coverage68).toBe(1)
  expect(evaluateLabels(predictions(), wide, { truthErrors: false }).labels['teff']!.coverage68).toBe(1 / 3)
})

test('the match gives the pairs that figures draw', () => {
  const p = predictions()
  const match = matchLabels(p, truth)
  expect([...match.predictedRows, ...match.truthRows]).toEqual([0, 1, 3, 2, 0, 1])
  const pairs = labelPairs(p, truth, match, 'teff')
  expect([...pairs.predicted]).toEqual([5610, 5030, 4770])
  expect([...pairs.truth]).toEqual([5600, 5000, 4800])
  expect([...pairs.predictedError]).toEqual([20, 20, 20])
})

test('no common star shows ids of both', () => {
  const other = predictions({ starId: ['2M1', '2M2', '2M3', '2M4'] })
  expect(() => evaluateLabels(other, truth)).toThrow(
    'got predicted ids such as "2M1", "2M2", "2M3"; true ids such as "A", "B", "C"',
  )
  expect(() => evaluateLabels(other, truth)).toThrow(expect.objectContaining({ code: 'metrics/no-match' }))
  const none = makeLabels({ starId: [], labels: infos('teff'), values: new Float64Array() })
  expect(() => evaluateLabels(predictions(), none)).toThrow('true ids such as (none)')
})

test('no common label, and two truths for a star, are refused', () => {
  const abundances = makeLabels({ starId: ['A'], labels: infos('mg_fe'), values: Float64Array.of(0) })
  expect(() => evaluateLabels(predictions(), abundances)).toThrow(
    expect.objectContaining({ code: 'metrics/no-common-label' }),
  )
  const twice = (second: number): Labels =>
    makeLabels({ starId: ['A', 'A'], labels: infos('teff'), values: Float64Array.of(5000, second) })
  expect(() => evaluateLabels(predictions(), twice(5001))).toThrow(
    expect.objectContaining({ code: 'metrics/ambiguous-truth' }),
  )
  expect(evaluateLabels(predictions(), twice(5000))).toMatchObject({ n: 1, unmatched_truth: 0 })
})
