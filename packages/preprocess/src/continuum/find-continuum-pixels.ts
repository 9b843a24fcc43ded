import type { Fittable, ForwardModel, RunOptions, Spectra } from '@astrolabel/spectra'
import {
  AstrolabelError,
  pixelWavelengths,
  requireTraining,
  sameWavelengths,
  throwIfAborted,
  wavelengths,
} from '@astrolabel/spectra'
import { isGood, requireCommonGrid } from '../pixels/row-operation.js'
import type { ContinuumPixels, PixelChoiceOptions } from './spread-pixels.js'
import { spreadPixels } from './spread-pixels.js'

/** What a polynomial model of spectra says of each pixel. */
export interface PixelCoefficients {
  /** (nPix) Å. */
  readonly wave: Float64Array
  /** (nPix) normalised flux at the pivot of the labels; 0 at pixels that are not modelled. */
  readonly baseline: ArrayLike<number>
  /** (nPix × L) row-major: first derivatives by the labels. */
  readonly slopes: ArrayLike<number>
  /** (L) typical spread of each label in the unit of its slope; default 1, right for scaled labels. */
  readonly spread?: ArrayLike<number>
}

/**
 * Continuum pixels by the coefficients of The Cannon (Ness et al. 2015, section 2.3): those whose baseline is near 1 and
 * whose flux changes least with any label over the spread of the stars; the largest of the |slope| × spread counts.
 *
 * Coefficients of a model that was trained on training stars only keep the choice free of the stars that test it.
 *
 * @throws `spectra/shape` when the arrays do not fit together, and what {@link PixelChoiceOptions} are refused for.
 */
export function continuumPixelsByCoefficients(
  { wave, baseline, slopes, spread }: PixelCoefficients,
  options: PixelChoiceOptions = {},
): ContinuumPixels {
  const nPix = wave.length
  const count = spread?.length ?? slopes.length / nPix
  if (baseline.length !== nPix || slopes.length !== nPix * count || !Number.isInteger(count)) {
    throw new AstrolabelError('spectra/shape', 'The coefficients do not fit the wavelengths', {
      got: `${baseline.length} of the baseline, ${slopes.length} slopes`,
      expected: `${nPix} pixels, as many slopes each as labels`,
    })
  }
  const sensitivity = new Float64Array(nPix)
  for (let p = 0; p < nPix; p++)
    for (let l = 0; l < count; l++)
      sensitivity[p] = Math.max(sensitivity[p]!, Math.abs(slopes[p * count + l]!) * (spread?.[l] ?? 1))
  return spreadPixels(wave, Float64Array.from(baseline), sensitivity, options)
}

/**
 * Continuum pixels by how a model of spectra depends on its labels: those whose mean flux over the labels is near the
 * envelope and whose standard deviation over them is smallest.
 *
 * The labels are best those of the training stars, or a mesh ({@link labelMesh}) that stays where they are: elsewhere a
 * model extrapolates. A model and labels of training stars keep the choice free of the stars that test it.
 *
 * @param labels (m × L) row-major, in the units of the model. Progress counts them. Cost m evaluations.
 * @throws `spectra/shape` when `labels` does not hold two rows or more, and what {@link PixelChoiceOptions} are refused
 * for.
 */
export function continuumPixelsByModel(
  model: ForwardModel,
  labels: Float64Array,
  options: PixelChoiceOptions & RunOptions = {},
): ContinuumPixels {
  const width = model.labels.length
  const m = labels.length / width
  if (!Number.isInteger(m) || m < 2) {
    throw new AstrolabelError('spectra/shape', 'The labels are not rows for the model', {
      got: `${labels.length} values`,
      expected: `two rows or more of ${width}: ${model.labels.map(({ name }) => name).join(', ')}`,
    })
  }
  const wave = wavelengths(model.wavelength)
  const nPix = wave.length
  const flux = new Float64Array(nPix)
  const mean = new Float64Array(nPix)
  const squares = new Float64Array(nPix)
  for (let k = 0; k < m; k++) {
    throwIfAborted(options)
    model.evaluate(labels.subarray(k * width, (k + 1) * width), flux)
    // Welford's way, which does not cancel where the flux hardly changes.
    for (let p = 0; p < nPix; p++) {
      const off = flux[p]! - mean[p]!
      mean[p]! += off / (k + 1)
      squares[p]! += off * (flux[p]! - mean[p]!)
    }
    options.onProgress?.(k + 1, m)
  }
  return spreadPixels(
    wave,
    mean,
    squares.map((s) => Math.sqrt(s / (m - 1))),
    options,
  )
}

