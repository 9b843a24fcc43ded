import type { RunOptions, Spectra } from '@astrolabel/spectra'
import type { Coefficients } from './coefficients.js'
import type { FitRegion } from './fit-labels.js'
import { fitLabels } from './fit-labels.js'
import type { PolynomialTerms } from './polynomial-terms.js'
import { prepareModel } from './quadratic-forms.js'

/** Scaled labels that move less than this between rounds are settled. */
const SETTLED = 0.01

/**
 * Fill in the missing labels of training stars: train on the complete stars, fit each incomplete star's missing labels
 * to its own spectrum with its known ones held, train on all, and again until they settle.
 *
 * Stars keep their known labels and their pixels, which dropping the rows would lose.
 *
 * @param scaled (n × L), NaN where missing; not changed.
 * @param fit Trains on scaled labels of the given rows (all when absent).
 * @returns Complete scaled labels and the rounds taken (0 when nothing was missing).
 */
export function imputeMissingLabels(
  spectra: Spectra,
  terms: PolynomialTerms,
  scaled: Float64Array,
  region: FitRegion,
  fit: (scaled: Float64Array, rows?: Int32Array) => Coefficients,
  options: RunOptions & { readonly imputations?: number },
): { complete: Float64Array; rounds: number } {
  const { nLabels } = terms
  const isComplete = (row: number): boolean => !scaled.subarray(row * nLabels, (row + 1) * nLabels).some(Number.isNaN)
  const rows = Int32Array.from({ length: spectra.n }, (_, i) => i)
  const full = rows.filter(isComplete)
  if (full.length === spectra.n) return { complete: scaled, rounds: 0 }
  // 0 is the mean of a scaled label: the best guess before any spectrum is looked at.
  const complete = scaled.map((value) => (Number.isNaN(value) ? 0 : value))
  const enough = full.length >= 2 * terms.terms.length
  const { flux, ivar, n, nPix } = spectra
  let rounds = 0
  for (let moved = Number.POSITIVE_INFINITY; moved > SETTLED && rounds < (options.imputations ?? 4); rounds++) {
    const coefficients = rounds === 0 && enough ? fit(complete, full) : fit(complete)
    moved = 0
    fitLabels(
      prepareModel({ nPix, nTerms: terms.terms.length, ...coefficients }),
      terms,
      region,
      { n, flux, ivar, noise: spectra.meta.noise, known: scaled },
      (star, { result }) => {
        if (result === undefined) return
        for (let l = 0; l < nLabels; l++) {
          const at = star * nLabels + l
          // Known labels are held by the fit and come back as they are.
          moved = Math.max(moved, Math.abs(result.params[l] - complete[at]))
          complete[at] = result.params[l]
        }
      },
      options,
    )
  }
  return { complete, rounds }
}
