import type { RandomStream, RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import { groupRows } from '../group-rows.js'
import { medianInPlace } from '../order-statistics.js'
import { say } from '../say.js'

/** What training on shuffled labels is asked to do. */
export interface PermutedNullRequest {
  readonly names: readonly string[]
  /** (n × L) true labels of the training stars. */
  readonly train: Float64Array
  /** (n) star of each training row: all rows of a star get the labels of one other star. */
  readonly groups?: readonly string[]
  /** (m × L) true labels of the test stars. */
  readonly test: Float64Array
  /** Train on these labels of the training stars (n × L), and predict the test stars, (m × L). */
  readonly trainAndPredict: (labels: Float64Array) => Float64Array | Promise<Float64Array>
  /** Trainings on shuffled labels: p can be no smaller than 1 / (permutations + 1). */
  readonly permutations: number
  readonly random: RandomStream
}

/** What came of a label. */
export interface PermutedNullLabel {
  readonly label: string
  readonly rmse: number
  /** Error of saying the mean of the training stars for every test star. */
  readonly baselineRmse: number
  /** Errors after training on shuffled labels, one a permutation. */
  readonly permutedRmse: readonly number[]
  /** Part of the trainings, the true one among them, that do as well as the true one. */
  readonly p: number
  readonly verdict: 'learns' | 'no skill' | 'leak'
  readonly text: string
}

/** A model trained on shuffled labels that still beats the mean by this knows the labels from elsewhere. */
const LEAK = 0.9
const SIGNIFICANT = 0.05

/**
 * Train on shuffled labels: what is learnt then is nothing, and the error on the test stars must fall back to that of the
 * mean. Where it does not, the labels reach the model by another way than the training labels.
 *
 * @throws `audit/labels` when sizes do not fit. Cost: permutations + 1 trainings.
 */
export async function permutedLabelNull(
  request: PermutedNullRequest,
  options: RunOptions = {},
): Promise<PermutedNullLabel[]> {
  const { names, train, test, permutations, random } = request
  const width = names.length
  const n = train.length / width
  const groups = request.groups ?? Array.from({ length: n }, (_, row) => String(row))
  if (!Number.isInteger(n) || groups.length !== n || test.length % width !== 0 || permutations < 1)
    throw new AstrolabelError('audit/labels', 'The labels to shuffle do not fit the stars', {
      got: `${train.length} and ${test.length} values of ${width} labels, ${groups.length} groups, ${permutations} permutations`,
      expected: 'whole rows, a group for each training row, 1 permutation or more',
    })
  const stars = groupRows(groups)
  const errors = async (labels: Float64Array): Promise<Float64Array> => {
    const predicted = await request.trainAndPredict(labels)
    return Float64Array.from(names, (_, l) => columnRmse(predicted, test, width, l))
  }
  const actual = await errors(train)
  const permuted: Float64Array[] = []
  for (let round = 0; round < permutations; round++) {
    throwIfAborted(options)
    const order = random.permutation(stars.length)
    const shuffled = new Float64Array(train.length)
    stars.forEach((rows, star) => {
      const from = stars[order[star]][0]
      for (const row of rows) shuffled.set(train.subarray(from * width, (from + 1) * width), row * width)
    })
    permuted.push(await errors(shuffled))
    options.onProgress?.(round + 1, permutations)
  }
  const means = columnMeans(train, width)
  const baseline = test.map((_, at) => means[at % width])
  return names.map((label, l) =>
    judge(
      label,
      actual[l],
      columnRmse(baseline, test, width, l),
      permuted.map((values) => values[l]),
    ),
  )
}

function judge(label: string, rmse: number, baselineRmse: number, permutedRmse: readonly number[]): PermutedNullLabel {
  const p = (1 + permutedRmse.filter((value) => !(value > rmse)).length) / (1 + permutedRmse.length)
  const usual = medianInPlace(Float64Array.from(permutedRmse))
  // With so few permutations that none could be significant, being the best of all is what can be asked.
  const skilled = rmse < baselineRmse && p <= Math.max(SIGNIFICANT, 1 / (1 + permutedRmse.length))
  const verdict = usual < LEAK * baselineRmse ? 'leak' : skilled ? 'learns' : 'no skill'
  const meaning = {
    learns: `What is known of ${label} is learnt from the training labels`,
    'no skill': `Nothing is learnt of ${label}`,
    leak: `${label} reaches the model by another way than the training labels`,
  }[verdict]
  return {
    label,
    rmse,
    baselineRmse,
    permutedRmse,
    p,
    verdict,
    text: `${meaning}: error ${say(rmse)}, after shuffling them ${say(usual)}, of the mean ${say(baselineRmse)} (p = ${say(p)}).`,
  }
}

function columnRmse(predicted: Float64Array, truth: Float64Array, width: number, l: number): number {
  let sum = 0
  let count = 0
  for (let at = l; at < truth.length; at += width) {
    const residual = predicted[at] - truth[at]
    if (!Number.isFinite(residual)) continue
    sum += residual * residual
    count++
  }
  return count === 0 ? Number.NaN : Math.sqrt(sum / count)
}

function columnMeans(values: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(width)
  const count = new Float64Array(width)
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) return
    sum[at % width] += value
    count[at % width]++
  })
  return sum.map((total, l) => total / count[l])
}
