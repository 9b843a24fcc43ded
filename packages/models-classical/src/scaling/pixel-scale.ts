import type { Fittable, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, requireTraining } from '@astrolabel/spectra'

/** Mean and standard deviation of each pixel over the training stars. */
export interface PixelScale {
  readonly mean: Float64Array
  /** 0 for a pixel that is bad in all stars or the same in all. */
  readonly deviation: Float64Array
}

/**
 * Mean and standard deviation (n in the denominator, as scikit-learn's) of each pixel, over the stars in which it is good.
 *
 * @throws `split/test-part` and `split/two-parts` for spectra that are not a training part.
 */
export function fitPixelScale(spectra: Fittable): PixelScale {
  const { flux, ivar, n, nPix } = requireTraining(spectra, 'A scale of pixels')
  const count = new Float64Array(nPix)
  const mean = new Float64Array(nPix)
  const squares = new Float64Array(nPix)
  for (let row = 0; row < n; row++) {
    for (let pixel = 0; pixel < nPix; pixel++) {
      const at = row * nPix + pixel
      if (!(ivar[at]! > 0)) continue
      // Welford's update: sums of squares lose digits where the mean is far from 0.
      const from = flux[at]! - mean[pixel]!
      mean[pixel]! += from / ++count[pixel]!
      squares[pixel]! += from * (flux[at]! - mean[pixel]!)
    }
  }
  const deviation = squares.map((square, pixel) => (count[pixel]! > 0 ? Math.sqrt(square / count[pixel]!) : 0))
  return { mean, deviation }
}

/**
 * Spectra as features of zero mean and unit variance, (n × nPix). A bad pixel becomes 0: the mean, which says nothing.
 *
 * @throws `scaling/pixels` when the spectra have another number of pixels.
 */
export function scalePixels({ mean, deviation }: PixelScale, { flux, ivar, n, nPix }: Spectra): Float32Array {
  if (nPix !== mean.length)
    throw new AstrolabelError('scaling/pixels', 'The spectra have another number of pixels than those of the scale', {
      got: nPix,
      expected: mean.length,
    })
  const out = new Float32Array(n * nPix)
  for (let row = 0; row < n; row++) {
    for (let pixel = 0; pixel < nPix; pixel++) {
      const at = row * nPix + pixel
      if (ivar[at]! > 0 && deviation[pixel]! > 0) out[at] = (flux[at]! - mean[pixel]!) / deviation[pixel]!
    }
  }
  return out
}
