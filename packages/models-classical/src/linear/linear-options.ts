import { AstrolabelError } from '@astrolabel/spectra'
import type { TrainingData } from '../training-data.js'

/** Options that ridges with and without kernels have. */
export interface LinearOptions {
  /** Choose λ among these; a grid over 10 decades, refined, unless given. */
  readonly lambdas?: readonly number[]
  /** (n × L) weights of labels, above 0, instead of those that follow from their errors. */
  readonly weights?: Float64Array
}

/** @throws `${area}/options` for λ or weights that are not above 0, or weights of another size. */
export function checkLinearOptions(
  { n, labels, y }: TrainingData,
  { lambdas, weights }: LinearOptions,
  area: string,
): void {
  const badLambda = lambdas?.find((lambda) => !(lambda > 0 && lambda < Infinity))
  if (badLambda !== undefined || lambdas?.length === 0)
    throw new AstrolabelError(`${area}/options`, 'Penalties λ cannot be used', {
      got: badLambda ?? 'none',
      expected: 'numbers above 0',
      remedy: 'Leave them out for a grid that fits the features',
    })
  if (weights === undefined) return
  const bad = weights.findIndex((weight, at) => !Number.isNaN(y[at]!) && !(weight > 0 && weight < Infinity))
  if (weights.length === n * labels && bad < 0) return
  throw new AstrolabelError(`${area}/options`, 'Weights cannot be used', {
    got:
      bad < 0
        ? `${weights.length} numbers`
        : `${weights[bad]} of label ${bad % labels} in row ${Math.floor(bad / labels)}`,
    expected: `${n} × ${labels} numbers above 0`,
    remedy: 'Mark a label that is not to count as missing (NaN)',
  })
}
