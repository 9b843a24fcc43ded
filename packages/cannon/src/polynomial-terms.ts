import { AstrolabelError } from '@astrolabel/spectra'

/** The terms of a polynomial in the labels: each a product of labels, named by their indices in ascending order. */
export interface PolynomialTerms {
  readonly nLabels: number
  readonly order: number
  /** Label indices of each term: [] is the constant, [0] the first label, [0, 1] the product of the first two. */
  readonly terms: readonly (readonly number[])[]
}

/** A model of more terms than this needs more training stars than any survey's reference set has. */
const MAX_TERMS = 500

/**
 * All products of up to `order` of `nLabels` labels: the constant, the labels, then each higher order with its index
 * lists in lexicographic order (for order 2 the upper triangle by rows).
 *
 * @throws `cannon/order` for an order below 1 or more than 500 terms.
 */
export function polynomialTerms(nLabels: number, order: number): PolynomialTerms {
  if (!Number.isInteger(order) || order < 1) throw new AstrolabelError('cannon/order', 'The order of the polynomial must be a whole number', { got: order, expected: '1, 2, 3, …' })
  const terms: number[][] = []
  const extend = (term: number[], degree: number): void => {
    if (term.length === degree) {
      terms.push(term)
      return
    }
    for (let label = term.at(-1) ?? 0; label < nLabels; label++) extend([...term, label], degree)
  }
  for (let degree = 0; degree <= order; degree++) extend([], degree)
  if (terms.length > MAX_TERMS) {
    throw new AstrolabelError('cannon/order', `A polynomial of order ${order} in ${nLabels} labels has too many terms`, { got: terms.length, expected: `at most ${MAX_TERMS}`, remedy: 'Lower the order or use fewer labels' })
  }
  return { nLabels, order, terms }
}

/** Values of the terms at scaled labels `x` (L) into `out` (T). */
export function evaluateTerms({ terms }: PolynomialTerms, x: Float64Array, out: Float64Array): void {
  for (let t = 0; t < terms.length; t++) {
    let product = 1
    for (const label of terms[t]) product *= x[label]
    out[t] = product
  }
}

/** Derivatives of the terms by the scaled labels into `out` (T × L), row-major. */
export function differentiateTerms({ terms, nLabels }: PolynomialTerms, x: Float64Array, out: Float64Array): void {
  out.fill(0)
  for (let t = 0; t < terms.length; t++) {
    const term = terms[t]
    for (let k = 0; k < term.length; k++) {
      let product = 1
      for (let m = 0; m < term.length; m++) if (m !== k) product *= x[term[m]]
      out[t * nLabels + term[k]] += product
    }
  }
}

/** A term in words, such as `teff² · fe_h`; `1` for the constant. */
export function termName(term: readonly number[], labelNames: readonly string[]): string {
  if (term.length === 0) return '1'
  const powers = new Map<number, number>()
  for (const label of term) powers.set(label, (powers.get(label) ?? 0) + 1)
  return [...powers].map(([label, power]) => labelNames[label] + (power === 1 ? '' : `^${power}`)).join(' · ')
}

/** The distinct monomials among the products of two terms. */
export interface TermProducts {
  /** Label indices of each monomial, ascending. */
  readonly monomials: readonly (readonly number[])[]
  /** Monomial of the product of terms a ≤ b, in the order of a packed upper triangle by rows. */
  readonly monomialOf: Int32Array
}

/**
 * Products of two terms that are equal are the same number for every star: 231 products of 21 quadratic terms in five
 * labels are only 126 monomials, so normal equations need little more than half of the multiplications.
 */
export function termProducts({ terms }: PolynomialTerms): TermProducts {
  const indexOf = new Map<string, number>()
  const monomials: number[][] = []
  const monomialOf = new Int32Array((terms.length * (terms.length + 1)) / 2)
  let at = 0
  for (let a = 0; a < terms.length; a++) {
    for (let b = a; b < terms.length; b++) {
      const monomial = [...terms[a], ...terms[b]].sort((left, right) => left - right)
      const key = monomial.join()
      let index = indexOf.get(key)
      if (index === undefined) {
        index = monomials.length
        indexOf.set(key, index)
        monomials.push(monomial)
      }
      monomialOf[at++] = index
    }
  }
  return { monomials, monomialOf }
}
