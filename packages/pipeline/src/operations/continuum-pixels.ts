import { CannonModel } from '@astrolabel/cannon'
import type { ContinuumPixels, PixelChoiceOptions } from '@astrolabel/preprocess'
import { continuumPixelsByModel, continuumPixelsOfSpectra } from '@astrolabel/preprocess'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { arrowKind } from '../formats/arrow-table.js'
import { loadModel } from '../models.js'
import { PIXEL_LIST_FORMAT } from '../recipe/pixel-lists.js'
import { writeAside } from '../run/write-aside.js'

/** What was found. */
export interface PixelListSummary {
  readonly source: 'model' | 'spectra'
  readonly pixels: number
  /** Pixels of the whole spectrum. */
  readonly of: number
  /** How many were taken only because their stretch of the spectrum had too few. */
  readonly filled: number
  /** Largest change of the flux of a chosen pixel with the labels. */
  readonly sensitivity: number
}

/**
 * Find continuum pixels and write them as a list that a recipe's continuum step takes as `pixels`.
 *
 * Of a model: the pixels that depend least on its labels, over those of its training stars. Of normalised spectra: those
 * that scatter least from star to star; they should be training stars.
 *
 * @throws `continuum-pixels/input` for a file that holds neither, or a model that predicts no spectra, and what finding
 * them says.
 */
export async function findContinuumPixels(
  input: string,
  out: string,
  options: PixelChoiceOptions,
  run: RunOptions = {},
): Promise<PixelListSummary> {
  const kind = await arrowKind(input)
  if (kind !== 'model' && kind !== 'spectra') throw unfit(`a file of ${kind}`)
  const found = kind === 'model' ? await ofModel(input, options, run) : await ofSpectra(input, options, run)
  const { pixels, windows, sensitivity, filled } = found
  await writeAside(out, `${JSON.stringify({ format: PIXEL_LIST_FORMAT, source: kind, pixels, windows })}\n`)
  return {
    source: kind,
    pixels: pixels.length,
    of: sensitivity.length,
    filled,
    sensitivity: pixels.reduce((most, i) => Math.max(most, sensitivity[i]!), 0),
  }
}

async function ofModel(path: string, options: PixelChoiceOptions, run: RunOptions): Promise<ContinuumPixels> {
  const model = await loadModel(path)
  if (!(model instanceof CannonModel)) throw unfit(`a model of kind ${model.kind}`)
  return continuumPixelsByModel(model, model.trainingLabels(), { ...options, ...run })
}

function ofSpectra(path: string, options: PixelChoiceOptions, run: RunOptions): Promise<ContinuumPixels> {
  return continuumPixelsOfSpectra(readSpectraFile(path), { ...options, ...run })
}

function unfit(got: string): AstrolabelError {
  return new AstrolabelError('continuum-pixels/input', 'Continuum pixels cannot be found from this', {
    got,
    expected: 'normalised spectra (.arrow), or a Cannon, which predicts spectra',
  })
}
