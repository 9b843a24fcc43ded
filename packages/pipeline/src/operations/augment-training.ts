import type { AugmentOptions } from '@astrolabel/preprocess'
import { augmentSpectra } from '@astrolabel/preprocess'
import type { Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, concatSpectra, takeLabels } from '@astrolabel/spectra'

/** Spectra to train on with their labels, a row a row. */
export interface TrainingRows {
  readonly spectra: Spectra
  readonly labels: Labels
}

/** Labels that a change of the spectrum would change too. */
const CHANGED_LABELS: readonly (readonly [keyof AugmentOptions, string])[] = [
  ['velocity', 'v_rad'],
  ['rotation', 'v_sini'],
]

/**
 * The training rows with changed copies among them, labels repeated. To be called inside each fold, with its training
 * stars alone: what is given here is trained on.
 *
 * @throws `augment/changes-label` when a label to learn is what the copies differ in, and what augmentSpectra throws.
 * Cost in memory: as many times the spectra as there are copies.
 */
export async function augmentTraining(
  rows: TrainingRows,
  options: AugmentOptions | undefined,
  seed: number,
  run: RunOptions = {},
): Promise<TrainingRows> {
  if (options === undefined) return rows
  const changed = CHANGED_LABELS.find(
    ([name, label]) => options[name] !== undefined && rows.labels.labels.some((one) => one.name === label),
  )
  if (changed !== undefined)
    throw new AstrolabelError('augment/changes-label', 'Copies would have another value of a label to learn', {
      got: `the augmentation ${changed[0]} and the label ${changed[1]}`,
      remedy: 'Leave one of them out',
    })
  const batches: Spectra[] = []
  for await (const batch of augmentSpectra(rows.spectra, options, { seed, signal: run.signal })) batches.push(batch)
  const { copies = 1, keepOriginals = true } = options
  const each = copies + (keepOriginals ? 1 : 0)
  return {
    spectra: concatSpectra(batches),
    labels: takeLabels(
      rows.labels,
      Int32Array.from({ length: rows.labels.n * each }, (_, i) => Math.floor(i / each)),
    ),
  }
}
