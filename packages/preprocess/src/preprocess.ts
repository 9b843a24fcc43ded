import type { Spectra } from '@astrolabel/spectra'
import { applyMask } from './apply-mask.js'
import { checkSteps } from './check-steps.js'
import { cropSpectra } from './crop-spectra.js'
import { interpolateBad } from './interpolate-bad.js'
import { normaliseContinuum } from './normalise-continuum.js'
import { resampleSpectra } from './resample-spectra.js'
import { toRestFrame } from './rest-frame.js'
import type { StepRunOptions } from './row-operation.js'
import type { PreprocessStep } from './steps.js'
import { stitchSegments } from './stitch-segments.js'

/** Options of {@link preprocess}; progress counts stars × steps. */
export type PreprocessOptions = StepRunOptions

/**
 * Run a chain of steps on a batch of spectra. Each star is treated by itself, so how stars are put into batches does
 * not matter.
 *
 * @param steps plain JSON, see {@link PreprocessStep} and {@link recipes}.
 * @returns a new batch; each step has added itself to the history. A star that cannot be treated has ivar 0.
 * @throws `preprocess/unknown-step` and its kin before anything is computed, and what the steps throw.
 */
export function preprocess(spectra: Spectra, steps: readonly PreprocessStep[], options: PreprocessOptions = {}): Spectra {
  checkSteps(steps)
  const { n } = spectra
  return steps.reduce((current, step, index) => {
    const done = applyStep(current, step, {
      signal: options.signal,
      onBadStar: options.onBadStar,
      onProgress: (rows) => options.onProgress?.(index * n + rows, steps.length * n),
    })
    options.onProgress?.((index + 1) * n, steps.length * n)
    return done
  }, spectra)
}

function applyStep(spectra: Spectra, step: PreprocessStep, run: StepRunOptions): Spectra {
  switch (step.step) {
    case 'mask':
      return applyMask(spectra, step, run)
    case 'interpolate':
      return interpolateBad(spectra, {}, run)
    case 'stitch':
      return stitchSegments(spectra, step)
    case 'rest':
      return toRestFrame(spectra, step, run)
    case 'crop':
      return cropSpectra(spectra, step)
    case 'resample':
      return resampleSpectra(spectra, step, run)
    case 'continuum':
      return normaliseContinuum(spectra, step, run)
  }
}
