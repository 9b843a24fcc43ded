import type { PrincipalComponents } from '@astrolabel/models-classical'
import { principalComponents, project } from '@astrolabel/models-classical'
import type { Fittable, RunOptions, Spectra } from '@astrolabel/spectra'
import { requireTraining } from '@astrolabel/spectra'

/** Principal components of spectra, and what stands in for their bad pixels. */
export interface SpectralComponents {
  readonly components: PrincipalComponents
  /** (P) mean flux of the good pixels. */
  readonly fill: Float64Array
}

/**
 * Principal components of the flux of training spectra. A bad pixel is filled with the mean of its good ones, which says
 * nothing about the star.
 *
 * @param count At most this many; fewer where there are fewer stars or pixels.
 * @throws `split/test-part`, `split/two-parts`, `pca/count` for fewer than two stars.
 */
export function fitSpectralComponents(
  spectra: Fittable,
  count: number,
  options: RunOptions & { readonly seed?: number } = {},
): SpectralComponents {
  requireTraining(spectra, 'Principal components')
  const fill = pixelMeans(spectra)
  const most = Math.min(count, spectra.n - 1, spectra.nPix)
  return { components: principalComponents(filled(spectra, fill), spectra.n, spectra.nPix, most, options), fill }
}

/** Scores of spectra along the components, (n × count). */
export function spectralScores({ components, fill }: SpectralComponents, spectra: Spectra): Float32Array {
  return project(components, filled(spectra, fill), spectra.n)
}

function pixelMeans({ n, nPix, flux, ivar }: Spectra): Float64Array {
  const sum = new Float64Array(nPix)
  const good = new Float64Array(nPix)
  for (let i = 0; i < n; i++)
    for (let p = 0; p < nPix; p++) {
      if (!(ivar[i * nPix + p]! > 0)) continue
      sum[p]! += flux[i * nPix + p]!
      good[p]!++
    }
  return sum.map((total, p) => (good[p]! > 0 ? total / good[p]! : 0))
}

function filled({ n, nPix, flux, ivar }: Spectra, fill: Float64Array): Float32Array {
  const out = new Float32Array(n * nPix)
  for (let at = 0; at < out.length; at++) out[at] = ivar[at]! > 0 ? flux[at]! : fill[at % nPix]!
  return out
}
