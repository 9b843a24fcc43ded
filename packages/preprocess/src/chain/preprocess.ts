import type { Continuum, Spectra } from '@astrolabel/spectra'
import { concatTables, sliceSpectra } from '@astrolabel/spectra'
import { broadenSpectra } from '../broadening/broaden-spectra.js'
import { copyLineSpread, roomForLineSpread } from '../broadening/line-spread.js'
import { addVelocities } from '../velocities/add-velocities.js'
import { applyMask } from '../masks/apply-mask.js'
import { clipOutliers } from '../masks/clip-outliers.js'
import { maskCosmicRays } from '../masks/cosmic-rays.js'
import { maskTellurics, maskWindows } from '../masks/mask-windows.js'
import { checkSteps } from './check-steps.js'
import { cropSpectra } from '../resampling/crop-spectra.js'
import { interpolateBad } from '../pixels/interpolate-bad.js'
import { makeContinuum, normaliseContinuum } from '../continuum/normalise-continuum.js'
import { resampleSpectra } from '../resampling/resample-spectra.js'
import { toRestFrame } from '../velocities/rest-frame.js'
import type { ResultRoom, StepRunOptions } from '../pixels/row-operation.js'
import type { ContinuumStep, PreprocessStep } from './steps.js'
import { stitchSegments } from '../resampling/stitch-segments.js'

/** Options of {@link preprocess}; progress counts stars × steps. */
export type PreprocessOptions = StepRunOptions

/** Pixels that go through the whole chain together: small enough to stay in the cache from step to step. */
const BLOCK_PIXELS = 2 ** 18

/**
 * Run a chain of steps on a batch of spectra. Each star is treated by itself, so how stars are put into batches does
 * not matter.
 *
 * @param steps plain JSON, see {@link PreprocessStep} and {@link recipes}.
 * @returns a new batch; each step has added itself to the history. A star that cannot be treated has ivar 0.
 * @throws `preprocess/unknown-step` and its kin before anything is computed, and what the steps throw.
 */
export function preprocess(
  spectra: Spectra,
  steps: readonly PreprocessStep[],
  options: PreprocessOptions = {},
): Spectra {
  checkSteps(steps)
  const { n, nPix } = spectra
  const chain: Chain = { steps, estimators: estimatorsOf(steps), n, options }
  const rows = Math.max(1, Math.floor(BLOCK_PIXELS / Math.max(1, nPix)))
  if (n <= rows) return runChain(spectra, chain, 0)
  const first = runChain(sliceSpectra(spectra, 0, rows), chain, 0)
  const whole = roomFor(first, spectra)
  const catalogs = [first.catalog]
  copyRows(first, whole, 0)
  for (let from = rows; from < n; from += rows) {
    const to = Math.min(n, from + rows)
    const range = [from * whole.nPix, to * whole.nPix] as const
    const room = { flux: whole.flux.subarray(...range), ivar: whole.ivar.subarray(...range) }
    const block = runChain(sliceSpectra(spectra, from, to), chain, from, room)
    catalogs.push(block.catalog)
    copyRows(block, whole, from)
  }
  return steps.some(({ step }) => step === 'velocity') ? { ...whole, catalog: concatTables(catalogs) } : whole
}

/** A chain on its way through the blocks of a batch of `n` stars. */
interface Chain {
  readonly steps: readonly PreprocessStep[]
  /** Those of its continuum steps, which remember what they know of the grid from block to block. */
  readonly estimators: ReadonlyMap<PreprocessStep, Continuum>
  readonly n: number
  readonly options: PreprocessOptions
}

function estimatorsOf(steps: readonly PreprocessStep[]): Map<PreprocessStep, Continuum> {
  return new Map(steps.filter((step) => step.step === 'continuum').map((step) => [step, makeContinuum(step)]))
}

/** All steps on a block of which the first star is number `from`; the last one may leave its result in `room`. */
function runChain(block: Spectra, { steps, estimators, n, options }: Chain, from: number, room?: ResultRoom): Spectra {
  const total = n * steps.length
  return steps.reduce((current, step, index) => {
    const before = from * steps.length + index * block.n
    const run: StepRunOptions = {
      signal: options.signal,
      onBadStar: (star) => options.onBadStar?.({ ...star, row: from + star.row }),
      onProgress: (row) => options.onProgress?.(before + row, total),
    }
    const last = index === steps.length - 1
    const done =
      step.step === 'continuum'
        ? normaliseContinuum(current, step, run, estimators.get(step), last ? room : undefined)
        : applyStep(current, step, run)
    options.onProgress?.(before + block.n, total)
    return done
  }, block)
}

/**
 * What a block became, with room for all the stars; the steps leave identity alone, and of the catalogue all but the
 * line spread, which goes with the pixels, and velocities.
 */
function roomFor(block: Spectra, { n, starId, ra, dec, snr, catalog }: Spectra): Spectra {
  const size = n * block.nPix
  return {
    ...block,
    n,
    starId,
    ra,
    dec,
    snr,
    catalog: roomForLineSpread(block.catalog, catalog),
    flux: new Float32Array(size),
    ivar: new Float32Array(size),
    ...(block.mask === undefined ? {} : { mask: new Uint32Array(size) }),
    ...(block.wave === undefined ? {} : { wave: new Float64Array(size) }),
  }
}

function copyRows(block: Spectra, whole: Spectra, from: number): void {
  const at = from * block.nPix
  copyLineSpread(block.catalog, whole.catalog, from)
  // Already there when the last step left its result in the room it was given.
  if (block.flux.buffer !== whole.flux.buffer) {
    whole.flux.set(block.flux, at)
    whole.ivar.set(block.ivar, at)
  }
  if (block.mask !== undefined) whole.mask?.set(block.mask, at)
  if (block.wave !== undefined) whole.wave?.set(block.wave, at)
}

function applyStep(spectra: Spectra, step: Exclude<PreprocessStep, ContinuumStep>, run: StepRunOptions): Spectra {
  switch (step.step) {
    case 'mask':
      return applyMask(spectra, step, run)
    case 'windows':
      return maskWindows(spectra, step, run)
    case 'tellurics':
      return maskTellurics(spectra, step, run)
    case 'clip':
      return clipOutliers(spectra, step, run)
    case 'cosmics':
      return maskCosmicRays(spectra, step, run)
    case 'interpolate':
      return interpolateBad(spectra, {}, run)
    case 'stitch':
      return stitchSegments(spectra, step, run)
    case 'velocity':
      return addVelocities(spectra, step, run)
    case 'rest':
      return toRestFrame(spectra, step, run)
    case 'crop':
      return cropSpectra(spectra, step)
    case 'resample':
      return resampleSpectra(spectra, step, run)
    case 'broaden': {
      const { step: _, ...options } = step
      return broadenSpectra(spectra, options, run)
    }
  }
}
