import { AstrolabelError } from '@astrolabel/spectra'

/** The terms of a polynomial in the labels: each a product of labels, named by their indices in ascending order. */
export interface PolynomialTerms {
  readonly nLabels: number
  readonly order: number
  /** Label indices of each term: [] is the constant, [0] the first label, [0, 1] the product of the first two. */
  readonly terms: readonly (readonly number[])[]
  /** (T) Term t is term `parent[t]` times label `last[t]`; the constant has none. */
  readonly parent: Int32Array
  readonly last: Int32Array
  readonly slopes: TermSlopes
}

/** The derivatives that are not zero: d term / d label = factor × another term. */
export interface TermSlopes {
  readonly term: Int32Array
  readonly label: Int32Array
  readonly factor: Float64Array
  readonly source: Int32Array
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
  if (!Number.isInteger(order) || order < 1)
    throw new AstrolabelError('cannon/order', 'The order of the polynomial must be a whole number', {
      got: order,
      expected: '1, 2, 3, …',
    })
  // C(labels + order, order), before so many are listed.
  let count = 1
  for (let k = 1; k <= order; k++) count = (count * (nLabels + k)) / k
  if (count > MAX_TERMS) {
    throw new AstrolabelError(
      'cannon/order',
      `A polynomial of order ${order} in ${nLabels} labels has too many terms`,
      { got: Math.round(count), expected: `at most ${MAX_TERMS}`, remedy: 'Lower the order or use fewer labels' },
    )
  }
  return listTerms(nLabels, order)
}

function listTerms(nLabels: number, order: number): PolynomialTerms {
  const terms: number[][] = []
  const extend = (term: number[], degree: number): void => {
    if (term.length === degree) {
      terms.push(term)
      return
    }
    for (let label = term.at(-1) ?? 0; label < nLabels; label++) extend([...term, label], degree)
  }
  for (let degree = 0; degree <= order; degree++) extend([], degree)
  const indexOf = indexTerms(terms)
  const slopes = terms.flatMap((term, t) =>
    [...new Set(term)].map((label) => {
      const rest = term.toSpliced(term.indexOf(label), 1)
      return {
        term: t,
        label,
        factor: term.filter((other) => other === label).length,
        source: indexOf.get(rest.join())!,
      }
    }),
  )
  return {
    nLabels,
    order,
    terms,
    parent: Int32Array.from(terms, (term) => (term.length === 0 ? 0 : indexOf.get(term.slice(0, -1).join())!)),
    last: Int32Array.from(terms, (term) => term.at(-1) ?? 0),
    slopes: {
      term: Int32Array.from(slopes, (slope) => slope.term),
      label: Int32Array.from(slopes, (slope) => slope.label),
      factor: Float64Array.from(slopes, (slope) => slope.factor),
      source: Int32Array.from(slopes, (slope) => slope.source),
    },
  }
}

function indexTerms(terms: readonly (readonly number[])[]): Map<string, number> {
  return new Map(terms.map((term, t) => [term.join(), t]))
}

/** Values of the terms at scaled labels `x` (L) into `out` (T). One multiplication a term. */
export function evaluateTerms({ parent, last }: PolynomialTerms, x: Float64Array, out: Float64Array): void {
  out[0] = 1
  for (let t = 1; t < parent.length; t++) out[t] = out[parent[t]] * x[last[t]]
}

/** Derivatives of the terms by the scaled labels into `out` (T × L), row-major. */
export function differentiateTerms(terms: PolynomialTerms, x: Float64Array, out: Float64Array): void {
  const { term, label, factor, source } = terms.slopes
  const values = new Float64Array(terms.terms.length)
  evaluateTerms(terms, x, values)
  out.fill(0)
  for (let k = 0; k < term.length; k++) out[term[k] * terms.nLabels + label[k]] = factor[k] * values[source[k]]
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
  readonly monomials: PolynomialTerms
  /** Monomial of the product of terms a ≤ b, in the order of a packed upper triangle by rows. */
  readonly monomialOf: Int32Array
}

/**
 * Products of two terms that are equal are the same number for every star: 231 products of 21 quadratic terms in five
 * labels are only 126 monomials, so normal equations need little more than half of the multiplications.
 */
export function termProducts({ nLabels, order, terms }: PolynomialTerms): TermProducts {
  const monomials = listTerms(nLabels, 2 * order)
  const indexOf = indexTerms(monomials.terms)
  const monomialOf = terms.flatMap((left, a) =>
    terms.slice(a).map((right) => indexOf.get([...left, ...right].sort((p, q) => p - q).join())!),
  )
  return { monomials, monomialOf: Int32Array.from(monomialOf) }
}
