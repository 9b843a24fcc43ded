import { modelComparison, pitHistograms, trendGrid } from '@astrolabel/figures'
import { compareModels, residualTrends } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { elementsOf, textOf } from './well-formed.ts'

const teff = labelInfo('teff')
const N = 200
const random = RandomStream.fromSeed(4)
const starId = Array.from({ length: N }, (_, i) => `s${i}`)
const truth = Float64Array.from(starId, () => 4000 + 2000 * random.uniform())
const snr = Float64Array.from(starId, () => 20 + 200 * random.uniform())
const hostile = '<b>&"\'</b>'

test('the grid of trends colours those that are no accident, and says which are none', () => {
  const residual = truth.map((t) => (t - 5000) / 10 + 40 * random.normal())
  const variable = (name: string, values: Float64Array, log: boolean) => ({ name, title: name, unit: '', values, log })
  const trends = residualTrends(
    [{ label: teff, residual }],
    [variable('teff', truth, false), variable('snr', snr, true)],
    starId,
    { random },
  )
  const columns = ['teff', 'snr', 'absent'].map((name) => ({ name, title: hostile }))
  const svg = trendGrid([teff], columns, trends, { title: hostile })
  elementsOf(svg)
  expect(textOf(svg).join(' ')).toMatch(/strong, \d\.\d σ/)
  expect(textOf(svg).join(' ')).toContain('no trend')
  expect(textOf(svg).join(' ')).toContain('no data')
  expect(svg).not.toContain('<b>')
  expect(trendGrid([], [], [])).toContain('no data')
})

test('PIT histograms hold all stars, and labels without errors say so', () => {
  const check = { n: 100, pit: [30, 5, 5, 5, 5, 5, 5, 5, 5, 30], verdict: 'too small', ks_p: 1e-9 } as const
  const none = { n: 0, pit: [0, 0], verdict: 'unknown', ks_p: null } as const
  const svg = pitHistograms([
    { label: { ...teff, symbol: hostile }, check },
    { label: teff, check: none },
  ])
  elementsOf(svg)
  expect(textOf(svg).join(' ')).toContain('errors too small · p < 0.0001')
  expect(textOf(svg).join(' ')).toContain('no data')
})

test('models that cannot be told from the best are open circles in its colour, worse ones are not', () => {
  const labels = (scatter: number): Labels =>
    makeLabels({ starId, labels: [teff], values: truth.map((t) => t + scatter * random.normal()) })
  const one = labels(50)
  const comparison = compareModels(
    [
      { name: 'one', labels: one },
      { name: hostile, labels: { ...one, values: one.values.map((v) => v + 1e-6 * random.normal()) } },
      { name: 'worse', labels: labels(200) },
    ],
    makeLabels({ starId, labels: [teff], values: truth }),
    { samples: 200, level: 0.95, random },
  )
  const svg = modelComparison([teff, labelInfo('logg')], comparison)
  elementsOf(svg)
  expect(svg.match(/<circle[^>]*fill="none"/g)).toHaveLength(1)
  expect(svg.match(/<circle/g)).toHaveLength(3)
  expect(textOf(svg).join(' ')).toContain('worse')
  // No model has a log g.
  expect(textOf(svg).join(' ')).toContain('no data')
})
