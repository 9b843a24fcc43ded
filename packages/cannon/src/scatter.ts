import type { TrainingMatrices } from './coefficients.js'

/** Safeguarded Newton needs four to eight steps; this many means that rounding keeps it from settling. */
const MAX_STEPS = 40

/**
 * Intrinsic variance of the pixels of a block by restricted maximum likelihood, for the residuals of a model: the root
 * of Σ [ r² n/(n-T) / (σ² + s²)² - 1 / (σ² + s²) ], or 0 when the residuals are no larger than the errors. The factor
 * n/(n-T) gives back the degrees of freedom that fitting the coefficients took. With noise `unknown`, Σ r² / (n-T).
 *
 * @param model (n × width) model flux. @param scatter2 (width) is changed in place.
 * @returns The largest change of any pixel's s, as a part of its total error.
 */
export function scatterByLikelihood(
  data: TrainingMatrices,
  nTerms: number,
  model: Float64Array,
  start: number,
  usable: Uint8Array,
  scatter2: Float64Array,
): number {
  const { n, nPix, flux, ivar, noise } = data
  const width = usable.length
  // Pixel by pixel, as the root search walks over the stars of one pixel again and again.
  const r2 = new Float64Array(width * n)
  const variance = new Float64Array(width * n)
  const good = new Uint32Array(width)
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0, source = i * nPix + start; j < width; j++, at++, source++) {
      const v = ivar[source]
      if (!(v > 0)) continue
      const r = flux[source] - model[at]
      const slot = j * n + good[j]++
      r2[slot] = r * r
      variance[slot] = 1 / v
    }
  }
  let largest = 0
  for (let j = 0; j < width; j++) {
    if (usable[j] === 0) continue
    const residuals = r2.subarray(j * n, j * n + good[j])
    const errors = variance.subarray(j * n, j * n + good[j])
    const freedom = good[j] / (good[j] - nTerms)
    const before = scatter2[j]
    const meanR2 = (freedom * sum(residuals)) / good[j]
    const meanVariance = sum(errors) / good[j]
    scatter2[j] =
      noise === 'unknown'
        ? meanR2
        : likelihoodRoot(
            residuals,
            errors,
            freedom,
            before > 0 ? before : Math.max(meanR2 - meanVariance, 0.01 * meanVariance),
          )
    largest = Math.max(
      largest,
      Math.abs(Math.sqrt(scatter2[j]) - Math.sqrt(before)) / Math.sqrt(scatter2[j] + meanVariance),
    )
  }
  return largest
}

/**
 * Intrinsic variance as the mean of r² - σ² over the good stars, at least 0: one pass, for comparison with codes that
 * do it so. (With noise `unknown` it is the mean of r².)
 */
export function scatterByMoments(
  data: TrainingMatrices,
  model: Float64Array,
  start: number,
  usable: Uint8Array,
  scatter2: Float64Array,
): void {
  const { n, nPix, flux, ivar, noise } = data
  const width = usable.length
  const ownVariance = noise === 'measured' ? 1 : 0
  const total = new Float64Array(width)
  const good = new Uint32Array(width)
  for (let i = 0; i < n; i++) {
    const row = i * width
    const source = i * nPix + start
    for (let j = 0; j < width; j++) {
      const v = ivar[source + j]
      if (!(v > 0)) continue
      const r = flux[source + j] - model[row + j]
      total[j] += r * r - ownVariance / v
      good[j]++
    }
  }
  for (let j = 0; j < width; j++) scatter2[j] = usable[j] === 0 ? 0 : Math.max(0, total[j] / good[j])
}

/** Root by Newton's steps in s², kept inside a bracket: the slope is positive below the root, negative above it. */
function likelihoodRoot(r2: Float64Array, variance: Float64Array, freedom: number, guess: number): number {
  if (slopeAt(r2, variance, freedom, 0)[0] <= 0) return 0
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let s2 = guess
  for (let step = 0; step < MAX_STEPS; step++) {
    const [slope, change] = slopeAt(r2, variance, freedom, s2)
    if (slope > 0) low = s2
    else high = s2
    const newton = s2 - slope / change
    // Above the bend of the slope Newton points outward; there the bracket is halved (or doubled while it is open).
    const next =
      change < 0 && newton > low && newton < high ? newton : Number.isFinite(high) ? (low + high) / 2 : 4 * s2
    if (Math.abs(next - s2) <= 1e-6 * next) return next
    s2 = next
  }
  return s2
}

/** The slope of the log-likelihood by s², times two, and its own derivative. */
function slopeAt(r2: Float64Array, variance: Float64Array, freedom: number, s2: number): [number, number] {
  let slope = 0
  let change = 0
  for (let i = 0; i < r2.length; i++) {
    const inverse = 1 / (variance[i] + s2)
    const pull = freedom * r2[i] * inverse
    slope += (pull - 1) * inverse
    change += (1 - 2 * pull) * inverse * inverse
  }
  return [slope, change]
}

function sum(values: Float64Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}
