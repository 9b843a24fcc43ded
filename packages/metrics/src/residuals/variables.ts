import type { Column, Labels } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn } from '@astrolabel/spectra'
import type { LabelMatch } from '../match-labels.js'
import { labelPairs } from '../match-labels.js'
import { galactic } from './galactic.js'

/** A quantity that residuals may depend on. */
export interface Variable {
  /** `teff` for a true label, else the name of the column; `l` and `b` for Galactic coordinates. */
  readonly name: string
  /** As in words: `true Teff`, `S/N`. */
  readonly title: string
  /** Empty when there is none or it is not known. */
  readonly unit: string
  /** (n) of the matched rows; NaN where missing. */
  readonly values: Float64Array
  /** True where ratios matter rather than differences, as for S/N. */
  readonly log: boolean
}

/** Columns that residuals are tested against without asking: noise, sky, place on the detector, quality of the fit. */
const USUAL: readonly (readonly string[])[] = [
  ['snr', 's/n', 'snr_b'],
  ['fiberid', 'fiber', 'fibre', 'mean_fiber'],
  ['chi2_reduced', 'aspcap_chi2', 'chisq_tot'],
]

/**
 * What residuals of matched stars can be tested against: every true label, S/N, position (equatorial and Galactic),
 * fibre and reduced χ², where the predicted labels or the truth have them, and the columns asked for.
 *
 * @param columns Further columns, of the predicted labels' `extra` or else the truth's.
 * @throws `metrics/no-column` for one that neither has, `table/not-numeric`.
 */
export function residualVariables(
  predicted: Labels,
  truth: Labels,
  match: LabelMatch,
  columns: readonly string[] = [],
): Variable[] {
  const variables: Variable[] = match.labels.map(({ name, symbol, unit }) => ({
    name,
    title: `true ${symbol}`,
    unit,
    values: labelPairs(predicted, truth, match, name).truth,
    log: false,
  }))
  const take = (names: readonly string[]): { readonly column: Column; readonly values: Float64Array } | undefined => {
    for (const [labels, rows] of [
      [predicted, match.predictedRows],
      [truth, match.truthRows],
    ] as const) {
      const column = labels.extra && findColumn(labels.extra, ...names)
      if (column === undefined) continue
      const all = columnNumbers(column)
      return { column, values: Float64Array.from(rows, (row) => all[row]) }
    }
    return undefined
  }
  const add = (name: string, title: string, unit: string, values: Float64Array): void => {
    const known = variables.some((variable) => variable.name === name)
    if (!known && values.some(Number.isFinite)) variables.push({ name, title, unit, values, log: isRatio(name) })
  }
  for (const names of USUAL) {
    const found = take(names)
    if (found !== undefined) add(names[0], TITLES[names[0]] ?? found.column.name, '', found.values)
  }
  const ra = take(['ra'])?.values
  const dec = take(['dec'])?.values
  if (ra !== undefined && dec !== undefined) {
    add('ra', 'right ascension', 'deg', ra)
    add('dec', 'declination', 'deg', dec)
    const places = Array.from(ra, (value, i) => galactic(value, dec[i]))
    add(
      'l',
      'Galactic longitude',
      'deg',
      Float64Array.from(places, ({ l }) => l),
    )
    add(
      'b',
      'Galactic latitude',
      'deg',
      Float64Array.from(places, ({ b }) => b),
    )
  }
  for (const name of columns) {
    const found = take([name])
    if (found !== undefined) add(found.column.name, found.column.name, found.column.unit ?? '', found.values)
    else if (!variables.some((variable) => variable.name === name.toLowerCase()))
      throw new AstrolabelError('metrics/no-column', `Neither the labels nor the truth have a column ${name}`, {
        expected: [...variables.map((variable) => variable.name), ...columnNames(predicted), ...columnNames(truth)],
      })
  }
  return variables
}

const TITLES: Readonly<Record<string, string>> = { snr: 'S/N', fiberid: 'fibre', chi2_reduced: 'reduced χ²' }

function isRatio(name: string): boolean {
  return name === 'snr' || name === 'chi2_reduced'
}

function columnNames({ extra }: Labels): string[] {
  return extra === undefined ? [] : [...extra.columns.keys()]
}
