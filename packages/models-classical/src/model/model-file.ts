import type { LabelInfo, LabelTransform, ModelArray, ModelSource, WavelengthGrid } from '@astrolabel/spectra'
import { decodeModelFile, encodeModelFile, modelArray } from '@astrolabel/spectra'
import { FittedPipeline } from '../pipeline/fitted-pipeline.js'
import type { PipelineSpec } from '../pipeline/pipeline.js'
import type { StepPart } from '../pipeline/step.js'
import { estimatorOf, transformerOf } from '../steps/registry.js'
import type { ClassicalParts } from './classical-model.js'
import type { NoveltyLimits } from './novelty.js'

const FORMAT_VERSION = 1

interface ClassicalDescription {
  readonly labels: readonly LabelInfo[]
  readonly transforms: readonly LabelTransform[]
  readonly wavelength: WavelengthGrid
  readonly pipeline: PipelineSpec
  /** Facts of each step. */
  readonly steps: readonly Readonly<Record<string, unknown>>[]
  readonly novelty: NoveltyLimits | null
  readonly source: ModelSource
  readonly training: Readonly<Record<string, unknown>>
}

/** A classical model as one Arrow IPC file. Matrices of step i are called `i/name`. */
export function encodeClassical(parts: ClassicalParts): Uint8Array {
  const { kind, labels, transforms, wavelength, pipeline, errorScales, lower, upper, novelty, source, training } = parts
  const steps = [...pipeline.transformers, pipeline.estimator].map((step) => step.toPart())
  const description: ClassicalDescription = {
    labels,
    transforms,
    wavelength,
    pipeline: pipeline.spec,
    steps: steps.map((step) => step.facts),
    novelty: novelty ?? null,
    source,
    training,
  }
  const shape = [labels.length]
  const arrays = new Map<string, ModelArray>([
    ['label_mean', { shape, values: pipeline.standard.mean }],
    ['label_deviation', { shape, values: pipeline.standard.deviation }],
    ['error_factor', { shape, values: Float64Array.from(errorScales, ({ factor }) => factor) }],
    ['error_constant', { shape, values: Float64Array.from(errorScales, ({ constant }) => constant) }],
    ['lower', { shape, values: lower }],
    ['upper', { shape, values: upper }],
  ])
  steps.forEach((step, i) => step.arrays.forEach((array, name) => arrays.set(`${i}/${name}`, array)))
  return encodeModelFile({ kind, formatVersion: FORMAT_VERSION, description: { ...description }, arrays })
}

/**
 * The parts of a classical model from its file.
 *
 * @param kind The kind that is expected.
 * @throws `model/not-a-model`, `model/wrong-kind`, `model/newer-format`, `model/damaged`, `arrow/unreadable`.
 */
export function decodeClassical(bytes: Uint8Array, kind: string): ClassicalParts {
  const file = decodeModelFile(bytes, kind, FORMAT_VERSION)
  const { steps, pipeline, novelty, ...description } = file.description as unknown as ClassicalDescription
  const count = description.labels.length
  const parts = steps.map((facts, i): StepPart => {
    const own = Array.from(file.arrays).filter(([name]) => name.startsWith(`${i}/`))
    return { facts, arrays: new Map(own.map(([name, array]) => [name.slice(`${i}/`.length), array])) }
  })
  const transformers = pipeline.steps.slice(0, -1).map((step, i) => transformerOf(step).load(parts[i]!))
  const estimator = estimatorOf(pipeline.steps.at(-1)!).load(parts.at(-1)!)
  const constants = modelArray(file, 'error_constant', count)
  return {
    kind,
    labels: description.labels,
    transforms: description.transforms,
    wavelength: description.wavelength,
    source: description.source,
    training: description.training,
    pipeline: new FittedPipeline(pipeline, transformers, estimator, {
      mean: modelArray(file, 'label_mean', count),
      deviation: modelArray(file, 'label_deviation', count),
    }),
    errorScales: Array.from(modelArray(file, 'error_factor', count), (factor, l) => ({
      factor,
      constant: constants[l]!,
    })),
    lower: modelArray(file, 'lower', count),
    upper: modelArray(file, 'upper', count),
    novelty: novelty ?? undefined,
  }
}
