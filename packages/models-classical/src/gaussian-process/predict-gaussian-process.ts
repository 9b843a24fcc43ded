import type { Predictions } from '../training-data.js'
import { checkFeatureRows } from '../training-data.js'
import type { GaussianProcess, LabelProcess } from './gaussian-process.js'
import { centredRows } from './gaussian-process.js'
import { covariance } from './pairs.js'
import { factorOfRows, meanOf, varianceOf } from './posterior.js'

/** Rows worked on at a time, so that memory does not grow with their number. */
const STEP = 512

/** Factors of models in use: n² numbers a label, which a model file does without and one pass of n³ / 3 makes. */
const factors = new WeakMap<LabelProcess, Float64Array>()

/**
 * Labels of rows by a Gaussian process, and their errors: of the function and of the scatter of labels together, times
 * the calibration (Rasmussen & Williams 2006, equations 2.25 and 2.26).
 *
 * @param x (n × width) features.
 * @returns (n × L) labels and errors. @throws `gp/features`.
 * Cost: rows × (training rows)² a label, and a third of the training rows cubed at first use of a model.
 */
export function predictGaussianProcess(model: GaussianProcess, x: Float32Array, n: number): Predictions {
  checkFeatureRows(x, n, model.width, 'gp')
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
    model.processes.forEach((learnt, l) => {
      const { hyperparameters, weights, mean, deviation, spread, calibration } = learnt
      const trained = centredRows(model.x, model.width, model.mean, learnt.rows)
      const m = learnt.rows.length
      const factor = factorOf(model, learnt, trained)
      const cross = covariance(model.kernel, hyperparameters, trained, m, rows, count, model.width)
      const scaled = meanOf(weights, cross, count)
      const variance = varianceOf(hyperparameters, factor, m, cross, rows, count)
      for (let i = 0; i < count; i++) {
        const at = (start + i) * model.labels + l
        values[at] = mean + deviation * scaled[i]!
        errors[at] = deviation * calibration * Math.sqrt(variance[i]! + spread)
      }
    })
  }
  return { values, errors }
}

function factorOf(model: GaussianProcess, learnt: LabelProcess, trained: Float64Array): Float64Array {
  const kept = factors.get(learnt)
  if (kept !== undefined) return kept
  const { hyperparameters, noise } = learnt
  const factor = factorOfRows(model.kernel, hyperparameters, trained, learnt.rows.length, model.width, noise)
  factors.set(learnt, factor)
  return factor
}
