import type { Evaluation } from '@astrolabel/metrics'
import { evaluateLabels } from '@astrolabel/metrics'
import type { Labels } from '@astrolabel/spectra'
import { RandomStream, concatTables, isLabelsSchema, labelsFromRecordBatch, makeLabels } from '@astrolabel/spectra'
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

/** Several batches of labels of one model, one under another; what only some of them have is left out. */
export function concatLabels(parts: readonly Labels[]): Labels {
  const first = parts[0]!
  if (parts.length === 1) return first
  const join = <T extends Float64Array | Uint32Array>(pick: (part: Labels) => T): T => {
    const pieces = parts.map(pick)
    const out = new (pieces[0]!.constructor as new (length: number) => T)(
      pieces.reduce((n, piece) => n + piece.length, 0),
    )
    let at = 0
    for (const piece of pieces) {
      out.set(piece, at)
      at += piece.length
    }
    return out
  }
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
