import type { Labels } from '@astrolabel/spectra'
import { concatLabels } from '@astrolabel/spectra'
import { writeLabelsFile } from '@astrolabel/spectra/node'
import { readLabels } from '../operations/evaluate-files.js'
import { modelRequest, searchFolderOf } from '../operations/train-on-rows.js'
import type { FoldRunner } from '../run/fold-runner.js'
import type { Stage } from '../run/run-folder.js'
import type { StageContext } from './stage-context.js'

/** What one fold is: rows of the processed spectra, and where its model and labels go in the run folder. */
export interface Fold {
  readonly name: string
  readonly train: readonly number[]
  readonly test: readonly number[]
  readonly model: string
  /** Absent when no star is held out. */
  readonly labels?: string
}

/** Files of a search in its folder that a run's manifest keeps. */
const SEARCH_FILES = ['search.json', 'search.csv', 'search.arrow', 'search.svg']

/**
 * Train on some stars and label the others.
 *
 * @param threads Threads of a search and of a forest: those that other folds leave.
 */
export function foldStage(context: StageContext, runner: FoldRunner, fold: Fold, threads = 1): Stage {
  const { name, train, test, model, labels } = fold
  const request = modelRequest(context.recipe.train, context.recipe.seed)
  return {
    name,
    options: { request, train: train.length, test: test.length },
    inputs: [context.spectra, context.split],
    outputs: [
      model,
      ...(labels === undefined ? [] : [labels]),
      ...(request.search === undefined ? [] : SEARCH_FILES.map((file) => `${searchFolderOf(model)}/${file}`)),
    ],
    run: async ([modelPath, second], onProgress, signal) => {
      const labelsPath = labels === undefined ? undefined : second
      await runner.run({ request, train, test, model: modelPath!, labels: labelsPath, threads }, { onProgress, signal })
      return { text: `${train.length} stars${test.length > 0 ? `, ${test.length} held out labelled` : ''}` }
    },
  }
}

/** Put the labels of all folds into one file. */
export function collectStage(context: StageContext, folds: readonly Fold[]): Stage {
  const parts = folds.map((fold) => context.folder.file(fold.labels!))
  return {
    name: 'collect',
    options: {},
    inputs: parts,
    outputs: ['5-label/labels.arrow'],
    run: async ([out]) => {
      const labels: Labels[] = []
      for (const path of parts) labels.push(await readLabels(path))
      return { text: `${await writeLabelsFile(out!, [concatLabels(labels)])} labelled stars` }
    },
  }
}
