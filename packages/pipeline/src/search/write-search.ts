import { searchPlot } from '@astrolabel/figures'
import type {
  ParameterValue,
  Pipeline,
  RankedCandidate,
  SearchMethod,
  SearchResult,
} from '@astrolabel/models-classical'
import type { Table } from '@astrolabel/spectra'
import { makeTable } from '@astrolabel/spectra'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeTable } from '../formats/write-table.js'
import { writeAside } from '../run/write-aside.js'

/** What is told of a search. */
export interface SearchFindings {
  readonly pipeline: Pipeline
  readonly method: SearchMethod
  readonly result: SearchResult
  readonly labels: readonly string[]
  readonly folds: number
}

/** What `search.json` holds. */
export interface SearchFile {
  readonly method: string
  readonly folds: number
  readonly labels: readonly string[]
  /** What a score is, in words. */
  readonly score: string
  readonly best: Readonly<Record<string, ParameterValue>>
  readonly ranked: readonly RankedCandidate[]
}

const SCORE =
  'RMSE of each label in units of its spread (its standard deviation over the stars of the search), averaged over labels, then over folds; 1 is no better than the mean'

/** Write a search's table as JSON, CSV and Arrow, and its picture. */
export async function writeSearch(folder: string, { method, result, labels, folds }: SearchFindings): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file: SearchFile = {
    method: method.method,
    folds,
    labels,
    score: SCORE,
    best: result.best,
    ranked: result.ranked,
  }
  await writeAside(join(folder, 'search.json'), `${JSON.stringify(file, null, 2)}\n`)
  const table = searchTable(result.ranked, labels)
  await writeTable(join(folder, 'search.csv'), table)
  await writeTable(join(folder, 'search.arrow'), table)
  await writeAside(join(folder, 'search.svg'), searchFigure(result.ranked))
}

/** The picture of a search: a panel a parameter, a point a candidate. */
export function searchFigure(ranked: readonly RankedCandidate[]): string {
  return searchPlot(
    Object.keys(ranked[0]!.parameters).map((name) => ({
      name,
      values: ranked.map(({ parameters }) => wordOf(parameters[name]!)),
    })),
    ranked.map(({ score }) => score),
    ranked.map(({ scoreStd }) => scoreStd),
  )
}

/** One row a candidate, from best to worst. */
function searchTable(ranked: readonly RankedCandidate[], labels: readonly string[]): Table {
  const number = (name: string, of: (one: RankedCandidate) => number) => ({
    name,
    values: Float64Array.from(ranked, of),
  })
  return makeTable([
    { name: 'rank', values: Int32Array.from(ranked, ({ rank }) => rank) },
    ...Object.keys(ranked[0]!.parameters).map((name) => ({
      name,
      values: ranked.map(({ parameters }) => String(wordOf(parameters[name]!))),
    })),
    number('score', ({ score }) => score),
    number('score_std', ({ scoreStd }) => scoreStd),
    ...labels.map((label, l) => number(`score_${label}`, (one) => one.labels[l]!)),
    { name: 'training_stars', values: Int32Array.from(ranked, ({ rows }) => rows) },
    number('seconds', ({ seconds }) => seconds),
  ])
}

function wordOf(value: ParameterValue): string | number {
  if (value === null) return 'none'
  return typeof value === 'boolean' ? String(value) : value
}
