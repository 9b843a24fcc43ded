import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import type { GpHyperparameters, GpShape } from './hyperparameters.js'
import { packHyperparameters, unpackHyperparameters } from './hyperparameters.js'
import type { GpRows } from './marginal-likelihood.js'
import { logMarginalLikelihood } from './marginal-likelihood.js'
import { minimiseInBox } from './minimise-in-box.js'

/** Gain of the log-likelihood that is not worth a step. */
const GAIN = 1e-3

/** How hyperparameters are sought. */
export interface GpSearch extends RunOptions {
  readonly starts: number
  readonly steps: number
  readonly seed: number
}

/** Hyperparameters of the largest likelihood found. */
export interface FoundHyperparameters {
  readonly hyperparameters: GpHyperparameters
  readonly logLikelihood: number
  readonly converged: boolean
}

/**
 * Hyperparameters by the largest marginal likelihood, from `starts` places: the first, `from`, and others drawn around
 * it. All stay within factors of the scales of features and labels that `natural` has.
 */
export function findHyperparameters(
  shape: GpShape,
  rows: GpRows,
  natural: GpHyperparameters,
  from: GpHyperparameters,
  { starts, steps, seed, ...run }: GpSearch,
): FoundHyperparameters {
  const likelihood = logMarginalLikelihood(shape, rows)
  const centre = packHyperparameters(shape, natural)
  const reach = (factors: readonly [number, number, number, number, number]): Float64Array => {
    const [variance, lengths, alpha, linear, noise] = factors
    return packHyperparameters(shape, {
      variance,
      lengths: new Float64Array(shape.lengths).fill(lengths),
      alpha,
      linear,
      noise,
    }).map((log, i) => log + centre[i]!)
  }
  const low = reach([1e-4, 1e-2, 1e-2, 1e-6, 1e-5])
  // A length scale of its own may grow until its feature no longer matters.
  const high = reach([1e4, shape.lengths === 1 ? 1e2 : 1e4, 1e3, 1e3, 30])
  const random = RandomStream.fromSeed(seed)
  let best: FoundHyperparameters | undefined
  for (let start = 0; start < starts; start++) {
    const point = packHyperparameters(shape, from)
    if (start > 0) for (let i = 0; i < point.length; i++) point[i]! += 1.5 * random.normal()
    const {
      point: end,
      value,
      converged,
    } = minimiseInBox(
      (theta) => {
        throwIfAborted(run)
        const found = likelihood(theta)
        return { value: -found.value, gradient: found.gradient.map((g) => -g) }
      },
      point,
      low,
      high,
      { steps, gain: GAIN },
    )
    if (Number.isFinite(value) && !(best !== undefined && best.logLikelihood >= -value))
      best = { hyperparameters: unpackHyperparameters(shape, end), logLikelihood: -value, converged }
  }
  if (best !== undefined) return best
  throw new AstrolabelError('gp/singular', 'No hyperparameters give a covariance that can be factorised', {
    got: `${rows.n} rows of ${rows.width} features`,
    remedy: 'Scale the features, or use fewer principal components',
  })
}

/** Where a search begins: scales of the features and of a label of unit variance. */
export function naturalHyperparameters({ lengths, linear }: GpShape, { n, width, x }: GpRows): GpHyperparameters {
  const variance = new Float64Array(width)
  for (let i = 0; i < n * width; i++) variance[i % width]! += (x[i]! * x[i]!) / n
  const total = Math.max(
    variance.reduce((sum, value) => sum + value, 0),
    1e-300,
  )
  return {
    variance: 0.5,
    // The root mean square distance of two rows; for a feature alone, as if all varied as much as it.
    lengths:
      lengths === 1
        ? Float64Array.of(Math.sqrt(2 * total))
        : variance.map((value) => Math.sqrt(2 * width * Math.max(value, 1e-12 * total))),
    alpha: 1,
    linear: linear ? 0.5 / total : 0,
    noise: 0.1,
  }
}
