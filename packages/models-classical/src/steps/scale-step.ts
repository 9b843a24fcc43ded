import { AstrolabelError, modelArrayOf } from '@astrolabel/spectra'
import type { FittedTransformer, Transformer } from '../pipeline/step.js'
import type { TrainingData } from '../pipeline/training-data.js'

/** Each pixel with its training mean taken off and divided by its spread, bad pixels filled. */
export const scaleStep: Transformer = {
  role: 'transformer',
  kind: 'scale',
  summary: 'pixels less their mean over the training stars, in units of their spread; bad ones filled',
  parameters: [
    {
      name: 'unit',
      kind: 'word',
      words: ['deviation', 'signal', 'none'],
      default: 'deviation',
      help: 'What a pixel is divided by: its standard deviation; the same, times the part of it that is not noise (needs errors of the pixels); nothing.',
    },
    {
      name: 'gap',
      kind: 'integer',
      default: 8,
      min: 0,
      help: 'Up to so many bad pixels in a row are filled by a straight line; those of longer gaps become the training mean, which says nothing.',
    },
  ],
  fit: (data, { unit, gap }) => new FittedScale({ ...measure(data, unit as string), gap: gap as number }),
  load: ({ facts, arrays }) => {
    const { width, gap } = facts as { width: number; gap: number }
    return new FittedScale({
      mean: modelArrayOf('f64', { arrays }, 'mean', width),
      slope: modelArrayOf('f64', { arrays }, 'slope', width),
      gap,
    })
  },
}

interface Scale {
  /** (width) */
  readonly mean: Float64Array
  /** (width) factor after the mean is taken off; 0 for a pixel that is bad in all stars or the same in all. */
  readonly slope: Float64Array
  readonly gap: number
}

/** Mean and factor of each pixel over the rows in which it is good. */
function measure({ x, n, width, ivar }: TrainingData, unit: string): { mean: Float64Array; slope: Float64Array } {
  if (unit === 'signal' && ivar === undefined)
    throw new AstrolabelError('scale/no-errors', 'The unit signal needs spectra with errors', {
      got: 'spectra without',
      remedy: 'Set scale.unit to deviation',
    })
  const count = new Float64Array(width)
  const mean = new Float64Array(width)
  for (let at = 0, row = 0; row < n; row++)
    for (let pixel = 0; pixel < width; pixel++, at++) {
      const value = x[at]!
      if (Number.isNaN(value)) continue
      mean[pixel]! += value
      count[pixel]!++
    }
  for (let pixel = 0; pixel < width; pixel++) if (count[pixel]! > 0) mean[pixel]! /= count[pixel]!
  const squares = new Float64Array(width)
  const noise = new Float64Array(width)
  for (let at = 0, row = 0; row < n; row++)
    for (let pixel = 0; pixel < width; pixel++, at++) {
      const from = x[at]! - mean[pixel]!
      if (Number.isNaN(from)) continue
      squares[pixel]! += from * from
      if (ivar !== undefined) noise[pixel]! += 1 / ivar[at]!
    }
  const slope = squares.map((square, pixel) => {
    // A pixel that hardly differs between stars by more than rounding says nothing.
    if (!(square > 1e-12 * count[pixel]! * Math.max(mean[pixel]! ** 2, Number.MIN_VALUE))) return 0
    if (unit === 'none') return 1
    const signal = unit === 'signal' ? Math.max(0, 1 - noise[pixel]! / square) : 1
    return Math.sqrt(signal / (square / count[pixel]!))
  })
  return { mean, slope }
}

class FittedScale implements FittedTransformer {
  readonly width: number
  readonly slope: Float64Array
  readonly #mean: Float64Array
  readonly #gap: number

  constructor({ mean, slope, gap }: Scale) {
    this.width = mean.length
    this.slope = slope
    this.#mean = mean
    this.#gap = gap
  }

  transform(x: Float32Array, n: number): Float32Array {
    const { width, slope } = this
    if (x.length !== n * width)
      throw new AstrolabelError('scale/width', 'The rows have another number of pixels than those of the scale', {
        got: x.length / Math.max(n, 1),
        expected: width,
      })
    const mean = this.#mean
    const out = new Float32Array(x.length)
    for (let row = 0; row < n; row++) {
      const start = row * width
      let good = -1
      for (let pixel = 0; pixel < width; pixel++) {
        const value = (x[start + pixel]! - mean[pixel]!) * slope[pixel]!
        if (Number.isNaN(value)) continue
        out[start + pixel] = value
        if (pixel - good > 1) this.#bridge(out, start, good, pixel)
        good = pixel
      }
    }
    return out
  }

  /** Fill what lies between two good pixels, in units of the scale: across a slope of the spectrum that is no kink. */
  #bridge(out: Float32Array, start: number, from: number, to: number): void {
    if (from < 0 || to - from - 1 > this.#gap) return
    const [first, last] = [out[start + from]!, out[start + to]!]
    for (let pixel = from + 1; pixel < to; pixel++)
      if (this.slope[pixel] !== 0) out[start + pixel] = first + ((last - first) * (pixel - from)) / (to - from)
  }

  toPart(): ReturnType<FittedTransformer['toPart']> {
    return {
      facts: { width: this.width, gap: this.#gap },
      arrays: new Map([
        ['mean', { shape: [this.width], values: this.#mean }],
        ['slope', { shape: [this.width], values: this.slope }],
      ]),
    }
  }

  before(feature: number, value: number): number {
    return this.#mean[feature]! + (this.slope[feature] === 0 ? 0 : value / this.slope[feature]!)
  }

  spread(importance: Float64Array): Float64Array {
    return importance
  }
}
