import type { RunOptions } from '@astrolabel/spectra'
import { resolve } from 'node:path'
import type { Recipe } from '../recipe/recipe.js'
import type { Reporter } from '../reporter.js'
import { FoldRunner } from '../run/fold-runner.js'
import type { Stage, StageRecord } from '../run/run-folder.js'
import { RunFolder } from '../run/run-folder.js'
import { crossmatchStage } from '../stages/crossmatch-stage.js'
import { evaluateStage } from '../stages/evaluate-stage.js'
import type { Fold } from '../stages/fold-stage.js'
import { collectStage, foldStage } from '../stages/fold-stage.js'
import { ingestStage } from '../stages/ingest-stage.js'
import { preprocessStage } from '../stages/preprocess-stage.js'
import { reportStage } from '../stages/report-stage.js'
import { readFolds, splitStage } from '../stages/split-stage.js'
import { StageContext } from '../stages/stage-context.js'
import type { FullEvaluation } from './evaluate-files.js'

/** Where and how a recipe runs. */
export interface RecipeRunOptions extends RunOptions {
  /** The run folder; made when it is not there, gone on with when it is. */
  readonly out: string
  /** Folds trained and files read side by side; 1. */
  readonly threads?: number
}

/** What a run found. */
export interface RunSummary {
  readonly folder: string
  readonly recipe: string
  readonly stars: number
  readonly evaluation: FullEvaluation
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
  const context = new StageContext(recipe, folder, reporter, options.threads)
  const run = (stage: Stage): Promise<StageRecord> => folder.runStage(stage, reporter, options)
  await run(await ingestStage(context))
  if (recipe.crossmatch !== undefined) await run(crossmatchStage(context, recipe.crossmatch))
  await run(preprocessStage(context))
  await run(splitStage(context))
  await trainAndLabel(context, options.threads ?? 1, run)
  const { summary } = await run(evaluateStage(context))
  const evaluation = summary['evaluation'] as FullEvaluation
  await run(reportStage(context, evaluation))
  return {
    folder: folder.path,
    recipe: recipe.name,
    stars: evaluation.n,
    evaluation,
    files: {
      model: context.model,
      labels: context.labels,
      metrics: folder.file('metrics.json'),
      report: folder.file('report.html'),
      manifest: folder.file('manifest.json'),
    },
  }
}

/** One model a fold, each labels the stars it has not seen; with folds, one more model of all stars to keep. */
async function trainAndLabel(
  context: StageContext,
  threads: number,
  run: (stage: Stage) => Promise<StageRecord>,
): Promise<void> {
  const { folds: count } = context.recipe.evaluate
  const foldOf = await readFolds(context.split)
  const rowsWhere = (wanted: (fold: number) => boolean): number[] =>
    Array.from(foldOf.keys()).filter((row) => wanted(foldOf[row]!))
  const fold = (number: number, name: string, model: string, labels: string): Fold => ({
    name,
    train: rowsWhere((f) => f !== number),
    test: rowsWhere((f) => f === number),
    model,
    labels,
  })
  const runner = new FoldRunner(context.spectra, threads)
  try {
    if (count === undefined) {
      await run(foldStage(context, runner, fold(1, 'train', '4-train/model.arrow', '5-label/labels.arrow'), threads))
      return
    }
    const folds = Array.from({ length: count }, (_, i) => {
      const file = `fold-${String(i + 1).padStart(String(count).length, '0')}.arrow`
      return fold(i + 1, `fold ${i + 1} of ${count}`, `4-train/${file}`, `5-label/${file}`)
    })
    await runner.all(folds, async (one) => void (await run(foldStage(context, runner, one))))
    const all = { name: 'train', train: rowsWhere(() => true), test: [], model: '4-train/model.arrow' }
    await run(foldStage(context, runner, all, threads))
    await run(collectStage(context, folds))
  } finally {
    await runner.close()
  }
}
