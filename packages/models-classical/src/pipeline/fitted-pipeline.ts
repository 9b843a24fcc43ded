import { throwIfAborted } from '@astrolabel/spectra'
import type { RunOptions } from '@astrolabel/spectra'
import type { LabelStandard } from './label-standard.js'
import type { PipelineSpec } from './pipeline.js'
import type { Distances, FittedEstimator, FittedTransformer } from './step.js'
import type { Prediction } from './training-data.js'

/** Rows that are predicted together: what the steps make of more would not fit in memory. */
const BLOCK_ROWS = 1024

/** A pipeline whose steps have seen training rows. */
export class FittedPipeline {
  readonly spec: PipelineSpec
  readonly transformers: readonly FittedTransformer[]
  readonly estimator: FittedEstimator
  readonly standard: LabelStandard

  constructor(
    spec: PipelineSpec,
    transformers: readonly FittedTransformer[],
    estimator: FittedEstimator,
    standard: LabelStandard,
  ) {
    this.spec = spec
    this.transformers = transformers
    this.estimator = estimator
    this.standard = { mean: standard.mean, deviation: standard.deviation }
  }

  /** Labels of rows with errors, in the units of the training labels. @param x (n × width), NaN where a pixel is bad. */
  predict(x: Float32Array, n: number, options: RunOptions & { readonly errors?: boolean } = {}): Prediction {
    const { mean, deviation } = this.standard
    const labels = mean.length
    const values = new Float64Array(n * labels)
    const errors = new Float64Array(n * labels)
    const width = x.length / Math.max(n, 1)
    for (let start = 0; start < n; start += BLOCK_ROWS) {
      throwIfAborted(options)
      const end = Math.min(n, start + BLOCK_ROWS)
      const rows = this.transform(x.subarray(start * width, end * width), end - start)
      const part = this.estimator.predict(rows, end - start, { signal: options.signal, errors: options.errors ?? true })
      for (let i = 0; i < part.values.length; i++) {
        values[start * labels + i] = part.values[i]! * deviation[i % labels]! + mean[i % labels]!
        errors[start * labels + i] = part.errors[i]! * deviation[i % labels]!
      }
      options.onProgress?.(end, n)
    }
    return { values, errors }
  }

  /** What the estimator is given of rows. */
  transform(x: Float32Array, n: number): Float32Array {
    return this.transformers.reduce((rows, transformer) => transformer.transform(rows, n), x)
  }

  /** How unlike the training rows some rows are, by the first step that can tell; undefined when none can. */
  distances(x: Float32Array, n: number): (Distances & { readonly slope: Float64Array | undefined }) | undefined {
    let rows = x
    let slope: Float64Array | undefined
    for (const [i, transformer] of this.transformers.entries()) {
      const next = transformer.transform(rows, n)
      if (transformer.distances !== undefined) return { ...transformer.distances(rows, n, next), slope }
      slope = i === 0 ? transformer.slope : undefined
      rows = next
    }
    return undefined
  }

  /**
   * What the estimator does in words, a text for each label; undefined when it cannot tell.
   *
   * @param feature What a feature that the first step takes is called. @param value A label as it is shown.
   */
  describe(
    feature: (feature: number) => string,
    value: (label: number, value: number) => number,
  ): string[] | undefined {
    const back = this.transformers.toReversed()
    // Past a step that mixes features they have no name of their own.
    const own = back.every((step) => step.before !== undefined)
    return this.estimator.describe?.({
      feature: (index, asked) => ({
        name: own ? feature(index) : `feature ${index + 1} of ${this.spec.steps.at(-2)}`,
        value: own ? back.reduce((now, step) => step.before!(index, now), asked) : asked,
      }),
      value: (l, now) => value(l, now * this.standard.deviation[l]! + this.standard.mean[l]!),
    })
  }

  /** Importance of each feature that the first step takes; undefined when the estimator or a step cannot tell. */
  importance(): Float64Array | undefined {
    let importance = this.estimator.importance?.()
    for (const transformer of this.transformers.toReversed()) {
      if (importance === undefined || transformer.spread === undefined) return undefined
      importance = transformer.spread(importance)
    }
    return importance
  }
}
