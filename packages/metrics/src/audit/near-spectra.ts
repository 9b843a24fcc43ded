import type { RandomStream, RunOptions, Spectra } from '@astrolabel/spectra'
import { throwIfAborted } from '@astrolabel/spectra'
import { principalMap } from '../embedding/principal-map.js'
import { scaledMadInPlace } from '../order-statistics.js'

/** Two rows whose noise is the same. */
export interface NearSpectrum {
  readonly test: number
  readonly train: number
  /** Correlation of what is left of the two spectra when what all stars have in common is taken off. */
  readonly correlation: number
}

/** Pixels that are compared: with so many, noise that has nothing to do with another correlates by 0.03. */
const PIXELS = 1024
/** Components that stars have in common, and how many stars it takes to know one without learning their noise. */
const COMPONENTS = 12
const STARS_PER_COMPONENT = 12
/** Least correlation that counts, and how many widths of all others it must stand out. */
const LEAST = 0.4
const WIDTHS = 7

/**
 * For each test row the training row whose residual is most like its own, where it is too much so to be chance: the same
 * observation under another name, or a copy with little noise added. Residuals are from the principal components of all
 * rows, in units of each pixel's error: physics goes, noise stays.
 *
 * @param spectra Normalised. Cost: (test × train) × 1024, and the components.
 */
export function nearSpectra(
  spectra: Spectra,
  train: ArrayLike<number>,
  test: ArrayLike<number>,
  random: RandomStream,
  options: RunOptions = {},
): NearSpectrum[] {
  if (train.length === 0 || test.length === 0) return []
  const { residuals, width } = whitenedResiduals(spectra, random)
  const best = new Float64Array(test.length).fill(-1)
  const bestRow = new Int32Array(test.length).fill(-1)
  const all: number[] = []
  // The width of chance correlations is known from a few thousand pairs.
  const every = Math.max(1, Math.floor((train.length * test.length) / 20000))
  let pair = 0
  for (let t = 0; t < test.length; t++) {
    throwIfAborted(options)
    const a = test[t] * width
    for (let s = 0; s < train.length; s++) {
      const b = train[s] * width
      let sum = 0
      for (let p = 0; p < width; p++) sum += residuals[a + p] * residuals[b + p]
      if (sum > best[t]) {
        best[t] = sum
        bestRow[t] = train[s]
      }
      if (pair++ % every === 0) all.push(Math.atanh(Math.max(-0.999, Math.min(0.999, sum))))
    }
    options.onProgress?.(t + 1, test.length)
  }
  // Fisher's transformation makes the widths mean the same for few pixels as for many.
  const limit = Math.max(LEAST, Math.tanh(WIDTHS * scaledMadInPlace(Float64Array.from(all))))
  const found: NearSpectrum[] = []
  for (let t = 0; t < test.length; t++)
    if (best[t] >= limit) found.push({ test: test[t], train: bestRow[t], correlation: best[t] })
  return found
}

/** Rows of unit length, (n × width), so that their products are correlations; 0 at bad pixels. */
function whitenedResiduals(
  { n, nPix, flux, ivar }: Spectra,
  random: RandomStream,
): { residuals: Float32Array; width: number } {
  const width = Math.min(PIXELS, nPix)
  const pixels = random.permutation(nPix).subarray(0, width).sort()
  const x = new Float64Array(n * width)
  for (let p = 0; p < width; p++) {
    let sum = 0
    let good = 0
    for (let i = 0; i < n; i++) {
      const at = i * nPix + pixels[p]
      if (!(ivar[at] > 0)) continue
      sum += flux[at]
      good++
    }
    const mean = good > 0 ? sum / good : 0
    for (let i = 0; i < n; i++) {
      const at = i * nPix + pixels[p]
      x[i * width + p] = ivar[at] > 0 ? flux[at] - mean : 0
    }
  }
  const count = Math.min(COMPONENTS, Math.floor(n / STARS_PER_COMPONENT), width)
  if (count > 0) {
    const { scores, axes, mean } = principalMap({ n, width, values: x }, count)
    for (let i = 0; i < n; i++)
      for (let p = 0; p < width; p++) {
        let common = mean[p]
        for (let c = 0; c < count; c++) common += scores[i * count + c] * axes[c * width + p]
        x[i * width + p] -= common
      }
  }
  const residuals = new Float32Array(n * width)
  for (let i = 0; i < n; i++) {
    let square = 0
    for (let p = 0; p < width; p++) {
      const value = x[i * width + p] * Math.sqrt(Math.max(0, ivar[i * nPix + pixels[p]]))
      residuals[i * width + p] = value
      square += value * value
    }
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let p = 0; p < width; p++) residuals[i * width + p] *= scale
  }
  return { residuals, width }
}
