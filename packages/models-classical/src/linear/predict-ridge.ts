import { gemmF32F64, gemmF64 } from '@astrolabel/kernels'
import type { Predictions } from '../training-data.js'
import { checkFeatureRows } from '../training-data.js'
import { scaleFeatures } from './feature-scale.js'
import type { Ridge, RidgeSet } from './train-ridge.js'
import { factorShifted, quadraticForms } from './tridiagonal.js'

/** Rows worked on at a time, so that memory does not grow with their number. */
const STEP = 512

/**
 * Labels of rows (n × width) by a ridge, and their errors: the variance about the fit times 1 + 1/n + leverage.
 *
 * @returns (n × L) labels and errors. @throws `ridge/features`.
 * Cost: n × width × L, and n × width × min(training rows, width) with leverages.
 */
export function predictRidge(model: Ridge, x: Float32Array, n: number): Predictions {
  checkFeatureRows(x, n, model.width, 'ridge')
  const values = new Float64Array(n * model.labels)
  const errors = new Float64Array(n * model.labels)
  for (let start = 0; start < n; start += STEP) {
    const count = Math.min(STEP, n - start)
    const rows = Array.from({ length: count }, (_, i) => start + i)
    for (const set of model.sets) {
      const scaled = scaleFeatures(set, x, rows)
      const leverages = leverageOf(set, scaled, count, model.width)
      for (const { label, coefficients, intercept, lambda, variance, meanLeverage } of set.labels) {
        const product = new Float64Array(count)
        gemmF64(count, 1, model.width, scaled, coefficients, product)
        const leverage = leverages?.(lambda)
        for (let i = 0; i < count; i++) {
          const at = (start + i) * model.labels + label
          values[at] = intercept + product[i]!
          errors[at] = Math.sqrt(variance * (1 + (leverage === undefined ? meanLeverage : 1 / set.rows + leverage[i]!)))
        }
      }
    }
  }
  return { values, errors }
}

/** xᵀ (G + λ)⁻¹ x of each scaled row; of K by G⁻¹ = (1 − Xᵀ (K + λ)⁻¹ X) / λ. */
function leverageOf(
  { leverage }: RidgeSet,
  scaled: Float64Array,
  count: number,
  width: number,
): ((lambda: number) => Float64Array) | undefined {
  if (leverage === undefined) return undefined
  const { kind, diagonal, off, basis } = leverage
  const size = diagonal.length
  const turned = new Float64Array(size * count)
  gemmF32F64(size, count, width, basis, scaled, turned, { transB: true })
  return (lambda) => {
    const forms = quadraticForms(factorShifted({ size, diagonal, off }, lambda), turned, count)
    if (kind === 'primal') return forms
    return forms.map((form, i) => {
      let square = 0
      for (let d = i * width; d < (i + 1) * width; d++) square += scaled[d]! ** 2
      return Math.max(0, square - form) / lambda
    })
  }
}
