import type { PixelWeights } from './pixel-weights.js'
import { WeightsBuilder } from './pixel-weights.js'

/**
 * Weights of a windowed sinc (Lanczos) in source pixels: sinc(x) sinc(x / lobes) for |x| < lobes, corrected so that
 * constants and ramps come out exactly (weights sum to 1, their first moment about the target is 0). Where the target is coarser than the source
 * the kernel is as much wider, against aliasing.
 *
 * A target pixel outside the centres of the first and last source pixel is marked partial and has no weights.
 *
 * @param wave (nIn) Å, ascending, at least two. @param waveOut (nOut) Å, ascending.
 * @param factor target wavelength λ is read at λ × factor. @param lobes of the kernel on each side.
 * Cost nIn + nOut × 2 lobes × the coarsening.
 */
export function lanczosWeights(wave: Float64Array, waveOut: Float64Array, factor: number, lobes: number): PixelWeights {
  const nIn = wave.length
  const nOut = waveOut.length
  const builder = new WeightsBuilder(nOut, 2 * lobes + 1)
  const places = pixelPlaces(wave, waveOut, factor)
  let kernel = new Float64Array(4 * lobes + 4)
  for (let j = 0; j < nOut; j++) {
    const place = places[j]!
    // A rounding of the wavelengths must not put the first or last pixel of a lattice outside.
    if (!(place >= -1e-9 && place <= nIn - 1 + 1e-9)) {
      builder.begin(0, true)
      continue
    }
    const stretch = Math.max(1, localStep(places, j))
    const reach = lobes * stretch
    const begin = Math.max(0, Math.ceil(place - reach))
    const end = Math.min(nIn - 1, Math.floor(place + reach))
    if (kernel.length <= end - begin) kernel = new Float64Array(2 * (end - begin + 1))
    let sum = 0
    let moment = 0
    for (let i = begin; i <= end; i++) {
      const w = lanczos((i - place) / stretch, lobes)
      kernel[i - begin] = w
      sum += w
      moment += w * (i - place)
    }
    // What the first moment is off goes from one of the two nearest pixels to the other: 0 on a pixel, small between.
    const left = Math.min(Math.max(Math.floor(place), 0), nIn - 2)
    builder.begin(begin, false)
    for (let i = begin; i <= end; i++) {
      const moved = i === left ? moment : i === left + 1 ? -moment : 0
      const weight = (kernel[i - begin]! + moved) / sum
      // The zeros of the kernel are rounded: a bad pixel there must not count as used.
      builder.push(Math.abs(weight) < 1e-12 ? 0 : weight)
    }
  }
  return builder.done()
}

function lanczos(x: number, lobes: number): number {
  const y = Math.abs(x)
  if (y < 1e-9) return 1
  if (y >= lobes) return 0
  const angle = Math.PI * y
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle)
}

/** Source pixels, with fractions, of the target wavelengths; NaN outside the source. */
function pixelPlaces(wave: Float64Array, waveOut: Float64Array, factor: number): Float64Array {
  const places = new Float64Array(waveOut.length)
  const last = wave.length - 1
  let i = 0
  for (let j = 0; j < places.length; j++) {
    const x = waveOut[j]! * factor
    while (i + 1 < last && wave[i + 1]! <= x) i++
    places[j] = i + (x - wave[i]!) / (wave[i + 1]! - wave[i]!)
  }
  return places
}

/** Steps of the target in source pixels. */
function localStep(places: Float64Array, j: number): number {
  const left = j > 0 ? places[j]! - places[j - 1]! : 0
  const right = j + 1 < places.length ? places[j + 1]! - places[j]! : left
  return Math.max(Math.min(left > 0 ? left : right, right), 0)
}
