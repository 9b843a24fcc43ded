import type { Spectra } from '@astrolabel/spectra'
import { solveSymmetric } from '../linear/solve-symmetric.js'

/** What the components cannot say of spectra. */
export interface Reconstruction {
  /** (n × count) scores along the components, fitted to the good pixels. */
  readonly scores: Float64Array
  /** (n) Σ ivar (flux − reconstruction)². */
  readonly chi2: Float64Array
  /** (n) good pixels less components. */
  readonly dof: Float64Array
}

/**
 * Reconstruct spectra from principal components by least squares weighted by ivar, so that bad pixels have no say, and
 * tell by χ² what is left.
 *
 * @param components (count × P) and their mean (P), in flux. A star with no more good pixels than components has scores
 * of 0 and dof 0. Cost: n P count².
 */
export function reconstructSpectra(
  { n, nPix, flux, ivar }: Pick<Spectra, 'n' | 'nPix' | 'flux' | 'ivar'>,
  components: Float32Array | Float64Array,
  mean: Float64Array,
): Reconstruction {
  const count = components.length / nPix
  const scores = new Float64Array(n * count)
  const chi2 = new Float64Array(n)
  const dof = new Float64Array(n)
  const a = new Float64Array(count * count)
  const b = new Float64Array(count)
  for (let i = 0; i < n; i++) {
    a.fill(0)
    b.fill(0)
    let good = 0
    for (let p = 0; p < nPix; p++) {
      const weight = ivar[i * nPix + p]
      if (!(weight > 0)) continue
      good++
      const value = weight * (flux[i * nPix + p] - mean[p])
      for (let c = 0; c < count; c++) {
        const one = components[c * nPix + p]
        b[c] += value * one
        for (let d = 0; d <= c; d++) a[c * count + d] += weight * one * components[d * nPix + p]
      }
    }
    const found = good > count ? solveSymmetric(a, b) : undefined
    if (found === undefined) continue
    scores.set(found, i * count)
    dof[i] = good - count
    for (let p = 0; p < nPix; p++) {
      const weight = ivar[i * nPix + p]
      if (!(weight > 0)) continue
      let model = mean[p]
      for (let c = 0; c < count; c++) model += found[c] * components[c * nPix + p]
      chi2[i] += weight * (flux[i * nPix + p] - model) ** 2
    }
  }
  return { scores, chi2, dof }
}
