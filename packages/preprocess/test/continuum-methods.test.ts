import { readFileSync } from 'node:fs'
import {
  blackbodyContinuum,
  continuumLists,
  gaussianContinuum,
  makeContinuum,
  normaliseContinuum,
  preprocess,
  runningMedianContinuum,
  runningQuantileContinuum,
  sinesCosinesContinuum,
  splineContinuum,
} from '@astrolabel/preprocess'
import type { BadStar, ContinuumOptions, PreprocessStep } from '@astrolabel/preprocess'
import { RandomStream, concatSpectra, makeTable, takeSpectra } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearMeta, relativeError, rowsOf, spectraOf } from './spectra-of.js'

const golden = JSON.parse(readFileSync(new URL('golden/continuum.json', import.meta.url), 'utf8')) as {
  flux: number[]
  ivar: number[]
  percentile: Record<string, number[]>
  quantile: { uniform: number[]; ivar: number[] }
  sines: { pixels: number[]; continuum: number[] }
  spline: number[]
  gaussian: number[]
  blackbody: { scale: number[]; continuum: number[] }
}
const meta = linearMeta(0, {
  wavelength: { kind: 'linear', start: 15000, step: 0.5, length: 300, medium: 'vacuum' },
})
const star = spectraOf([golden.flux], { meta, ivar: [golden.ivar] })
const allGood = { ...star, ivar: star.ivar.map(() => 1) }

const methods: ContinuumOptions[] = [
  { method: 'running-quantile', window: 31 },
  { method: 'running-quantile', window: 31, weighting: 'ivar', quantile: 0.7 },
  { method: 'sines-cosines' },
  { method: 'spline', spacing: 60 },
  { method: 'gaussian', width: 20 },
  { method: 'blackbody', teff: 5000 },
  { method: 'blackbody', teff: 'temperature', order: 2 },
]
const named = methods.map((options) => [JSON.stringify(options), options] as const)

/** Noisy stars with lines in two chips, bad stretches, temperatures; the last has no good pixel. */
function survey(n: number): Spectra {
  const random = RandomStream.fromSeed(8)
  const nPix = 160
  const values = Array.from({ length: nPix }, (_, i) => 5000 + i + (i < 90 ? 0 : 400))
  const rows: Float32Array[] = []
  const ivar: Float32Array[] = []
  for (let row = 0; row < n; row++) {
    const scale = 10 ** (3 * random.uniform())
    const slope = 0.4 * random.normal()
    rows.push(
      Float32Array.from(
        { length: nPix },
        (_, i) => scale * (1 + (slope * i) / nPix - (i % 19 === 3 ? 0.3 : 0) + 0.01 * random.normal()),
      ),
    )
    const bad = random.integer(nPix - 12)
    ivar.push(
      Float32Array.from({ length: nPix }, (_, i) =>
        (i >= bad && i < bad + 12) || row === n - 1 ? 0 : 1e4 / scale ** 2,
      ),
    )
  }
  const spectra = spectraOf(rows, {
    meta: linearMeta(0, { wavelength: { kind: 'explicit', values, medium: 'vacuum' } }),
    ivar,
  })
  const temperature = Float64Array.from(rows, () => 5000 + 500 * random.normal())
  return { ...spectra, catalog: makeTable([{ name: 'temperature', values: temperature }], n) }
}

const bytes = ({ flux, ivar }: Spectra): unknown =>
  [flux, ivar].map((m) => Buffer.from(m.buffer, m.byteOffset, m.byteLength).toString('base64'))

test.each(Object.keys(golden.percentile))('the running %s th percentile is that of scipy away from the ends', (q) => {
  const continuum = runningQuantileContinuum({ window: 31, quantile: Number(q) / 100 }).continuum(allGood)
  expect([...continuum.subarray(15, 285)]).toEqual([...Float32Array.from(golden.percentile[q]!).subarray(15, 285)])
})

