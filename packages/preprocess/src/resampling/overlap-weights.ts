import type { PixelWeights } from './pixel-weights.js'
import { WeightsBuilder } from './pixel-weights.js'

/**
 * Weights that conserve flux: each target pixel is the mean flux density over its width, of source pixels that are
 * constant between their edges (Carnall 2017, SpectRes). Edges lie midway between centres; the end pixels are as wide
 * as their one step says.
 *
 * A target pixel of which a part lies beyond the source is the mean of the rest and marked partial.
 *
 * @param wave (nIn) Å, ascending, at least two. @param waveOut (nOut) Å, ascending, at least two.
 * @param factor target wavelength λ is read at λ × factor. Cost nIn + nOut + weights.
 */
export function overlapWeights(wave: Float64Array, waveOut: Float64Array, factor: number): PixelWeights {
  const edges = pixelEdges(wave)
  const targets = pixelEdges(waveOut)
  const last = wave.length
  // Edges on one lattice differ by rounding: that is neither an overlap nor a missing part.
  const rounding = 1e-9
  const builder = new WeightsBuilder(waveOut.length, 3)
  let first = 0
  for (let j = 0; j < waveOut.length; j++) {
    const low = targets[j]! * factor
    const high = targets[j + 1]! * factor
    const width = high - low
    const slack = rounding * width
    while (first < last && edges[first + 1]! <= low + slack) first++
    const partial = low < edges[0]! - slack || high > edges[last]! + slack
    builder.begin(Math.min(first, last - 1), partial)
    const inside = Math.min(high, edges[last]!) - Math.max(low, edges[0]!)
    for (let i = first; i < last && edges[i]! < high - slack; i++)
      builder.push((Math.min(high, edges[i + 1]!) - Math.max(low, edges[i]!)) / inside)
  }
  return builder.done()
}

/** Edges of pixels, (n + 1): midway between centres, the ends as far out as the next edge is in. */
function pixelEdges(wave: Float64Array): Float64Array {
  const n = wave.length
  const edges = new Float64Array(n + 1)
  for (let i = 1; i < n; i++) edges[i] = (wave[i - 1]! + wave[i]!) / 2
  edges[0] = wave[0]! - (edges[1]! - wave[0]!)
  edges[n] = wave[n - 1]! + (wave[n - 1]! - edges[n - 1]!)
  return edges
}
