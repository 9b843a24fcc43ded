import type { SpectraMeta } from '@astrolabel/spectra'

/** Neighbouring pixels of a row without a break between them: start … end-1. */
export interface Piece {
  readonly start: number
  readonly end: number
}

/** A step this many times wider than its neighbours is a gap between chips, not a grid that coarsens. */
const GAP_STEPS = 5

/**
 * Cut a row where its continuum may jump: between arms, at gaps in the wavelengths and at the given wavelengths.
 *
 * @param wave (nPix) Å.
 * @param splits Å; the first pixel at or above one begins a new piece.
 * @returns pieces that together hold every pixel once, in order.
 */
export function cutPieces(
  meta: Pick<SpectraMeta, 'segments'>,
  wave: Float64Array,
  splits: readonly number[] = [],
): Piece[] {
  const nPix = wave.length
  const starts = new Set([0])
  for (const segment of meta.segments ?? []) starts.add(segment.start)
  for (let i = 1; i < nPix; i++) {
    const step = wave[i]! - wave[i - 1]!
    const before = i >= 2 ? wave[i - 1]! - wave[i - 2]! : step
    const after = i + 1 < nPix ? wave[i + 1]! - wave[i]! : step
    if (step > GAP_STEPS * Math.max(before, after) && Math.max(before, after) > 0) starts.add(i)
    for (const split of splits) if (wave[i - 1]! < split && wave[i]! >= split) starts.add(i)
  }
  const ordered = [...starts].filter((start) => start < nPix).sort((a, b) => a - b)
  return ordered.map((start, k) => ({ start, end: ordered[k + 1] ?? nPix }))
}

/** Copy pixels start … end-1 of rows from … to-1 next to one another: a matrix ((to - from) × (end - start)). */
export function gatherPiece(
  matrix: Float32Array,
  nPix: number,
  from: number,
  to: number,
  { start, end }: Piece,
): Float32Array {
  if (start === 0 && end === nPix) return matrix.subarray(from * nPix, to * nPix)
  const width = end - start
  const out = new Float32Array((to - from) * width)
  for (let row = from; row < to; row++)
    out.set(matrix.subarray(row * nPix + start, row * nPix + end), (row - from) * width)
  return out
}

/** The reverse of {@link gatherPiece}: write the block back into `matrix`. */
export function scatterPiece(
  block: Float32Array,
  matrix: Float32Array,
  nPix: number,
  from: number,
  { start, end }: Piece,
): void {
  const width = end - start
  for (let at = 0, row = from; at < block.length; at += width, row++)
    matrix.set(block.subarray(at, at + width), row * nPix + start)
}