test('a running quantile counts good pixels only, by ivar if asked, within windows in Å', () => {
  const of = (options: object): number[] => [
    ...runningQuantileContinuum({ window: 20, unit: 'angstrom', ...options }).continuum(star),
  ]
  expect(of({})).toEqual([...Float32Array.from(golden.quantile.uniform)])
  expect(of({ weighting: 'ivar', quantile: 0.7 })).toEqual([...Float32Array.from(golden.quantile.ivar)])
  // 0.5 Å are 10 km/s at 15 000 Å: the same pixels.
  const kms = runningQuantileContinuum({ window: 402, unit: 'km/s' }).continuum(star)
  expect(relativeError(kms.subarray(0, 100), golden.quantile.uniform.slice(0, 100))).toBeLessThan(0.05)
})

test('a running quantile of any values and weights is that of sorting each window', () => {
  const pixel = fc.tuple(fc.float({ noNaN: true, min: -100, max: 100 }), fc.integer({ min: 0, max: 4 }))
  fc.assert(
    fc.property(
      fc.array(pixel, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 16 }),
      (row, half, sixteenths) => {
        const spectra = spectraOf([row.map(([y]) => y)], { ivar: [row.map(([, w]) => w)] })
        const options = { window: 2 * half + 1, quantile: sixteenths / 16, weighting: 'ivar' } as const
        const found = runningQuantileContinuum(options).continuum(spectra)
        const truth = row.map((_, i) => {
          const inside = row.slice(Math.max(0, i - half), i + half + 1).filter(([, w]) => w > 0)
          inside.sort(([a], [b]) => a - b)
          const total = inside.reduce((sum, [, w]) => sum + w, 0)
          let sum = 0
          return inside.find(([, w]) => (sum += w) >= (sixteenths / 16) * total)?.[0] ?? 0
        })
        // Adding 0 makes 0 of -0.
        expect([...found].map((y) => y + 0)).toEqual(truth.map((y) => y + 0))
      },
    ),
  )
})

test('half of the running quantile is the running median, away from the ends', () => {
  const half = runningQuantileContinuum({ window: 31, quantile: 0.5 }).continuum(allGood)
  const median = runningMedianContinuum({ window: 31 }).continuum(allGood)
  expect([...half.subarray(15, 285)]).toEqual([...median.subarray(15, 285)])
})

test('sines and cosines on continuum pixels, ridge and all, as numpy solves them', () => {
  const continuum = sinesCosinesContinuum({ pixels: golden.sines.pixels }).continuum(star)
  // The ridge leaves the matrix a condition of 1e6, and the two solutions start from different phases.
  expect(relativeError(continuum, golden.sines.continuum)).toBeLessThan(2e-7)
})

test('a cubic spline is the least-squares spline of scipy', () => {
  // 149.5 Å in seven parts.
  const continuum = splineContinuum({ spacing: 21, iterations: 0 }).continuum(star)
  expect(relativeError(continuum, golden.spline)).toBeLessThan(1e-6)
})

test('the Gaussian mean is that of numpy', () => {
  expect(relativeError(gaussianContinuum({ width: 8 }).continuum(star), golden.gaussian)).toBeLessThan(2e-7)
  const km = (8 / 15075) * 299792.458
  expect(relativeError(gaussianContinuum({ width: km, unit: 'km/s' }).continuum(star), golden.gaussian)).toBeLessThan(
    0.01,
  )
})

test('a wide Gaussian mean, which is taken at nodes, is that of all pairs of pixels', () => {
  const n = 900
  const random = RandomStream.fromSeed(2)
  const flux = Float32Array.from(
    { length: n },
    (_, i) => 10 + Math.sin(i / 80) * 3 - (i % 30 < 5 ? 4 : 0) + 0.1 * random.normal(),
  )
  const ivar = Float32Array.from({ length: n }, (_, i) =>
    (i > 300 && i < 420) || i % 11 === 0 ? 0 : 1 + random.uniform(),
  )
  const found = gaussianContinuum({ width: 30 }).continuum(spectraOf([flux], { ivar: [ivar] }))
  const truth = Array.from({ length: n }, (_, i) => {
    let [top, bottom] = [0, 0]
    for (let j = 0; j < n; j++) {
      const weight = ivar[j]! * Math.exp(-0.5 * ((0.8 * (i - j)) / 30) ** 2)
      top += weight * flux[j]!
      bottom += weight
    }
    return top / bottom
  })
  expect(relativeError(found, truth)).toBeLessThan(1e-6)
})

