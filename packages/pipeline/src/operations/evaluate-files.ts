import type { Binning, Evaluation, Examination } from '@astrolabel/metrics'
import { evaluateLabels, examineLabels, matchLabels, residualTable } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, concatLabels, isLabelsSchema, labelsFromRecordBatch } from '@astrolabel/spectra'
import { readIpcFile, readIpcSchema } from '@astrolabel/spectra/node'
import { allLabelsOfTable } from '../catalogs/labels-of-table.js'
import { readTable } from '../formats/read-table.js'
import { writeTable } from '../formats/write-table.js'
import { evaluationReport } from '../report/evaluation-report.js'
import { writeAside } from '../run/write-aside.js'

/** What an evaluation is to tell besides its statistics. */
export interface EvaluateRequest {
  readonly seed?: number | undefined
  /** Samples of the intervals, 500 unless given; 0 for none. */
  readonly bootstrap?: number | undefined
  /** Columns to look for trends with besides the usual ones. */
  readonly against?: readonly string[] | undefined
  /** Quantities to sort stars by, see {@link parseBinning}. */
  readonly bins?: readonly Binning[] | undefined
  /** Labels of the same stars by other models: they tell a bad prediction from a bad truth. */
  readonly others?: readonly string[] | undefined
  /** Table of residuals to write, by extension. */
  readonly residuals?: string | undefined
  /** HTML page to write. */
  readonly report?: string | undefined
}

/** Statistics, and what lies behind them. */
export type FullEvaluation = Evaluation & Examination

/**
 * Predicted labels against true ones, each in any table: star by star, label by label.
 *
 * @throws `metrics/no-match`, `labels/no-star-id`, `metrics/no-column`, and what reading and writing say.
 */
export async function evaluateFiles(
  predicted: string,
  truth: string,
  request: EvaluateRequest = {},
): Promise<FullEvaluation> {
  const { seed = 1, bootstrap: samples = 500, against, bins, residuals, report } = request
  const labels = await readLabels(predicted)
  const known = await readLabels(truth)
  const others = await Promise.all((request.others ?? []).map(readLabels))
  const evaluation = evaluateFully(labels, known, { seed, samples, against, bins, others })
  if (residuals !== undefined)
    await writeTable(residuals, residualTable(labels, known, matchLabels(labels, known), evaluation.outliers))
  if (report !== undefined) {
    const html = evaluationReport(labels, known, evaluation, { labels: predicted, truth, seed })
    await writeAside(report, html)
  }
  return evaluation
}

/** Options of {@link evaluateFully}. */
export interface FullEvaluationOptions {
  readonly seed: number
  /** Samples of the intervals; 0 for none. */
  readonly samples: number
  readonly against?: readonly string[] | undefined
  readonly bins?: readonly Binning[] | undefined
  readonly others?: readonly Labels[] | undefined
}

/** The statistics of labels and what lies behind them, in one document. */
export function evaluateFully(labels: Labels, truth: Labels, options: FullEvaluationOptions): FullEvaluation {
  const { seed, samples, against, bins, others } = options
  // Streams of their own: what the examination is asked does not change the intervals of the statistics.
  const bootstrap = samples > 0 ? { samples, level: 0.68, random: RandomStream.fromSeed(seed) } : undefined
  const random = RandomStream.fromSeed(seed).jumped()
  return {
    ...evaluateLabels(labels, truth, { bootstrap }),
    ...examineLabels(labels, truth, { random, against, bins, others, samples }),
  }
}

/**
 * `teff:5` is five bins of equal count by teff, `snr:0,50,100,inf` are bins between these edges.
 *
 * @throws `evaluate/bins` for anything else.
 */
export function parseBinning(text: string): Binning {
  const [, by, list] = /^(.+):([^:]+)$/.exec(text.trim()) ?? []
  const numbers = (list ?? '').split(',').map((word) => {
    const trimmed = word.trim().toLowerCase()
    return trimmed === 'inf' ? Infinity : trimmed === '-inf' ? -Infinity : trimmed === '' ? Number.NaN : Number(trimmed)
  })
  const [count] = numbers
  if (by === undefined || count === undefined || numbers.some(Number.isNaN))
    throw new AstrolabelError('evaluate/bins', 'Bins are a column and how many, or their edges', {
      got: text,
      expected: 'such as teff:5 or snr:0,50,100,inf',
    })
  return { by, bins: numbers.length === 1 ? count : numbers }
}

/** Labels out of an Arrow file of labels, with their flags' names, or out of any table. */
export async function readLabels(path: string): Promise<Labels> {
  if (path.endsWith('.arrow') && isLabelsSchema(await readIpcSchema(path))) {
    const parts: Labels[] = []
    for await (const batch of readIpcFile(path)) parts.push(labelsFromRecordBatch(batch))
    return concatLabels(parts)
  }
  return allLabelsOfTable(await readTable(path), path)
}
