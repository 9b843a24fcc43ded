import type { StepInfo } from '@astrolabel/models-classical'
import { ESTIMATORS, TRANSFORMERS, expectedOf } from '@astrolabel/models-classical'

/** What each kind of model is and which options it takes, as text for a person. */
export function trainHelp(): string {
  const steps = (kinds: readonly StepInfo[]): string => kinds.map(stepHelp).join('\n')
  return `Kinds of model, and what --set can set of them:
  cannon: The Cannon, a polynomial of the labels a pixel
    order, transforms.teff, scatter, margin, errorFolds
  the others are pipelines: --set before=[scale,pca] names the steps before them, and errorFolds and transforms.teff
  may be set as for the Cannon
${steps(ESTIMATORS)}
Steps before:
${steps(TRANSFORMERS)}`
}

function stepHelp(step: StepInfo): string {
  const lines = step.parameters.map((spec) => {
    const usual = spec.default === null ? 'none' : String(spec.default)
    return `    ${step.kind}.${spec.name} (${expectedOf(spec)}; ${usual}): ${spec.help}`
  })
  return [`  ${step.kind}: ${step.summary}`, ...lines].join('\n')
}
