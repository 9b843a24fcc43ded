import { AstrolabelError } from '@astrolabel/spectra'

/** Rows to learn from, as every estimator of this package that gives errors takes them. */
export interface TrainingData {
  readonly n: number
  /** (n × width) features, row-major, finite. */
  readonly x: Float32Array
  readonly width: number
  /** (n × L) labels; NaN where missing. */
  readonly y: Float64Array
  readonly labels: number
  /** (n × L) standard errors of the labels, in their units; NaN where unknown. */
  readonly errors?: Float64Array | undefined
  /** (n) which star each row shows, so that rows of one star are left out together; each its own unless given. */
  readonly groups?: Int32Array | undefined
}

/** Labels of rows and their predictive standard errors, both (n × L). */
export interface Predictions {
  readonly values: Float64Array
  readonly errors: Float64Array
}

/**
 * The rows that have label l. @throws `${area}/labels` when fewer than `least` do, or when they all have the same value.
 */
export function labelledRows(data: TrainingData, l: number, least: number, area: string): Int32Array {
  const rows = Int32Array.from({ length: data.n }, (_, row) => row).filter(
    (row) => !Number.isNaN(data.y[row * data.labels + l]!),
  )
  const first = data.y[rows[0]! * data.labels + l]
  if (rows.length >= least && rows.some((row) => data.y[row * data.labels + l] !== first)) return rows
  throw new AstrolabelError(`${area}/labels`, `Label ${l} cannot be learnt`, {
    got: rows.length < least ? `${rows.length} rows that have it` : `the value ${first} in all rows`,
    expected: `${least} rows or more, of different values`,
    remedy: 'Leave the label out, or add stars',
  })
}

/** Fails with `${area}/data` unless sizes fit, features are finite, and labels and errors are numbers or missing. */
export function checkTrainingData({ n, x, width, y, labels, errors, groups }: TrainingData, area: string): void {
  const fail = (what: string, got: unknown, expected: string, remedy: string): never => {
    throw new AstrolabelError(`${area}/data`, what, { got, expected, remedy })
  }
  const sizes: readonly [string, number | undefined, number, string][] = [
    ['Features do', x.length, n * width, `${n} × ${width}`],
    ['Labels do', y.length, n * labels, `${n} × ${labels}`],
    ['Label errors do', errors?.length, n * labels, `${n} × ${labels}`],
    ['Groups do', groups?.length, n, `${n}`],
  ]
  for (const [what, got, wanted, shape] of sizes)
    if (got !== undefined && got !== wanted)
      fail(`${what} not have the size that was said`, got, shape, 'Check n, width and labels')
  const feature = x.findIndex((value) => !Number.isFinite(value))
  if (feature >= 0)
    fail(
      `Feature ${feature % width} of row ${Math.floor(feature / width)} is not a number`,
      x[feature],
      'a finite number',
      'Fill bad pixels first',
    )
  const label = y.findIndex((value) => Math.abs(value) === Infinity)
  if (label >= 0)
    fail(
      `Label ${label % labels} of row ${Math.floor(label / labels)} is infinite`,
      y[label],
      'a finite number, or NaN where missing',
      'Mark it as missing',
    )
  const error = errors?.findIndex((value) => value < 0 || value === Infinity) ?? -1
  if (error >= 0)
    fail(
      `The error of label ${error % labels} of row ${Math.floor(error / labels)} cannot be used`,
      errors![error],
      'a number from 0 up, or NaN where unknown',
      'Mark it as unknown',
    )
}

/** Fails with `${area}/features` unless there are `n` rows of the width that the model learnt. */
export function checkFeatureRows(x: Float32Array, n: number, width: number, area: string): void {
  if (x.length === n * width) return
  throw new AstrolabelError(`${area}/features`, 'Features do not fit the model', {
    got: `${x.length} numbers`,
    expected: `${n} rows of ${width}`,
    remedy: 'Prepare the spectra as those that it was trained on',
  })
}