test('blackbody, then percentile, then polynomial, as numpy does them in that order', () => {
  const of = (order: number | 'none'): Float32Array => blackbodyContinuum({ teff: 4321, order }).continuum(star)
  expect(relativeError(of('none'), golden.blackbody.scale)).toBeLessThan(2e-7)
  expect(relativeError(of(5), golden.blackbody.continuum)).toBeLessThan(1e-6)
})

test('a blackbody without lines becomes 1, each star by its own temperature', () => {
  const temperatures = [3000, 5777, 12_000]
  const planck = (t: number): number[] =>
    Array.from({ length: 200 }, (_, i) => 1e15 / (4000 + 30 * i) ** 5 / Math.expm1(1.438776877e8 / (4000 + 30 * i) / t))
  const bare = spectraOf(temperatures.map(planck), {
    meta: linearMeta(0, { wavelength: { kind: 'linear', start: 4000, step: 30, length: 200, medium: 'vacuum' } }),
  })
  const spectra = { ...bare, catalog: makeTable([{ name: 'teff', values: Float64Array.from(temperatures) }], 3) }
  const flat = normaliseContinuum(spectra, { method: 'blackbody', order: 'none' })
  expect(relativeError(flat.flux, new Float32Array(600).fill(1))).toBeLessThan(1e-6)
})

test('a star without a temperature gets no continuum and is told of; a missing column is misuse', () => {
  const spectra = survey(3)
  ;(spectra.catalog.columns.get('temperature')!.values as Float64Array)[1] = Number.NaN
  const bad: BadStar[] = []
  const normalised = normaliseContinuum(
    takeSpectra(spectra, [0, 1]),
    { method: 'blackbody', teff: 'temperature' },
    { onBadStar: (one) => bad.push(one) },
  )
  expect(rowsOf(normalised.ivar, 2).map((row) => row.some((iv) => iv > 0))).toEqual([true, false])
  expect(bad).toEqual([{ row: 1, starId: 'star-1', step: 'continuum', reason: 'no-continuum' }])
  expect(() => blackbodyContinuum().continuum(spectra)).toThrow(expect.objectContaining({ code: 'table/no-column' }))
})

const wiggly = Array.from({ length: 300 }, (_, i) => 30 + 4 * Math.sin(i / 60))
test.each([
  // Half a window along the steepest slope is 2.7 %.
  ['running-quantile', { window: 25, quantile: 0.8 }, 0.03],
  ['spline', { spacing: 40 }, 0.002],
  ['sines-cosines', { length: 60 * Math.PI, order: 1, clip: [-1, 3], iterations: 20 }, 0.002],
  ['blackbody', { teff: 8000, clip: [-1.2, 3], iterations: 20, order: 7 }, 0.01],
] as const)('%s: a smooth continuum is found above lines', (method, options, tolerance) => {
  const flux = wiggly.map((c, i) => c * (i % 12 < 3 ? 0.5 + 0.1 * (i % 3) : 1))
  const found = makeContinuum({ method, ...options } as ContinuumOptions).continuum(spectraOf([flux], { meta }))
  // Within 12 pixels of the ends nothing holds an envelope from outside.
  expect(relativeError(found.subarray(12, 288), wiggly.slice(12, 288))).toBeLessThan(tolerance)
})

test('what a method can represent it gives back, bad stretches included', () => {
  const ivar = wiggly.map((_, i) => (i >= 100 && i < 140 ? 0 : 1))
  const cubic = wiggly.map((_, i) => 30 + 1e-6 * (i - 150) ** 3)
  const sine = wiggly.map(
    (_, i) => 30 + Math.cos((2 * Math.PI * (i / 2)) / 160) - 2 * Math.sin((6 * Math.PI * (i / 2)) / 160),
  )
  const of = (options: ContinuumOptions, truth: number[]): number =>
    relativeError(
      makeContinuum(options).continuum(
        spectraOf([truth.map((c, i) => (ivar[i] === 0 ? 999 : c))], { meta, ivar: [ivar] }),
      ),
      truth,
    )
  expect(of({ method: 'spline', spacing: 30, iterations: 0 }, cubic)).toBeLessThan(1e-6)
  expect(of({ method: 'sines-cosines', length: 160, ridge: 0, iterations: 0 }, sine)).toBeLessThan(1e-6)
})

