import type { BandKernel } from './band-kernel.js'
import { KernelBuilder, continuedWave } from './band-kernel.js'
import { ProfileRows, pixelSteps, rowsAlike } from './profile-kernel.js'
import { GAUSSIAN_REACH, gaussianProfile } from './profiles.js'

/** σ in pixels from which values at the pixels give the integral of a Gaussian, to 1e-5. */
const SAMPLED_FROM = 0.8

/**
 * The operator that broadens by a Gaussian whose σ may differ from pixel to pixel. Wide ones are sampled at the pixels,
 * each weighted with its width, narrow ones integrated over the interpolated spectrum.
 *
 * @param wave (nPix) Å, ascending, without gaps.
 * @param sigma (nPix) Å; 0 leaves a pixel as it is, NaN takes from no pixel, so that the result is bad.
 * Cost: pixels × σ in pixels × 10.
 */
export function gaussianKernel(wave: Float64Array, sigma: Float64Array): BandKernel {
  const n = wave.length
  const steps = pixelSteps(wave)
  let reach = 0
  for (let i = 0; i < n; i++) if (sigma[i]! > 0) reach = Math.max(reach, (GAUSSIAN_REACH * sigma[i]!) / steps[i]!)
  const margin = Math.ceil(1.5 * reach) + 2
  const all = continuedWave(wave, margin)
  const row = new Float64Array(all.length)
  const builder = new KernelBuilder(n, Math.min(64, 2 * Math.ceil(reach) + 1))
  const narrow = new ProfileRows(
    wave,
    sigma.map((s, i) => (s / steps[i]! < SAMPLED_FROM ? s : 0)),
    gaussianProfile,
  )
  const add = (i: number): void => {
    const s = sigma[i]!
    if (Number.isNaN(s)) {
      builder.add(i, i, 0, row)
      return
    }
    if (s / steps[i]! < SAMPLED_FROM) {
      narrow.addTo(builder, i)
      return
    }
    const centre = i + margin
    let first = centre
    let last = centre
    while (first > 1 && all[centre]! - all[first - 1]! <= GAUSSIAN_REACH * s) first--
    while (last < all.length - 2 && all[last + 1]! - all[centre]! <= GAUSSIAN_REACH * s) last++
    for (let j = first; j <= last; j++) {
      const x = (all[j]! - all[centre]!) / s
      row[j - first] = Math.exp((-x * x) / 2) * (all[j + 1]! - all[j - 1]!)
    }
    builder.add(i, first - margin, last - first + 1, row)
  }
  if (rowsAlike(wave, sigma)) {
    const middle = n >> 1
    add(middle)
    for (let i = 0; i < n; i++) if (i !== middle) builder.repeat(i, middle)
  } else for (let i = 0; i < n; i++) add(i)
  return builder.done()
}
