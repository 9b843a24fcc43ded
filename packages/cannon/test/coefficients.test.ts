import type { ScatterMethod, TrainingMatrices } from '@astrolabel/cannon'
import { evaluateTerms, fitCoefficients, polynomialTerms } from '@astrolabel/cannon'
import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { farthest } from './stars.ts'

const METHODS: readonly ScatterMethod[] = ['moments', 'likelihood']

interface Draw {
  readonly seed: number
  readonly n: number
  readonly nPix: number
  readonly nLabels?: number
  readonly order?: number
  /** Error of each pixel of each star. */
  readonly sigma?: (random: RandomStream) => number
  readonly scatter?: (pixel: number) => number
  readonly bad?: number
  readonly noise?: 'measured' | 'unknown'
}

/** Spectra that are polynomials with known coefficients. Everything is dyadic, so without noise flux is exact. */
function draw({ seed, n, nPix, nLabels = 2, order = 2, sigma, scatter, bad = 0, noise = 'measured' }: Draw) {
  const random = RandomStream.fromSeed(seed)
  const terms = polynomialTerms(nLabels, order)
  const nTerms = terms.terms.length
  const scaled = Float64Array.from({ length: n * nLabels }, () => (random.integer(17) - 8) / 8)
  const truth = Float64Array.from({ length: nPix * nTerms }, () => (random.integer(129) - 64) / 128)
  const flux = new Float32Array(n * nPix)
  const ivar = new Float32Array(n * nPix)
  const values = new Float64Array(nTerms)
  for (let i = 0; i < n; i++) {
    evaluateTerms(terms, scaled.subarray(i * nLabels, (i + 1) * nLabels), values)
    for (let p = 0; p < nPix; p++) {
      const at = i * nPix + p
      const error = sigma?.(random) ?? 0
      flux[at] = values.reduce((sum, value, t) => sum + value * truth[p * nTerms + t]!, 0)
      if (error > 0 || scatter) flux[at]! += Math.hypot(error, scatter?.(p) ?? 0) * random.normal()
      ivar[at] = noise === 'unknown' ? 1 : 1 / (error > 0 ? error : 0.25) ** 2
      if (random.uniform() < bad) ivar[at] = 0
    }
  }
  const data: TrainingMatrices = { n, nPix, terms, scaled, flux, ivar, noise }
  return { data, truth, nTerms }
}

/** θ by a plain loop: normal equations of every pixel, solved by Gauss–Jordan elimination. */
function plainLoop({ n, nPix, terms, scaled, flux, ivar }: TrainingMatrices, scatter2: Float64Array): Float64Array {
  const nTerms = terms.terms.length
  const theta = new Float64Array(nPix * nTerms)
  const z = new Float64Array(nTerms)
  for (let p = 0; p < nPix; p++) {
    const rows = Array.from({ length: nTerms }, () => new Float64Array(nTerms + 1))
    for (let i = 0; i < n; i++) {
      const v = ivar[i * nPix + p]!
      if (v === 0) continue
      evaluateTerms(terms, scaled.subarray(i * terms.nLabels, (i + 1) * terms.nLabels), z)
      const w = 1 / (1 / v + scatter2[p]!)
      for (let a = 0; a < nTerms; a++) {
        for (let b = 0; b < nTerms; b++) rows[a]![b]! += w * z[a]! * z[b]!
        rows[a]![nTerms]! += w * z[a]! * flux[i * nPix + p]!
      }
    }
    for (let a = 0; a < nTerms; a++) {
      const pivot = rows[a]![a]!
      for (let b = a; b <= nTerms; b++) rows[a]![b]! /= pivot
      for (let r = 0; r < nTerms; r++) {
        const factor = rows[r]![a]!
        if (r !== a) for (let b = a; b <= nTerms; b++) rows[r]![b]! -= factor * rows[a]![b]!
      }
    }
    for (let a = 0; a < nTerms; a++) theta[p * nTerms + a] = rows[a]![nTerms]!
  }
  return theta
}

test.each(METHODS.flatMap((method) => [1, 2, 3].map((order) => [method, order] as const)))(
  'a polynomial recovers its own coefficients (%s, order %i)',
  (method, order) => {
    const { data, truth } = draw({ seed: order, n: 80, nPix: 5, nLabels: 3, order, bad: 0.1 })
    const found = fitCoefficients(data, method)
    expect(farthest(found.theta, truth)).toBeLessThan(1e-8)
    expect([...found.scatter2]).toEqual([0, 0, 0, 0, 0])
    expect([...found.usable]).toEqual([1, 1, 1, 1, 1])
    expect(found.converged).toBe(true)
  },
)