test('a spline crosses a gap of several knots in a straight line', () => {
  const line = wiggly.map((_, i) => 20 + 0.03 * i)
  const ivar = wiggly.map((_, i) => (i > 60 && i < 220 ? 0 : 1))
  const found = splineContinuum({ spacing: 10 }).continuum(spectraOf([line], { meta, ivar: [ivar] }))
  expect(relativeError(found, line)).toBeLessThan(1e-5)
})

test.each(named)('%s: each star is treated by itself, so order and batches do not matter', (_, options) => {
  const steps: PreprocessStep[] = [{ step: 'continuum', ...options }]
  const spectra = survey(5)
  const whole = preprocess(spectra, steps)
  expect(bytes(concatSpectra([0, 1, 2, 3, 4].map((row) => preprocess(takeSpectra(spectra, [row]), steps))))).toEqual(
    bytes(whole),
  )
  expect(whole.flux.every(Number.isFinite)).toBe(true)
  expect(rowsOf(whole.ivar, 5).map((row) => row.some((iv) => iv > 0))).toEqual([true, true, true, true, false])
})

test.each(named)('%s: the value of a bad pixel cannot change a continuum', (_, options) => {
  const spectra = survey(3)
  const method = makeContinuum(options)
  const answer = method.continuum(spectra)
  fc.assert(
    fc.property(fc.oneof(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(Number.NaN)), (value) => {
      const flux = spectra.flux.map((y, i) => (spectra.ivar[i] === 0 ? value : y))
      expect(method.continuum({ ...spectra, flux })).toEqual(answer)
    }),
    { numRuns: 10 },
  )
})

test.each(named)('%s: a star k times as bright has k times the continuum', (_, options) => {
  const spectra = survey(3)
  const method = makeContinuum(options)
  const answer = method.continuum(spectra)
  fc.assert(
    // A power of two scales floating-point numbers exactly.
    fc.property(fc.integer({ min: -30, max: 30 }), (exponent) => {
      const k = 2 ** exponent
      const flux = spectra.flux.map((y) => y * k)
      const ivar = spectra.ivar.map((iv) => iv / k ** 2)
      const scaled = method.continuum({ ...spectra, flux, ivar })
      expect(
        relativeError(
          scaled.filter((_c, i) => answer[i]! !== 0),
          answer.filter((c) => c !== 0).map((c) => c * k),
        ),
      ).toBeLessThan(1e-6)
    }),
    { numRuns: 10 },
  )
})

test.each(named)('%s: the history replays the step to the same bytes', (_, options) => {
  const spectra = survey(4)
  const done = normaliseContinuum(spectra, options)
  const { step, options: kept } = done.meta.history.at(-1)!
  const replayed = preprocess(spectra, JSON.parse(JSON.stringify([{ step, ...kept }])) as PreprocessStep[])
  expect(bytes(replayed)).toEqual(bytes(done))
  expect(replayed.meta.history).toEqual(done.meta.history)
})

test('chips do not see one another', () => {
  const spectra = survey(2)
  const changed = { ...spectra, flux: spectra.flux.map((y, i) => (i % 160 >= 90 ? 5 * y : y)) }
  for (const options of methods.filter(({ method }) => method !== 'blackbody')) {
    const [a, b] = [spectra, changed].map((s) => makeContinuum(options).continuum(s).subarray(0, 90))
    expect(a).toEqual(b)
  }
})

