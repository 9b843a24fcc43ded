import type { PixelWeights } from './pixel-weights.js'
import { WeightsBuilder } from './pixel-weights.js'

/**
 * Weights of linear interpolation, what the kernel of `resampleRows` does by itself; a target pixel outside the source
 * has none. For what is asked of a resampling other than its result.
 *
 * @param wave (nIn) Å, ascending, at least two. @param waveOut (nOut) Å, ascending. @param factor as in resampleRows.
 */
export function linearWeights(wave: Float64Array, waveOut: Float64Array, factor: number): PixelWeights {
  const last = wave.length - 1
  const builder = new WeightsBuilder(waveOut.length, 2)
  let i = 0
  for (const target of waveOut) {
    const x = target * factor
    while (i + 1 < last && wave[i + 1]! <= x) i++
    const outside = x < wave[0]! || x > wave[last]!
    builder.begin(i, outside)
    if (outside) continue
    const right = (x - wave[i]!) / (wave[i + 1]! - wave[i]!)
    builder.push(1 - right)
    builder.push(right)
  }
  return builder.done()
}