test.each(METHODS)('coefficients are those of a plain loop with the same weights (%s)', (method) => {
  const sigma = (random: RandomStream): number => 0.005 + 0.02 * random.uniform()
  const { data } = draw({ seed: 5, n: 60, nPix: 300, nLabels: 3, sigma, scatter: (p) => 0.0001 * p, bad: 0.05 })
  const found = fitCoefficients(data, method)
  // By moments the weights are ivar alone; by likelihood the scatter has settled to a thousandth of the total error.
  const weights = method === 'moments' ? new Float64Array(data.nPix) : found.scatter2
  expect(farthest(found.theta, plainLoop(data, weights))).toBeLessThan(method === 'moments' ? 1e-8 : 1e-5)
})

test.each(METHODS)('a bad pixel cannot change anything, whatever its value (%s)', (method) => {
  const { data } = draw({ seed: 6, n: 30, nPix: 4, sigma: () => 0.01, bad: 0.2 })
  const expected = fitCoefficients(data, method)
  const value = fc.oneof(fc.float(), fc.constantFrom(-9999, 1e30, Number.NaN, Number.POSITIVE_INFINITY))
  fc.assert(
    fc.property(fc.array(value, { minLength: 120, maxLength: 120 }), (values) => {
      const flux = data.flux.map((good, at) => (data.ivar[at] === 0 ? values[at]! : good))
      expect(fitCoefficients({ ...data, flux }, method)).toEqual(expected)
    }),
    { numRuns: 30 },
  )
})

test.each(METHODS)('the order of the stars does not matter (%s)', (method) => {
  const { data } = draw({ seed: 7, n: 50, nPix: 6, sigma: () => 0.01, scatter: () => 0.02, bad: 0.1 })
  const order = RandomStream.fromSeed(1).permutation(data.n)
  const shuffle = <T extends Float32Array | Float64Array>(matrix: T): T => {
    const width = matrix.length / data.n
    return matrix.map((_, at) => matrix[order[Math.floor(at / width)]! * width + (at % width)]!) as T
  }
  const found = fitCoefficients(data, method)
  const shuffled = fitCoefficients(
    { ...data, scaled: shuffle(data.scaled), flux: shuffle(data.flux), ivar: shuffle(data.ivar) },
    method,
  )
  expect(farthest(shuffled.theta, found.theta)).toBeLessThan(1e-11)
  expect(farthest(shuffled.scatter2, found.scatter2)).toBeLessThan(1e-11)
})

test.each(METHODS)('injected scatter is recovered within its statistical error (%s)', (method) => {
  const n = 400
  const nPix = 120
  const scatter = (pixel: number): number => 0.006 + 0.0002 * pixel
  const sigma = (random: RandomStream): number => 0.006 + 0.01 * random.uniform()
  const { data, nTerms } = draw({ seed: 8, n, nPix, sigma, scatter, bad: 0.02 })
  const { scatter2 } = fitCoefficients(data, method)
  const pulls: number[] = []
  for (let p = 0; p < nPix; p++) {
    const total: number[] = []
    for (let i = 0; i < n; i++)
      if (data.ivar[i * nPix + p]! > 0) total.push(1 / data.ivar[i * nPix + p]! + scatter(p) ** 2)
    const sum = (f: (v: number) => number): number => total.reduce((all, v) => all + f(v), 0)
    // Cramér–Rao for the likelihood; for moments the variance of a mean of squares, and the share of the variance
    // that the fitted coefficients take away, T / n.
    const variance = method === 'likelihood' ? 2 / sum((v) => 1 / v ** 2) : (2 * sum((v) => v ** 2)) / total.length ** 2
    const bias = method === 'likelihood' ? 0 : (-nTerms * sum((v) => v)) / total.length ** 2
    pulls.push((scatter2[p]! - scatter(p) ** 2 - bias) / Math.sqrt(variance))
  }
  const mean = pulls.reduce((sum, pull) => sum + pull, 0) / nPix
  const spread = Math.sqrt(pulls.reduce((sum, pull) => sum + (pull - mean) ** 2, 0) / nPix)
  // Three standard errors of the mean and of the spread of 120 normal numbers.
  expect(Math.abs(mean)).toBeLessThan(3 / Math.sqrt(nPix))
  expect(Math.abs(spread - 1)).toBeLessThan(3 / Math.sqrt(2 * nPix))
})