test('a list of continuum pixels by its name becomes windows in the history, on either grid of APOGEE', () => {
  const lattice = (start: number, length: number): Spectra =>
    spectraOf([Array.from({ length }, (_, i) => 100 + 0.01 * (start + i) + ((start + i) % 50 === 0 ? 1 : 0))], {
      meta: linearMeta(0, {
        wavelength: { kind: 'log10', start: 4.179 + 6e-6 * start, step: 6e-6, length, medium: 'vacuum' },
        frame: 'rest',
      }),
    })
  for (const method of ['chebyshev', 'sines-cosines', 'spline'] as const) {
    const options = { method, pixels: 'apogee-giants', splits: [15833, 16455] } as const
    const [whole, chips] = [lattice(0, 8575), lattice(322, 7984)].map((spectra) => normaliseContinuum(spectra, options))
    expect(whole!.meta.history[0]!.options).toMatchObject({ windows: continuumLists['apogee-giants'] })
    expect(whole!.meta.history[0]!.options).not.toHaveProperty('pixels')
    // The polynomial does not know where its chip ends; the knots of a spline do.
    if (method !== 'spline')
      expect(relativeError(chips!.flux, whole!.flux.subarray(322, 322 + 7984))).toBeLessThan(1e-5)
  }
  expect(() => sinesCosinesContinuum({ pixels: 'apogee-dwarfs' as never })).toThrow(/got apogee-dwarfs.*apogee-giants/)
  const step = { step: 'continuum', method: 'spline', pixels: 'apogee-dwarfs' } as unknown as PreprocessStep
  expect(() => preprocess(star, [step])).toThrow(/pixels of step 1 of the chain are no list: got apogee-dwarfs/)
})

test('an outlier among the continuum pixels is left out when clipping is asked for', () => {
  const pixels = Array.from({ length: 100 }, (_, i) => 3 * i)
  const ivar = golden.flux.map(() => 1)
  const quadratic = golden.flux.map((_, i) => 50 + 0.02 * i - 1e-4 * i * i)
  const struck = quadratic.map((c, i) => (i === 150 ? 40 * c : c))
  for (const method of ['chebyshev', 'sines-cosines', 'spline'] as const) {
    const of = (flux: number[], more: object): Float32Array =>
      makeContinuum({ method, pixels, ...more } as ContinuumOptions).continuum(
        spectraOf([flux], { meta, ivar: [ivar] }),
      )
    const truth = of(quadratic, {})
    expect(relativeError(of(struck, {}), truth)).toBeGreaterThan(0.1)
    expect(relativeError(of(struck, { iterations: 5, clip: [-3, 3] }), truth)).toBeLessThan(1e-3)
  }
})

test('options out of range are refused at once', () => {
  const refuse = (message: RegExp, make: () => unknown): void =>
    expect(make).toThrow(
      expect.objectContaining({ code: 'preprocess/option', message: expect.stringMatching(message) as string }),
    )
  refuse(/window.*got 30, expected an odd number/, () => runningQuantileContinuum({ window: 30 }))
  refuse(/window.*got -5/, () => runningQuantileContinuum({ window: -5, unit: 'angstrom' }))
  refuse(/quantile.*got 90, expected a number from 0 to 1/, () => runningQuantileContinuum({ quantile: 90 }))
  refuse(/ridge.*got -1/, () => sinesCosinesContinuum({ ridge: -1 }))
  refuse(/length.*got 0/, () => sinesCosinesContinuum({ length: 0 }))
  refuse(/length.*got 149, expected more than the 150 Å/, () => sinesCosinesContinuum({ length: 149 }).continuum(star))
  refuse(/spacing.*got 0/, () => splineContinuum({ spacing: 0 }))
  refuse(/clip/, () => splineContinuum({ clip: [1, 2] }))
  refuse(/width.*got NaN/, () => gaussianContinuum({ width: Number.NaN }))
  refuse(/teff.*got -1/, () => blackbodyContinuum({ teff: -1 }))
  refuse(/percentile.*got 101/, () => blackbodyContinuum({ percentile: 101 }))
  refuse(/order.*got 2.5/, () => blackbodyContinuum({ order: 2.5 }))
  for (const method of ['chebyshev', 'sines-cosines', 'spline'] as const)
    refuse(/None of the continuum pixels/, () => makeContinuum({ method, windows: [[100, 200]] }).continuum(star))
})
