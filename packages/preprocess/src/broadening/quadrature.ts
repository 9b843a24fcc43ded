import { gaussLegendre } from './gauss-legendre.js'
import { rotationProfile } from './profiles.js'

/** A symmetric velocity profile as points and weights: its mean of f is Σ weight f(v + scale × offset). */
export interface Quadrature {
  /** (K) in units of the profile's scale, ascending. */
  readonly offsets: Float64Array
  /** (K), sum 1. */
  readonly weights: Float64Array
}

/** Points a pixel: enough for splines, which are smooth from pixel to pixel. */
const POINTS_PER_PIXEL = 3
const FEWEST_POINTS = 24

/** σ to which a Gaussian is followed: what lies beyond, 1e-11, makes no step where the number of points changes. */
const GAUSSIAN_REACH = 6.8

/** Rotation, scale v sin i, for a v sin i of `width` pixels. */
export function rotationQuadrature(limbDarkening: number, width: number): Quadrature {
  const { place, density } = rotationProfile(limbDarkening)
  const { points, weights } = gaussLegendre(Math.max(FEWEST_POINTS, Math.ceil(2 * POINTS_PER_PIXEL * width)))
  const angles = points.map((x) => (x * Math.PI) / 2)
  return unitSum(
    angles.map(place),
    angles.map((phi, k) => weights[k]! * density(phi)),
  )
}

/**
 * Gaussian, scale σ, for a σ of `width` pixels, by the trapezoid rule, which is exact to 1e-10 at steps of 0.9 σ.
 */
export function gaussianQuadrature(width: number): Quadrature {
  if (width === 0) return { offsets: Float64Array.of(0), weights: Float64Array.of(1) }
  const k = Math.ceil(GAUSSIAN_REACH / Math.min(0.9, 0.5 / width))
  const offsets = Float64Array.from({ length: 2 * k + 1 }, (_, i) => ((i - k) / k) * GAUSSIAN_REACH)
  return unitSum(
    offsets,
    offsets.map((x) => Math.exp((-x * x) / 2)),
  )
}

function unitSum(offsets: Float64Array, weights: Float64Array): Quadrature {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return { offsets, weights: weights.map((weight) => weight / sum) }
}
