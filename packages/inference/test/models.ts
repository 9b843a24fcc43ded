import type { ResidualModel } from '@astrolabel/inference'

/** A model of one variable: its value and the derivatives by its parameters. */
export interface Curve {
  readonly nParams: number
  value(p: Float64Array, x: number): number
  slopes(p: Float64Array, x: number): readonly number[]
}

/** p0 exp(-p1 x) + p2 */
export const decay: Curve = {
  nParams: 3,
  value: (p, x) => p[0]! * Math.exp(-p[1]! * x) + p[2]!,
  slopes: (p, x) => [Math.exp(-p[1]! * x), -p[0]! * x * Math.exp(-p[1]! * x), 1],
}

/** A Gaussian absorption line on a sloping continuum: depth, centre, width, level, slope. */
export const line: Curve = {
  nParams: 5,
  value: (p, x) => p[3]! + p[4]! * x - p[0]! * Math.exp(-0.5 * ((x - p[1]!) / p[2]!) ** 2),
  slopes: (p, x) => {
    const u = (x - p[1]!) / p[2]!
    const e = Math.exp(-0.5 * u * u)
    return [-e, (-p[0]! * e * u) / p[2]!, (-p[0]! * e * u * u) / p[2]!, 1, x]
  },
}

/** p0 + p1 x + p2 x^2 + ... */
export function polynomial(nParams: number): Curve {
  return {
    nParams,
    value: (p, x) => p.reduce((sum, coefficient, k) => sum + coefficient * x ** k, 0),
    slopes: (_, x) => Array.from({ length: nParams }, (__, k) => x ** k),
  }
}

/** A curve against data. */
export function residual(curve: Curve, x: Float64Array, y: Float64Array, ivar: Float64Array): ResidualModel {
  const { nParams } = curve
  return {
    nData: x.length,
    nParams,
    y,
    ivar,
    model: (p, out) => {
      for (const [i, xi] of x.entries()) out[i] = curve.value(p, xi)
    },
    jacobian: (p, out) => {
      for (const [i, xi] of x.entries()) out.set(curve.slopes(p, xi), i * nParams)
    },
  }
}

/** n points from `from` to `to`, both included. */
export function linspace(from: number, to: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1))
}

/** Standard normal deviates from a seed (mulberry32 and Box-Muller). */
export function normals(seed: number): () => number {
  let state = seed
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
