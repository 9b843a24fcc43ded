import type { QuadraticCost } from '@astrolabel/inference'
import type { PolynomialTerms } from './polynomial-terms.js'
import { differentiateTerms, evaluateTerms } from './polynomial-terms.js'
import type { QuadraticForms } from './quadratic-forms.js'

/**
 * χ² of one star as a function of its scaled labels, by its quadratic form: a few microseconds an evaluation whatever
 * the number of pixels. One object serves all stars of a batch in turn.
 */
export class StarCost implements QuadraticCost {
  readonly size: number
  readonly #terms: PolynomialTerms
  readonly #forms: QuadraticForms
  readonly #matrix: Float64Array
  readonly #values: Float64Array
  readonly #derivatives: Float64Array
  readonly #product: Float64Array
  readonly #image: Float64Array
  #star = 0

  constructor(terms: PolynomialTerms, forms: QuadraticForms) {
    const nTerms = terms.terms.length
    this.size = terms.nLabels
    this.#terms = terms
    this.#forms = forms
    this.#matrix = new Float64Array(forms.size * forms.size)
    this.#values = new Float64Array(nTerms)
    this.#derivatives = new Float64Array(nTerms * terms.nLabels)
    this.#product = new Float64Array(forms.size)
    this.#image = new Float64Array(forms.size * terms.nLabels)
  }

  /** Turn to the star of that row of the forms. */
  select(star: number): void {
    const { size, packed } = this.#forms
    this.#star = star
    let at = (star * size * (size + 1)) / 2
    for (let a = 0; a < size; a++) {
      for (let b = a; b < size; b++) {
        this.#matrix[a * size + b] = packed[at]
        this.#matrix[b * size + a] = packed[at++]
      }
    }
  }

  /** χ² at scaled labels. */
  cost(x: Float64Array): number {
    evaluateTerms(this.#terms, x, this.#values)
    return this.#multiply()
  }

  /** χ², half its gradient, and the Gauss–Newton curvature JᵀWJ at scaled labels. */
  evaluate(x: Float64Array, gradient: Float64Array, curvature: Float64Array): number {
    const { size, linear } = this.#forms
    const nLabels = this.size
    const chi2 = this.cost(x)
    differentiateTerms(this.#terms, x, this.#derivatives)
    const d = this.#derivatives.subarray(nLabels)
    const base = this.#star * size
    gradient.fill(0)
    for (let a = 0; a < size; a++) {
      const residual = this.#product[a] - linear[base + a]
      for (let l = 0; l < nLabels; l++) gradient[l] += d[a * nLabels + l] * residual
    }
    this.#image.fill(0)
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        const m = this.#matrix[a * size + b]
        for (let l = 0; l < nLabels; l++) this.#image[a * nLabels + l] += m * d[b * nLabels + l]
      }
    }
    curvature.fill(0)
    for (let a = 0; a < size; a++) {
      for (let k = 0; k < nLabels; k++) {
        const left = d[a * nLabels + k]
        if (left !== 0) for (let l = 0; l < nLabels; l++) curvature[k * nLabels + l] += left * this.#image[a * nLabels + l]
      }
    }
    return chi2
  }

  /** M z into the scratch, and χ². */
  #multiply(): number {
    const { size, linear, constant } = this.#forms
    const base = this.#star * size
    let chi2 = constant[this.#star]
    for (let a = 0; a < size; a++) {
      let sum = 0
      for (let b = 0; b < size; b++) sum += this.#matrix[a * size + b] * this.#values[b + 1]
      this.#product[a] = sum
      chi2 += this.#values[a + 1] * (sum - 2 * linear[base + a])
    }
    return chi2
  }
}
