import { AstrolabelError } from './errors.js'
import type { FlagBit } from './flag-set.js'
import { firstBadRow, stackMatrices, takeMatrixRows } from './matrix-rows.js'
import type { RowArray } from './matrix-rows.js'
import { concatTables, takeRows } from './table.js'
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

/** The rows `rows` of a label table, in that order. @throws `labels/no-row` for an index that is none of its rows. */
export function takeLabels(labels: Labels, rows: ArrayLike<number>): Labels {
  const width = labels.labels.length
  const bad = firstBadRow(rows, labels.n)
  if (bad >= 0)
    throw new AstrolabelError('labels/no-row', 'The labels have no such row', {
      got: rows[bad],
      expected: `0 to ${labels.n - 1}`,
    })
  return {
    n: rows.length,
    starId: Array.from(rows, (row) => labels.starId[row]!),
    labels: labels.labels,
    values: takeMatrixRows(labels.values, width, rows),
    errors: takeMatrixRows(labels.errors, width, rows),
    flags: takeMatrixRows(labels.flags, 1, rows),
    flagBits: labels.flagBits,
    ...(labels.covariance === undefined ? {} : { covariance: takeMatrixRows(labels.covariance, width * width, rows) }),
    ...(labels.extra === undefined ? {} : { extra: takeRows(labels.extra, rows) }),
  }
}

/**
 * Several batches of labels of one model, one under another; what only some of them have is left out.
 *
 * @throws `labels/empty` for no batches, `labels/shape` when they differ in their labels.
 */
export function concatLabels(parts: readonly Labels[]): Labels {
  const first = parts[0]
  if (first === undefined)
    throw new AstrolabelError('labels/empty', 'No labels to put together', { remedy: 'Check that the input has any' })
  if (parts.length === 1) return first
  const names = (part: Labels): string[] => part.labels.map(({ name }) => name)
  const odd = parts.find((part) => names(part).join() !== names(first).join())
  if (odd !== undefined)
    throw new AstrolabelError('labels/shape', 'Batches differ in their labels', {
      got: names(odd),
      expected: names(first),
    })
  const join = <T extends RowArray>(pick: (part: Labels) => T): T => stackMatrices(parts.map(pick))
  return makeLabels({
    starId: parts.flatMap((part) => part.starId),
    labels: first.labels,
    values: join((part) => part.values),
    errors: join((part) => part.errors),
    flags: join((part) => part.flags),
    flagBits: first.flagBits,
    ...(parts.every((part) => part.covariance !== undefined) ? { covariance: join((part) => part.covariance!) } : {}),
    ...(parts.every((part) => part.extra !== undefined)
      ? { extra: concatTables(parts.map((part) => part.extra!)) }
      : {}),
  })
}
