import type { LabelMap, TrendKind } from '@astrolabel/metrics'
import { applyLabelMap, fitLabelMap, parseLabelMap } from '@astrolabel/metrics'
import { RandomStream } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'
import { parse } from 'node:path'
import { requireFile } from '../formats/file-format.js'
import { writeAside } from '../run/write-aside.js'
import type { AppliedLabels } from './calibrate-files.js'
import { writeApplied } from './calibrate-files.js'
import { readLabels } from './evaluate-files.js'

/** How the labels of one survey are brought to the scale of another. */
export interface HomogeniseRequest {
  readonly seed?: number | undefined
  /** All that both have unless given. */
  readonly labels?: readonly string[] | undefined
  readonly trend?: TrendKind | undefined
  /** Labels that the bias may depend on besides the label itself. */
  readonly predictors?: readonly string[] | undefined
  /** Of the spline: how many, or where. */
  readonly knots?: number | readonly number[] | undefined
  readonly folds?: number | undefined
}

/**
 * Find the map from the labels of survey A to those of survey B from the stars that both have, check it on held-out stars,
 * and write it as JSON.
 *
 * @throws `metrics/no-match`, `metrics/too-few-stars`, `metrics/degenerate-trend`, and what reading and writing say.
 */
export async function homogeniseFiles(
  from: string,
  to: string,
  out: string,
  request: HomogeniseRequest = {},
): Promise<LabelMap> {
  const { seed = 1, ...options } = request
  const map = fitLabelMap(await readLabels(from), await readLabels(to), {
    ...options,
    random: RandomStream.fromSeed(seed),
    from: parse(from).name,
    to: parse(to).name,
  })
  await writeAside(out, `${JSON.stringify(map, null, 2)}\n`)
  return map
}

/**
 * Labels of the first survey on the scale of the second, with propagated errors.
 *
 * @throws `metrics/not-map`, `metrics/no-common-label`, and what reading and writing say.
 */
export async function applyHomogenisation(labels: string, map: string, out: string): Promise<AppliedLabels> {
  const before = await readLabels(labels)
  await requireFile(map)
  return writeApplied(out, before, applyLabelMap(before, parseLabelMap(await readFile(map, 'utf8'))))
}
