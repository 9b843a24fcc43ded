import { CrossmatchError } from './crossmatch-error.js'
import { spreadOf } from './spread.js'

/** A quantity that both catalogues have of a star, to tell true matches from chance ones. */
export interface ComparedLabel {
  readonly name: string
  /** (n pairs) its value in catalogue a, NaN where it is missing. */
  readonly a: Float64Array
  /** (n pairs) its value in catalogue b, NaN where it is missing. */
  readonly b: Float64Array
  /** Weight of a difference of one sigma (default 1). */
  readonly weight?: number
}

/** How far apart a pair may be. */
export interface PlausibilityOptions {
  /** Pairs at this distance or beyond are removed (default 4.5). */
  readonly maxDistance?: number
  /** Weight of a separation of one arcsec (default 2). */
  readonly separationWeight?: number
  /** Difference that stands for one that cannot be computed, in sigmas (default 1). */
  readonly missing?: number
  /** The catalogue whose spread is the sigma of a label (default b, the reference). */
  readonly reference?: 'a' | 'b'
  /** The spread: population standard deviation (default), or 1.4826 times the median absolute deviation. */
  readonly spread?: 'std' | 'mad'
}

/** What the cut makes of one label, or of the separation. */
export interface LabelDistance {
  readonly name: string
  readonly weight: number
  /** What a difference is divided by: the label's spread, one arcsec for the separation. NaN when the label has no spread. */
  readonly sigma: number
  /** (n pairs) its part of the distance. */
  readonly part: Float64Array
  /** Pairs of which the difference is not known. */
  readonly missing: number
}

/** Which pairs are plausible. */
export interface PlausibilityResult {
  /** (n pairs) sum of the parts. */
  readonly distance: Float64Array
  /** Places of the pairs that stay, increasing. */
  readonly kept: Int32Array
  /** Places of the pairs that are removed, increasing. */
  readonly removed: Int32Array
  /** One entry a label, then the separation. */
  readonly parts: readonly LabelDistance[]
}

/**
 * Tells pairs of stars that can be one star from pairs that are near only on the sky, by a distance in labels and separation:
 *
 * D = sum over labels of weight |a - b| / sigma + separationWeight separation / arcsec
 *
 * With the weights 1, 1 and 2 of Teff, log g and [Fe/H] the defaults compare APOGEE with SSPP stars sensibly: threshold 4.5, a missing
 * difference counts as one sigma, a missing separation as one arcsec. A label whose values are all the same, or unknown, has no sigma:
 * its differences count as missing. O(n labels), with `mad` O(n log n).
 *
 * @param separationArcsec (n pairs) on the great circle, as crossmatch gives it
 * @throws CrossmatchError for columns of different length, or a threshold or weight that is negative or not a number
 */
export function plausibility(
  separationArcsec: Float64Array,
  labels: readonly ComparedLabel[],
  options: PlausibilityOptions = {},
): PlausibilityResult {
  const { maxDistance = 4.5, separationWeight = 2, missing = 1, reference = 'b', spread = 'std' } = options
  const n = separationArcsec.length
  for (const [name, value] of Object.entries({ maxDistance, separationWeight, missing })) checkNumber(name, value)
  const parts = labels.map((label): LabelDistance => {
    const { name, weight = 1 } = label
    checkNumber(`weight of ${name}`, weight)
    for (const side of ['a', 'b'] as const) {
      if (label[side].length !== n) {
        throw new CrossmatchError('shape-mismatch', `Label ${name} of catalogue ${side} needs one value a pair`, {
          got: `${label[side].length} values for ${n} pairs`,
        })
      }
    }
    const sigma = spreadOf(label[reference], spread)
    return { name, weight, sigma, ...weigh(n, weight, missing, (i) => Math.abs(label.a[i]! - label.b[i]!) / sigma) }
  })
  parts.push({
    name: 'separation',
    weight: separationWeight,
    sigma: 1,
    ...weigh(n, separationWeight, missing, (i) => separationArcsec[i]!),
  })
  const distance = new Float64Array(n)
  const isRemoved = new Uint8Array(n)
  let nRemoved = 0
  for (let i = 0; i < n; i++) {
    for (const { part } of parts) distance[i]! += part[i]!
    if (!(distance[i]! >= maxDistance)) continue
    isRemoved[i] = 1
    nRemoved++
  }
  const kept = new Int32Array(n - nRemoved)
  const removed = new Int32Array(nRemoved)
  for (let i = 0, k = 0, r = 0; i < n; i++) {
    if (isRemoved[i]) removed[r++] = i
    else kept[k++] = i
  }
  return { distance, kept, removed, parts }
}

/** Weighted differences in sigmas, those that are not known replaced. */
function weigh(
  n: number,
  weight: number,
  missing: number,
  difference: (i: number) => number,
): Pick<LabelDistance, 'part' | 'missing'> {
  const part = new Float64Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    const sigmas = difference(i)
    if (!Number.isFinite(sigmas)) count++
    part[i] = weight * (Number.isFinite(sigmas) ? sigmas : missing)
  }
  return { part, missing: count }
}

function checkNumber(name: string, value: number): void {
  if (value >= 0 && value < Infinity) return
  throw new CrossmatchError('weight-out-of-range', `The ${name} of the plausibility cut is not a weight or threshold`, {
    got: `${value}`,
    expected: 'a number from 0 on',
  })
}
