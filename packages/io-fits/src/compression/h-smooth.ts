/** The coefficients of one level of an H-transform: `rows` × `columns` of them in use, rows `stride` apart. */
export interface HLevel {
  readonly rows: number
  readonly columns: number
  readonly stride: number
}

/**
 * Moves the differences of an H-transform towards those that interpolate between neighbouring blocks, by at most half
 * the `scale` they were divided by: the smoothing of hdecompress (White 1992), which undoes the blocks of lossy tiles.
 * In place. Every quotient is rounded towards 0, as in the reference code.
 */
export function smoothHLevel(a: Float64Array, level: HLevel, scale: number): void {
  const most = Math.floor(scale / 2)
  if (most <= 0) return
  const { rows, columns, stride } = level
  for (let i = 2; i < rows - 2; i += 2) {
    for (let j = 0; j < columns; j += 2) smoothSlope(a, stride * i + j, stride, most)
  }
  for (let i = 0; i < rows; i += 2) {
    for (let j = 2; j < columns - 2; j += 2) smoothSlope(a, stride * i + j, 1, most)
  }
  for (let i = 2; i < rows - 2; i += 2) {
    for (let j = 2; j < columns - 2; j += 2) smoothCurvature(a, stride * i + j, stride, most)
  }
}

/** The difference along one axis; `step` takes from a mean to its difference, twice that to the next mean. */
function smoothSlope(a: Float64Array, at: number, step: number, most: number): void {
  const mean = a[at] as number
  const ahead = (a[at + 2 * step] as number) - mean
  const behind = mean - (a[at - 2 * step] as number)
  const high = Math.max(Math.min(ahead, behind), 0) * 4
  const low = Math.min(Math.max(ahead, behind), 0) * 4
  // Where the means have a peak or a valley there is no slope to take.
  if (low >= high) return
  const wanted = clamp(ahead + behind, low, high)
  const slope = a[at + step] as number
  a[at + step] = slope + clamp(Math.trunc((wanted - slope * 8) / 8), -most, most)
}

/** The difference of differences, kept between what leaves the block monotonic towards its four corners. */
function smoothCurvature(a: Float64Array, at: number, stride: number, most: number): void {
  const mean = a[at] as number
  const mm = a[at - 2 * stride - 2] as number
  const pm = a[at + 2 * stride - 2] as number
  const mp = a[at - 2 * stride + 2] as number
  const pp = a[at + 2 * stride + 2] as number
  const hx = (a[at + stride] as number) * 2
  const hy = (a[at + 1] as number) * 2
  const high =
    Math.min(
      Math.max(pp - mean, 0) - hx - hy,
      Math.max(mean - pm, 0) + hx - hy,
      Math.max(mean - mp, 0) - hx + hy,
      Math.max(mm - mean, 0) + hx + hy,
    ) * 16
  const low =
    Math.max(
      Math.min(pp - mean, 0) - hx - hy,
      Math.min(mean - pm, 0) + hx - hy,
      Math.min(mean - mp, 0) - hx + hy,
      Math.min(mm - mean, 0) + hx + hy,
    ) * 16
  if (low >= high) return
  const wanted = clamp(pp + mm - mp - pm, low, high)
  const curvature = a[at + stride + 1] as number
  a[at + stride + 1] = curvature + clamp(Math.trunc((wanted - curvature * 64) / 64), -most, most)
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(Math.min(value, high), low)
}
