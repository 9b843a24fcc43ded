import type { Evaluation, Split } from '@astrolabel/metrics'
import { evaluateLabels, kFold, splitByStar } from '@astrolabel/metrics'
import type { Labels, RunOptions, Spectra, Table } from '@astrolabel/spectra'
import { RandomStream, concatSpectra, makeTable } from '@astrolabel/spectra'
import { readSpectraFile, writeLabelsFile } from '@astrolabel/spectra/node'
import { findFiles } from '@astrolabel/surveys/node'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { matchCatalog } from '../catalogs/match-catalog.js'
import { starGroups } from '../catalogs/star-groups.js'
import { starsInFile } from '../catalogs/stars-in-file.js'
import { readTable } from '../formats/read-table.js'
import { writeTable } from '../formats/write-table.js'
import { chainOf } from '../recipe/load-recipe.js'
import type { Recipe } from '../recipe/recipe.js'
import type { Reporter } from '../reporter.js'
import { writeReport } from '../report/write-report.js'
import { FoldRunner } from '../run/fold-runner.js'
import { RunFolder } from '../run/run-folder.js'
import { writeAside } from '../run/write-aside.js'
import { concatLabels, readLabels } from './evaluate-files.js'
import { ingest } from './ingest.js'
import { preprocessFile } from './preprocess-file.js'
import type { ModelRequest } from './train-on-rows.js'
import { modelRequest } from './train-on-rows.js'

/** Where and how a recipe runs. */
export interface RecipeRunOptions extends RunOptions {
  /** The run folder; made when it is not there, gone on with when it is. */
  readonly out: string
  /** Folds trained side by side; 1. */
  readonly threads?: number
}

/** What a run found. */
export interface RunSummary {
  readonly folder: string
  readonly recipe: string
  readonly stars: number
  readonly evaluation: Evaluation
  /** Files that a person may want, by what they are. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * Run a recipe from survey files to judged labels and a report, stage by stage into a run folder.
 *
 * Stages that are done and whose options and inputs have not changed are not done again.
 *
 * @throws what a stage says; what was done before stays and the next run goes on from there.
 */
export async function runRecipe(recipe: Recipe, options: RecipeRunOptions, reporter: Reporter): Promise<RunSummary> {
  const folder = await RunFolder.open(resolve(options.out), recipe)
  const run = new RecipeRun(recipe, folder, reporter, options)
  await run.ingest()
  if (recipe.crossmatch !== undefined) await run.crossmatch()
  await run.preprocess()
  await run.split()
  await run.trainAndLabel()
  const evaluation = await run.evaluate()
  await run.report(evaluation)
  return {
    folder: folder.path,
    recipe: recipe.name,
    stars: evaluation.n,
    evaluation,
    files: { model: run.model, labels: run.labels, metrics: folder.file('metrics.json'), report: folder.file('report.html'), manifest: folder.file('manifest.json') },
  }
}

class RecipeRun {
  readonly #recipe: Recipe
  readonly #folder: RunFolder
  readonly #reporter: Reporter
  readonly #options: RecipeRunOptions

  constructor(recipe: Recipe, folder: RunFolder, reporter: Reporter, options: RecipeRunOptions) {
    this.#recipe = recipe
    this.#folder = folder
    this.#reporter = reporter
    this.#options = options
  }

