import type { Labels } from '@astrolabel/spectra'
import { columnNumbers, findColumn } from '@astrolabel/spectra'
import { orNull } from '../json-number.js'
import type { LabelMatch } from '../match-labels.js'
import { labelPairs } from '../match-labels.js'
import { medianInPlace } from '../order-statistics.js'
import { percentText, quantityText } from '../quantity-text.js'

/** The parts of an error, as the columns `<label>_err_<part>` of labels name them: their squares sum to `<label>_err`². */
export const ERROR_PARTS = ['formal', 'scatter', 'floor'] as const

/** Name of one part of an error. */
export type ErrorPart = (typeof ERROR_PARTS)[number]

/** One part of the error of a label. */
export interface ErrorShare {
  /** Median, in the label's unit. */
  readonly median: number | null
  /** Median share of the variance. */
  readonly share: number | null
  /** What the 68 % interval would cover without this part. */
  readonly coverage68_without: number | null
  /** False when coverage without it is as near to 68.3 % as with it, within what the number of stars can tell. */
  readonly needed: boolean
}

/** What the error of a label is made of. All of it is plain JSON. */
export interface ErrorBudget {
  readonly n: number
  readonly coverage68: number | null
  readonly parts: Readonly<Partial<Record<ErrorPart, ErrorShare>>>
  /** The part of the largest median share. */
  readonly dominant: ErrorPart | null
  readonly text: string
}

const ONE_SIGMA = 0.6826894921370859

/**
 * Where the errors of one label come from: photon noise (`formal`), what the model cannot describe pixel by pixel
 * (`scatter`), and what a cross-validation found to be lacking still (`floor`).
 *
 * @returns undefined when the labels do not come with the parts. Linear in n.
 */
export function errorBudget(
  predicted: Labels,
  truth: Labels,
  match: LabelMatch,
  name: string,
): ErrorBudget | undefined {
  const { extra } = predicted
  if (extra === undefined) return undefined
  const found = ERROR_PARTS.flatMap((part) => {
    const column = findColumn(extra, `${name}_err_${part}`)
    if (column === undefined) return []
    const all = columnNumbers(column)
    return [{ part, values: Float64Array.from(match.predictedRows, (row) => all[row]) }]
  })
  if (found.length === 0) return undefined
  const pairs = labelPairs(predicted, truth, match, name)
  const unit = match.labels.find((label) => label.name === name)?.unit ?? ''
  const rows = Array.from(pairs.predicted, (_, i) => i).filter(
    (i) => pairs.predictedError[i] > 0 && Number.isFinite(pairs.predicted[i] - pairs.truth[i]),
  )
  const coverage = (without?: Float64Array): number => {
    const inside = rows.filter((i) => {
      const other = pairs.truthError[i] > 0 && pairs.truthError[i] < Infinity ? pairs.truthError[i] : 0
      const left =
        pairs.predictedError[i] ** 2 - (without === undefined || Number.isNaN(without[i]) ? 0 : without[i] ** 2)
      return (pairs.predicted[i] - pairs.truth[i]) ** 2 <= Math.max(0, left) + other * other
    })
    return inside.length / rows.length
  }
  const total = coverage()
  const tolerance = Math.sqrt((ONE_SIGMA * (1 - ONE_SIGMA)) / rows.length)
  const parts = Object.fromEntries(
    found.map(({ part, values }): [ErrorPart, ErrorShare] => {
      const without = coverage(values)
      return [
        part,
        {
          median: median(rows.map((i) => values[i])),
          share: median(rows.map((i) => (values[i] / pairs.predictedError[i]) ** 2)),
          coverage68_without: orNull(without),
          needed: Math.abs(without - ONE_SIGMA) > Math.abs(total - ONE_SIGMA) + tolerance,
        },
      ]
    }),
  ) as Partial<Record<ErrorPart, ErrorShare>>
  const ranked = found.map(({ part }) => part).sort((a, b) => (parts[b]?.share ?? 0) - (parts[a]?.share ?? 0))
  const dominant = rows.length === 0 || !((parts[ranked[0]]?.share ?? 0) > 0) ? null : ranked[0]
  return { n: rows.length, coverage68: orNull(total), parts, dominant, text: inWords(parts, dominant, ranked, unit) }
}

const PART_WORDS: Readonly<Record<ErrorPart, string>> = {
  formal: 'photon noise',
  scatter: 'scatter of the model',
  floor: 'cross-validated floor',
}

function inWords(
  parts: Readonly<Partial<Record<ErrorPart, ErrorShare>>>,
  dominant: ErrorPart | null,
  ranked: readonly ErrorPart[],
  unit: string,
): string {
  if (dominant === null) return 'no errors to take apart'
  const list = ranked.map((part) => `${PART_WORDS[part]} ${quantityText(parts[part]?.median ?? Number.NaN, unit)}`)
  const spare = ranked.filter((part) => parts[part]?.needed === false)
  return (
    `mostly ${PART_WORDS[dominant]} (${percentText(parts[dominant]?.share ?? 0)} of the variance): ${list.join(', ')}` +
    (spare.length === 0 ? '' : `; coverage does not need ${spare.map((part) => PART_WORDS[part]).join(' or ')}`)
  )
}

function median(values: readonly number[]): number | null {
  const known = Float64Array.from(values).filter(Number.isFinite)
  return orNull(medianInPlace(known))
}