/**
 * All combinations of evenly spaced labels, (Π counts × L) row-major, the last axis fastest.
 *
 * @param axes For each label the first value, the last, and how many.
 */
export function labelMesh(axes: readonly (readonly [from: number, to: number, count: number])[]): Float64Array {
  const total = axes.reduce((product, [, , count]) => product * count, 1)
  const out = new Float64Array(total * axes.length)
  let repeat = total
  axes.forEach(([from, to, count], l) => {
    repeat /= count
    for (let k = 0; k < total; k++) {
      const step = Math.floor(k / repeat) % count
      out[k * axes.length + l] = count === 1 ? from : from + ((to - from) * step) / (count - 1)
    }
  })
  return out
}

/**
 * Continuum pixels from normalised spectra alone: those whose mean flux is near the envelope and that scatter least from
 * star to star beyond their noise (method of moments; all of the scatter for spectra without errors).
 *
 * @param batches Training stars only: the choice must not have seen those that test it. Read once, in flat memory.
 * @throws `preprocess/not-normalised`, `preprocess/own-wavelengths`, `spectra/other-grid`, `split/test-part`, `split/two-parts`, and what
 * {@link PixelChoiceOptions} are refused for.
 */
export async function continuumPixelsOfSpectra(
  batches: Iterable<Fittable> | AsyncIterable<Fittable>,
  options: PixelChoiceOptions & RunOptions = {},
): Promise<ContinuumPixels> {
  let sums: PixelSums | undefined
  for await (const batch of batches) {
    throwIfAborted(options)
    requireTraining(batch, 'A list of continuum pixels')
    sums ??= new PixelSums(batch)
    sums.add(batch)
    options.onProgress?.(sums.stars, 0)
  }
  if (sums === undefined)
    throw new AstrolabelError('preprocess/no-stars', 'There is no spectrum to find continuum pixels in')
  return spreadPixels(sums.wave, sums.mean(), sums.scatter(), options)
}

/** Sums over stars of weights and deviations from 1, (nPix) each. */
class PixelSums {
  readonly wave: Float64Array
  readonly #first: Spectra
  readonly #count: Float64Array
  readonly #w: Float64Array
  readonly #ww: Float64Array
  readonly #wy: Float64Array
  readonly #wyy: Float64Array
  stars = 0

  constructor(first: Spectra) {
    requireCommonGrid(first, 'of finding continuum pixels')
    this.#first = first
    this.wave = pixelWavelengths(first.meta)
    this.#count = new Float64Array(first.nPix)
    this.#w = new Float64Array(first.nPix)
    this.#ww = new Float64Array(first.nPix)
    this.#wy = new Float64Array(first.nPix)
    this.#wyy = new Float64Array(first.nPix)
  }

  add(batch: Spectra): void {
    if (batch.meta.stage !== 'normalised') {
      throw new AstrolabelError('preprocess/not-normalised', 'Continuum pixels are found in normalised spectra', {
        got: `stage ${batch.meta.stage}`,
        expected: 'normalised',
        remedy: 'Run a continuum step first, for instance polynomial: the pixels it lends are for a second round',
      })
    }
    if (!sameWavelengths(batch.meta, this.#first.meta)) {
      throw new AstrolabelError('spectra/other-grid', 'The spectra do not lie on one wavelength grid', {
        remedy: 'Resample them first',
      })
    }
    const { n, nPix, flux, ivar } = batch
    this.stars += n
    for (let row = 0; row < n; row++)
      for (let p = 0; p < nPix; p++) {
        const i = row * nPix + p
        if (!isGood(flux[i]!, ivar[i]!)) continue
        const w = ivar[i]!
        const y = flux[i]! - 1
        this.#count[p]!++
        this.#w[p]! += w
        this.#ww[p]! += w * w
        this.#wy[p]! += w * y
        this.#wyy[p]! += w * y * y
      }
  }

  mean(): Float64Array {
    return this.#wy.map((sum, p) => 1 + sum / this.#w[p]!)
  }

  /** Standard deviation between stars beyond the noise; NaN where fewer than half of the stars have a good pixel. */
  scatter(): Float64Array {
    const noise = this.#first.meta.noise === 'measured' ? 1 : 0
    return this.#w.map((w, p) => {
      const count = this.#count[p]!
      if (count < 2 || count < this.stars / 2) return Number.NaN
      const chi2 = this.#wyy[p]! - this.#wy[p]! ** 2 / w
      return Math.sqrt(Math.max(0, chi2 - noise * (count - 1)) / (w - this.#ww[p]! / w))
    })
  }
}