test('scatter is 0 where the errors explain the residuals', () => {
  const { data } = draw({ seed: 9, n: 200, nPix: 50, sigma: () => 0.01 })
  // Errors told as twice what they are.
  const found = fitCoefficients({ ...data, ivar: data.ivar.map((v) => v / 4) }, 'likelihood')
  expect([...new Set(found.scatter2)]).toEqual([0])
})

test.each(METHODS)(
  'without errors all good pixels weigh the same and the scatter is all the residuals (%s)',
  (method) => {
    const n = 500
    const nPix = 40
    const { data, nTerms } = draw({ seed: 10, n, nPix, scatter: () => 0.02, bad: 0.05, noise: 'unknown' })
    const found = fitCoefficients(data, method)
    expect(farthest(found.theta, plainLoop(data, new Float64Array(nPix)))).toBeLessThan(1e-8)
    const freedom = method === 'likelihood' ? 1 : 1 - nTerms / (0.95 * n)
    const mean = found.scatter2.reduce((sum, s2) => sum + s2, 0) / nPix
    expect(Math.abs(mean / (0.02 ** 2 * freedom) - 1)).toBeLessThan(3 * Math.sqrt(2 / (0.95 * n * nPix)))
    expect(found.converged).toBe(true)
  },
)

test('without errors a pixel that never varies is not used', () => {
  const { data } = draw({ seed: 11, n: 60, nPix: 3, scatter: () => 0.02, noise: 'unknown' })
  const flux = data.flux.map((value, at) => (at % 3 === 1 ? 1 : value))
  expect([...fitCoefficients({ ...data, flux }, 'likelihood').usable]).toEqual([1, 0, 1])
})

test('a pixel with too few good stars, or stars that cannot tell its terms apart, is not used', () => {
  const { data, nTerms } = draw({ seed: 12, n: 60, nPix: 4, sigma: () => 0.01 })
  // The last twenty stars share their first label, and pixel 2 is good in them only.
  const scaled = data.scaled.map((x, at) => (at >= 80 && at % 2 === 0 ? 0.5 : x))
  const isGood = [
    (star: number): boolean => star < nTerms + 1,
    (star: number): boolean => star < nTerms + 2,
    (star: number): boolean => star >= 40,
    (): boolean => true,
  ]
  const ivar = data.ivar.map((v, at) => (isGood[at % 4]!(Math.floor(at / 4)) ? v : 0))
  for (const method of METHODS) {
    const found = fitCoefficients({ ...data, scaled, ivar }, method)
    expect([...found.usable]).toEqual([0, 1, 0, 1])
    for (const pixel of [0, 2]) {
      expect(found.theta.slice(pixel * nTerms, (pixel + 1) * nTerms)).toEqual(new Float64Array(nTerms))
      expect(found.scatter2[pixel]).toBe(0)
    }
  }
})

test('pixels do not know of each other, also across blocks of 256', () => {
  const { data, nTerms } = draw({ seed: 13, n: 30, nPix: 520, sigma: () => 0.01, bad: 0.05 })
  const all = fitCoefficients(data, 'moments')
  for (const pixel of [0, 255, 256, 512, 519]) {
    const one = (matrix: Float32Array): Float32Array => matrix.filter((_, at) => at % 520 === pixel)
    const alone = fitCoefficients({ ...data, nPix: 1, flux: one(data.flux), ivar: one(data.ivar) }, 'moments')
    expect([...alone.theta]).toEqual([...all.theta.subarray(pixel * nTerms, (pixel + 1) * nTerms)])
    expect(alone.scatter2[0]).toBe(all.scatter2[pixel])
  }
})

test('the same bytes twice, and inputs are not changed', () => {
  const { data } = draw({ seed: 14, n: 40, nPix: 270, sigma: () => 0.01, scatter: () => 0.01, bad: 0.1 })
  const before = structuredClone(data)
  expect(fitCoefficients(data, 'likelihood')).toEqual(fitCoefficients(data, 'likelihood'))
  expect(data).toEqual(before)
})

test('too few rounds are reported, progress is told and an abort ends it', () => {
  const { data } = draw({ seed: 15, n: 40, nPix: 300, sigma: (random) => 0.05 * random.uniform(), scatter: () => 0.02 })
  const done: number[] = []
  const found = fitCoefficients(data, 'likelihood', {
    maxIterations: 1,
    onProgress: (pixels, total) => done.push(pixels, total),
  })
  expect(found).toMatchObject({ converged: false, iterations: 1 })
  expect(done).toEqual([256, 300, 300, 300])
  expect(() => fitCoefficients(data, 'moments', { signal: AbortSignal.abort(new Error('enough')) })).toThrow('enough')
})
