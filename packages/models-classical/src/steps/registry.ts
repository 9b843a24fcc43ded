import { AstrolabelError } from '@astrolabel/spectra'
import type { Estimator, Transformer } from '../pipeline/step.js'
import { bestStep } from './best-step.js'
import { boostingStep } from './boosting-step.js'
import { extraTreesStep, forestStep } from './forest-step.js'
import { gpStep } from './gp-step.js'
import { kernelRidgeStep } from './kernel-ridge-step.js'
import { pcaStep } from './pca-step.js'
import { ridgeStep } from './ridge-step.js'
import { scaleStep } from './scale-step.js'
import { treeStep } from './tree-step.js'

/** Steps that turn features into features, by kind. */
export const TRANSFORMERS: readonly Transformer[] = [scaleStep, pcaStep]

/** Steps that turn features into labels, by kind: each is a kind of label model. */
export const ESTIMATORS: readonly Estimator[] = [
  forestStep,
  extraTreesStep,
  boostingStep,
  ridgeStep,
  kernelRidgeStep,
  gpStep,
  treeStep,
  bestStep,
]

/** A transformer by its kind. @throws `pipeline/step`. */
export function transformerOf(kind: string): Transformer {
  const found = TRANSFORMERS.find((step) => step.kind === kind)
  if (found !== undefined) return found
  const last = ESTIMATORS.some((step) => step.kind === kind)
  throw new AstrolabelError(
    'pipeline/step',
    last ? `The step ${kind} gives labels: it can only be the last` : 'There is no such step of a pipeline',
    { got: kind, expected: TRANSFORMERS.map((step) => step.kind) },
  )
}

/** An estimator by its kind. @throws `pipeline/step`. */
export function estimatorOf(kind: string): Estimator {
  const found = ESTIMATORS.find((step) => step.kind === kind)
  if (found !== undefined) return found
  throw new AstrolabelError('pipeline/step', 'The last step of a pipeline has to give labels', {
    got: kind === '' ? 'no step' : kind,
    expected: ESTIMATORS.map((step) => step.kind),
  })
}
