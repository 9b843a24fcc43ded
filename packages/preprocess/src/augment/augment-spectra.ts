import type { Column, Fittable, RunOptions, Spectra } from '@astrolabel/spectra'
import {
  AstrolabelError,
  MAX_BATCH_ROWS,
  concatSpectra,
  makeSpectra,
  pixelWavelengths,
  takeSpectra,
  requireTraining,
  throwIfAborted,
} from '@astrolabel/spectra'
import { broadenSpectra } from '../broadening/broaden-spectra.js'
import { withoutLineSpread } from '../broadening/line-spread.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'
import { maskTellurics } from '../masks/mask-windows.js'
import { cutPieces } from '../pixels/pieces.js'
import { resampleShifted } from '../resampling/resample-spectra.js'
import { requireCommonGrid } from '../pixels/row-operation.js'
import type { AugmentOptions, WiggleOptions } from './augment-options.js'
import { checkAugment, rotationRange } from './augment-options.js'
import type { CopyStreams } from './copy-streams.js'
import { copyStreams } from './copy-streams.js'

/** Options of {@link augmentSpectra} besides those of the copies; progress counts stars. */
export interface AugmentRunOptions extends RunOptions {
  /** Default 1. */
  readonly seed?: number
}

/** Catalogue column that tells copies, numbered from 1, from originals, 0. */
const COPY_COLUMN = 'augment_copy'
const VELOCITY_COLUMN = 'augment_velocity'
const ROTATION_COLUMN = 'augment_vsini'

/**
 * Changed copies of training spectra, batch by batch: each star's original, if kept, and then its copies. A copy is
 * first rotated, then shifted, multiplied with wiggles, given noise, and then some of its pixels become bad.
 *
 * Copies keep the identifier, the group and the whole catalogue of their star, so labels are repeated, and a split by
 * star keeps them together; the columns `augment_copy`, `augment_velocity` and `augment_vsini` (km/s) are added. The
 * survey's mask and line spread do not come along: ivar says what is bad. ivar stays honest: it is that of the noise
 * that the copy has, own and added; noise that rotation and shift smoothed is correlated, which it cannot say.
 *
 * Only spectra to train on are taken: copies of stars that are to be tested would tell their answers.
 *
 * The same seed gives the same copies however stars are put into batches.
 *
 * @param batches of one grid, one after another or a single one.
 * @returns batches of at most 1024 rows.
 * @throws `augment/option`, `augment/unknown-option`, `augment/no-noise` for noise by errors that are not known,
 * `preprocess/own-wavelengths`, `split/test-part`, `split/two-parts`, and what maskTellurics throws.
 */
export async function* augmentSpectra(
  batches: Fittable | Iterable<Fittable> | AsyncIterable<Fittable>,
  options: AugmentOptions,
  run: AugmentRunOptions = {},
): AsyncGenerator<Spectra> {
  checkAugment(options, MAX_BATCH_ROWS)
  const { copies = 1, keepOriginals = true } = options
  const together = Math.max(1, Math.floor(MAX_BATCH_ROWS / (copies + (keepOriginals ? 1 : 0))))
  let done = 0
  for await (const batch of 'meta' in batches ? [batches] : batches) {
    requireTraining(batch, 'Augmentation')
    requireCommonGrid(batch, 'augment')
    for (let from = 0; from < batch.n; from += together) {
      throwIfAborted(run)
      const length = Math.min(together, batch.n - from)
      yield augmentRows(
        takeSpectra(
          batch,
          Int32Array.from({ length }, (_, i) => from + i),
        ),
        options,
        run.seed ?? 1,
      )
      done += length
      run.onProgress?.(done, 'meta' in batches ? batches.n : 0)
    }
  }
}

/** Copies of a few stars, all in memory. */
function augmentRows(originals: Spectra, options: AugmentOptions, seed: number): Spectra {
  const { copies = 1, keepOriginals = true } = options
  const { mask: _, ...source } = { ...originals, catalog: withoutLineSpread(originals.catalog) }
  const rows = Int32Array.from({ length: source.n * copies }, (_unused, i) => Math.floor(i / copies))
  const streams = Array.from(rows, (row, i) => copyStreams(source, row, 1 + (i % copies), seed))
  const copied = changed(takeSpectra(source, rows), options, streams)
  const numbers = Int32Array.from(rows, (_unused, i) => 1 + (i % copies))
  const labelled = withColumns(copied.spectra, numbers, copied.velocity, copied.vsini)
  if (!keepOriginals) return labelled
  const none = new Float64Array(source.n)
  const both = concatSpectra([withColumns(source, new Int32Array(source.n), none, none), labelled])
  const order: number[] = []
  for (let row = 0; row < source.n; row++) {
    order.push(row)
    for (let k = 0; k < copies; k++) order.push(source.n + row * copies + k)
  }
  return takeSpectra(both, order)
}

function withColumns(spectra: Spectra, copy: Int32Array, velocity: Float64Array, vsini: Float64Array): Spectra {
  const added: readonly Column[] = [
    { name: COPY_COLUMN, values: copy },
    { name: VELOCITY_COLUMN, values: velocity, unit: 'km/s' },
    { name: ROTATION_COLUMN, values: vsini, unit: 'km/s' },
  ]
  const columns = new Map(spectra.catalog.columns)
  for (const column of added) columns.set(column.name, column)
  return { ...spectra, catalog: { n: spectra.n, columns } }
}

