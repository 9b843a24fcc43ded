import { hullDistance } from './hull-distance.js'
import type { TailScale } from './tail-scale.js'
import { tailProbability } from './tail-scale.js'

/** Spreads from the hull that still count as on it. */
const ON_HULL = 0.02

/** What is known of stars before it can be said how unusual they are. */
export interface NoveltyStars {
  readonly n: number
  /** (n) χ² of the spectrum against its reconstruction from few components. See `reconstructSpectra`. */
  readonly chi2: Float64Array
  /** (n) good pixels less components. */
  readonly dof: Float64Array
  /** (n × width) position in the space of the components. */
  readonly scores: Float64Array
  readonly width: number
  /** (n × L) predicted labels, NaN where missing; absent where there are none. */
  readonly labels?: Float64Array
}

/** What stars like those of the training are like. */
export interface NoveltyScale {
  readonly neighbours: number
  readonly width: number
  /** (width) to unit spread. */
  readonly scoreScale: Float64Array
  /** (n × width) scaled scores of the training stars. */
  readonly scores: Float64Array
  readonly labelCount: number
  readonly labelScale: Float64Array
  /** (n × L) scaled labels of the training stars that have all. */
  readonly hull: Float64Array
  readonly residual: TailScale
  readonly latent: TailScale
  readonly labels: TailScale | null
  /** Of −2 Σ log p, since the three are not independent. */
  readonly combined: TailScale
}

/** One number of each kind that grows with how unusual a star is; NaN for the hull of a star without labels. */
export interface Measures {
  readonly residual: number
  readonly latent: number
  readonly hull: number
}

/** What measures of a star are taken against. */
export type NoveltyBase = Pick<
  NoveltyScale,
  'neighbours' | 'width' | 'scoreScale' | 'scores' | 'labelCount' | 'labelScale' | 'hull'
>

/** How unusual a star is, three times over. */
export function measure(base: NoveltyBase, stars: NoveltyStars, star: number): Measures {
  const { width, labelCount } = base
  const at = scaled(stars.scores.subarray(star * width, (star + 1) * width), base.scoreScale)
  const labels = stars.labels?.subarray(star * labelCount, (star + 1) * labelCount)
  const known = labelCount > 0 && labels !== undefined && labels.every(Number.isFinite)
  return {
    // The logarithm has a tail that an exponential fits.
    residual: Math.log(Math.max(1e-12, stars.chi2[star] / stars.dof[star])),
    latent: neighbourDistance(base.scores, width, at, base.neighbours),
    hull: known ? hullDistance(base.hull, labelCount, scaled(labels, base.labelScale), ON_HULL) : Number.NaN,
  }
}

/** What part of known stars has such measures or larger; 1 where there is none. */
export function probabilities(scale: Pick<NoveltyScale, 'residual' | 'latent' | 'labels'>, found: Measures): Measures {
  return {
    residual: tailProbability(scale.residual, found.residual),
    latent: tailProbability(scale.latent, found.latent),
    hull: scale.labels === null || Number.isNaN(found.hull) ? 1 : tailProbability(scale.labels, found.hull),
  }
}

/** Fisher's −2 Σ log p. */
export function fisher({ residual, latent, hull }: Measures): number {
  return -2 * (Math.log(residual) + Math.log(latent) + Math.log(hull))
}

/** Root mean square distance to the nearest training stars. */
function neighbourDistance(scores: Float64Array, width: number, at: Float64Array, neighbours: number): number {
  const nearest = new Float64Array(neighbours).fill(Number.POSITIVE_INFINITY)
  for (let start = 0; start < scores.length; start += width) {
    let square = 0
    for (let d = 0; d < width; d++) square += (scores[start + d] - at[d]) ** 2
    if (square >= nearest[neighbours - 1]) continue
    let slot = neighbours - 1
    while (slot > 0 && nearest[slot - 1] > square) nearest[slot] = nearest[--slot]
    nearest[slot] = square
  }
  return Math.sqrt(nearest.reduce((sum, square) => sum + square, 0) / neighbours)
}

/** 1 over the standard deviation of each column, 0 for a constant one. */
export function inverseSpreads(values: Float64Array, width: number): Float64Array {
  const n = values.length / width
  const out = new Float64Array(width)
  for (let c = 0; c < width; c++) {
    let mean = 0
    for (let i = 0; i < n; i++) mean += values[i * width + c] / n
    let square = 0
    for (let i = 0; i < n; i++) square += (values[i * width + c] - mean) ** 2 / n
    out[c] = square > 0 ? 1 / Math.sqrt(square) : 0
  }
  return out
}

/** Rows times a scale for each column. */
export function scaled(values: Float64Array, scale: Float64Array): Float64Array {
  return values.map((value, at) => value * scale[at % scale.length])
}

/** Rows that have all labels. */
export function completeRows(labels: Float64Array | undefined, width: number): Float64Array {
  if (labels === undefined || width === 0) return new Float64Array(0)
  const rows: number[] = []
  for (let start = 0; start < labels.length; start += width) {
    const row = labels.subarray(start, start + width)
    if (row.every(Number.isFinite)) rows.push(...row)
  }
  return Float64Array.from(rows)
}
