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
 * @param values (n)
 * @returns (n)
 */
export function splineCoefficients(values: Float64Array): Float64Array {
  const n = values.length
  const c = values.slice()
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

/** Weights of the six coefficients around a point, and their derivatives by its place. */
export interface SplineWeights {
  /** (6) of coefficients floor(u) − 2 … floor(u) + 3. */
  readonly values: Float64Array
  readonly slopes: Float64Array
}

/** Room for the weights of a point. */
export function splineWeights(): SplineWeights {
  return { values: new Float64Array(SPLINE_TAPS), slopes: new Float64Array(SPLINE_TAPS) }
}

/**
 * The quintic B-spline at a point, from its pieces (3 − |x|)⁵ − 6 (2 − |x|)⁵ + 15 (1 − |x|)⁵, each where it is positive,
 * over 120.
 *
 * @param t the part of the point's place u behind the point: u − floor(u).
 */
export function setSplineWeights({ values, slopes }: SplineWeights, t: number): void {
  const b = 1 - t
  // On the left and on the right of the point, at growing distance.
  const [b1, b2, b3] = [b, b + 1, b + 2]
  const [t1, t2, t3] = [t, t + 1, t + 2]
  const [b14, b24, b34] = [fourth(b1), fourth(b2), fourth(b3)]
  const [t14, t24, t34] = [fourth(t1), fourth(t2), fourth(t3)]
  values[0] = (b1 * b14) / 120
  values[1] = (b2 * b24 - 6 * b1 * b14) / 120
  values[2] = (b3 * b34 - 6 * b2 * b24 + 15 * b1 * b14) / 120
  values[3] = (t3 * t34 - 6 * t2 * t24 + 15 * t1 * t14) / 120
  values[4] = (t2 * t24 - 6 * t1 * t14) / 120
  values[5] = (t1 * t14) / 120
  slopes[0] = -b14 / 24
  slopes[1] = (6 * b14 - b24) / 24
  slopes[2] = (6 * b24 - b34 - 15 * b14) / 24
  slopes[3] = (t34 - 6 * t24 + 15 * t14) / 24
  slopes[4] = (t24 - 6 * t14) / 24
  slopes[5] = t14 / 24
}

function fourth(x: number): number {
  const square = x * x
  return square * square
}

/** The pixel that stands for j in a row of n that is mirrored at both ends. */
export function mirrored(j: number, n: number): number {
  if (n === 1) return 0
  const period = 2 * (n - 1)
  const k = ((j % period) + period) % period
  return k < n ? k : period - k
}
