import { CannonModel, termName } from '@astrolabel/cannon'
import type { ReportFigure, ReportSection, ReportTable } from '@astrolabel/figures'
import { coefficientSpectrum } from '@astrolabel/figures'
import { ClassicalModel } from '@astrolabel/models-classical'
import type { LabelModel } from '@astrolabel/spectra'
import { gridLength, wavelengths } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { searchFolderOf } from '../operations/train-on-rows.js'
import type { SearchFile } from '../search/write-search.js'
import { searchFigure } from '../search/write-search.js'

/** What the numbers of a training are called. */
const TRAINING_WORDS: Readonly<Record<string, string>> = {
  stars: 'training stars',
  imputationRounds: 'rounds of filling in missing labels',
  scatter: 'intrinsic scatter by',
  scatterIterations: 'rounds of scatter and coefficients, at most',
  scatterConverged: 'scatter converged',
  unusablePixels: 'pixels not modelled',
  searchMethod: 'parameters found by the search',
  searchCandidates: 'candidates of the search',
  searchFolds: 'folds of the search',
  searchScore: 'score of the best candidate',
}

/** Terms of the model that a report shows: the constant would drown the rest. */
const SHOWN_TERMS = 4
/** Candidates of a search that a report lists. */
const SHOWN_CANDIDATES = 20

/** What a report says of a model, whatever its kind. @param path Its file: a search lies beside it. */
export async function modelSection(path: string, model: LabelModel): Promise<ReportSection> {
  if (model instanceof CannonModel) return cannonSection(model)
  if (!(model instanceof ClassicalModel)) return { heading: 'Model', paragraphs: [model.kind] }
  const search = await readSearch(searchFolderOf(path))
  const own = classicalSection(model)
  if (search === undefined) return own
  return {
    ...own,
    paragraphs: [`The search’s score is the ${search.score}.`],
    tables: [...(own.tables ?? []), searchTable(search)],
    figures: [
      ...(own.figures ?? []),
      {
        caption:
          'Scores of the candidates of the search, lower is better, with their standard deviation over the folds.',
        svg: searchFigure(search.ranked),
      },
    ],
  }
}

function classicalSection(model: ClassicalModel): ReportSection {
  const { pipeline, training, errorScales } = model.parts
  const importance = model.importance()
  const figures: ReportFigure[] =
    importance === undefined
      ? []
      : [
          {
            caption:
              'Importance of each pixel: its part of what the splits explain, carried back through the components to wavelengths; 1 is the average pixel.',
            svg: coefficientSpectrum(wavelengths(model.wavelength), [
              { name: 'importance', values: importance.map((part) => part * importance.length) },
            ]),
          },
        ]
  return {
    heading: 'Model',
    tables: [
      {
        caption: pipeline.spec.steps.join(' → '),
        columns: ['what', 'value'],
        rows: [
          ['pixels', gridLength(model.wavelength)],
          ...trainingRows(training),
          ...model.labels.map(({ symbol, unit }, l): [string, string] => {
            const { factor, constant } = errorScales[l]!
            // A model without errors of its own has one for all stars.
            return Number.isNaN(constant)
              ? [`cross-validated factor of the errors of ${symbol}`, factor.toPrecision(3)]
              : [`cross-validated error of ${symbol}`, `${constant.toPrecision(3)} ${unit}`.trimEnd()]
          }),
        ],
      },
      ...(model.describe() ?? []).map((text, l) => treeTable(model.labels[l]!.symbol, text)),
    ],
    figures,
  }
}

/** A model that can be read, a line a row. */
function treeTable(symbol: string, text: string): ReportTable {
  // HTML would swallow the spaces that show what belongs to which question.
  const indented = text.split('\n').map((line) => line.replace(/^ +/, (spaces) => '\u2003'.repeat(spaces.length)))
  return { caption: `What gives ${symbol}`, columns: ['question → answer'], rows: indented.map((line) => [line]) }
}

function searchTable({ ranked, labels }: SearchFile): ReportTable {
  const names = Object.keys(ranked[0]!.parameters)
  return {
    caption: `The best of ${ranked.length} candidates`,
    columns: ['rank', ...names, 'score', 'std dev', ...labels, 'training stars', 'seconds'],
    rows: ranked
      .slice(0, SHOWN_CANDIDATES)
      .map((one) => [
        one.rank,
        ...names.map((name) => one.parameters[name] ?? 'none'),
        one.score.toFixed(4),
        one.scoreStd.toFixed(4),
        ...one.labels.map((value) => value.toFixed(4)),
        one.rows,
        one.seconds.toFixed(1),
      ]),
  }
}

async function readSearch(folder: string): Promise<SearchFile | undefined> {
  const text = await readFile(join(folder, 'search.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SearchFile)
}

function cannonSection(model: CannonModel): ReportSection {
  const { terms, coefficients, training, floor, scales } = model.parts
  const nTerms = terms.terms.length
  const nPix = gridLength(model.wavelength)
  const names = model.labels.map((label) => label.symbol)
  const shown = Array.from({ length: Math.min(SHOWN_TERMS, terms.nLabels) }, (_, l) => ({
    name: termName(terms.terms[l + 1]!, names),
    values: Float64Array.from({ length: nPix }, (__, p) => coefficients.theta[p * nTerms + l + 1]!),
  }))
  return {
    heading: 'Model',
    tables: [
      {
        caption: 'The Cannon',
        columns: ['what', 'value'],
        rows: [
          ['order of the polynomial', terms.order],
          ['terms a pixel', nTerms],
          ['pixels', nPix],
          ...trainingRows(training),
          ...model.labels.map((label, l): [string, string] => [
            `cross-validated error floor of ${label.symbol}`,
            `${floor[l]!.toPrecision(3)} of its scaled spread (${scales[l]!.transform})`,
          ]),
        ],
      },
    ],
    figures: [
      {
        caption:
          'Linear coefficients: how a label (by one standard deviation of the training stars) changes each pixel; intrinsic scatter below.',
        svg: coefficientSpectrum(wavelengths(model.wavelength), shown, coefficients.scatter2.map(Math.sqrt)),
      },
    ],
  }
}

function trainingRows(training: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(training).map(([name, value]) => [
    TRAINING_WORDS[name] ?? name,
    typeof value === 'string' ? value : value === null ? 'none' : JSON.stringify(value),
  ])
}
