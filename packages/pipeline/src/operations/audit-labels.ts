import { quantileSorted } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'

/** Standard deviation of each label over stars: of the true values where they are known, else of the predicted. */
export function labelSpreads(predicted: Labels, truth: Labels | undefined): Record<string, number> {
  const spreads: Record<string, number> = {}
  for (const table of [predicted, truth]) {
    if (table === undefined) continue
    const width = table.labels.length
    table.labels.forEach(({ name }, l) => {
      const values = Array.from({ length: table.n }, (_, i) => table.values[i * width + l]!).filter(Number.isFinite)
      const mean = values.reduce((sum, value) => sum + value / values.length, 0)
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0))
      if (spread > 0) spreads[name] = spread
    })
  }
  return spreads
}

/**
 * The true values of labels, or their errors, in the order of their names, (n × L), NaN where missing.
 *
 * @throws `audit/no-truth`.
 */
export function trueValues(
  truth: Labels,
  names: readonly string[],
  n: number,
  what: 'values' | 'errors' = 'values',
): Float64Array {
  const width = truth.labels.length
  const columns = names.map((name) => {
    const at = truth.labels.findIndex((label) => label.name === name)
    if (at < 0)
      throw new AstrolabelError('audit/no-truth', `The true labels lack ${name}`, {
        got: truth.labels.map((label) => label.name),
        expected: names,
      })
    return at
  })
  return Float64Array.from(
    { length: n * names.length },
    (_, at) => truth[what][Math.floor(at / names.length) * width + columns[at % names.length]!]!,
  )
}

/** The median of each label, (L). */
export function medianLabels(values: Float64Array, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, l) =>
    quantileSorted(values.filter((_value, at) => at % width === l).sort(), 0.5),
  )
}
