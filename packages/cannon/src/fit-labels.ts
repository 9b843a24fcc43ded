import { levenbergMarquardt } from '@astrolabel/inference'
import type { LmResult } from '@astrolabel/inference'
import type { RunOptions } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import type { PolynomialTerms } from './polynomial-terms.js'
import type { PreparedModel } from './quadratic-forms.js'
import { quadraticForms } from './quadratic-forms.js'
import { StarCost } from './star-cost.js'

/** Where and how far the fit may go, in scaled labels. */
export interface FitRegion {
  /** (A × L) points to try first. */
  readonly anchors: Float64Array
  /** (L) */
  readonly lower: Float64Array
  /** (L) */
  readonly upper: Float64Array
}

/** One star's fit, in scaled labels. */
export interface StarFit {
  /** Undefined when there is nothing to fit: fewer good pixels than labels plus two, or flux that is not a number. */
  readonly result: LmResult | undefined
  readonly goodPixels: number
}

/** Fits of this many stars share one matrix product. */
const BATCH = 128
/** Local fits a star: from the best anchors, as a cubic surface can have more than one valley. */
const STARTS = 3

/**
 * Fit the scaled labels of each star by Levenberg–Marquardt on its quadratic form, from the best of the anchors.
 *
 * @param flux (n × P) @param ivar (n × P), 0 = bad.
 * @param known Scaled labels (n × L) where a value holds that label fixed and NaN leaves it free; absent = all free.
 * @param take Receives each star's fit in order.
 * Cost: P T²/2 a star for the forms, then microseconds.
 */
export function fitLabels(
  model: PreparedModel,
  terms: PolynomialTerms,
  region: FitRegion,
  data: {
    readonly n: number
    readonly flux: Float32Array
    readonly ivar: Float32Array
    readonly noise: 'measured' | 'unknown'
    readonly known?: Float64Array
  },
  take: (star: number, fit: StarFit) => void,
  options: RunOptions = {},
): void {
  const nLabels = terms.nLabels
  const { n, flux, ivar, noise, known } = data
  const size = Math.min(BATCH, n) * model.nPix
  const workspace = { weights: new Float64Array(size), weighted: new Float64Array(size) }
  for (let start = 0; start < n; start += BATCH) {
    throwIfAborted(options)
    const end = Math.min(n, start + BATCH)
    const forms = quadraticForms(model, flux, ivar, noise, start, end, workspace)
    const cost = new StarCost(terms, forms)
    for (let star = start; star < end; star++) {
      const goodPixels = forms.goodPixels[star - start]
      const canFit = goodPixels >= nLabels + 2 && Number.isFinite(forms.constant[star - start])
      if (canFit) cost.select(star - start)
      take(star, {
        result: canFit
          ? fitStar(cost, region, nLabels, known?.subarray(star * nLabels, (star + 1) * nLabels))
          : undefined,
        goodPixels,
      })
    }
    options.onProgress?.(end, n)
  }
}

function fitStar(cost: StarCost, region: FitRegion, nLabels: number, known: Float64Array | undefined): LmResult {
  const fixed =
    known?.some((value) => !Number.isNaN(value)) === true
      ? Uint8Array.from(known, (value) => (Number.isNaN(value) ? 0 : 1))
      : undefined
  let best: LmResult | undefined
  for (const start of bestAnchors(cost, region, nLabels, known)) {
    const result = levenbergMarquardt(cost, start, {
      lower: region.lower,
      upper: region.upper,
      ...(fixed === undefined ? {} : { fixed }),
    })
    if (best === undefined || result.chi2 < best.chi2) best = result
  }
  return best!
}

/** The anchors of least χ², with the known labels put in. */
function bestAnchors(
  cost: StarCost,
  { anchors }: FitRegion,
  nLabels: number,
  known: Float64Array | undefined,
): Float64Array[] {
  const best: { x: Float64Array; chi2: number }[] = []
  const x = new Float64Array(nLabels)
  for (let a = 0; a < anchors.length; a += nLabels) {
    for (let l = 0; l < nLabels; l++) x[l] = known === undefined || Number.isNaN(known[l]) ? anchors[a + l] : known[l]
    const chi2 = cost.cost(x)
    if (best.length === STARTS && chi2 >= best[STARTS - 1].chi2) continue
    if (best.length === STARTS) best.pop()
    best.push({ x: x.slice(), chi2 })
    best.sort((left, right) => left.chi2 - right.chi2)
  }
  return best.map((entry) => entry.x)
}
