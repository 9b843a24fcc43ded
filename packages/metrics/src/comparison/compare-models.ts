import type { Labels } from '@astrolabel/spectra'
import { AstrolabelError, labelIndex, takeLabels } from '@astrolabel/spectra'
import type { BootstrapOptions } from '../bootstrap.js'
import type { LabelEvaluation } from '../evaluate-labels.js'
import { evaluateLabels } from '../evaluate-labels.js'
import { orNull } from '../json-number.js'
import { labelPairs, matchLabels } from '../match-labels.js'
import { pText, percentText, quantityText } from '../quantity-text.js'
import type { PairedComparison } from './compare-residuals.js'
import { compareResiduals } from './compare-residuals.js'

/** Labels that one model gave. */
export interface ModelLabels {
  readonly name: string
  readonly labels: Labels
}

/** Two models and one label: difference of A minus B, negative when A is better. All of it is plain JSON. */
export interface ModelPair {
  readonly label: string
  readonly a: string
  readonly b: string
  readonly stars: number
  readonly rmse_difference: number | null
  readonly rmse_ci: readonly [number | null, number | null]
  readonly mae_difference: number | null
  readonly mae_ci: readonly [number | null, number | null]
  readonly share_nearer: number | null
  readonly chance_better: number | null
  /** Of Wilcoxon's signed-rank test; times the number of pairs still to be judged, as Holm has it. */
  readonly p: number
  /** The name of the better one when it is clear, else null. */
  readonly better: string | null
  readonly text: string
}

/** Models on the same stars. */
export interface ModelComparison {
  /** Rows that every model labelled and the truth has. */
  readonly n: number
  /** Rows of each model that had to be left out because another model or the truth lacks them. */
  readonly left_out: Readonly<Record<string, number>>
  readonly models: Readonly<Record<string, Readonly<Record<string, LabelEvaluation>>>>
  readonly pairs: readonly ModelPair[]
  /** Label by label, which model is best and whether that is certain. */
  readonly verdicts: Readonly<Record<string, string>>
}

/** Below this a difference is no accident. */
const SIGNIFICANT = 0.05

/**
 * Compare models on the rows that all of them have, with a paired bootstrap by star: which is better, by how much, how
 * sure.
 *
 * Rows are told apart by star id and, for several visits of a star, by their order.
 *
 * @param models Two or more, of different names.
 * @throws `metrics/models`, `metrics/no-common-star`, and as {@link matchLabels}.
 */
export function compareModels(
  models: readonly ModelLabels[],
  truth: Labels,
  bootstrap: BootstrapOptions,
): ModelComparison {
  const names = models.map(({ name }) => name)
  if (models.length < 2 || new Set(names).size < names.length)
    throw new AstrolabelError('metrics/models', 'Two models or more of different names can be compared', {
      got: names.join(', ') || 'none',
      remedy: 'On the command line NAME=PATH gives a name',
    })
  const common = commonRows(models, truth)
  const taken = models.map(({ name, labels }, m) => ({ name, labels: takeLabels(labels, common.rows[m]) }))
  const labelNames = taken
    .map(({ labels }) => matchLabels(labels, truth).labels)
    .reduce((left, right) => left.filter(({ name }) => right.some((other) => other.name === name)))
  if (labelNames.length === 0)
    throw new AstrolabelError('metrics/no-common-label', 'The models and the truth have no label in common', {
      got: taken.map(({ name, labels }) => `${name}: ${labels.labels.map((label) => label.name).join(' ')}`),
      remedy: 'Give labels of the same names',
    })
  const same = withoutGaps(taken, new Set(labelNames.map(({ name }) => name)))
  const raw = labelNames.flatMap((label) => {
    const residuals = same.map(({ labels }) => {
      const match = matchLabels(labels, truth)
      const { predicted, truth: known } = labelPairs(labels, truth, match, label.name)
      return predicted.map((value, i) => value - known[i])
    })
    return residuals.flatMap((a, i) =>
      residuals.slice(i + 1).map((b, k) => ({
        label,
        a: names[i],
        b: names[i + 1 + k],
        result: compareResiduals(a, b, same[0].labels.starId, bootstrap),
      })),
    )
  })
  const adjusted = holm(raw.map(({ result }) => result.p))
  const pairs = raw.map(({ label, a, b, result }, i): ModelPair => {
    const sure = adjusted[i] < SIGNIFICANT && sameSide(result)
    const better = sure ? (result.rmseDifference < 0 ? a : b) : null
    return {
      label: label.name,
      a,
      b,
      stars: result.stars,
      rmse_difference: orNull(result.rmseDifference),
      rmse_ci: [orNull(result.rmseInterval[0]), orNull(result.rmseInterval[1])],
      mae_difference: orNull(result.maeDifference),
      mae_ci: [orNull(result.maeInterval[0]), orNull(result.maeInterval[1])],
      share_nearer: orNull(result.shareNearer),
      chance_better: orNull(result.chanceBetter),
      p: adjusted[i],
      better,
      text: pairText(a, b, label.unit, label.symbol, result, adjusted[i], better, bootstrap.level),
    }
  })
  const evaluations = same.map(
    ({ name, labels }) => [name, evaluateLabels(labels, truth, { bootstrap }).labels] as const,
  )
  return {
    n: common.rows[0].length,
    left_out: Object.fromEntries(models.map(({ name, labels }, m) => [name, labels.n - common.rows[m].length])),
    models: Object.fromEntries(evaluations),
    pairs,
    verdicts: Object.fromEntries(
      labelNames.map((label) => [label.name, verdict(label.name, label.symbol, label.unit, evaluations, pairs)]),
    ),
  }
}

