import type { RandomStream } from '@astrolabel/spectra'
import type { FeatureBins } from './feature-bins.js'
import type { TreeOptions } from './grow-tree.js'
import type { Targets } from './targets.js'
import { explained } from './targets.js'

/** Rows whose bin of `feature` is at most `bin` go left; `score` is the explained sum of squares of both sides. */
export interface Split {
  readonly feature: number
  readonly bin: number
  readonly score: number
}

const BINS = 256

/** Relative gain below which a split explains nothing but rounding. */
const ROUNDING = 1e-10

/**
 * Finds the best split of a group of rows by histograms: the sums of the rows of each bin, feature by feature.
 *
 * Which bins are occupied is kept in a bitmap of 256 bits, so that small groups, of which a full-grown tree has most,
 * pay for their rows and not for 256 bins.
 */
export class SplitSearch {
  readonly #bins: FeatureBins
  readonly #targets: Targets
  readonly #options: TreeOptions
  readonly #random: RandomStream
  readonly #sums: Float64Array
  /** Sums of the rows at hand, one after another: what the histograms of all features read. */
  readonly #local: Float64Array
  readonly #histogram: Float64Array
  readonly #occupied: Uint32Array
  readonly #left: Float64Array
  readonly #right: Float64Array
  readonly #features: Int32Array

  /** @param sums (n × stride) of each row, as often as it was drawn. */
  constructor(bins: FeatureBins, targets: Targets, sums: Float64Array, options: TreeOptions, random: RandomStream) {
    this.#bins = bins
    this.#targets = targets
    this.#options = options
    this.#random = random
    this.#sums = sums
    this.#local = new Float64Array(sums.length)
    this.#histogram = new Float64Array(BINS * targets.stride)
    this.#occupied = new Uint32Array(BINS / 32)
    this.#left = new Float64Array(targets.stride)
    this.#right = new Float64Array(targets.stride)
    this.#features = Int32Array.from({ length: bins.width }, (_, feature) => feature)
  }

  /**
   * The best split of rows [start, end), or undefined when none explains more than `base`, which the rows together do.
   *
   * @param total Sums of these rows, (stride).
   */
  best(rows: Int32Array, start: number, end: number, total: Float64Array, base: number): Split | undefined {
    this.#gather(rows, start, end)
    let best = base + ROUNDING * Math.abs(base) + Number.MIN_VALUE
    let feature = -1
    let bin = 0
    // Features are drawn until enough of them had more than one bin, as the forests of scikit-learn do.
    const wanted = Math.min(this.#options.maxFeatures, this.#bins.width)
    let looked = 0
    for (let drawn = 0; drawn < this.#bins.width && looked < wanted; drawn++) {
      const asked = wanted === this.#bins.width ? drawn : this.#draw(drawn)
      const occupied = this.#fill(asked, rows, start, end)
      if (occupied > 1) looked++
      const found =
        this.#options.thresholds === 'random' && occupied > 1
          ? this.#scan(total, best, this.#randomBin())
          : this.#scan(total, best, -1)
      if (found < 0) continue
      best = this.#score
      feature = asked
      bin = found
    }
    return feature < 0 ? undefined : { feature, bin, score: best }
  }

  #score = 0

  #gather(rows: Int32Array, start: number, end: number): void {
    const { stride } = this.#targets
    for (let i = start; i < end; i++) {
      const from = rows[i]! * stride
      const to = (i - start) * stride
      for (let k = 0; k < stride; k++) this.#local[to + k] = this.#sums[from + k]!
    }
  }

  /** The feature at place `at` of a random order: Fisher–Yates, one place at a time. */
  #draw(at: number): number {
    const features = this.#features
    const other = at + this.#random.integer(features.length - at)
    const feature = features[other]!
    features[other] = features[at]!
    features[at] = feature
    return feature
  }

  /** Adds the rows up by bin; returns how many bins are occupied, or 2 for 2 or more. */
  #fill(feature: number, rows: Int32Array, start: number, end: number): number {
    const { codes, n } = this.#bins
    const { stride } = this.#targets
    const occupied = this.#occupied
    const histogram = this.#histogram
    const local = this.#local
    const offset = feature * n
    let first = -1
    let several = 1
    let at = 0
    for (let i = start; i < end; i++) {
      const bin = codes[offset + rows[i]!]!
      if (first < 0) first = bin
      else if (bin !== first) several = 2
      occupied[bin >> 5]! |= 1 << (bin & 31)
      let to = bin * stride
      const stop = to + stride
      while (to < stop) histogram[to++]! += local[at++]!
    }
    return several
  }

  /** A bin drawn evenly between the lowest and the highest occupied one: a threshold at random. */
  #randomBin(): number {
    let low = -1
    let high = 0
    for (let word = 0; word < this.#occupied.length; word++) {
      const bits = this.#occupied[word]!
      if (bits === 0) continue
      if (low < 0) low = word * 32 + 31 - Math.clz32(bits & -bits)
      high = word * 32 + 31 - Math.clz32(bits)
    }
    return low + this.#random.integer(high - low)
  }

  /**
   * Goes through the occupied bins from below and empties them; the bin behind which a cut explains most, −1 when
   * none explains more than `best`. With `only` ≥ 0 that cut alone is looked at.
   */
  #scan(total: Float64Array, best: number, only: number): number {
    const { stride } = this.#targets
    const histogram = this.#histogram
    const occupied = this.#occupied
    const left = this.#left
    const right = this.#right
    const { minLeaf } = this.#options
    left.fill(0)
    let found = -1
    let pendingOnly = only >= 0
    for (let word = 0; word < occupied.length; word++) {
      let bits = occupied[word]!
      occupied[word] = 0
      while (bits !== 0) {
        const low = bits & -bits
        bits ^= low
        const bin = word * 32 + 31 - Math.clz32(low)
        if (pendingOnly && bin > only) {
          pendingOnly = false
          const score = this.#cut(total, minLeaf)
          if (score > best) {
            best = score
            found = only
          }
        }
        let from = bin * stride
        for (let k = 0; k < stride; k++, from++) {
          left[k]! += histogram[from]!
          histogram[from] = 0
        }
        if (only >= 0) continue
        const score = this.#cut(total, minLeaf)
        if (score > best) {
          best = score
          found = bin
        }
      }
    }
    right.fill(0)
    if (found >= 0) this.#score = best
    return found
  }

  /** Explained sum of squares when the rows so far go left and the others right; −1 when a side is too small. */
  #cut(total: Float64Array, minLeaf: number): number {
    const left = this.#left
    const rest = total[0]! - left[0]!
    if (left[0]! < minLeaf || rest < minLeaf || rest <= 0) return -1
    const { stride, shared } = this.#targets
    if (shared) {
      let below = 0
      let above = 0
      for (let k = 1; k < stride; k++) {
        const l = left[k]!
        const r = total[k]! - l
        below += l * l
        above += r * r
      }
      return (below * rest + above * left[0]!) / (rest * left[0]!)
    }
    const right = this.#right
    for (let k = 0; k < stride; k++) right[k] = total[k]! - left[k]!
    return explained(left, 0, this.#targets) + explained(right, 0, this.#targets)
  }
}
