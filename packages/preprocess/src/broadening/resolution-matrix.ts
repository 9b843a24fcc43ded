import type { Piece } from '../pixels/pieces.js'

/** A resolution matrix R of a star, kept by diagonals as DESI's files keep it. */
export interface ResolutionMatrix {
  /**
   * (nDiag × nPix) row-major: diagonal d of pixel j is R[j − o, j] with o = (nDiag − 1)/2 − d, what a true flux of 1 at
   * pixel j gives at pixel j − o.
   */
  readonly diagonals: Float32Array | Float64Array
  /** Odd. */
  readonly nDiag: number
}

/**
 * The spectrum as the instrument sees it: out_i = Σ_j R[i, j] flux_j, arm by arm.
 *
 * @param flux (nPix) in the unit of the result.
 * @param arms ranges of pixels that do not see one another; all pixels when absent.
 * Cost: nDiag × nPix.
 */
export function applyResolutionMatrix(
  { diagonals, nDiag }: ResolutionMatrix,
  flux: ArrayLike<number>,
  out: Float32Array | Float64Array,
  arms: readonly Piece[] = [{ start: 0, end: out.length }],
): void {
  const nPix = out.length
  const half = (nDiag - 1) / 2
  for (const { start, end } of arms) {
    for (let i = start; i < end; i++) {
      let sum = 0
      for (let o = Math.max(-half, start - i); o <= half && i + o < end; o++)
        sum += diagonals[(half - o) * nPix + i + o]! * flux[i + o]!
      out[i] = sum
    }
  }
}

/**
 * σ of the Gaussian with the second moment of each row of a resolution matrix.
 *
 * Rows cut off by the end of an arm have that of the nearest whole one.
 *
 * @param wave (nPix) Å.
 * @returns (nPix) Å; 0 where the matrix says nothing, at pixels that no exposure saw.
 */
export function sigmaOfMatrix(
  { diagonals, nDiag }: ResolutionMatrix,
  wave: Float64Array,
  arms: readonly Piece[] = [{ start: 0, end: wave.length }],
): Float32Array {
  const nPix = wave.length
  const half = (nDiag - 1) / 2
  const out = new Float32Array(nPix)
  for (const { start, end } of arms) {
    if (end - start < nDiag) continue
    for (let i = start + half; i < end - half; i++) {
      let sum = 0
      let first = 0
      let second = 0
      for (let o = -half; o <= half; o++) {
        const weight = diagonals[(half - o) * nPix + i + o]!
        const distance = wave[i + o]! - wave[i]!
        sum += weight
        first += weight * distance
        second += weight * distance * distance
      }
      const variance = second / sum - (first / sum) ** 2
      out[i] = sum > 0 && variance > 0 ? Math.sqrt(variance) : 0
    }
    out.fill(out[start + half]!, start, start + half)
    out.fill(out[end - half - 1]!, end - half, end)
  }
  return out
}

/**
 * The matrix of the pixels of `keep`, one piece after another.
 *
 * A row belongs to the arm that saw its pixel: where pieces of two arms are joined, what is left of a line on the other
 * side of the joint comes from the row's own arm, whose matrix reaches beyond the trims.
 *
 * @param arms of the source.
 * @param joined true when neighbouring pieces become neighbours in wavelength too.
 */
export function takeMatrixPixels(
  { diagonals, nDiag }: ResolutionMatrix,
  nPix: number,
  arms: readonly Piece[],
  keep: readonly Piece[],
  joined: boolean,
): Float32Array {
  const half = (nDiag - 1) / 2
  const width = keep.reduce((sum, { start, end }) => sum + end - start, 0)
  const out = new Float32Array(nDiag * width)
  let at = 0
  for (const { start, end } of keep) {
    const arm = arms.find((candidate) => candidate.start <= start && end <= candidate.end) ?? { start: 0, end: nPix }
    const length = end - start
    for (let k = 0; k < length; k++) {
      for (let o = -half; o <= half; o++) {
        const from = start + k + o
        const to = at + k + o
        if (from < arm.start || from >= arm.end || to < 0 || to >= width) continue
        if (!joined && (k + o < 0 || k + o >= length)) continue
        out[(half - o) * width + to] = diagonals[(half - o) * nPix + from]!
      }
    }
    at += length
  }
  return out
}
