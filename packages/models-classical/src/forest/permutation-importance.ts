import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { labelErrors } from './out-of-bag.js'

/** Rows that a model is asked about. */
export interface PermutationData {
  readonly n: number
  /** (n × width). */
  readonly x: Float32Array
  readonly width: number
  /** (n × L) labels; NaN where missing. */
  readonly y: Float64Array
  readonly labels: number
}

/** How columns are shuffled. */
export interface PermutationOptions extends RunOptions {
  /** Columns that are shuffled together, as the pixels of a window of wavelengths; each column by itself unless told. */
  readonly groups?: readonly (readonly number[])[]
  /** Shuffles of each group; 5. */
  readonly repeats?: number
  /** (n × L) weight of each label of each row; all 1. */
  readonly weights?: Float64Array
  readonly seed?: number
}

/** How much worse a model gets without the order of each group's columns. */
export interface PermutationImportance {
  /** (groups × L) mean rise of the root mean square error, in the label's unit. */
  readonly rise: Float64Array
  /** (groups × L) standard error of that mean over the repeats; NaN for one repeat. */
  readonly riseErr: Float64Array
  /** (L) error of the model on the rows as they are. */
  readonly base: Float64Array
}

/**
 * Importance of columns by shuffling them among the rows (Breiman 2001): how much a model's error rises on rows that it
 * was not trained on. Pass `(x, n) => predictOutOfBag(forest, x, n)` with the training rows, or any model's prediction
 * with held-out rows; for wavelengths, a prediction that projects spectra first, and windows of pixels as groups.
 * Columns that tell the same share their importance out: shuffle them together.
 *
 * @throws `importance/options` on groups or repeats that cannot be. Cost: groups × repeats predictions.
 */
export function permutationImportance(
  predict: (x: Float32Array, n: number) => Float64Array,
  { n, x, width, y, labels }: PermutationData,
  options: PermutationOptions = {},
): PermutationImportance {
  const { repeats = 5, groups = Array.from({ length: width }, (_, column) => [column]), weights } = options
  if (!Number.isInteger(repeats) || repeats < 1) throw wrong('number of shuffles', repeats, 'a whole number, 1 or more')
  const outside = groups.flat().find((column) => !(Number.isInteger(column) && column >= 0 && column < width))
  if (outside !== undefined) throw wrong('column in a group', outside, `0 to ${width - 1}`)
  const base = labelErrors(predict(x, n), y, labels, weights)
  const rise = new Float64Array(groups.length * labels)
  const riseErr = new Float64Array(groups.length * labels)
  const streams = RandomStream.independent(options.seed ?? 1, groups.length)
  groups.forEach((columns, group) => {
    const shuffled = x.slice()
    const rises = Array.from({ length: repeats }, () => {
      throwIfAborted(options)
      const from = permutation(n, streams[group]!)
      for (let row = 0; row < n; row++)
        for (const column of columns) shuffled[row * width + column] = x[from[row]! * width + column]!
      return labelErrors(predict(shuffled, n), y, labels, weights).map((error, l) => error - base[l]!)
    })
    for (let l = 0; l < labels; l++) {
      const mean = rises.reduce((sum, one) => sum + one[l]!, 0) / repeats
      const square = rises.reduce((sum, one) => sum + (one[l]! - mean) ** 2, 0)
      rise[group * labels + l] = mean
      riseErr[group * labels + l] = Math.sqrt(square / (repeats - 1) / repeats)
    }
    options.onProgress?.(group + 1, groups.length)
  })
  return { rise, riseErr, base }
}

/** Fisher-Yates. */
function permutation(n: number, random: RandomStream): Int32Array {
  const out = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const kept = out[i]!
    out[i] = out[j]!
    out[j] = kept
  }
  return out
}

function wrong(what: string, got: unknown, expected: string): AstrolabelError {
  return new AstrolabelError('importance/options', `Bad ${what}`, { got, expected })
}
