import { RandomStream } from '@astrolabel/spectra'
import type { GpHyperparameters, GpShape } from './hyperparameters.js'
import { takeGpRows } from './marginal-likelihood.js'
import type { GpRows } from './marginal-likelihood.js'
import { conditionOnRows } from './posterior.js'

const FOLDS = 10

/**
 * What is left of each label, and the variance of the function, given the rows of other folds, in ten folds of whole
 * groups. For noise that was weighed row by row the closed form for single rows is too kind: the weights of others were
 * found with the label in sight. Here `weigh` finds them anew for each fold, at the same hyperparameters.
 */
export function leaveFoldsOut(
  shape: GpShape,
  hyperparameters: GpHyperparameters,
  rows: GpRows,
  groups: readonly Int32Array[],
  weigh: (rows: GpRows) => GpRows,
  seed: number,
): { readonly residual: Float64Array; readonly variance: Float64Array } {
  const residual = new Float64Array(rows.n)
  const variance = new Float64Array(rows.n)
  const foldOf = new Int32Array(rows.n)
  const order = Array.from(groups.keys())
  const random = RandomStream.fromSeed(seed)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  const folds = Math.min(FOLDS, groups.length)
  order.forEach((group, at) => groups[group]!.forEach((row) => (foldOf[row] = at % folds)))
  for (let fold = 0; fold < folds; fold++) {
    const index = Int32Array.from(foldOf.keys())
    const out = index.filter((row) => foldOf[row] === fold)
    const kept = weigh(
      takeGpRows(
        rows,
        index.filter((row) => foldOf[row] !== fold),
      ),
    )
    const posterior = conditionOnRows(shape.kernel, hyperparameters, kept)
    const predicted = posterior.predict(takeGpRows(rows, out).x, out.length)
    out.forEach((row, i) => {
      residual[row] = rows.y[row]! - predicted.mean[i]!
      variance[row] = predicted.variance[i]!
    })
  }
  return { residual, variance }
}
