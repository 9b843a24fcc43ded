import type { Spectra } from '@astrolabel/spectra'

/** Spectra as features of a pipeline. */
export interface SpectraFeatures {
  /** (n × nPix) flux; NaN where a pixel is bad. */
  readonly x: Float32Array
  /** Inverse variances where they were measured. */
  readonly ivar: Float32Array | undefined
  /** (n) good pixels of each star. */
  readonly good: Int32Array
}

/** Flux as features: a pixel without a finite flux, or of ivar 0, becomes NaN, which the scale step fills. */
export function spectraFeatures({ flux, ivar, n, nPix, meta }: Spectra): SpectraFeatures {
  const x = new Float32Array(n * nPix)
  const good = new Int32Array(n)
  for (let row = 0; row < n; row++)
    for (let at = row * nPix; at < (row + 1) * nPix; at++) {
      const usable = ivar[at]! > 0 && Number.isFinite(flux[at]!)
      x[at] = usable ? flux[at]! : Number.NaN
      if (usable) good[row]!++
    }
  return { x, good, ivar: meta.noise === 'measured' ? ivar : undefined }
}
