import type { PreprocessStep } from '@astrolabel/preprocess'
import { preprocess } from '@astrolabel/preprocess'
import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, MAX_BATCH_ROWS, spectraParts } from '@astrolabel/spectra'
import { countIpcBatches, readSpectraFile, writeSpectraFile } from '@astrolabel/spectra/node'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { joinedSpectra } from '../catalogs/join-matches.js'
import { selectStars } from '../catalogs/select-stars.js'
import { readTable } from '../formats/read-table.js'
import { inlineChainFiles } from '../recipe/chain-files.js'
import { showProcessing } from '../report/show-processing.js'
import type { Reporter } from '../reporter.js'
import type { Selection } from '../selection/parse-selection.js'
import type { ClauseReport } from '../selection/select-rows.js'
import { addReports } from '../selection/select-rows.js'

/** What to do with the spectra of a file. */
export interface ProcessRequest {
  /** Files that they name are read ({@link inlineChainFiles}). */
  readonly steps: readonly PreprocessStep[]
  /** Where a file of the steps is; its name by itself by default. */
  readonly locate?: ((path: string) => string) | undefined
  /** Table whose columns are joined by `star_id`; stars that it lacks are left out. */
  readonly catalog?: string | undefined
  /** Stars to keep; all when undefined. */
  readonly selection?: Selection | undefined
  /** Pictures of the first stars before and after, into a folder. */
  readonly show?: { readonly stars: number; readonly folder: string } | undefined
}

/** What came of it. */
export interface ProcessSummary {
  readonly stars: number
  readonly read: number
  /** Stars that a step could not treat: they stay, with every pixel bad. */
  readonly bad: number
  /** What each clause of the selection left out. */
  readonly selection: readonly ClauseReport[]
  /** Pictures written. */
  readonly figures: readonly string[]
}

/**
 * Join, select and process the spectra of a file batch by batch, in flat memory.
 *
 * @throws `preprocess/no-stars` when nothing is left, and what the steps say; no file is left then.
 */
export async function preprocessFile(
  input: string,
  out: string,
  request: ProcessRequest,
  reporter: Reporter,
  run: RunOptions = {},
): Promise<ProcessSummary> {
  // Batches come from the footer: counting the stars would read the whole survey once more.
  const batchCount = await countIpcBatches(input)
  const tellProgress = (done: number): void => run.onProgress?.(done * MAX_BATCH_ROWS, batchCount * MAX_BATCH_ROWS)
  const steps = await inlineChainFiles(request.steps, request.locate, run)
  const catalog = request.catalog === undefined ? undefined : await readTable(request.catalog)
  let read = 0
  let batchesDone = 0
  const bad = new Set<string>()
  const figures: string[] = []
  let clauses: readonly ClauseReport[] = []
  const select = (batch: Spectra): Spectra => {
    if (request.selection === undefined) return batch
    const { stars, report } = selectStars(batch, request.selection)
    clauses = addReports(clauses, report)
    return stars
  }
  async function* processed(): AsyncGenerator<Spectra> {
    const batches = catalog === undefined ? readSpectraFile(input) : joinedSpectra(input, catalog)
    for await (const batch of batches) {
      run.signal?.throwIfAborted()
      const chosen = select(batch)
      const before = batchesDone++
      read += batch.n
      let started = 0
      for (const part of chosen.n === 0 ? [] : spectraParts(chosen)) {
        const from = started
        const done = preprocess(part, steps, {
          signal: run.signal,
          onProgress: (step, of) => tellProgress(before + (from + (of === 0 ? 0 : (step / of) * part.n)) / chosen.n),
          onBadStar: (star) => bad.add(star.starId),
        })
        for (const star of starsWithoutPixels(done)) bad.add(star)
        started += part.n
        const { show } = request
        if (show !== undefined && figures.length < show.stars) {
          const range = { from: figures.length + 1, upTo: show.stars }
          figures.push(...(await showProcessing(part, done, range, show.folder)))
        }
        yield done
      }
      tellProgress(batchesDone)
    }
  }
  const batches = processed()
  const first = await batches.next()
  if (first.done === true) {
    throw new AstrolabelError('preprocess/no-stars', 'No star is left to process', {
      got: `${read} stars, none of them selected${tellClauses(clauses)}`,
      remedy: 'Widen the selection or check the catalogue',
    })
  }
  await mkdir(dirname(out), { recursive: true })
  const stars = await writeSpectraFile(out, prepend(first.value, batches))
  if (clauses.length > 0 && read > stars) reporter.info(`selection: ${stars} of ${read} stars${tellClauses(clauses)}`)
  if (bad.size > 0)
    reporter.warn(
      `${bad.size} of ${stars} stars have no good pixel after processing: ${[...bad].slice(0, 5).join(', ')}${bad.size > 5 ? ', …' : ''}`,
    )
  return { stars, read, bad: bad.size, selection: clauses, figures }
}

/** A crop, a grid elsewhere or a mask can leave nothing of a star without any step failing. */
function starsWithoutPixels({ n, nPix, ivar, starId }: Spectra): string[] {
  return Array.from({ length: n }, (_, row) => row)
    .filter((row) => !ivar.subarray(row * nPix, (row + 1) * nPix).some((weight) => weight > 0))
    .map((row) => starId[row]!)
}

function tellClauses(clauses: readonly ClauseReport[]): string {
  return clauses.map(({ clause, removes }) => `; ${clause} removes ${removes}`).join('')
}

async function* prepend<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}
