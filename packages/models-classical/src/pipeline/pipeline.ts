import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import { estimatorOf, transformerOf } from '../steps/registry.js'
import { FittedPipeline } from './fitted-pipeline.js'
import { standardiseLabels } from './label-standard.js'
import type { ParameterSpec, ParameterValue, ParameterValues } from './parameters.js'
import { checkParameter, defaultParameters } from './parameters.js'
import type { Estimator, StepContext, Transformer } from './step.js'
import type { TrainingData } from './training-data.js'
import { takeTrainingRows } from './training-data.js'

/** A pipeline as plain data: kinds of steps in order, and parameters by nested names. */
export interface PipelineSpec {
  readonly steps: readonly string[]
  readonly parameters: ParameterValues
}

/**
 * Steps one after another, the last of which gives labels: `['scale', 'pca', 'forest']`. Parameters have nested names:
 * `pca.components`, `forest.maxDepth`. A pipeline is never changed; {@link Pipeline.withParameters} makes another.
 *
 * A step is called by its kind; a kind that is there twice by its kind and a number: `pca`, `pca2`.
 */
export class Pipeline {
  readonly transformers: readonly Transformer[]
  readonly estimator: Estimator
  /** Names of the steps, the estimator's last. */
  readonly names: readonly string[]
  /** All parameters by nested names, defaults filled in. */
  readonly parameters: ParameterValues
  readonly #kinds: readonly string[]

  /**
   * @throws `pipeline/step` for an unknown step or one in the wrong place, `pipeline/parameter` for a parameter that no
   * step has or a value that it cannot take.
   */
  constructor(steps: readonly string[], parameters: ParameterValues = {}) {
    this.#kinds = steps
    this.estimator = estimatorOf(steps.at(-1) ?? '')
    this.transformers = steps.slice(0, -1).map(transformerOf)
    this.names = steps.map((kind, i) => {
      const before = steps.slice(0, i).filter((other) => other === kind).length
      return before === 0 ? kind : `${kind}${before + 1}`
    })
    const specs = this.describe()
    for (const name of Object.keys(parameters)) {
      const spec = specs.get(name)
      if (spec === undefined)
        throw new AstrolabelError('pipeline/parameter', 'The pipeline has no such parameter', {
          got: name,
          expected: [...specs.keys()],
        })
      checkParameter(name, spec, parameters[name])
    }
    this.parameters = {
      ...Object.fromEntries(Array.from(specs, ([name, spec]) => [name, spec.default])),
      ...parameters,
    }
  }

  /** The parameters there are, by nested name. */
  describe(): Map<string, ParameterSpec> {
    const steps = [...this.transformers, this.estimator]
    return new Map(steps.flatMap((step, i) => step.parameters.map((spec) => [`${this.names[i]}.${spec.name}`, spec])))
  }

  /** The same steps with other parameters. @throws as the constructor. */
  withParameters(parameters: ParameterValues): Pipeline {
    return new Pipeline(this.#kinds, { ...this.parameters, ...parameters })
  }

  /** The pipeline as plain data, from which the constructor makes it again. */
  spec(): PipelineSpec {
    return { steps: this.#kinds, parameters: this.parameters }
  }

  /** Parameters of step `index`, without its name. */
  stepParameters(index: number): ParameterValues {
    const step = index < this.transformers.length ? this.transformers[index]! : this.estimator
    return Object.fromEntries(
      Object.keys(defaultParameters(step.parameters)).map((name): [string, ParameterValue] => [
        name,
        this.parameters[`${this.names[index]}.${name}`]!,
      ]),
    )
  }

  /**
   * Fit each step to what the steps before make of the training rows. Rows without any label are left out.
   *
   * Labels are standardised (mean 0, standard deviation 1 over these rows), so that an estimator that looks at all of
   * them together weighs them alike.
   *
   * @throws `pipeline/data` when sizes do not agree, and what the steps say.
   */
  fit(data: TrainingData, options: Partial<StepContext> = {}): FittedPipeline {
    checkData(data)
    const context: StepContext = { ...options, seed: options.seed ?? 1 }
    let rows = labelledRows(data)
    const transformers = this.transformers.map((transformer, i) => {
      throwIfAborted(options)
      const fitted = transformer.fit(rows, this.stepParameters(i), { seed: context.seed, signal: options.signal })
      rows = { ...rows, x: fitted.transform(rows.x, rows.n), width: fitted.width, ivar: undefined }
      return fitted
    })
    const standard = standardiseLabels(rows)
    const estimator = this.estimator.fit(standard.data, this.stepParameters(this.transformers.length), context)
    return new FittedPipeline(this.spec(), transformers, estimator, standard)
  }
}

/** The rows that have a label. @throws `pipeline/data` when there are fewer than two. */
export function labelledRows(data: TrainingData): TrainingData {
  const { n, y, labels } = data
  const rows = Int32Array.from({ length: n }, (_, row) => row).filter(
    (row) => !y.subarray(row * labels, (row + 1) * labels).every(Number.isNaN),
  )
  if (rows.length < 2)
    throw new AstrolabelError('pipeline/data', 'There are too few rows with a label to learn from', {
      got: rows.length,
      expected: '2 or more',
    })
  return rows.length === n ? data : takeTrainingRows(data, rows)
}

function checkData({ n, x, width, y, labels, errors, ivar }: TrainingData): void {
  for (const [what, got, expected] of [
    ['features', x.length, n * width],
    ['labels', y.length, n * labels],
    ['label errors', errors?.length ?? n * labels, n * labels],
    ['inverse variances', ivar?.length ?? n * width, n * width],
  ] as const)
    if (got !== expected)
      throw new AstrolabelError('pipeline/data', `There are not as many ${what} as rows`, { got, expected })
}
