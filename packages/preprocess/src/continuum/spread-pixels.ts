import { AstrolabelError } from '@astrolabel/spectra'
import { checkOption } from './piecewise-polynomial.js'
import { cutPieces } from '../pixels/pieces.js'
import { checkWidth } from './width-unit.js'
import { slidingQuantile, windowsAround } from './sliding-quantile.js'

/** How continuum pixels are chosen once it is known how deep and how sensitive each is. */
export interface PixelChoiceOptions {
  /** Part of the pixels of each arm or chip to take; default 0.1. */
  readonly fraction?: number
  /** Take pixels whose typical flux is within this part of the envelope, where there are enough; default 0.05. */
  readonly depth?: number
  /** Å of the bins that each get pixels; default a twentieth of the arm. */
  readonly bin?: number
  /** Pixels that each bin gets at least, as far as it has so many; default 3. */
  readonly perBin?: number
  /**
   * Leave a bin short rather than take pixels that change or lie deeper than `depth` by more than this; default
   * Infinity. Crowded bins mislead a stiff polynomial that its neighbours would carry across.
   */
  readonly limit?: number
  /** Å at which arms are split; default none. Gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
}

/** Pixels that tell the continuum, and why these. */
export interface ContinuumPixels {
  /** Indices, rising: `pixels` of a continuum step on the same grid. */
  readonly pixels: readonly number[]
  /** The same as ranges in Å that hold them and no others: `windows` of a continuum step, on any grid at rest. */
  readonly windows: readonly (readonly [from: number, to: number])[]
  /** (nPix) change of the normalised flux with the labels; NaN where it cannot be told. */
  readonly sensitivity: Float64Array
  /** (nPix) part of the envelope by which the typical flux lies under it; NaN where it cannot be told. */
  readonly depth: Float64Array
  /** How many were taken only because their bin had too few. */
  readonly filled: number
}

/** The envelope is this quantile of the typical fluxes within a bin on either side: above lines, below noise. */
const ENVELOPE_QUANTILE = 0.95
const BINS = 20

/**
 * Of each arm the pixels that change least, among those near the envelope; then in each bin the best of what is left
 * until it has enough, so that no polynomial is left without hold.
 *
 * @param wave (nPix) Å, rising.
 * @param typical (nPix) typical normalised flux; not positive or NaN where there is none.
 * @param sensitivity (nPix) how much it changes with the labels; NaN where it is unknown.
 * @throws `preprocess/option`, `preprocess/overlapping-arms`; `preprocess/no-continuum-pixels` when no pixel can be told.
 */
export function spreadPixels(
  wave: Float64Array,
  typical: Float64Array,
  sensitivity: Float64Array,
  options: PixelChoiceOptions,
): ContinuumPixels {
  const { fraction = 0.1, depth: deepest = 0.05, perBin = 3, limit = Number.POSITIVE_INFINITY, splits = [] } = options
  checkOption(fraction >= 0 && fraction <= 1, 'fraction', fraction, 'a number from 0 to 1')
  checkOption(deepest >= 0, 'depth', deepest, 'a number, 0 or more')
  checkOption(Number.isInteger(perBin) && perBin >= 0, 'perBin', perBin, 'an integer, 0 or more')
  checkOption(limit >= 0, 'limit', limit, 'a number, 0 or more')
  const falls = wave.findIndex((w, i) => i > 0 && w <= wave[i - 1]!)
  if (falls >= 0) {
    throw new AstrolabelError('preprocess/overlapping-arms', 'Continuum pixels need wavelengths that rise', {
      got: `${wave[falls - 1]} Å and ${wave[falls]} Å after it`,
      expected: 'arms that do not overlap',
      remedy: 'Put a stitch step before the continuum',
    })
  }
  if (options.bin !== undefined) checkWidth('bin', options.bin)
  const depth = new Float64Array(wave.length).fill(Number.NaN)
  const chosen = new Uint8Array(wave.length)
  let filled = 0
  for (const { start, end } of cutPieces({}, wave, splits)) {
    const piece = wave.subarray(start, end)
    const bin = options.bin ?? Math.max(piece[piece.length - 1]! - piece[0]!, Number.MIN_VALUE) / BINS
    const known = [...piece.keys()].filter((i) => typical[start + i]! > 0 && Number.isFinite(sensitivity[start + i]!))
    depth.set(depthsOf(piece, typical.subarray(start, end), known, bin), start)
    const near = known.filter((i) => depth[start + i]! <= deepest)
    // Of few stars many pixels show no change at all: the envelope decides among them.
    near.sort((a, b) => sensitivity[start + a]! - sensitivity[start + b]! || depth[start + a]! - depth[start + b]!)
    for (const i of near.slice(0, Math.round(fraction * piece.length))) chosen[start + i] = 1
    // Deep pixels that the labels leave alone, such as blends, come after shallow ones that change as much.
    const cost = (i: number): number => sensitivity[start + i]! + Math.max(0, depth[start + i]! - deepest)
    const bearable = known.filter((i) => chosen[start + i] === 1 || cost(i) <= limit)
    filled += fillBins(piece, bearable, cost, bin, perBin, chosen.subarray(start, end))
  }
  const pixels = [...chosen.keys()].filter((i) => chosen[i] === 1)
  if (pixels.length === 0) {
    throw new AstrolabelError('preprocess/no-continuum-pixels', 'No pixel can be told to be continuum', {
      got: `${wave.length} pixels, none of them with a positive flux and known changes`,
      remedy: 'Give normalised spectra of more stars, or a model that was trained on these wavelengths',
    })
  }
  return { pixels, windows: windowsOf(wave, pixels), sensitivity, depth, filled }
}

/** Part of the envelope by which each known pixel lies off it, (nPix); NaN for the others. */
function depthsOf(wave: Float64Array, typical: Float64Array, known: readonly number[], bin: number): Float64Array {
  const weights = new Float64Array(wave.length)
  for (const i of known) weights[i] = 1
  const envelope = new Float32Array(wave.length)
  slidingQuantile(Float32Array.from(typical), weights, windowsAround(wave, 2 * bin), ENVELOPE_QUANTILE, envelope)
  return typical.map((flux, i) => (weights[i] === 1 ? Math.abs(1 - flux / envelope[i]!) : Number.NaN))
}

/** Choose the best of the pixels of bins with fewer than `perBin` chosen ones; returns how many were added. */
function fillBins(
  wave: Float64Array,
  candidates: readonly number[],
  cost: (i: number) => number,
  bin: number,
  perBin: number,
  chosen: Uint8Array,
): number {
  const bins = new Map<number, number[]>()
  for (const i of candidates) {
    const key = Math.floor((wave[i]! - wave[0]!) / bin)
    const members = bins.get(key)
    if (members === undefined) bins.set(key, [i])
    else members.push(i)
  }
  let added = 0
  for (const members of bins.values()) {
    const missing = perBin - members.filter((i) => chosen[i] === 1).length
    if (missing <= 0) continue
    const rest = members.filter((i) => chosen[i] === 0).sort((a, b) => cost(a) - cost(b) || a - b)
    for (const i of rest.slice(0, missing)) {
      chosen[i] = 1
      added++
    }
  }
  return added
}

/** Ranges in Å that end half-way to the next pixel, one for each run of neighbouring pixels. */
function windowsOf(wave: Float64Array, pixels: readonly number[]): [from: number, to: number][] {
  // Three decimals are a hundredth of the narrowest pixels there are.
  const edge = (i: number): number => Math.round(((wave[i - 1]! + wave[i]!) / 2) * 1000) / 1000
  const windows: [number, number][] = []
  let first = 0
  for (let k = 1; k <= pixels.length; k++) {
    if (pixels[k] === pixels[k - 1]! + 1) continue
    const from = pixels[first]!
    const to = pixels[k - 1]!
    windows.push([from === 0 ? wave[0]! : edge(from), to === wave.length - 1 ? wave[to]! : edge(to + 1)])
    first = k
  }
  return windows
}
