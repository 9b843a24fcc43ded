import type {
  Fittable,
  LabelInfo,
  LabelModelFactory,
  LabelTransform,
  Labels,
  RunOptions,
  Spectra,
} from '@astrolabel/spectra'
import {
  AstrolabelError,
  LABEL_TRANSFORMS,
  columnStrings,
  labelIndex,
  requireTraining,
  transformLabel,
} from '@astrolabel/spectra'
import type { GrowForest } from '../forest/train-forest.js'
import type { ParameterValues } from '../pipeline/parameters.js'
import { Pipeline } from '../pipeline/pipeline.js'
import type { TrainingData } from '../pipeline/training-data.js'
import { ESTIMATORS, estimatorOf } from '../steps/registry.js'
import { ClassicalModel, transformedLabels } from './classical-model.js'
import { decodeClassical } from './model-file.js'
import { noveltyLimits } from './novelty.js'
import { spectraFeatures } from './spectra-features.js'

/** How a classical model is trained. */
export interface ClassicalOptions extends RunOptions {
  /** Labels to learn, by name; all of the table when absent. */
  readonly labels?: readonly string[]
  /** How each label enters; itself unless named here. */
  readonly transforms?: Readonly<Record<string, LabelTransform>>
  /** Steps before the model, by kind; its usual ones when absent. */
  readonly before?: readonly string[]
  /** Parameters by nested names: `pca.components`, `forest.trees`. */
  readonly parameters?: ParameterValues
  readonly seed?: number
  /** How forests are grown: `forestGrower` of models-classical/node does so on threads. The same forest however it is. */
  readonly grow?: GrowForest | undefined
  /** More to keep of how the training went: what a search found. Plain JSON. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Kinds of classical models. */
export const CLASSICAL_KINDS: readonly string[] = ESTIMATORS.map(({ kind }) => kind)

/** How classical models of a kind are trained and loaded. @throws `pipeline/step` for an unknown kind. */
export function classicalFactory(kind: string): LabelModelFactory<ClassicalOptions, ClassicalModel> {
  estimatorOf(kind)
  return {
    kind,
    train: (spectra, labels, options) => trainClassical(kind, spectra, labels, options),
    fromArrow: (bytes) => new ClassicalModel(decodeClassical(bytes, kind)),
  }
}

/** The pipeline that a kind of model and its options mean. @throws as the constructor of {@link Pipeline}. */
export function classicalPipeline(
  kind: string,
  { before, parameters }: Pick<ClassicalOptions, 'before' | 'parameters'>,
): Pipeline {
  return new Pipeline([...(before ?? estimatorOf(kind).before), kind], parameters)
}

/** Training data of spectra, and what their labels are. */
export interface ClassicalData {
  readonly data: TrainingData
  readonly labels: readonly LabelInfo[]
  readonly transforms: readonly LabelTransform[]
}

/**
 * Train a pipeline to give the labels of spectra.
 *
 * @param spectra Normalised, on one grid, (n × P). @param labels Of the same stars in the same order; missing ones are
 * left out of what is learnt of that label.
 * @throws `classical/segmented`, `classical/stars-differ`, `classical/no-label`, `classical/constant-label`,
 * `classical/transform`, `split/test-part`, `split/two-parts`, and what the pipeline says.
 */
function trainClassical(
  kind: string,
  spectra: Fittable,
  labels: Labels,
  options: ClassicalOptions = {},
): ClassicalModel {
  const pipeline = classicalPipeline(kind, options)
  const { data, labels: infos, transforms } = classicalData(spectra, labels, options)
  const { wavelength } = spectra.meta
  if (wavelength.kind === 'segmented') throw segmented()
  const fitted = pipeline.fit(data, {
    seed: options.seed ?? 1,
    grow: options.grow,
    signal: options.signal,
    onProgress: options.onProgress,
  })
  const known = infos.map((info) => knownValues(labels, info.name))
  return new ClassicalModel({
    kind,
    labels: infos,
    transforms,
    wavelength,
    pipeline: fitted,
    errorScales: infos.map(() => ({ factor: 1, constant: Number.NaN })),
    lower: Float64Array.from(known, (values) => values.reduce((least, value) => Math.min(least, value), Infinity)),
    upper: Float64Array.from(known, (values) => values.reduce((most, value) => Math.max(most, value), -Infinity)),
    novelty: noveltyLimits(fitted, spectraFeatures(spectra), spectra.n),
    source: {
      survey: spectra.meta.survey,
      release: spectra.meta.release,
      preprocessing: spectra.meta.history.filter((entry) => entry.step !== 'ingest'),
    },
    training: {
      stars: spectra.n,
      seed: options.seed ?? 1,
      ...pipeline.parameters,
      ...fitted.estimator.findings?.(infos.map(({ name }) => name)),
      ...options.facts,
    },
  })
}

/** Spectra and labels as a pipeline is fitted to them. @throws as {@link trainClassical}. */
export function classicalData(
  spectra: Fittable,
  labels: Labels,
  options: Pick<ClassicalOptions, 'labels' | 'transforms'>,
): ClassicalData {
  requireTraining(spectra, 'A classical model')
  if (spectra.meta.wavelength.kind === 'segmented') throw segmented()
  checkStars(spectra, labels)
  const names = options.labels ?? labels.labels.map((label) => label.name)
  if (names.length === 0)
    throw new AstrolabelError('classical/no-label', 'There is no label to learn', { remedy: 'Name at least one label' })
  const stray = Object.keys(options.transforms ?? {}).find((name) => !names.includes(name))
  if (stray !== undefined)
    throw new AstrolabelError('classical/transform', 'There is a transform for a label that is not learnt', {
      got: stray,
      expected: names,
    })
  const transforms = names.map((name) => options.transforms?.[name] ?? 'identity')
  names.forEach((name, l) => checkLabel(name, transforms[l]!, knownValues(labels, name)))
  const columns = names.map((name) => labelIndex(labels, name))
  const { y, errors } = transformedLabels(labels, columns, transforms)
  const { x, ivar } = spectraFeatures(spectra)
  return {
    data: { n: spectra.n, x, width: spectra.nPix, y, labels: names.length, errors, groups: starNumbers(spectra), ivar },
    labels: columns.map((at) => labels.labels[at]!),
    transforms,
  }
}

/** A number for each star, so that estimators can leave a star out whole: its `star_group` where there is one. */
function starNumbers({ catalog, starId }: Spectra): Int32Array {
  const column = catalog.columns.get('star_group')
  const groups =
    column === undefined ? starId : columnStrings(column).map((group, i) => (group === '' ? starId[i]! : group))
  const numbers = new Map<string, number>()
  return Int32Array.from(groups, (group) => {
    const known = numbers.get(group) ?? numbers.size
    numbers.set(group, known)
    return known
  })
}

function knownValues(labels: Labels, name: string): Float64Array {
  const l = labelIndex(labels, name)
  const width = labels.labels.length
  return labels.values.filter((value, i) => i % width === l && !Number.isNaN(value))
}

function checkLabel(name: string, transform: LabelTransform, known: Float64Array): void {
  if (!LABEL_TRANSFORMS.includes(transform))
    throw new AstrolabelError('classical/transform', `Unknown transform of label ${name}`, {
      got: transform,
      expected: LABEL_TRANSFORMS,
    })
  if (known.length === 0)
    throw new AstrolabelError('classical/no-label', `No training star has a value of label ${name}`, {
      remedy: 'Leave the label out or give stars that have it',
    })
  const odd = known.find((value) => !Number.isFinite(transformLabel(transform, value)))
  if (odd !== undefined)
    throw new AstrolabelError('classical/transform', `Transform ${transform} cannot take label ${name}`, {
      got: odd,
      expected: 'positive values',
      remedy: 'Use the transform identity',
    })
  if (known.every((value) => value === known[0]))
    throw new AstrolabelError(
      'classical/constant-label',
      `Label ${name} is the same for all training stars, so nothing can be learnt of it`,
      { got: known[0], expected: 'at least two values', remedy: 'Leave the label out or add stars that differ in it' },
    )
}

function checkStars(spectra: Spectra, labels: Labels): void {
  const odd = spectra.starId.findIndex((id, i) => id !== labels.starId[i])
  if (odd < 0 && spectra.n === labels.n) return
  throw new AstrolabelError(
    'classical/stars-differ',
    'Spectra and labels must be of the same stars in the same order',
    {
      got:
        odd >= 0
          ? `${spectra.starId[odd]} and ${labels.starId[odd]} in row ${odd}`
          : `${spectra.n} spectra and ${labels.n} labels`,
      remedy: 'Join them by star first',
    },
  )
}

function segmented(): AstrolabelError {
  return new AstrolabelError('classical/segmented', 'Classical models need spectra on one grid', {
    got: 'arms side by side',
    remedy: 'Stitch the arms in preprocessing',
  })
}
