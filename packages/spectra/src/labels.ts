import { AstrolabelError } from './errors.js'
import type { FlagBit } from './flag-set.js'
import type { Table } from './table.js'
import type { LabelInfo } from './vocabulary.js'

/** Labels of stars with their errors, in memory. Matrices are row-major (n × labels.length). */
export interface Labels {
  readonly n: number
  readonly starId: readonly string[]
  readonly labels: readonly LabelInfo[]
  /** In each label's unit; NaN in memory, null in Arrow, where a label is missing. */
  readonly values: Float64Array
  /** One standard deviation in the label's unit; NaN where unknown. */
  readonly errors: Float64Array
  /** Bits that say what is doubtful about the star; 0 is fine. */
  readonly flags: Uint32Array
  readonly flagBits: readonly FlagBit[]
  /** Covariances in the labels' units, (n × L × L), when the method gives them. */
  readonly covariance?: Float64Array
  /** What else is known of each star: χ², signal to noise, fold, … */
  readonly extra?: Table
}

/** What {@link makeLabels} needs; the rest has defaults. */
export interface LabelsInput {
  readonly starId: readonly string[]
  readonly labels: readonly LabelInfo[]
  readonly values: Float64Array
  readonly errors?: Float64Array
  readonly flags?: Uint32Array
  readonly flagBits?: readonly FlagBit[]
  readonly covariance?: Float64Array
  readonly extra?: Table
}

/** Make a label table and check that its parts fit. @throws `labels/shape`. */
export function makeLabels(input: LabelsInput): Labels {
  const n = input.starId.length
  const size = n * input.labels.length
  const errors = input.errors ?? new Float64Array(size).fill(Number.NaN)
  const flags = input.flags ?? new Uint32Array(n)
  for (const [name, length, expected] of [
    ['values', input.values.length, size],
    ['errors', errors.length, size],
    ['flags', flags.length, n],
    ['covariance', input.covariance?.length ?? size * input.labels.length, size * input.labels.length],
  ] as const) {
    if (length !== expected)
      throw new AstrolabelError('labels/shape', `${name} does not fit the labels`, {
        got: length,
        expected: `${expected} (${n} stars, ${input.labels.length} labels)`,
      })
  }
  if (input.extra !== undefined && input.extra.n !== n) {
    throw new AstrolabelError('labels/shape', 'The extra columns do not fit the labels', {
      got: `${input.extra.n} rows`,
      expected: `${n} stars`,
    })
  }
  return {
    n,
    starId: input.starId,
    labels: input.labels,
    values: input.values,
    errors,
    flags,
    flagBits: input.flagBits ?? [],
    ...(input.covariance === undefined ? {} : { covariance: input.covariance }),
    ...(input.extra === undefined ? {} : { extra: input.extra }),
  }
}

/** Position of a label in a table. @throws `labels/unknown`, listing those there are. */
export function labelIndex(labels: Labels, name: string): number {
  const index = labels.labels.findIndex((label) => label.name === name)
  if (index < 0)
    throw new AstrolabelError('labels/unknown', `There is no label ${name}`, {
      expected: labels.labels.map((label) => label.name),
    })
  return index
}
