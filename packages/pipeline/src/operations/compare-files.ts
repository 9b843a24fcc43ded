import type { ModelComparison } from '@astrolabel/metrics'
import { compareModels } from '@astrolabel/metrics'
import { AstrolabelError, RandomStream } from '@astrolabel/spectra'
import { stat } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { comparisonReport } from '../report/evaluation-report.js'
import { writeAside } from '../run/write-aside.js'
import { readLabels } from './evaluate-files.js'

/** How models are compared. */
export interface CompareRequest {
  readonly seed?: number | undefined
  /** Samples of the intervals; 1000 unless given. */
  readonly bootstrap?: number | undefined
  /** HTML page to write. */
  readonly report?: string | undefined
}

/**
 * Labels of several models against one truth, on the stars that all of them have.
 *
 * @param models Tables of labels or run folders, each `PATH` or `NAME=PATH`; named after the file or the folder unless
 * told, by the whole path where two names are the same.
 * @throws `compare/no-labels` for a folder that is not of a run, and as `compareModels` and reading.
 */
export async function compareFiles(
  models: readonly string[],
  truth: string,
  request: CompareRequest = {},
): Promise<ModelComparison> {
  const { seed = 1, bootstrap = 1000, report } = request
  const named = await Promise.all(models.map(namedLabels))
  const repeated = (name: string): boolean => named.filter((other) => other.name === name).length > 1
  const labelled = await Promise.all(
    named.map(async ({ name, path }) => ({ name: repeated(name) ? path : name, labels: await readLabels(path) })),
  )
  const comparison = compareModels(labelled, await readLabels(truth), {
    samples: bootstrap,
    level: 0.95,
    random: RandomStream.fromSeed(seed),
  })
  if (report !== undefined) await writeAside(report, comparisonReport(comparison, { models, truth, seed }))
  return comparison
}

async function namedLabels(text: string): Promise<{ readonly name: string; readonly path: string }> {
  const [, given, rest] = /^([^=/\\]+)=(.+)$/.exec(text) ?? []
  const path = rest ?? text
  const found = await stat(path).catch(() => undefined)
  const name = given ?? parse(path).name
  if (found?.isDirectory() !== true) return { name, path }
  const labels = join(path, '5-label', 'labels.arrow')
  if ((await stat(labels).catch(() => undefined)) === undefined)
    throw new AstrolabelError('compare/no-labels', 'This folder has no labels of a run', {
      got: path,
      expected: labels,
      remedy: 'Give the folder of `astrolabel run` that has come to its end, or a table of labels',
    })
  return { name, path: labels }
}