  get #raw(): string {
    return this.#folder.file('1-ingest', 'spectra.arrow')
  }
  get #matches(): string {
    return this.#folder.file('2-crossmatch', 'matches.arrow')
  }
  get #spectra(): string {
    return this.#folder.file('3-preprocess', 'spectra.arrow')
  }
  get #split(): string {
    return this.#folder.file('4-train', 'split.arrow')
  }
  get model(): string {
    return this.#folder.file('4-train', 'model.arrow')
  }
  get labels(): string {
    return this.#folder.file('5-label', 'labels.arrow')
  }

  async ingest(): Promise<void> {
    const { survey, paths, catalog } = this.#recipe.ingest
    const sources = paths.map((path) => this.#data(path))
    const labelFile = catalog === undefined ? undefined : this.#data(catalog)
    const files = await findFiles(sources, () => true, 'files')
    await this.#folder.runStage(
      {
        name: 'ingest',
        options: { survey, paths, catalog },
        inputs: [...files, ...(labelFile === undefined ? [] : [labelFile])],
        outputs: ['1-ingest/spectra.arrow'],
        run: async ([out], onProgress, signal) => {
          const summary = await ingest({ survey, paths: sources, catalog: labelFile }, out!, this.#reporter, { onProgress, signal })
          return { text: `${summary.stars} spectra`, summary: { ...summary } }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  async crossmatch(): Promise<void> {
    const { catalog, radius, oneToOne } = this.#recipe.crossmatch!
    const path = this.#data(catalog)
    await this.#folder.runStage(
      {
        name: 'crossmatch',
        options: { radius, oneToOne },
        inputs: [this.#raw, path],
        outputs: ['2-crossmatch/matches.arrow'],
        run: async ([out], onProgress, signal) => {
          const stars = await starsInFile(this.#raw)
          const match = matchCatalog(stars, await readTable(path, { signal, onWarning: (warning) => this.#reporter.warn(warning.message) }), { radius, oneToOne, onProgress, signal })
          await writeTable(out!, match.table)
          const { n, ambiguous, separation_arcsec } = match.summary
          return { text: `${n} of ${stars.n} stars matched within ${radius}″, ${ambiguous} ambiguous, median ${separation_arcsec.median.toFixed(2)}″`, summary: { ...match.summary } }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  async preprocess(): Promise<void> {
    const steps = chainOf(this.#recipe.preprocess)
    const { select, crossmatch } = this.#recipe
    await this.#folder.runStage(
      {
        name: 'preprocess',
        options: { steps, select },
        inputs: crossmatch === undefined ? [this.#raw] : [this.#raw, this.#matches],
        outputs: ['3-preprocess/spectra.arrow'],
        run: async ([out], onProgress, signal) => {
          const catalog = crossmatch === undefined ? undefined : this.#matches
          const summary = await preprocessFile(this.#raw, out!, { steps, select, catalog }, this.#reporter, { onProgress, signal })
          return { text: `${summary.stars} stars`, summary: { ...summary } }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  /** Which star is tested in which fold, decided before anything is learnt. */
  async split(): Promise<void> {
    const { seed, evaluate } = this.#recipe
    const { folds, testFraction } = evaluate
    await this.#folder.runStage(
      {
        name: 'split',
        options: { seed, folds, testFraction },
        inputs: [this.#spectra],
        outputs: ['4-train/split.arrow'],
        run: async ([out]) => {
          const groups: string[] = []
          const stars: string[] = []
          for await (const batch of readSpectraFile(this.#spectra)) {
            groups.push(...starGroups(batch))
            stars.push(...batch.starId)
          }
          const random = RandomStream.fromSeed(seed)
          const splits = folds === undefined ? [splitByStar(groups, testFraction ?? 0.2, random)] : kFold(groups, folds, random)
          await writeTable(out!, splitTable(stars, groups, splits))
          return { text: folds === undefined ? `${splits[0]!.train.length} stars to train on, ${splits[0]!.test.length} held out` : `${folds} folds of ${stars.length} stars` }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  /** One model a fold, each labels the stars it has not seen; with folds, one more model of all stars to keep. */
  async trainAndLabel(): Promise<void> {
    const { folds } = this.#recipe.evaluate
    const fold = columnOf(await readTable(this.#split), 'fold')
    const runner = new FoldRunner(this.#spectra, this.#options.threads ?? 1)
    const rowsWhere = (wanted: (value: number) => boolean): number[] => Array.from(fold.keys()).filter((row) => wanted(fold[row]!))
    try {
      if (folds === undefined) {
        await this.#fold(runner, 'train', rowsWhere((f) => f === 0), rowsWhere((f) => f === 1), '4-train/model.arrow', '5-label/labels.arrow')
        return
      }
      const numbers = Array.from({ length: folds }, (_, i) => i + 1)
      const digits = String(folds).length
      const file = (number: number): string => `fold-${String(number).padStart(digits, '0')}.arrow`
      await runner.all(numbers, (number) =>
        this.#fold(runner, `fold ${number} of ${folds}`, rowsWhere((f) => f !== number), rowsWhere((f) => f === number), `4-train/${file(number)}`, `5-label/${file(number)}`),
      )
      await this.#fold(runner, 'train', rowsWhere(() => true), [], '4-train/model.arrow')
      await this.#collect(numbers.map((number) => this.#folder.file('5-label', file(number))))
    } finally {
      await runner.close()
    }
  }

  async #fold(runner: FoldRunner, name: string, train: readonly number[], test: readonly number[], model: string, labels?: string): Promise<void> {
    const request = this.#request()
    await this.#folder.runStage(
      {
        name,
        options: { request, train: train.length, test: test.length },
        inputs: [this.#spectra, this.#split],
        outputs: labels === undefined ? [model] : [model, labels],
        run: async ([modelPath, labelsPath], onProgress, signal) => {
          await runner.run({ request, train, test, model: modelPath!, labels: labelsPath }, { onProgress, signal })
          return { text: `${train.length} stars${test.length > 0 ? `, ${test.length} held out labelled` : ''}` }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  async #collect(parts: readonly string[]): Promise<void> {
    await this.#folder.runStage(
      {
        name: 'collect',
        options: {},
        inputs: parts,
        outputs: ['5-label/labels.arrow'],
        run: async ([out]) => {
          const labels: Labels[] = []
          for (const path of parts) labels.push(await readLabels(path))
          return { text: `${await writeLabelsFile(out!, [concatLabels(labels)])} labelled stars` }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  async evaluate(): Promise<Evaluation> {
    const { seed, evaluate } = this.#recipe
    const truthFile = evaluate.truth === undefined ? undefined : this.#data(evaluate.truth)
    const record = await this.#folder.runStage(
      {
        name: 'evaluate',
        options: { seed, bootstrap: evaluate.bootstrap },
        inputs: [this.labels, ...(truthFile === undefined ? [this.#spectra] : [truthFile])],
        outputs: ['metrics.json'],
        run: async ([out]) => {
          const truth = truthFile === undefined ? await this.#catalogLabels() : await readLabels(truthFile)
          const bootstrap = evaluate.bootstrap === 0 ? {} : { bootstrap: { samples: evaluate.bootstrap, level: 0.68, random: RandomStream.fromSeed(seed) } }
          const evaluation = evaluateLabels(await readLabels(this.labels), truth, bootstrap)
          await writeAside(out!, `${JSON.stringify(evaluation, null, 2)}\n`)
          return { text: `${evaluation.n} stars compared`, summary: { evaluation } }
        },
      },
      this.#reporter,
      this.#options,
    )
    return record.summary['evaluation'] as Evaluation
  }

  async report(evaluation: Evaluation): Promise<void> {
    const { truth } = this.#recipe.evaluate
    const truthFile = truth === undefined ? undefined : this.#data(truth)
    await this.#folder.runStage(
      {
        name: 'report',
        options: { name: this.#recipe.name, description: this.#recipe.description },
        inputs: [this.#spectra, this.model, this.labels, this.#folder.file('metrics.json'), ...(truthFile === undefined ? [] : [truthFile])],
        outputs: ['report.html'],
        run: async ([out]) => {
          const truthLabels = truthFile === undefined ? await this.#catalogLabels() : await readLabels(truthFile)
          await writeReport(out!, {
            recipe: this.#recipe,
            manifest: this.#folder.manifest,
            spectra: this.#spectra,
            model: this.model,
            labels: await readLabels(this.labels),
            truth: truthLabels,
            evaluation,
          })
          return { text: 'report.html' }
        },
      },
      this.#reporter,
      this.#options,
    )
  }

  #request(): ModelRequest {
    return modelRequest(this.#recipe.train, this.#recipe.seed)
  }

  async #catalogLabels(): Promise<Labels> {
    const batches: Spectra[] = []
    for await (const batch of readSpectraFile(this.#spectra)) batches.push({ ...batch, flux: batch.flux.slice(0, 0), ivar: batch.ivar.slice(0, 0) })
    const all = concatSpectra(batches)
    return labelsOfTable(all.catalog, all.starId, this.#recipe.train.labels)
  }

  /** A path of the recipe: relative to its data folder. */
  #data(path: string): string {
    return existsSync(path) && path.startsWith('/') ? path : resolve(join(this.#recipe.data, path))
  }
}

/** `star_id`, `star_group` and the fold in which the star is tested; with one split, 1 = held out, 0 = training. */
function splitTable(stars: readonly string[], groups: readonly string[], splits: readonly Split[]): Table {
  const fold = new Int32Array(stars.length)
  splits.forEach((split, index) => {
    for (const row of split.test) fold[row] = index + 1
  })
  return makeTable([
    { name: 'star_id', values: stars },
    { name: 'star_group', values: groups },
    { name: 'fold', values: fold },
  ])
}

function columnOf(table: Table, name: string): Int32Array {
  return table.columns.get(name)!.values as Int32Array
}
