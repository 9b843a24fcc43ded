import { packPart, unpackPart } from '../pipeline/pack-part.js'
import type { ParameterValues } from '../pipeline/parameters.js'
import type { Estimator, FittedEstimator, StepContext } from '../pipeline/step.js'
import type { Prediction, TrainingData } from '../pipeline/training-data.js'

/** What an estimator whose fit is plain data consists of. */
interface PlainEstimator<Model> extends Omit<Estimator, 'role' | 'fit' | 'load'> {
  readonly train: (data: TrainingData, parameters: ParameterValues, context: StepContext) => Model
  readonly predict: (model: Model, x: Float32Array, n: number) => Prediction
  /** What the training found, as {@link FittedEstimator} says. */
  readonly findings?: (model: Model, labels: readonly string[]) => Readonly<Record<string, string>>
}

/** A step of a function that trains, one that predicts, and a model that is plain data with arrays. */
export function plainEstimator<Model extends object>({
  train,
  predict,
  findings,
  ...info
}: PlainEstimator<Model>): Estimator {
  const fitted = (model: Model): FittedEstimator => ({
    predict: (x, n) => predict(model, x, n),
    toPart: () => packPart(model),
    ...(findings === undefined ? {} : { findings: (labels) => findings(model, labels) }),
  })
  return {
    ...info,
    role: 'estimator',
    fit: (data, parameters, context) => fitted(train(data, parameters, context)),
    load: (part) => fitted(unpackPart(part) as Model),
  }
}
