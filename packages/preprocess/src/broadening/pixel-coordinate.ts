import { SPLINE_TAPS, mirrored, setSplineWeights, splineCoefficients, splineWeights } from './quintic-spline.js'

/** Where wavelengths lie in pixels of a grid: a smooth function, of which the derivative is known. */
export interface PixelCoordinate {
  /** Step in ln λ of a log grid; undefined for others. */
  readonly logStep: number | undefined
  /** Pixels from the first one on at λ Å. */
  readonly at: (lambda: number) => number
  /** Pixels an Å there. */
  readonly slope: (lambda: number, at: number) => number
}

/** Steps of Newton's method on a grid of neither kind; each doubles the digits. */
const NEWTON_STEPS = 4

/** How far from its place on a line a pixel may be, in pixels: more than rounding, less than matters. */
const STRAIGHT = 1e-6

/** The coordinate of a grid: in closed form when it is linear or logarithmic, by its own quintic spline otherwise. */
export function pixelCoordinate(wave: Float64Array): PixelCoordinate {
  const n = wave.length
  const [first, last] = [wave[0]!, wave[n - 1]!]
  const linear = n > 1 ? (last - first) / (n - 1) : 1
  if (wave.every((lambda, i) => Math.abs((lambda - first) / linear - i) < STRAIGHT))
    return { logStep: undefined, at: (lambda) => (lambda - first) / linear, slope: () => 1 / linear }
  const log = Math.log(last / first) / (n - 1)
  if (wave.every((lambda, i) => Math.abs(Math.log(lambda / first) / log - i) < STRAIGHT))
    return { logStep: log, at: (lambda) => Math.log(lambda / first) / log, slope: (lambda) => 1 / (lambda * log) }
  return listedCoordinate(wave)
}

/**
 * The spline of what a cubic with the values and slopes of the ends leaves of the wavelengths: that can be mirrored at
 * the ends without a bend.
 */
function listedCoordinate(wave: Float64Array): PixelCoordinate {
  const n = wave.length
  const last = n - 1
  const mean = (wave[last]! - wave[0]!) / last
  const excess = [endSlope((k) => wave[k]!, n) - mean, -endSlope((k) => wave[last - k]!, n) - mean] as const
  const cubic = (u: number): number => {
    const t = u / last
    return wave[0]! + u * mean + last * t * (1 - t) * (excess[0] * (1 - t) - excess[1] * t)
  }
  const cubicSlope = (u: number): number => {
    const t = u / last
    return mean + excess[0] * (1 - t) * (1 - 3 * t) - excess[1] * t * (2 - 3 * t)
  }
  const bend = splineCoefficients(wave.map((lambda, i) => lambda - cubic(i)))
  const weights = splineWeights()
  const sum = (u: number, which: 'values' | 'slopes'): number => {
    const k = Math.floor(u)
    setSplineWeights(weights, u - k)
    let total = 0
    for (let a = 0; a < SPLINE_TAPS; a++) total += bend[mirrored(k - 2 + a, n)]! * weights[which][a]!
    return total
  }
  const perPixel = (u: number): number => cubicSlope(u) + sum(u, 'slopes')
  return {
    logStep: undefined,
    at: (lambda) => {
      let u = (lambda - wave[0]!) / mean
      for (let turn = 0; turn < NEWTON_STEPS; turn++) u -= (cubic(u) + sum(u, 'values') - lambda) / perPixel(u)
      return u
    },
    slope: (_, at) => 1 / perPixel(at),
  }
}

/** dλ/du at pixel 0, from the first pixels by a difference of fourth order. */
function endSlope(wave: (k: number) => number, n: number): number {
  if (n < 5) return wave(1) - wave(0)
  return (-25 * wave(0) + 48 * wave(1) - 36 * wave(2) + 16 * wave(3) - 3 * wave(4)) / 12
}
