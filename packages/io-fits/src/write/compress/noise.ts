import { selectNth } from './select-nth.js'

/** What `quantize` needs to know of the values of a tile; NaN counts as missing. */
export interface TileStatistics {
  readonly min: number
  readonly max: number
  /** Values that are not NaN. */
  readonly good: number
  /** Standard deviation of the noise, 0 where there is none or too few values to tell. */
  readonly noise: number
}

const MIN_ROW = 9
// From the median of absolute differences of 2nd, 3rd and 5th order to the standard deviation of normal noise.
const TO_SIGMA = [1.0483579, 0.6052697, 0.1772048] as const

/**
 * The noise of a tile of `length` values in rows of `rowLength`: the least of three estimates, each the median over the
 * rows of the median absolute difference of 2nd, 3rd or 5th order between pixels two apart (Stoehr et al. 2008, as
 * cfitsio takes it). Runs of one value are left out. Differences of single-precision values are rounded to single.
 */
export function tileStatistics(values: Float32Array | Float64Array, length: number, rowLength: number): TileStatistics {
  const perRow = rowLength < MIN_ROW ? length : rowLength
  const scratch = (): Float32Array | Float64Array =>
    values instanceof Float32Array ? new Float32Array(perRow) : new Float64Array(perRow)
  const differences = [scratch(), scratch(), scratch()] as const
  const row = scratch()
  const medians: [number[], number[], number[]] = [[], [], []]
  let min = Infinity
  let max = -Infinity
  let good = 0
  for (let start = 0; start < length; start += perRow) {
    let count = 0
    for (let i = start; i < Math.min(start + perRow, length); i++) {
      const value = values[i] as number
      if (Number.isNaN(value)) continue
      row[count++] = value
      if (value < min) min = value
      if (value > max) max = value
    }
    good += count
    const counts = differencesOf(row, count, differences)
    counts.forEach((many, order) => {
      if (many > 0) {
        ;(medians[order] as number[]).push(selectNth(differences[order] as Float64Array, many, (many - 1) >> 1))
      }
    })
  }
  const estimates = medians.map((found, order) => medianOf(found) * (TO_SIGMA[order] as number))
  const [second, third, fifth] = estimates as [number, number, number]
  let noise = third
  if (second !== 0 && second < noise) noise = second
  if (fifth !== 0 && fifth < noise) noise = fifth
  return { min, max, good, noise }
}

/** Fills in the differences of a row without missing values; returns how many there are of each order. */
function differencesOf(
  row: Float32Array | Float64Array,
  count: number,
  [second, third, fifth]: readonly [
    Float32Array | Float64Array,
    Float32Array | Float64Array,
    Float32Array | Float64Array,
  ],
): [number, number, number] {
  const single = row instanceof Float32Array
  let two = 0
  let more = 0
  for (let i = 4; i + 4 < count; i++) {
    const v1 = row[i - 4] as number
    const v3 = row[i - 2] as number
    const v5 = row[i] as number
    const v6 = row[i + 1] as number
    const v7 = row[i + 2] as number
    const v9 = row[i + 4] as number
    const flat = v5 === v6 && v6 === v7
    // The arrays round to their own precision.
    if (!flat) second[two++] = Math.abs(v5 - v7)
    if (flat && v3 === row[i - 1] && v3 === v5) continue
    if (single) {
      const { fround } = Math
      third[more] = Math.abs(fround(fround(2 * v5 - v3) - v7))
      const inner = fround(fround(fround(6 * v5) - 4 * v3) - 4 * v7)
      fifth[more++] = Math.abs(fround(fround(inner + v1) + v9))
    } else {
      third[more] = Math.abs(2 * v5 - v3 - v7)
      fifth[more++] = Math.abs(6 * v5 - 4 * v3 - 4 * v7 + v1 + v9)
    }
  }
  return [two, more, more]
}

function medianOf(values: number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const { length } = sorted
  return ((sorted[(length - 1) >> 1] as number) + (sorted[length >> 1] as number)) / 2
}
