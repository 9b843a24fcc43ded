import { CannonModel } from '@astrolabel/cannon'
import type { ReportFigure, ReportSection } from '@astrolabel/figures'
import {
  coveragePlot,
  kielDiagram,
  predictedVersusTruth,
  pullHistogram,
  renderReport,
  residualsVersus,
  spectrumPlot,
} from '@astrolabel/figures'
import type { Evaluation, Examination } from '@astrolabel/metrics'
import { labelPairs, matchLabels, pulls } from '@astrolabel/metrics'
import type { LabelModel, Labels, Spectra } from '@astrolabel/spectra'
import { columnNumbers, gridLength, wavelengths } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { loadModel } from '../models.js'
import type { Recipe } from '../recipe/recipe.js'
import type { Manifest } from '../run/run-folder.js'
import { writeAside } from '../run/write-aside.js'
import { diagnosticSections } from './diagnostics.js'
import { evaluationTable, flagTable, snrTables } from './evaluation-tables.js'
import { modelSection } from './model-section.js'

/** What a report is made of. */
export interface ReportParts {
  readonly recipe: Recipe
  readonly manifest: Manifest
  /** Spectra as the model took them. */
  readonly spectra: string
  readonly model: string
  /** Labels of held-out stars. */
  readonly labels: Labels
  readonly truth: Labels
  readonly evaluation: Evaluation & Examination
}

/** Write a run's report: one HTML file with tables and pictures. */
export async function writeReport(path: string, parts: ReportParts): Promise<void> {
  const { recipe, evaluation, manifest } = parts
  const model = await loadModel(parts.model)
  const html = renderReport({
    title: recipe.name,
    summary: summarise(parts),
    sections: [
      accuracySection(parts),
      uncertaintySection(parts),
      ...diagnosticSections(evaluation),
      await spectraSection(parts, model),
      await modelSection(parts.model, model),
      stagesSection(manifest),
    ],
    provenance: {
      astrolabel: manifest.astrolabel,
      node: manifest.node,
      seed: recipe.seed,
      stars: evaluation.n,
      recipe: JSON.stringify(recipe),
    },
  })
  await writeAside(path, html)
}

function summarise({ recipe, evaluation }: ReportParts): string {
  const { folds } = recipe.evaluate
  const how =
    folds === undefined
      ? 'stars held out from training'
      : `stars, each labelled by the one of ${folds} models that had not seen it`
  return `${recipe.description === undefined ? '' : `${recipe.description} `}Labels of ${evaluation.n} ${how}, split by star.`
}

/** Predicted against true labels. */
export function accuracySection(parts: Pick<ReportParts, 'evaluation' | 'labels' | 'truth'>): ReportSection {
  const { evaluation, labels, truth } = parts
  const match = matchLabels(labels, truth)
  const feH = match.labels.some((label) => label.name === 'fe_h')
    ? labelPairs(labels, truth, match, 'fe_h').truth
    : undefined
  const panels = match.labels.map((label) => {
    const pairs = labelPairs(labels, truth, match, label.name)
    return {
      label,
      truth: pairs.truth,
      predicted: pairs.predicted,
      error: pairs.predictedError,
      ...(feH === undefined ? {} : { color: feH }),
    }
  })
  const figures: ReportFigure[] = [
    {
      caption: 'Predicted against true labels of stars that the model had not seen, with residuals below.',
      svg: predictedVersusTruth(panels, feH === undefined ? {} : { colorLabel: '[Fe/H] (dex)' }),
    },
  ]
  const snr = snrOf(labels, match.predictedRows)
  if (snr !== undefined) {
    figures.push({
      caption: 'Residuals (predicted minus true) against signal to noise: running median and 16th to 84th percentiles.',
      svg: residualsVersus(
        { label: 'S/N per pixel', values: snr, log: true },
        panels.map(({ label, predicted, truth: true_ }) => ({
          label,
          residual: Float64Array.from(predicted, (value, i) => value - true_[i]!),
        })),
      ),
    })
  }
  const names = new Set(match.labels.map((label) => label.name))
  if (names.has('teff') && names.has('logg')) {
    const column = (name: string): Float64Array => labelPairs(labels, truth, match, name).predicted
    figures.push({
      caption: 'Kiel diagram of the predicted labels.',
      svg: kielDiagram({
        teff: column('teff'),
        logg: column('logg'),
        ...(names.has('fe_h') ? { fe_h: column('fe_h') } : {}),
      }),
    })
  }
  return { heading: 'Accuracy', tables: [evaluationTable(evaluation), ...snrTables(evaluation)], figures }
}

/** Where the errors of a kind of model come from. */
const ERROR_WORDS = {
  cannon:
    'Errors are those of the fit and, in quadrature, what a cross-validation inside the training stars found them to lack. ',
  other:
    'Errors are those that the model gives each star, by the factor with which they cover training stars that the fit has not seen. ',
}

