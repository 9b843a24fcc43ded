import type { FittedPipeline } from '../pipeline/fitted-pipeline.js'
import type { SpectraFeatures } from './spectra-features.js'

/** Beyond which distances a spectrum is unlike those of training. */
export interface NoveltyLimits {
  readonly residual: number
  readonly latent: number
}

interface NoveltyDistances {
  /** (n) mean square that the components leave of a row, less what its noise explains. */
  readonly residual: Float64Array
  readonly latent: Float64Array
}

/**
 * How unlike the training spectra some spectra are, 1 at the limit: the larger of what the components leave of a
 * spectrum beyond its noise, and its distance among the components, each by its limit. Undefined where no step can tell.
 */
export function noveltyOf(
  pipeline: FittedPipeline,
  limits: NoveltyLimits | undefined,
  features: SpectraFeatures,
  n: number,
): Float64Array | undefined {
  const distances = measure(pipeline, features, n, false)
  if (distances === undefined || limits === undefined) return undefined
  return distances.residual.map((residual, row) =>
    Math.max(residual / limits.residual, distances.latent[row]! / limits.latent),
  )
}

/**
 * The limits that the training spectra themselves hardly reach: their 99th percentile and twice its distance from the
 * median beyond it, of distances as they would be had the star not been in the fit.
 */
export function noveltyLimits(
  pipeline: FittedPipeline,
  features: SpectraFeatures,
  n: number,
): NoveltyLimits | undefined {
  const distances = measure(pipeline, features, n, true)
  if (distances === undefined) return undefined
  return { residual: limit(distances.residual), latent: limit(distances.latent) }
}

function limit(values: Float64Array): number {
  const sorted = values.slice().sort()
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!
  return Math.max(at(0.99) + 2 * (at(0.99) - at(0.5)), Number.MIN_VALUE)
}

/** @param own Whether these are the training rows: their own weight in the fit (leverage h) is then taken out, (1 − h)². */
function measure(
  pipeline: FittedPipeline,
  { x, ivar }: SpectraFeatures,
  n: number,
  own: boolean,
): NoveltyDistances | undefined {
  const found = pipeline.distances(x, n)
  if (found === undefined) return undefined
  const { residual, latent, leverage, slope } = found
  const width = x.length / Math.max(n, 1)
  const out = { residual: new Float64Array(n), latent: new Float64Array(n) }
  for (let row = 0; row < n; row++) {
    let noise = 0
    if (ivar !== undefined && slope !== undefined)
      for (let i = 0; i < width; i++) {
        const at = row * width + i
        if (!Number.isNaN(x[at]!)) noise += slope[i]! ** 2 / ivar[at]!
      }
    // A row that the fit rests on alone tells nothing of others like it: its own weight is held below 0.9.
    const left = own ? (1 - Math.min(leverage[row]!, 0.9)) ** 2 : 1
    out.residual[row] = residual[row]! / left - noise / width
    out.latent[row] = latent[row]! / left
  }
  return out
}
