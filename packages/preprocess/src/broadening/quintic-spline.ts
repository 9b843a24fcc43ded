/** Pixels that a point of a quintic spline takes from. */
export const SPLINE_TAPS = 6

/** Poles of the filter that turns values into coefficients of quintic B-splines: roots of its characteristic polynomial. */
const POLES = [
  Math.sqrt(67.5 - Math.sqrt(4436.25)) + Math.sqrt(26.25) - 6.5,
  Math.sqrt(67.5 + Math.sqrt(4436.25)) - Math.sqrt(26.25) - 6.5,
]

/** Powers of a pole beyond this one are below rounding. */
const HORIZON = 48

/**
 * Coefficients c of the quintic spline Σ c_j β(u − j) through values at u = 0, 1, …, mirrored at both ends (Unser et al.
 * 1993). Linear in the values.
 *
 * @param values (n), taken `stride` apart from `offset` on.
 * @returns (n)
 */
export function splineCoefficients(values: ArrayLike<number>, n: number, offset = 0, stride = 1): Float64Array {
  const c = new Float64Array(n)
  for (let i = 0; i < n; i++) c[i] = values[offset + i * stride]!
  if (n < 2) return c
  for (const z of POLES) {
    const gain = (1 - z) * (1 - 1 / z)
    for (let i = 0; i < n; i++) c[i]! *= gain
    let start = 0
    for (let k = Math.min(HORIZON, n - 1); k >= 0; k--) start = start * z + c[k]!
    c[0] = start
    for (let i = 1; i < n; i++) c[i]! += z * c[i - 1]!
    c[n - 1] = (z / (z * z - 1)) * (c[n - 1]! + z * c[n - 2]!)
    for (let i = n - 2; i >= 0; i--) c[i] = z * (c[i + 1]! - c[i]!)
  }
  return c
}

/** The quintic B-spline, which is 0 from |x| = 3 on. */
export function splineBasis(x: number): number {
  const a = Math.abs(x)
  if (a >= 3) return 0
  let value = (3 - a) ** 5
  if (a < 2) value -= 6 * (2 - a) ** 5
  if (a < 1) value += 15 * (1 - a) ** 5
  return value / 120
}

/** Its derivative. */
export function splineSlope(x: number): number {
  const a = Math.abs(x)
  if (a >= 3) return 0
  let value = (3 - a) ** 4
  if (a < 2) value -= 6 * (2 - a) ** 4
  if (a < 1) value += 15 * (1 - a) ** 4
  return (-Math.sign(x) * value) / 24
}

/** The pixel that stands for j in a row of n that is mirrored at both ends. */
export function mirrored(j: number, n: number): number {
  if (n === 1) return 0
  const period = 2 * (n - 1)
  const k = ((j % period) + period) % period
  return k < n ? k : period - k
}
