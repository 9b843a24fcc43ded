import { chordLimits, type MatchRadius } from './match-radius.js'
import { positionsAtEpoch } from './sky/positions-at-epoch.js'
import { countPlaced, type SkyPositions } from './sky/sky-positions.js'

/** Two catalogues at one epoch, checked, and how far a match may be. */
export interface MatchProblem {
  readonly a: SkyPositions
  readonly b: SkyPositions
  /** Stars with a position. */
  readonly placed: { readonly a: number; readonly b: number }
  readonly radiusArcsec: MatchRadius
  /** (rows of a) largest squared chord. */
  readonly limits: Float64Array
}

/** Checks what a match is given. @throws CrossmatchError as crossmatch does */
export function poseMatch(
  a: SkyPositions,
  b: SkyPositions,
  { radiusArcsec, epoch }: { readonly radiusArcsec: MatchRadius; readonly epoch?: number },
): MatchProblem {
  const limits = chordLimits(radiusArcsec, a.ra.length)
  const sky = { a: positionsAtEpoch(a, 'a', epoch), b: positionsAtEpoch(b, 'b', epoch) }
  const placed = { a: countPlaced(sky.a, 'a'), b: countPlaced(sky.b, 'b') }
  return { ...sky, placed, radiusArcsec, limits }
}
