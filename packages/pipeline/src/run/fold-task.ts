import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { concatSpectra, takePart } from '@astrolabel/spectra'
import { readSpectraFile, writeLabelsFile } from '@astrolabel/spectra/node'
import type { ModelRequest } from '../operations/train-on-rows.js'
import { searchFolderOf, trainModel } from '../operations/train-on-rows.js'
import { writeAside } from './write-aside.js'

/** Train on some rows of a spectra file, write the model, and label other rows with it. */
export interface FoldTask {
  readonly request: ModelRequest
  readonly train: readonly number[]
  readonly test: readonly number[]
  /** Where the model goes. */
  readonly model: string
  /** Where the labels of the test rows go. */
  readonly labels: string | undefined
  /** Threads of a search, and of a forest; 1. The result is the same. */
  readonly threads?: number | undefined
}

/** All spectra of a file, in memory. */
export async function loadSpectra(path: string): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of readSpectraFile(path)) batches.push(batch)
  return concatSpectra(batches)
}

/** Do one fold. */
export async function runFold(spectra: Spectra, task: FoldTask, run: RunOptions): Promise<void> {
  const model = await trainModel(takePart(spectra, task, 'train'), task.request, {
    ...run,
    threads: task.threads,
    searchFolder: searchFolderOf(task.model),
  })
  await writeAside(task.model, model.toArrow())
  if (task.labels !== undefined)
    await writeLabelsFile(task.labels, [model.predict(takePart(spectra, task, 'test'), { signal: run.signal })])
}