/** The rows of each model, in the order of the first, of the visits that all models have and whose star the truth has. */
function commonRows(models: readonly ModelLabels[], truth: Labels): { readonly rows: readonly Int32Array[] } {
  const known = new Set(truth.starId)
  const visits = models.map(({ labels }) => {
    const seen = new Map<string, number>()
    return new Map(
      labels.starId.map((id, row) => {
        const visit = seen.get(id) ?? 0
        seen.set(id, visit + 1)
        return [`${id}\n${visit}`, row] as const
      }),
    )
  })
  const keys = [...visits[0].keys()].filter(
    (key) => known.has(key.slice(0, key.lastIndexOf('\n'))) && visits.every((rows) => rows.has(key)),
  )
  if (keys.length === 0)
    throw new AstrolabelError('metrics/no-common-star', 'No star is in the truth and in the labels of every model', {
      got: models.map(({ name, labels }) => `${name}: ${labels.starId.slice(0, 2).join(' ') || 'no star'}`),
      remedy: 'Compare models on the same stars',
    })
  return { rows: visits.map((rows) => Int32Array.from(keys, (key) => rows.get(key) ?? 0)) }
}

/** The same labels, missing for all models where they are missing for one: so that all are judged by the same stars. */
function withoutGaps(models: readonly ModelLabels[], names: ReadonlySet<string>): ModelLabels[] {
  const copies = models.map(({ name, labels }) => ({ name, labels: { ...labels, values: labels.values.slice() } }))
  for (const name of names) {
    const columns = copies.map(({ labels }) => labelIndex(labels, name))
    for (let row = 0; row < copies[0].labels.n; row++) {
      const cells = copies.map(({ labels }, m) => row * labels.labels.length + columns[m])
      if (copies.some(({ labels }, m) => Number.isNaN(labels.values[cells[m]])))
        copies.forEach(({ labels }, m) => (labels.values[cells[m]] = Number.NaN))
    }
  }
  return copies
}

/** p-values times the number of hypotheses still open, never falling along their order (Holm 1979). */
function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b])
  const adjusted = p.slice()
  let least = 0
  order.forEach((i, rank) => {
    least = Math.min(1, Math.max(least, p[i] * (p.length - rank)))
    adjusted[i] = least
  })
  return adjusted
}

/** Whether squares and ranks, which outliers and the many weigh in, say the same, and the interval leaves out 0. */
function sameSide({ rmseDifference, rmseInterval: [low, high], shareNearer }: PairedComparison): boolean {
  return (low > 0 || high < 0) && (rmseDifference < 0 ? shareNearer > 0.5 : shareNearer < 0.5)
}

function pairText(
  a: string,
  b: string,
  unit: string,
  symbol: string,
  result: PairedComparison,
  p: number,
  better: string | null,
  level: number,
): string {
  if (result.stars === 0) return `${symbol}: no star has it from both ${a} and ${b} and in the truth`
  const [low, high] = result.rmseInterval
  const interval = `${percentText(level)}: ${quantityText(low, unit)} to ${quantityText(high, unit)}`
  const difference = `RMSE of ${a} minus ${b} ${quantityText(result.rmseDifference, unit)} (${interval})`
  if (better === null)
    return `${symbol}: ${a} and ${b} cannot be told apart by ${result.stars} star${result.stars === 1 ? '' : 's'}; ${difference}`
  const share = better === a ? result.shareNearer : 1 - result.shareNearer
  return `${symbol}: ${better} is better than ${better === a ? b : a}, nearer for ${percentText(share)} of ${result.stars} stars (${pText(p)}); ${difference}`
}

function verdict(
  name: string,
  symbol: string,
  unit: string,
  evaluations: readonly (readonly [string, Readonly<Record<string, LabelEvaluation>>])[],
  pairs: readonly ModelPair[],
): string {
  const ranked = evaluations
    .map(([model, labels]) => ({ model, rmse: labels[name].rmse ?? Infinity }))
    .sort((left, right) => left.rmse - right.rmse)
  const best = ranked[0]
  if (best.rmse === Infinity) return `${symbol}: no star has it from every model and in the truth`
  const rivals = ranked.slice(1).filter(({ model }) => {
    const pair = pairs.find(
      (one) => one.label === name && [one.a, one.b].includes(model) && [one.a, one.b].includes(best.model),
    )
    return pair?.better !== best.model
  })
  const lead = `${symbol}: ${best.model} has the lowest RMSE, ${quantityText(best.rmse, unit)}`
  return rivals.length === 0
    ? `${lead}, certainly lower than ${ranked.length > 2 ? 'all others' : ranked[1].model}`
    : `${lead}, but these stars cannot tell it from ${rivals.map(({ model }) => model).join(', ')}`
}
