import type { ParameterValue } from '@astrolabel/models-classical'
import type { PreprocessStep } from '@astrolabel/preprocess'
import { preprocess } from '@astrolabel/preprocess'
import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, concatSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { indexByStar, joinMatches } from '../catalogs/join-matches.js'
import { selectStars } from '../catalogs/select-stars.js'
import { readTable } from '../formats/read-table.js'
import { inlineChainFiles } from '../recipe/chain-files.js'
import type { TrainRecipe } from '../recipe/recipe.js'
import type { Reporter } from '../reporter.js'
import type { SearchFile } from '../search/write-search.js'
import type { Selection } from '../selection/parse-selection.js'
import { writeAside } from '../run/write-aside.js'
import { stepsDone, usualChain } from './processing.js'
import { modelRequest, searchFolderOf, trainModel } from './train-on-rows.js'

/** What to train on. */
export interface TrainRequest {
  readonly train: TrainRecipe
  readonly seed: number
  /** Processing of raw spectra; the survey's usual chain when undefined. */
  readonly steps?: readonly PreprocessStep[] | undefined
  /** Table of labels by `star_id` to join; the labels that travel with the spectra otherwise. */
  readonly catalog?: string | undefined
  /** Stars to train on; all when undefined. */
  readonly selection?: Selection | undefined
}

/** What came of it. */
export interface TrainSummary {
  readonly model: string
  readonly stars: number
  readonly pixels: number
  readonly labels: readonly string[]
  /** What a search found, and where its table and picture lie. */
  readonly search?: {
    readonly folder: string
    readonly method: string
    readonly candidates: number
    readonly best: Readonly<Record<string, ParameterValue>>
    readonly score: number
    readonly scoreStd: number
  }
}

/**
 * Train a model on the spectra of a file and write it.
 *
 * Raw spectra go through their survey's usual chain first, which the model keeps: it labels raw files by itself.
 *
 * @throws `train/no-stars`, and what processing and training say; no file is left then.
 */
export async function trainFile(
  input: string,
  out: string,
  request: TrainRequest,
  reporter: Reporter,
  run: RunOptions & { readonly threads?: number } = {},
): Promise<TrainSummary> {
  const index = request.catalog === undefined ? undefined : indexByStar(await readTable(request.catalog))
  const ownSteps = request.steps === undefined ? undefined : await inlineChainFiles(request.steps, undefined, run)
  const batches: Spectra[] = []
  for await (const raw of readSpectraFile(input)) {
    run.signal?.throwIfAborted()
    const all = index === undefined ? raw : joinMatches(raw, index)
    const batch = request.selection === undefined ? all : selectStars(all, request.selection).stars
    if (batch.n === 0) continue
    const steps = ownSteps ?? (stepsDone(batch).length === 0 ? usualChain(batch.meta.survey) : [])
    if (batches.length === 0 && steps.length > 0)
      reporter.info(`processing first: ${steps.map((step) => step.step).join(', ')}`)
    batches.push(steps.length === 0 ? batch : preprocess(batch, steps, { signal: run.signal }))
  }
  if (batches.length === 0) {
    throw new AstrolabelError('train/no-stars', 'No star is left to train on', {
      got: `none of ${input}${request.selection === undefined ? '' : ` selected by ${request.selection.text}`}`,
      remedy: 'Widen the selection or check the catalogue',
    })
  }
  const spectra = concatSpectra(batches)
  const asked = modelRequest(request.train, request.seed)
  const searchFolder = asked.search === undefined ? undefined : searchFolderOf(out)
  const model = await trainModel(spectra, asked, { ...run, searchFolder })
  await writeAside(out, model.toArrow())
  const { model: kind, labels } = request.train
  return { model: kind, stars: spectra.n, pixels: spectra.nPix, labels, ...(await searchSummary(searchFolder)) }
}

/** What a search found, out of its folder. */
async function searchSummary(folder: string | undefined): Promise<Pick<TrainSummary, 'search'>> {
  if (folder === undefined) return {}
  const { method, best, ranked } = JSON.parse(await readFile(join(folder, 'search.json'), 'utf8')) as SearchFile
  const [first] = ranked
  return { search: { folder, method, candidates: ranked.length, best, score: first!.score, scoreStd: first!.scoreStd } }
}
