import { RandomStream } from '@astrolabel/spectra'
import {
  checkUncertainty,
  kendallTest,
  kolmogorovUniform,
  normalCdf,
  theilSen,
  wilcoxonSignedRank,
} from '@astrolabel/metrics'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Oracle {
  readonly trends: readonly ({ readonly x: number[]; readonly y: number[] } & Record<
    'slope' | 'intercept' | 'low' | 'high' | 'tau' | 'p',
    number
  >)[]
  readonly wilcoxon: readonly { readonly d: number[]; readonly p: number }[]
  readonly ks: readonly { readonly values: number[]; readonly d: number; readonly p: number }[]
  readonly cdf: readonly [number, number][]
  readonly crps: readonly [number, number][]
}
const oracle = JSON.parse(readFileSync(new URL('golden/scipy-oracle.json', import.meta.url), 'utf8')) as Oracle

test('Theil–Sen lines and Kendall tests, with and without ties, are those of scipy', () => {
  for (const { x, y, slope, intercept, low, high, tau, p } of oracle.trends) {
    const [xs, ys] = [Float64Array.from(x), Float64Array.from(y)]
    const fit = theilSen(xs, ys, 0.95, RandomStream.fromSeed(1))
    expect(fit.slope).toBeCloseTo(slope, 12)
    expect(fit.intercept).toBeCloseTo(intercept, 12)
    expect(fit.low).toBeCloseTo(low, 12)
    expect(fit.high).toBeCloseTo(high, 12)
    expect(fit.p).toBeCloseTo(p, 12)
    expect(kendallTest(xs, ys).tau).toBeCloseTo(tau, 12)
  }
})

test('signed-rank tests, exact, normal and with ties, are those of scipy', () => {
  for (const { d, p } of oracle.wilcoxon) expect(wilcoxonSignedRank(Float64Array.from(d)).p).toBeCloseTo(p, 10)
})

test('Kolmogorov–Smirnov distances are those of scipy, p-values within 0.02 of its exact ones', () => {
  for (const { values, d, p } of oracle.ks) {
    const result = kolmogorovUniform(Float64Array.from(values))
    expect(result.d).toBeCloseTo(d, 12)
    expect(Math.abs(result.p - p)).toBeLessThan(0.02)
  }
})

test('the normal distribution keeps its digits in the tail', () => {
  for (const [z, cdf] of oracle.cdf) expect(normalCdf(z) / cdf).toBeCloseTo(1, 11)
})

test('the continuous ranked probability score is the integral that defines it', () => {
  for (const [z, crps] of oracle.crps) {
    const one = Float64Array.of(1)
    const check = checkUncertainty({
      predicted: Float64Array.of(z),
      truth: Float64Array.of(0),
      predictedError: one,
      truthError: Float64Array.of(Number.NaN),
    })
    expect(check.crps).toBeCloseTo(crps, 7)
  }
})
