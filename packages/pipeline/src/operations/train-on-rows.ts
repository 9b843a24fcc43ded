import type { CannonOptions } from '@astrolabel/cannon'
import { trainCannon } from '@astrolabel/cannon'
import type { LabelModel, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, takeSpectra } from '@astrolabel/spectra'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { MODEL_KINDS } from '../models.js'

/** What kind of model, of which labels, with which of its own options. */
export interface ModelRequest {
  readonly model: string
  readonly labels: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Train a model on the labels that travel with the spectra.
 *
 * @throws `model/unknown-kind`, `labels/no-column`, and what the model itself says of its options and data.
 */
export function trainModel(spectra: Spectra, request: ModelRequest, run: RunOptions = {}): LabelModel {
  const labels: Labels = labelsOfTable(spectra.catalog, spectra.starId, request.labels)
  switch (request.model) {
    case 'cannon':
      return trainCannon(spectra, labels, { ...(request.options as CannonOptions), ...run })
    default:
      throw new AstrolabelError('model/unknown-kind', 'There is no such kind of model', { got: request.model, expected: MODEL_KINDS })
  }
}

/** Train on some rows and label others: one fold. */
export function trainAndTest(
  spectra: Spectra,
  request: ModelRequest,
  split: { readonly train: ArrayLike<number>; readonly test: ArrayLike<number> },
  run: RunOptions = {},
): { model: LabelModel; labels: Labels } {
  const model = trainModel(takeSpectra(spectra, split.train), request, run)
  return { model, labels: model.predict(takeSpectra(spectra, split.test), { signal: run.signal }) }
}
