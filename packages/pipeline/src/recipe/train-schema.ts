import type { Estimator, ParameterSpec, ParameterValue, StepInfo } from '@astrolabel/models-classical'
import { ESTIMATORS, TRANSFORMERS, expectedOf } from '@astrolabel/models-classical'
import { LABEL_TRANSFORMS } from '@astrolabel/spectra'
import { z } from 'zod'
import { augmentSchema } from './augment-schema.js'
import type { ClassicalTrainRecipe, TrainRecipe } from './recipe.js'
import { faultOfSpace, flatSpace } from './search-space.js'

const labels = z.array(z.string()).min(1).describe('Labels to learn, such as teff, logg, fe_h.')

const transforms = z
  .record(z.string(), z.enum(LABEL_TRANSFORMS))
  .default({})
  .describe('How a label enters the model: itself, 5040 / itself, or its decimal logarithm.')

const cannon = z
  .strictObject({
    model: z.literal('cannon').describe('Kind of model.'),
    labels,
    order: z.int().min(1).max(5).default(2).describe('Order of the polynomial.'),
    transforms,
    scatter: z
      .enum(['likelihood', 'moments'])
      .default('likelihood')
      .describe('How the intrinsic scatter of each pixel is found.'),
    errorFolds: z
      .int()
      .min(0)
      .default(5)
      .describe(
        'Folds of the inner cross-validation that makes errors cover the residuals of unseen stars; 0 for formal errors alone.',
      ),
    margin: z
      .number()
      .min(0)
      .default(0.25)
      .describe('How far beyond the training range a fit may go, as a part of that range.'),
    augment: augmentSchema.optional(),
  })
  .describe('The Cannon and how it is trained.')

const search = z
  .strictObject({
    method: z
      .enum(['grid', 'random', 'halving'])
      .default('grid')
      .describe('All combinations; some drawn at random; or many on few stars, of which the best go on to more stars.'),
    folds: z.int().min(2).default(5).describe('Folds of the training stars that judge each candidate, split by star.'),
    candidates: z
      .int()
      .min(1)
      .default(20)
      .describe('Candidates that random draws, and halving where there are ranges.'),
    factor: z.number().gt(1).default(3).describe('Halving keeps one in so many candidates each round.'),
    try: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'What is tried of each parameter: values (pca.components: [50, 100]), or for random and halving a range ({from: 1, to: 20}, with scale: log for even steps of the logarithm); what is usual for the model when absent.',
      ),
  })
  .describe('Find the best parameters within the training stars, by cross-validation.')

/** The training part of a recipe for one kind of classical model. */
function classical(estimator: Estimator): z.ZodObject {
  const steps = Object.fromEntries([...TRANSFORMERS, estimator].map((step) => [step.kind, section(step)]))
  return z
    .strictObject({
      model: z.literal(estimator.kind).describe('Kind of model.'),
      labels,
      transforms,
      errorFolds: z
        .int()
        .min(0)
        .default(estimator.errorFolds)
        .describe(
          'Folds of the inner cross-validation that makes errors cover the residuals of unseen stars; 0 for the model’s own errors.',
        ),
      before: z
        .array(z.enum(TRANSFORMERS.map(({ kind }) => kind)))
        .default([...estimator.before])
        .describe('Steps before the model.'),
      ...steps,
      search: search.optional(),
      augment: augmentSchema.optional(),
    })
    .describe(`${estimator.summary}.`)
}

function section(step: StepInfo): z.ZodType {
  return z
    .strictObject(Object.fromEntries(step.parameters.map((spec) => [spec.name, parameter(spec)])))
    .optional()
    .describe(`Parameters of ${step.kind}: ${step.summary}.`)
}

function parameter(spec: ParameterSpec): z.ZodType {
  const error = (): string => `Invalid input: expected ${expectedOf(spec)}`
  const forms: z.ZodType[] = []
  if (spec.kind === 'boolean') forms.push(z.boolean({ error }))
  if (spec.kind === 'integer' || spec.kind === 'number') {
    let number = spec.kind === 'integer' ? z.int({ error }) : z.number({ error })
    if (spec.min !== undefined) number = number.min(spec.min, { error })
    if (spec.max !== undefined) number = number.max(spec.max, { error })
    if (spec.above !== undefined) number = number.gt(spec.above, { error })
    forms.push(number)
  }
  if (spec.words !== undefined) forms.push(z.enum(spec.words, { error }))
  if (spec.optional === true) forms.push(z.null(), z.literal('none'))
  const type = forms.length === 1 ? forms[0]! : z.union(forms, { error })
  return type.optional().describe(`${spec.help} Default ${spec.default === null ? 'none' : spec.default}.`)
}

/** A training part as zod leaves it: parameters of steps in sections of their own. */
const byModel = z
  .discriminatedUnion('model', [cannon, ...ESTIMATORS.map(classical)])
  .describe('The model and how it is trained.')

/** The training part of a recipe: what each kind of model takes, checked, with its defaults filled in. */
export const train: z.ZodType<TrainRecipe> = byModel
  .superRefine((value: Record<string, unknown>, context) => {
    if (value['model'] === 'cannon') return
    const { before, search: tried } = value as { before: string[]; search?: { try?: Record<string, unknown> } }
    for (const { kind } of TRANSFORMERS)
      if (value[kind] !== undefined && !before.includes(kind))
        context.addIssue({
          code: 'custom',
          path: [kind],
          message: `The step ${kind} is not among those before the model: ${before.join(', ') || 'none'}`,
        })
    const fault = tried?.try === undefined ? undefined : faultOfSpace([...before, value['model'] as string], tried)
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['search', 'try'], message: fault })
  })
  .transform((value) => (value['model'] === 'cannon' ? value : flatten(value)) as unknown as TrainRecipe)

interface SectionedRecipe {
  readonly model: string
  readonly labels: readonly string[]
  readonly transforms: ClassicalTrainRecipe['transforms']
  readonly errorFolds: number
  readonly before: readonly string[]
  readonly search?: z.output<typeof search>
  readonly augment?: ClassicalTrainRecipe['augment']
}

/** Sections of steps as parameters with nested names; `none` as null. */
function flatten(value: Record<string, unknown>): ClassicalTrainRecipe {
  const {
    model,
    labels: names,
    transforms: how,
    errorFolds,
    before,
    search: tried,
    augment,
  } = value as unknown as SectionedRecipe
  const parameters = Object.fromEntries(
    [...before, model].flatMap((kind) =>
      Object.entries((value[kind] ?? {}) as Record<string, ParameterValue>).map(([name, one]) => [
        `${kind}.${name}`,
        one === 'none' ? null : one,
      ]),
    ),
  )
  const recipe = {
    model,
    labels: names,
    transforms: how,
    errorFolds,
    before,
    parameters,
    ...(augment === undefined ? {} : { augment }),
  }
  if (tried === undefined) return recipe
  const { try: space, ...rest } = tried
  return { ...recipe, search: { ...rest, ...(space === undefined ? {} : { space: flatSpace(space) }) } }
}

/** The JSON Schema of the training part. */
export function trainJsonSchema(): object {
  return z.toJSONSchema(byModel, { io: 'input' })
}
