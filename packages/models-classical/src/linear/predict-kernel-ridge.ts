import { gemmF32F64, gemmF64 } from '@astrolabel/kernels'
import { centredRows } from '../gaussian-process/gaussian-process.js'
import type { Predictions } from '../training-data.js'
import { checkFeatureRows } from '../training-data.js'
import { kernelDiagonal, kernelMatrix } from './kernel-function.js'
import type { KernelRidge, KernelSet } from './train-kernel-ridge.js'
import { factorShifted, quadraticForms } from './tridiagonal.js'

/** Rows worked on at a time, so that memory does not grow with their number. */
const STEP = 512

/**
 * Labels of rows (n × width) by a kernel ridge, and their errors: the variance about the fit times 1 + 1/n + leverage.
 *
 * @returns (n × L) labels and errors. @throws `kernel-ridge/features`.
 * Cost: n × (training rows)² for each length scale that labels chose.
 */
export function predictKernelRidge(model: KernelRidge, x: Float32Array, n: number): Predictions {
  checkFeatureRows(x, n, model.width, 'kernel-ridge')
  const values = new Float64Array(n * model.labels)
  const errors = new Float64Array(n * model.labels)
  for (let start = 0; start < n; start += STEP) {
    const count = Math.min(STEP, n - start)
    const rows = centredRows(
      x,
      model.width,
      model.mean,
      Array.from({ length: count }, (_, i) => start + i),
    )
    for (const set of model.sets) {
      const { cross, own } = centredKernel(model, set, rows, count)
      const m = set.rows.length
      const product = new Float64Array(count)
      const turned = new Float64Array(m * count)
      const rooted = cross.map((value, at) => value * set.roots[Math.floor(at / count)]!)
      gemmF32F64(m, count, m, set.leverage.basis, rooted, turned)
      for (const { label, weights, intercept, lambda, variance } of set.labels) {
        gemmF64(1, count, m, weights, cross, product)
        const forms = quadraticForms(factorShifted({ size: m, ...set.leverage }, lambda), turned, count)
        for (let i = 0; i < count; i++) {
          const at = (start + i) * model.labels + label
          const leverage = Math.max(0, own[i]! - forms[i]!) / lambda
          values[at] = intercept + product[i]!
          errors[at] = Math.sqrt(variance * (1 + 1 / m + leverage))
        }
      }
    }
  }
  return { values, errors }
}

/** Centred kernel of training rows with new rows, (training rows × count), and of each new row with itself. */
function centredKernel(
  model: KernelRidge,
  { rows: index, roots, length, kernelMean, grandMean }: KernelSet,
  rows: Float64Array,
  count: number,
): { readonly cross: Float64Array; readonly own: Float64Array } {
  const m = index.length
  const by = { kernel: model.kernel, degree: model.degree, length }
  const trained = centredRows(model.x, model.width, model.mean, index)
  const cross = kernelMatrix(by, trained, m, rows, count, model.width)
  const mean = new Float64Array(count)
  for (let at = 0; at < cross.length; at++) mean[at % count]! += (cross[at]! * roots[Math.floor(at / count)]! ** 2) / m
  for (let at = 0; at < cross.length; at++)
    cross[at]! += grandMean - mean[at % count]! - kernelMean[Math.floor(at / count)]!
  const own = kernelDiagonal(by, rows, count, model.width).map((value, i) => value - 2 * mean[i]! + grandMean)
  return { cross, own }
}
