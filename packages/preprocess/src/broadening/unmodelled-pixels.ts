import type { Piece } from '../pixels/pieces.js'

/** A pixel that a model does not have: its flux is drawn between two that it has. */
export interface FilledPixel {
  readonly pixel: number
  readonly left: number
  readonly right: number
  /** Share of the right one. */
  readonly share: number
}

/**
 * Where the flux of pixels comes from that a model says nothing about; beyond the last pixel that it has, from that one.
 * Those of a piece without any are left as they are.
 *
 * @param unmodelled pixels, in any order.
 */
export function filledPixels(unmodelled: readonly number[], pieces: readonly Piece[]): FilledPixel[] {
  const absent = new Set(unmodelled)
  const filled: FilledPixel[] = []
  for (const { start, end } of pieces) {
    let left = -1
    for (let i = start; i < end; i++) {
      if (!absent.has(i)) {
        left = i
        continue
      }
      let right = i
      while (right < end && absent.has(right)) right++
      if (right === end) right = left
      const from = left < 0 ? right : left
      if (from < 0) break
      filled.push({ pixel: i, left: from, right, share: right === from ? 0 : (i - from) / (right - from) })
    }
  }
  return filled
}
