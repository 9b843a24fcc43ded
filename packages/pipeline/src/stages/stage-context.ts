import type { Labels, Spectra } from '@astrolabel/spectra'
import { concatSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { resolve } from 'node:path'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { readLabels } from '../operations/evaluate-files.js'
import type { Recipe } from '../recipe/recipe.js'
import type { Reporter } from '../reporter.js'
import type { RunFolder } from '../run/run-folder.js'

/** What the stages of a run know of it: the recipe, and where each stage leaves its work for the next. */
export class StageContext {
  readonly recipe: Recipe
  readonly folder: RunFolder
  readonly reporter: Reporter
  readonly threads: number

  constructor(recipe: Recipe, folder: RunFolder, reporter: Reporter, threads = 1) {
    this.recipe = recipe
    this.folder = folder
    this.reporter = reporter
    this.threads = threads
  }

  /** Spectra as the survey's files have them. */
  get rawSpectra(): string {
    return this.folder.file('1-ingest', 'spectra.arrow')
  }

  /** Catalogue rows of the stars. */
  get matches(): string {
    return this.folder.file('2-crossmatch', 'matches.arrow')
  }

  /** Spectra as the model takes them, with the labels to learn. */
  get spectra(): string {
    return this.folder.file('3-preprocess', 'spectra.arrow')
  }

  /** Which star is tested in which fold. */
  get split(): string {
    return this.folder.file('4-train', 'split.arrow')
  }

  /** The model to keep. */
  get model(): string {
    return this.folder.file('4-train', 'model.arrow')
  }

  /** Labels of stars by a model that had not seen them. */
  get labels(): string {
    return this.folder.file('5-label', 'labels.arrow')
  }

  /** The file of true labels, when they are not the catalogue's. */
  get truthFile(): string | undefined {
    const { truth } = this.recipe.evaluate
    return truth === undefined ? undefined : this.data(truth)
  }

  /** A path of the recipe: relative to its data folder. */
  data(path: string): string {
    return resolve(this.recipe.data, path)
  }

  /** The labels that predictions are judged by. */
  async truth(): Promise<Labels> {
    const { truthFile } = this
    if (truthFile !== undefined) return readLabels(truthFile)
    const batches: Spectra[] = []
    for await (const batch of readSpectraFile(this.spectra)) {
      // Labels lie beside the spectra; without the matrices a whole survey fits in memory.
      batches.push({ ...batch, flux: new Float32Array(0), ivar: new Float32Array(0) })
    }
    const { catalog, starId } = concatSpectra(batches)
    return labelsOfTable(catalog, starId, this.recipe.train.labels)
  }
}