/** Whether the errors cover; where they come from is told when the recipe is known. */
export function uncertaintySection({
  recipe,
  evaluation,
  labels,
  truth,
}: Pick<ReportParts, 'evaluation' | 'labels' | 'truth'> & Partial<Pick<ReportParts, 'recipe'>>): ReportSection {
  const match = matchLabels(labels, truth)
  const series = match.labels.map((label) => {
    const pairs = labelPairs(labels, truth, match, label.name)
    return { label, z: pulls(pairs.predicted, pairs.truth, pairs.predictedError, pairs.truthError) }
  })
  return {
    heading: 'Uncertainties',
    paragraphs: [
      `${recipe === undefined ? '' : ERROR_WORDS[recipe.train.model === 'cannon' ? 'cannon' : 'other']}When errors are right, pulls follow the unit normal and the coverage lies on the diagonal.`,
    ],
    tables: [flagTable(evaluation)],
    figures: [
      { caption: 'Pulls: residuals over their errors.', svg: pullHistogram(series) },
      { caption: 'Observed against expected coverage of the error bars.', svg: coveragePlot(series) },
    ],
  }
}

async function spectraSection({ spectra, labels }: ReportParts, model: LabelModel): Promise<ReportSection> {
  const figures: ReportFigure[] = []
  const wave = wavelengths(model.wavelength)
  for (const star of exampleStars(labels)) {
    const found = await findSpectrum(spectra, labels.starId[star]!)
    if (found === undefined) continue
    const { batch, row } = found
    const values = labels.values.subarray(star * labels.labels.length, (star + 1) * labels.labels.length)
    const fitted = modelSpectrum(model, values)
    const words = labels.labels
      .map((label, l) => `${label.symbol} ${values[l]!.toFixed(label.unit === 'K' ? 0 : 2).replace('-', '−')}`)
      .join(', ')
    figures.push({
      caption: `${labels.starId[star]}: the processed spectrum${fitted === undefined ? '' : ' and the model at its labels'} (${words}).`,
      svg: spectrumPlot(
        {
          wave,
          flux: batch.flux.subarray(row * batch.nPix, (row + 1) * batch.nPix),
          ...pixelErrors(batch, row),
          ...(fitted === undefined ? {} : { model: fitted }),
        },
        { rows: 3 },
      ),
    })
  }
  return { heading: 'Spectra', figures }
}

/** The spectrum that a model has at labels; undefined for one that gives labels alone, or where a label is missing. */
function modelSpectrum(model: LabelModel, values: Float64Array): Float64Array | undefined {
  if (!(model instanceof CannonModel) || values.some(Number.isNaN)) return undefined
  const fitted = new Float64Array(gridLength(model.wavelength))
  model.evaluate(values, fitted)
  return fitted
}

/** Errors of a spectrum's pixels; where they are unknown only which pixels are bad. */
function pixelErrors(batch: Spectra, row: number): { readonly ivar: Float32Array } | { readonly bad: Uint8Array } {
  const ivar = batch.ivar.subarray(row * batch.nPix, (row + 1) * batch.nPix)
  return batch.meta.noise === 'measured' ? { ivar } : { bad: Uint8Array.from(ivar, (value) => (value > 0 ? 0 : 1)) }
}

/** The stars of best, median and worst fit. */
function exampleStars(labels: Labels): number[] {
  const column = labels.extra?.columns.get('chi2_reduced')
  if (column === undefined) return labels.n > 0 ? [0] : []
  const chi2 = columnNumbers(column)
  const order = Array.from(chi2.keys())
    .filter((row) => !Number.isNaN(chi2[row]!))
    .sort((a, b) => chi2[a]! - chi2[b]!)
  return [...new Set([order[0], order[Math.floor(order.length / 2)], order.at(-1)])].filter((row) => row !== undefined)
}

async function findSpectrum(path: string, id: string): Promise<{ batch: Spectra; row: number } | undefined> {
  for await (const batch of readSpectraFile(path)) {
    const row = batch.starId.indexOf(id)
    if (row >= 0) return { batch, row }
  }
  return undefined
}

function stagesSection(manifest: Manifest): ReportSection {
  return {
    heading: 'Stages',
    tables: [
      {
        caption: 'What was done',
        columns: ['stage', 'result', 'seconds'],
        rows: Object.entries(manifest.stages).map(([name, record]) => [name, record.text, record.seconds]),
      },
    ],
  }
}

function snrOf(labels: Labels, rows: Int32Array): Float64Array | undefined {
  const column = labels.extra?.columns.get('snr')
  if (column === undefined) return undefined
  const all = columnNumbers(column)
  const snr = Float64Array.from(rows, (row) => all[row]!)
  return snr.some((value) => value > 0) ? snr : undefined
}
