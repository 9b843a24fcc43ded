import { AstrolabelError } from '@astrolabel/spectra'

/** Lanczos' coefficients for g = 7 and nine terms: log Γ to 1e-15. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]
const ROUNDS = 100_000
const EPSILON = 1e-15

/**
 * Probability that χ² with so many degrees of freedom is at least this large: Q(dof / 2, χ² / 2), the regularised upper
 * incomplete gamma function, by its series or its continued fraction (Press et al. 2007, §6.2).
 *
 * @throws `novelty/chi2` unless χ² ≥ 0 and dof > 0. Cost: about √dof steps.
 */
export function chiSquareTail(chi2: number, dof: number): number {
  if (!(chi2 >= 0) || !(dof > 0))
    throw new AstrolabelError('novelty/chi2', 'There is no χ² of that kind', {
      got: `χ² ${chi2} with ${dof} degrees of freedom`,
      expected: 'χ² of 0 or more, more degrees of freedom than 0',
    })
  const a = dof / 2
  const x = chi2 / 2
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - front * series(a, x) : front * fraction(a, x)
}

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < ROUNDS && term > EPSILON * sum; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Lentz's method. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = Number.POSITIVE_INFINITY
  let d = 1 / b
  let product = d
  for (let n = 1; n < ROUNDS; n++) {
    const an = -n * (n - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    product *= c * d
    if (Math.abs(c * d - 1) < EPSILON) break
  }
  return product
}

function logGamma(x: number): number {
  const z = x - 1
  let sum = LANCZOS[0]
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (z + i)
  const t = z + LANCZOS.length - 1.5
  return Math.log(2 * Math.PI) / 2 + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}
