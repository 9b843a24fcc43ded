/** Features of training rows as the numbers of the bins that they fall into: splits are looked for between bins. */
export interface FeatureBins {
  readonly n: number
  readonly width: number
  /** (width × n): bin of each row, feature by feature, so that one feature's bins lie together. */
  readonly codes: Uint8Array
  /** (width × 256) lowest and highest value in each bin. */
  readonly lowest: Float32Array
  readonly highest: Float32Array
}

const MAX_BINS = 256

/**
 * Sort the values of each feature into at most `bins` bins of equally many rows. Edges lie half-way between values, so
 * that a threshold does not sit on a training row.
 *
 * @param values Features, (n × width) row-major, finite. Cost: n log n a feature.
 */
export function binFeatures(values: Float32Array, n: number, width: number, bins: number = MAX_BINS): FeatureBins {
  const codes = new Uint8Array(n * width)
  const lowest = new Float32Array(width * MAX_BINS).fill(Number.POSITIVE_INFINITY)
  const highest = new Float32Array(width * MAX_BINS).fill(Number.NEGATIVE_INFINITY)
  const column = new Float32Array(n)
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < n; row++) column[row] = values[row * width + feature]!
    const own = edgesOf(column.slice().sort(), Math.min(bins, MAX_BINS))
    for (let row = 0; row < n; row++) {
      const value = column[row]!
      const bin = countBelow(own, value)
      codes[feature * n + row] = bin
      const at = feature * MAX_BINS + bin
      if (value < lowest[at]!) lowest[at] = value
      if (value > highest[at]!) highest[at] = value
    }
  }
  return { n, width, codes, lowest, highest }
}

/** The threshold half-way between two bins that rows of a node have: rows above it lie in the upper one. */
export function thresholdBetween({ lowest, highest }: FeatureBins, feature: number, bin: number, next: number): number {
  return halfWay(highest[feature * MAX_BINS + bin]!, lowest[feature * MAX_BINS + next]!)
}

/** The middle of two floats; between neighbours it is one of them, and must not be the upper one. */
function halfWay(below: number, above: number): number {
  const middle = Math.fround(below + (above - below) / 2)
  return middle < above ? middle : below
}

/** Half-way points between the last value of a bin and the next value that differs. */
function edgesOf(sorted: Float32Array, bins: number): Float32Array {
  const { length } = sorted
  const edges: number[] = []
  for (let bin = 1; bin < bins; bin++) {
    const at = Math.floor((bin * length) / bins)
    if (at === 0 || sorted[at - 1] === sorted[at]) continue
    const edge = halfWay(sorted[at - 1]!, sorted[at]!)
    if (edges.length === 0 || edge > edges.at(-1)!) edges.push(edge)
  }
  return Float32Array.from(edges)
}

/** How many edges lie below x: the bin of x. */
function countBelow(edges: Float32Array, x: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (x > edges[middle]!) low = middle + 1
    else high = middle
  }
  return low
}
