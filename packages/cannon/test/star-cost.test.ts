import { evaluateTerms, polynomialTerms } from '@astrolabel/cannon'
import type { PolynomialTerms } from '@astrolabel/cannon'
import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ForwardMatrices } from '../src/quadratic-forms.ts'
import { prepareModel, quadraticForms } from '../src/quadratic-forms.ts'
import { StarCost } from '../src/star-cost.ts'

const N_PIX = 400
const STARS = 3

/** A model, and stars at random labels with the given signal to noise. */
function draw(seed: number, terms: PolynomialTerms, snr: number) {
  const random = RandomStream.fromSeed(seed)
  const nTerms = terms.terms.length
  const theta = Float64Array.from({ length: N_PIX * nTerms }, (_, k) =>
    k % nTerms === 0 ? 0.9 : 0.05 * random.normal(),
  )
  const model: ForwardMatrices = {
    nPix: N_PIX,
    nTerms,
    theta,
    scatter2: Float64Array.from({ length: N_PIX }, () => (random.uniform() / snr) ** 2),
    usable: Uint8Array.from({ length: N_PIX }, () => (random.uniform() < 0.9 ? 1 : 0)),
  }
  const flux = new Float32Array(STARS * N_PIX)
  const ivar = new Float32Array(STARS * N_PIX)
  const values = new Float64Array(nTerms)
  for (let i = 0; i < STARS; i++) {
    const x = Float64Array.from({ length: terms.nLabels }, () => random.normal())
    evaluateTerms(terms, x, values)
    for (let p = 0; p < N_PIX; p++) {
      flux[i * N_PIX + p] =
        values.reduce((sum, value, t) => sum + value * theta[p * nTerms + t]!, 0) + random.normal() / snr
      ivar[i * N_PIX + p] = random.uniform() < 0.1 ? 0 : snr ** 2 * (0.5 + random.uniform())
    }
  }
  return { random, model, flux, ivar }
}

type Stars = ReturnType<typeof draw>

/** χ², half its gradient and curvature, pixel by pixel with the Jacobian by differences of the polynomial in x. */
function direct({ model, flux, ivar }: Stars, terms: PolynomialTerms, star: number, x: Float64Array, unknown: boolean) {
  const { nTerms, theta, scatter2, usable } = model
  const nLabels = terms.nLabels
  const values = new Float64Array(nTerms)
  const flat = (at: Float64Array, pixel: number): number => {
    evaluateTerms(terms, at, values)
    return values.reduce((sum, value, t) => sum + value * theta[pixel * nTerms + t]!, 0)
  }
  let chi2 = 0
  const gradient = new Float64Array(nLabels)
  const curvature = new Float64Array(nLabels * nLabels)
  for (let p = 0; p < N_PIX; p++) {
    const v = ivar[star * N_PIX + p]!
    if (v === 0 || usable[p] === 0) continue
    const w = unknown ? 1 / scatter2[p]! : 1 / (1 / v + scatter2[p]!)
    const r = flux[star * N_PIX + p]! - flat(x, p)
    chi2 += w * r * r
    const slopes = Array.from(x, (_, l) => {
      const h = 1e-4
      const moved = (by: number): number =>
        flat(
          x.map((value, k) => (k === l ? value + by : value)),
          p,
        )
      return (moved(h) - moved(-h)) / (2 * h)
    })
    for (let k = 0; k < nLabels; k++) {
      gradient[k]! -= w * r * slopes[k]!
      for (let l = 0; l < nLabels; l++) curvature[k * nLabels + l]! += w * slopes[k]! * slopes[l]!
    }
  }
  return { chi2, gradient, curvature }
}

test.each(['measured', 'unknown'] as const)('the quadratic form is the sum over pixels, noise %s', (noise) => {
  const cases = fc.record({
    seed: fc.integer(),
    nLabels: fc.integer({ min: 1, max: 4 }),
    order: fc.integer({ min: 1, max: 3 }),
    snr: fc.constantFrom(10, 100, 1000),
  })
  fc.assert(
    fc.property(cases, ({ seed, nLabels, order, snr }) => {
      const terms = polynomialTerms(nLabels, order)
      const stars = draw(seed, terms, snr)
      const { model, flux, ivar } = stars
      const workspace = {
        weights: new Float64Array(STARS * N_PIX).fill(7),
        weighted: new Float64Array(STARS * N_PIX).fill(7),
      }
      const forms = quadraticForms(prepareModel(model), flux, ivar, noise, 1, STARS, workspace)
      const cost = new StarCost(terms, forms)
      const gradient = new Float64Array(nLabels)
      const curvature = new Float64Array(nLabels * nLabels)
      for (let star = 1; star < STARS; star++) {
        cost.select(star - 1)
        const x = Float64Array.from({ length: nLabels }, () => stars.random.normal())
        const expected = direct(stars, terms, star, x, noise === 'unknown')
        expect(Math.abs(cost.cost(x) / expected.chi2 - 1)).toBeLessThan(1e-9)
        expect(Math.abs(cost.evaluate(x, gradient, curvature) / expected.chi2 - 1)).toBeLessThan(1e-9)
        // Differences of a cubic with step 1e-4 are wrong by 1e-8 of its third derivative.
        for (let k = 0; k < nLabels; k++) {
          const scale = Math.sqrt(expected.curvature[k * (nLabels + 1)]! * expected.chi2)
          expect(Math.abs(gradient[k]! - expected.gradient[k]!) / scale).toBeLessThan(1e-6)
          for (let l = 0; l < nLabels; l++) {
            const unit = Math.sqrt(expected.curvature[k * (nLabels + 1)]! * expected.curvature[l * (nLabels + 1)]!)
            expect(Math.abs(curvature[k * nLabels + l]! - expected.curvature[k * nLabels + l]!) / unit).toBeLessThan(
              1e-6,
            )
          }
        }
        expect(forms.goodPixels[star - 1]).toBe(
          model.usable.filter((one, p) => one === 1 && ivar[star * N_PIX + p]! > 0).length,
        )
      }
    }),
    { numRuns: 20 },
  )
})

test('at the right labels, with signal to noise 1000, chi squared keeps its digits', () => {
  const terms = polynomialTerms(3, 2)
  const stars = draw(3, terms, 1000)
  const { model, flux, ivar } = stars
  // Noise-free flux of the model itself: χ² is rounding of single precision alone, 1e-4 of the constant's 1e6.
  const x = Float64Array.of(0.5, -0.3, 1.1)
  const values = new Float64Array(terms.terms.length)
  evaluateTerms(terms, x, values)
  for (let p = 0; p < N_PIX; p++)
    flux[p] =
      values.reduce((sum, value, t) => sum + value * model.theta[p * model.nTerms + t]!, 0) + 0.001 * Math.sin(p)
  const workspace = { weights: new Float64Array(N_PIX), weighted: new Float64Array(N_PIX) }
  const cost = new StarCost(terms, quadraticForms(prepareModel(model), flux, ivar, 'measured', 0, 1, workspace))
  cost.select(0)
  const expected = direct(stars, terms, 0, x, false).chi2
  expect(Math.abs(cost.cost(x) / expected - 1)).toBeLessThan(1e-9)
})
