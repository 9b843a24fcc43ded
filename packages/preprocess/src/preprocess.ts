import type { Spectra } from '@astrolabel/spectra'
import { concatSpectra, takeRows } from '@astrolabel/spectra'
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

/** Pixels that go through the whole chain together: small enough to stay in the cache from step to step. */
const BLOCK_PIXELS = 2 ** 19

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
  const { n, nPix } = spectra
  const rows = Math.max(1, Math.floor(BLOCK_PIXELS / Math.max(1, nPix)))
  const total = n * steps.length
  const blocks: Spectra[] = []
  for (let from = 0; from < Math.max(1, n); from += rows) {
    const to = Math.min(n, from + rows)
    const done = steps.reduce(
      (current, step, index) =>
        applyStep(current, step, {
          signal: options.signal,
          onBadStar: (star) => options.onBadStar?.({ ...star, row: from + star.row }),
          onProgress: (row) => options.onProgress?.(from * steps.length + index * (to - from) + row, total),
        }),
      rowRange(spectra, from, to),
    )
    options.onProgress?.(to * steps.length, total)
    blocks.push(done)
  }
  // No step touches these; taking them as they came spares putting them together.
  const { starId, ra, dec, snr, catalog } = spectra
  return { ...concatSpectra(blocks), starId, ra, dec, snr, catalog }
}

/** Rows from … to-1 as views of the same matrices. */
function rowRange(spectra: Spectra, from: number, to: number): Spectra {
  const { n, nPix, mask, wave } = spectra
  if (from === 0 && to === n) return spectra
  return {
    ...spectra,
    n: to - from,
    starId: spectra.starId.slice(from, to),
    ra: spectra.ra.subarray(from, to),
    dec: spectra.dec.subarray(from, to),
    flux: spectra.flux.subarray(from * nPix, to * nPix),
    ivar: spectra.ivar.subarray(from * nPix, to * nPix),
    snr: spectra.snr.subarray(from, to),
    catalog: takeRows(spectra.catalog, Int32Array.from({ length: to - from }, (_, i) => from + i)),
    ...(mask === undefined ? {} : { mask: mask.subarray(from * nPix, to * nPix) }),
    ...(wave === undefined ? {} : { wave: wave.subarray(from * nPix, to * nPix) }),
  }
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