interface Changed {
  readonly spectra: Spectra
  readonly velocity: Float64Array
  readonly vsini: Float64Array
}

/** The copies, each with what its streams draw. */
function changed(copies: Spectra, options: AugmentOptions, streams: readonly CopyStreams[]): Changed {
  const { n, nPix, meta } = copies
  const [low, high] = rotationRange(options.rotation)
  const vsini = Float64Array.from(streams, (of) => (high === 0 ? 0 : low + (high - low) * of('rotation').uniform()))
  const velocity = Float64Array.from(streams, (of) =>
    options.velocity === undefined ? 0 : options.velocity * of('velocity').normal(),
  )
  let spectra = copies
  if (high > 0) spectra = rotated(spectra, vsini, options.limbDarkening ?? 0.6)
  if (options.velocity !== undefined) {
    const factors = velocity.map((v) => 1 / (1 + v / SPEED_OF_LIGHT))
    spectra = resampleShifted(spectra, undefined, factors, meta, {})
  }
  const flux = spectra.flux.slice()
  const ivar = spectra.ivar.slice()
  const parts = streams.map((of, row) => ({
    of,
    row,
    flux: flux.subarray(row * nPix, (row + 1) * nPix),
    ivar: ivar.subarray(row * nPix, (row + 1) * nPix),
    own: copies.ivar.subarray(row * nPix, (row + 1) * nPix),
  }))
  const measured = meta.noise === 'measured'
  const { noise, wiggles, telluric, zero } = options
  if (noise !== undefined) {
    if (typeof noise === 'number' && !measured)
      throw new AstrolabelError('augment/no-noise', 'Spectra without errors have none to draw noise by', {
        got: `noise ${noise}`,
        expected: 'noise: { sigma } in the unit of flux',
      })
    for (const part of parts) addNoise(part, noise, measured)
  }
  if (wiggles !== undefined) for (const part of parts) wiggle(part, spectra, wiggles, measured)
  if (telluric !== undefined) ivar.set(maskTellurics({ ...copies, ivar }, telluric).ivar)
  if (zero !== undefined) for (const part of parts) zeroPixels(part, zero)
  const { starId, ra, dec, catalog } = copies
  const ready = { meta, starId, ra, dec, flux, ivar, catalog, ...(measured ? {} : { snr: copies.snr }) }
  return { spectra: n === 0 ? copies : makeSpectra(ready), velocity, vsini }
}

/** One copy: views of its row. */
interface Copy {
  readonly of: CopyStreams
  readonly row: number
  readonly flux: Float32Array
  readonly ivar: Float32Array
  /** ivar before anything was done. */
  readonly own: Float32Array
}

function rotated(spectra: Spectra, vsini: Float64Array, limbDarkening: number): Spectra {
  const columns = new Map(spectra.catalog.columns).set(ROTATION_COLUMN, { name: ROTATION_COLUMN, values: vsini })
  return broadenSpectra(
    { ...spectra, catalog: { n: spectra.n, columns } },
    { kind: 'rotation', vsini: ROTATION_COLUMN, limbDarkening },
  )
}

/** Noise of the pixel's own error before rotation and shift: as another exposure would have it. */
function addNoise({ of, flux, ivar, own }: Copy, noise: number | { readonly sigma: number }, measured: boolean): void {
  const random = of('noise')
  for (let i = 0; i < flux.length; i++) {
    // Drawn for bad pixels too, so that the noise of a pixel does not depend on which others are bad.
    const draw = random.normal()
    if (!(ivar[i]! > 0)) continue
    const sigma = typeof noise === 'number' ? noise / Math.sqrt(own[i]! > 0 ? own[i]! : ivar[i]!) : noise.sigma
    flux[i]! += sigma * draw
    if (measured) ivar[i] = 1 / (1 / ivar[i]! + sigma * sigma)
  }
}

function wiggle({ of, flux, ivar }: Copy, { meta }: Spectra, options: WiggleOptions, measured: boolean): void {
  const { amplitude, order = 4 } = options
  const random = of('wiggles')
  for (const { start, end } of cutPieces(meta, pixelWavelengths(meta))) {
    // The mean of T_k² over the piece is near 1/2, so that the sum has the variance asked for.
    const scale = amplitude * Math.sqrt(2 / order)
    const a = Float64Array.from({ length: order }, () => scale * random.normal())
    for (let i = start; i < end; i++) {
      const angle = Math.acos(end - start > 1 ? (2 * (i - start)) / (end - start - 1) - 1 : 0)
      let sum = 0
      for (let k = 0; k < order; k++) sum += a[k]! * Math.cos((k + 1) * angle)
      const factor = Math.exp(sum)
      flux[i]! *= factor
      if (measured) ivar[i]! /= factor * factor
    }
  }
}

function zeroPixels({ of, flux, ivar }: Copy, share: number): void {
  const random = of('zero')
  for (let i = 0; i < flux.length; i++) {
    if (random.uniform() >= share) continue
    flux[i] = 0
    ivar[i] = 0
  }
}
