import { CANNON_FLAGS, CannonModel, trainCannon } from '@astrolabel/cannon'
import { checkJacobian } from '@astrolabel/inference'
import type { Labels, Spectra } from '@astrolabel/spectra'
import { RandomStream, labelIndex, makeSpectra, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { RANGES, drawStars, normalisedMeta, quadraticTruth } from './stars.ts'

const NAMES = ['teff', 'logg', 'fe_h'] as const
const N_PIX = 60
const truth = quadraticTruth(7, 3, N_PIX)
const common = { nPix: N_PIX, names: NAMES, truth }
const training = drawStars({ ...common, seed: 1, n: 300, sigma: 0.005, bad: 0.02 })
const model = trainCannon(training.spectra, training.labels)

const column = (labels: Labels, name: string): ArrayLike<number> =>
  labels.extra!.columns.get(name)!.values as ArrayLike<number>

/** Share of labels within one error of the truth. */
function coverage(found: Labels, labels: Labels): number {
  const inside = found.values.filter((value, at) => Math.abs(value - labels.values[at]!) <= found.errors[at]!)
  return inside.length / found.values.length
}

test('stars without noise get back their labels', () => {
  const exact = drawStars({ ...common, seed: 2, n: 150 })
  const cannon = trainCannon(exact.spectra, exact.labels)
  const stars = drawStars({ ...common, seed: 3, n: 50 })
  const found = cannon.predict(stars.spectra)
  for (const [at, value] of found.values.entries())
    // Single precision of flux is 6e-8 of 1, and labels move flux by 0.05 a half range.
    expect(Math.abs(value - stars.labels.values[at]!) / RANGES[NAMES[at % 3]!][1]).toBeLessThan(1e-6)
  expect(new Set([...found.flags].map((flags) => flags & ~CANNON_FLAGS.OUTSIDE_HULL))).toEqual(new Set([0]))
  expect(found.starId).toEqual(stars.spectra.starId)
})

test.each(['identity', 'inverse', 'log10'] as const)(
  'errors cover the truth 68.3 % of the time (teff as %s)',
  (transform) => {
    const n = 1500
    const many = drawStars({ ...common, seed: 4, n: 3000, sigma: 0.01, scatter: 0.01 })
    const cannon = trainCannon(many.spectra, many.labels, {
      transforms: { teff: transform },
      order: transform === 'identity' ? 2 : 3,
    })
    const stars = drawStars({ ...common, seed: 5, n, sigma: 0.01, scatter: 0.01, bad: 0.1 })
    const found = cannon.predict(stars.spectra)
    // Three binomial standard deviations of 4500 labels, which are independent enough: the errors are hardly correlated.
    expect(Math.abs(coverage(found, stars.labels) - 0.6827)).toBeLessThan(3 * Math.sqrt((0.6827 * 0.3173) / (3 * n)))
    const chi2 = Array.from(column(found, 'chi2_reduced'))
    expect(Math.abs(chi2.reduce((sum, value) => sum + value, 0) / n - 1)).toBeLessThan(0.02)
  },
)

test.each(['inverse', 'log10'] as const)(
  'errors and covariances in kelvin are those of repeated noise (teff as %s)',
  (transform) => {
    const cannon = trainCannon(training.spectra, training.labels, { transforms: { teff: transform }, order: 3 })
    const repeats = 1500
    const u = Array.from({ length: repeats }, () => [-0.6, 0.2, 0.1])
    const stars = drawStars({ ...common, seed: 6, n: repeats, sigma: 0.003, u })
    const found = cannon.predict(stars.spectra)
    const mean = [0, 1, 2].map(
      (l) => found.values.reduce((sum, value, at) => (at % 3 === l ? sum + value : sum), 0) / repeats,
    )
    for (let k = 0; k < 3; k++)
      for (let l = 0; l <= k; l++) {
        let measured = 0
        let told = 0
        let unit = 0
        for (let i = 0; i < repeats; i++) {
          measured += (found.values[3 * i + k]! - mean[k]!) * (found.values[3 * i + l]! - mean[l]!)
          told += found.covariance![9 * i + 3 * k + l]!
          unit += found.errors[3 * i + k]! * found.errors[3 * i + l]!
          expect(found.errors[3 * i + k]).toBe(Math.sqrt(found.covariance![9 * i + 4 * k]!))
        }
        // A variance of 1500 numbers is good to √(2/1500) = 3.7 %; four of those.
        expect(Math.abs(measured - told) / unit).toBeLessThan(4 * Math.sqrt(2 / repeats))
      }
  },
)

test('a label that is harder to see gets a larger error', () => {
  const stars = drawStars({ ...common, seed: 8, n: 20, sigma: 0.005 })
  const noisy = { ...stars.spectra, ivar: stars.spectra.ivar.map((v) => v / 4) }
  const [sharp, blurred] = [model.predict(stars.spectra), model.predict(noisy)]
  expect(sharp.errors.every((error, at) => error < blurred.errors[at]!)).toBe(true)
})

test('the value of a bad pixel changes nothing', () => {
  const stars = drawStars({ ...common, seed: 9, n: 10, sigma: 0.005, bad: 0.2 })
  const expected = model.predict(stars.spectra)
  for (const value of [-9999, 0, 1e30, Number.NaN]) {
    const flux = stars.spectra.flux.map((good, at) => (stars.spectra.ivar[at] === 0 ? value : good))
    expect(model.predict({ ...stars.spectra, flux })).toEqual(expected)
  }
})

test('each star is labelled by itself, wherever it stands in the batch', () => {
  const stars = drawStars({ ...common, seed: 10, n: 140, sigma: 0.005 })
  const all = model.predict(stars.spectra)
  const done: number[] = []
  const some = model.predict(takeSpectra(stars.spectra, [137, 3]), {
    onProgress: (count, total) => done.push(count, total),
  })
  expect(done).toEqual([2, 2])
  expect([...some.values]).toEqual([...all.values.slice(137 * 3, 138 * 3), ...all.values.slice(9, 12)])
})

test('the Jacobian agrees with differences, in units of the labels', () => {
  const transforms = { teff: 'inverse', logg: 'log10' } as const
  const cannon = trainCannon(training.spectra, training.labels, { transforms, order: 3 })
  const check = checkJacobian(
    {
      nData: N_PIX,
      nParams: 3,
      model: (params, out) => cannon.evaluate(params, out),
      jacobian: (params, out) => cannon.jacobian(params, out),
    },
    Float64Array.of(4650, 2.2, -0.7),
    Float64Array.of(5, 0.01, 0.01),
  )
  expect(check.maxRelativeError).toBeLessThan(1e-8)
})

test('a star without good pixels gets missing labels and flags, and the others their labels', () => {
  const stars = drawStars({ ...common, seed: 11, n: 4, sigma: 0.005 })
  const expected = model.predict(stars.spectra)
  const kept = [0, 4, 5, N_PIX]
  const ivar = stars.spectra.ivar.map((v, at) => (at % N_PIX < kept[Math.floor(at / N_PIX)]! ? v : 0))
  const found = model.predict({ ...stars.spectra, ivar })
  for (const star of [0, 1]) {
    expect(found.flags[star]).toBe(CANNON_FLAGS.NO_LABELS | CANNON_FLAGS.FEW_PIXELS)
    expect([...found.values.subarray(3 * star, 3 * star + 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(found.errors.subarray(3 * star, 3 * star + 3).every(Number.isNaN)).toBe(true)
    expect(found.covariance!.subarray(9 * star, 9 * star + 9).every(Number.isNaN)).toBe(true)
    expect(column(found, 'chi2_reduced')[star]).toBeNaN()
  }
  expect(found.flags[2]! & CANNON_FLAGS.FEW_PIXELS).toBe(CANNON_FLAGS.FEW_PIXELS)
  expect(found.flags[2]! & CANNON_FLAGS.NO_LABELS).toBe(0)
  expect(Array.from(column(found, 'good_pixels'))).toEqual(kept)
  expect([...found.values.subarray(9)]).toEqual([...expected.values.subarray(9)])
})

test('flux that is not a number gives no labels rather than those of an anchor', () => {
  const stars = drawStars({ ...common, seed: 12, n: 2, sigma: 0.005 })
  const flux = stars.spectra.flux.with(5, Number.NaN)
  const found = model.predict({ ...stars.spectra, flux })
  expect(found.flags[0]).toBe(CANNON_FLAGS.NO_LABELS)
  expect(found.values.subarray(0, 3).every(Number.isNaN)).toBe(true)
  expect(found.flags[1]! & CANNON_FLAGS.NO_LABELS).toBe(0)
})

test('flags: outside the hull, at the bound, poor fit', () => {
  const u = [
    [0, 0, 0],
    [-1.15, -1.15, -1.15],
    [0, 0, 2.5],
  ]
  const stars = drawStars({ ...common, seed: 13, n: 4, u: [...u, [0.1, 0, 0]] })
  const flux = stars.spectra.flux.map((value, at) => (at >= 3 * N_PIX && at % 2 === 1 ? value + 0.1 : value))
  const { flags, errors, covariance } = model.predict({ ...stars.spectra, flux })
  expect(flags[0]).toBe(0)
  expect(flags[1]).toBe(CANNON_FLAGS.OUTSIDE_HULL)
  expect(flags[2]! & CANNON_FLAGS.AT_BOUND).toBe(CANNON_FLAGS.AT_BOUND)
  expect(flags[2]! & CANNON_FLAGS.OUTSIDE_HULL).toBe(CANNON_FLAGS.OUTSIDE_HULL)
  // A label at its bound has no error to tell; the others have.
  expect(errors[3 * 2 + 2]).toBeNaN()
  expect(covariance![9 * 2 + 2]).toBeNaN()
  expect(errors[3 * 2]).toBeGreaterThan(0)
  expect(flags[3]! & CANNON_FLAGS.POOR_FIT).toBe(CANNON_FLAGS.POOR_FIT)
})

test('flag: not converged, where the pixels do not tell two labels apart', () => {
  const { coefficients, terms } = model.parts
  const nTerms = terms.terms.length
  // Every pixel sees teff + logg only.
  const theta = coefficients.theta.map((value, at) => [value, value, coefficients.theta[at - 1]!][at % nTerms] ?? 0)
  const blind = new CannonModel({ ...model.parts, coefficients: { ...coefficients, theta } })
  const stars = drawStars({ ...common, seed: 14, n: 1 })
  const { flags } = blind.predict(stars.spectra)
  expect(flags[0]! & CANNON_FLAGS.NOT_CONVERGED).toBe(CANNON_FLAGS.NOT_CONVERGED)
})

test('of two valleys the deeper one is found, though the best anchor lies in the other', () => {
  // Even pixels see u² and odd ones, weakly, u: u and -u differ little.
  const valleys = (u: Float64Array, pixel: number): number => 1 - (pixel % 2 === 0 ? 0.2 * u[0]! ** 2 : 0.01 * u[0]!)
  const draw = { nPix: 10, names: ['teff'], truth: valleys } as const
  const many = drawStars({ ...draw, seed: 18, n: 60 })
  const trained = trainCannon(many.spectra, many.labels)
  const { pivot, scale } = trained.parts.scales[0]!
  const anchors = Float64Array.of(-0.81, 0.5, 0).map((u) => (4750 + 750 * u - pivot) / scale)
  const cannon = new CannonModel({ ...trained.parts, region: { ...trained.parts.region, anchors } })
  const star = drawStars({ ...draw, seed: 19, n: 1, u: [[0.8]] })
  expect(cannon.predict(star.spectra).values[0]).toBeCloseTo(4750 + 750 * 0.8, 1)
})

test('inside the hull', () => {
  expect(model.insideHull(Float64Array.of(4750, 2.5, -0.5))).toBe(true)
  expect(model.insideHull(Float64Array.of(4750, 2.5, 0.5))).toBe(false)
  expect(model.insideHull(Float64Array.of(5490, 3.99, -0.01))).toBe(false)
})

test('without errors: labels are right, and errors come from the scatter', () => {
  const draw = { ...common, sigma: 0.01, noise: 'unknown' } as const
  const many = drawStars({ ...draw, seed: 15, n: 2000 })
  const cannon = trainCannon(many.spectra, many.labels)
  const stars = drawStars({ ...draw, seed: 16, n: 1000, bad: 0.05 })
  const found = cannon.predict(stars.spectra)
  expect(Math.abs(coverage(found, stars.labels) - 0.6827)).toBeLessThan(3 * Math.sqrt((0.6827 * 0.3173) / 3000))
  expect(column(found, 'snr')[0]).toBeNaN()
})

test('spectra of another grid or another kind of noise are refused', () => {
  const remade = (spectra: Spectra, more: Parameters<typeof normalisedMeta>[1]): Spectra =>
    makeSpectra({ ...spectra, meta: normalisedMeta(N_PIX, more) })
  const { spectra } = drawStars({ ...common, seed: 17, n: 2 })
  const shifted = { kind: 'linear', start: 5000.3, step: 0.5, length: N_PIX, medium: 'vacuum' } as const
  expect(() => model.predict(remade(spectra, { wavelength: shifted }))).toThrow(
    'The spectra lie on another wavelength grid than the model: got 60 pixels, 5000.3–5029.8 Å by 0.5 Å, vacuum, expected 60 pixels, 5000–5029.5 Å by 0.5 Å, vacuum. Process the spectra as the model was trained: `astrolabel label` does so from raw files',
  )
  const air = { ...shifted, start: 5000, medium: 'air' } as const
  expect(() => model.predict(remade(spectra, { wavelength: air }))).toThrow('5000–5029.5 Å by 0.5 Å, air, expected')
  const arm = { name: 'B', start: 0, end: N_PIX, wavelength: shifted }
  expect(() =>
    model.predict(remade(spectra, { wavelength: { kind: 'segmented', medium: 'vacuum' }, segments: [arm] })),
  ).toThrow('got 60 pixels in 1 arms')
  expect(() => model.predict(remade(spectra, { noise: 'unknown' }))).toThrow(
    'The model was trained on spectra with errors: got spectra without errors. Train on spectra of the same kind',
  )
  const listed = {
    kind: 'explicit',
    values: Array.from({ length: N_PIX }, (_, i) => 5000 + 0.5 * i),
    medium: 'vacuum',
  } as const
  expect(model.predict(remade(spectra, { wavelength: listed })).values).toEqual(model.predict(spectra).values)
})

test('an error floor brings errors to cover residuals that pixels share', () => {
  // Labels move waves along the spectrum, and each star has waves of the same lengths of its own: its pixels are wrong
  // together, which their errors do not say.
  const wave = (pixel: number, l: number, phase: number): number => 0.05 * Math.cos((pixel * (l + 1)) / 8 + phase)
  const waves = (u: Float64Array, pixel: number): number =>
    u.reduce((sum, value, l) => sum + value * wave(pixel, l, l), 0.9)
  const wiggly = (seed: number, n: number): ReturnType<typeof drawStars> => {
    const stars = drawStars({ ...common, truth: waves, seed, n, sigma: 0.005 })
    const random = RandomStream.fromSeed(seed + 100)
    const own = Array.from({ length: 3 * n }, () => [0.2 * random.normal(), 6.28 * random.uniform()] as const)
    const flux = stars.spectra.flux.map((value, at) =>
      [0, 1, 2].reduce((sum, l) => {
        const [height, phase] = own[3 * Math.floor(at / N_PIX) + l]!
        return sum + height * wave(at % N_PIX, l, phase)
      }, value),
    )
    return { ...stars, spectra: { ...stars.spectra, flux } }
  }
  const train = wiggly(20, 400)
  const held = wiggly(21, 800)
  const other = wiggly(22, 800)
  const cannon = trainCannon(train.spectra, train.labels)
  const floored = cannon.withErrorFloor(cannon.predict(held.spectra), held.labels)
  const before = coverage(cannon.predict(other.spectra), other.labels)
  const after = coverage(floored.predict(other.spectra), other.labels)
  expect(before).toBeLessThan(0.5)
  // Three times the binomial error of the 800 stars that set the floor and of the 800 that test it, were their three
  // labels wrong together.
  expect(Math.abs(after - 0.6827)).toBeLessThan(3 * Math.sqrt((2 * 0.6827 * 0.3173) / 800))
  expect(floored.predict(other.spectra).values).toEqual(cannon.predict(other.spectra).values)
  const [formal] = cannon.predict(takeSpectra(other.spectra, [0])).errors
  const [whole] = floored.predict(takeSpectra(other.spectra, [0])).errors
  const scale = cannon.parts.scales[0]!.scale
  expect(whole! ** 2).toBeCloseTo(formal! ** 2 + (floored.parts.floor[0]! * scale) ** 2, 6)
})

test('the error floor of a transformed label is right in kelvin too', () => {
  const n = 2000
  const cannon = trainCannon(training.spectra, training.labels, { transforms: { teff: 'inverse' }, order: 3 })
  const stars = drawStars({ ...common, seed: 23, n, sigma: 0.005 })
  const predicted = cannon.predict(stars.spectra)
  const random = RandomStream.fromSeed(24)
  const teff = labelIndex(stars.labels, 'teff')
  // Labels that are wrong by 40 K of their own.
  const blurred = {
    ...stars.labels,
    values: stars.labels.values.map((value, at) => (at % 3 === teff ? value + 40 * random.normal() : value)),
  }
  const floored = cannon.withErrorFloor(predicted, blurred)
  const found = floored.predict(stars.spectra)
  let inside = 0
  for (let i = 0; i < n; i++)
    if (Math.abs(found.values[3 * i]! - blurred.values[3 * i]!) <= found.errors[3 * i]!) inside++
  expect(Math.abs(inside / n - 0.6827)).toBeLessThan(0.01)
  const known = floored.parts.floor[0]!
  // When the labels tell that error themselves, nothing is left for the floor.
  const errors = stars.labels.values.map((_, at) => (at % 3 === teff ? 40 : Number.NaN))
  expect(cannon.withErrorFloor(predicted, { ...blurred, errors }).parts.floor[0]).toBeLessThan(0.2 * known)
})

test('flags have the bits that the label table names', () => {
  const { flagBits } = model.predict(takeSpectra(training.spectra, [0]))
  expect(Object.entries(CANNON_FLAGS)).toEqual(flagBits.map(({ name, bit }) => [name, 2 ** bit]))
})
