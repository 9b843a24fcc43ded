import type { Evaluation } from '@astrolabel/metrics'
import { evaluateLabels } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { RandomStream, concatLabels, isLabelsSchema, labelsFromRecordBatch } from '@astrolabel/spectra'
import { readIpcFile, readIpcSchema } from '@astrolabel/spectra/node'
import { allLabelsOfTable } from '../catalogs/labels-of-table.js'
import { readTable } from '../formats/read-table.js'

/**
 * Predicted labels against true ones, each in any table: star by star, label by label.
 *
 * @param bootstrap Samples for the intervals; 0 for none.
 * @throws `metrics/no-match`, `labels/no-star-id`, and what reading says.
 */
export async function evaluateFiles(
  predicted: string,
  truth: string,
  options: { readonly seed?: number; readonly bootstrap?: number } = {},
): Promise<Evaluation> {
  const samples = options.bootstrap ?? 500
  const bootstrap = samples > 0 ? { samples, level: 0.68, random: RandomStream.fromSeed(options.seed ?? 1) } : undefined
  return evaluateLabels(await readLabels(predicted), await readLabels(truth), { bootstrap })
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
