import { crossmatch } from './crossmatch.js'
import type { MatchRadius } from './match-radius.js'
import type { SearchOptions } from './search-options.js'
import type { SkyPositions } from './sky/sky-positions.js'

/** One of the catalogues in which a star is looked up. */
export interface ChainLink {
  /** Positions, degrees ICRS. */
  readonly positions: SkyPositions
  /** Largest separation, arcsec, itself included: one number, or one for each row of the first catalogue. */
  readonly radiusArcsec: MatchRadius
  /** Use every star of this catalogue at most once (default false). */
  readonly oneToOne?: boolean
}

/** Where the stars of the first catalogue are in one of the others. Arrays have one value a row of the first. */
export interface ChainMatch {
  /** Number of stars found. */
  readonly n: number
  /** Row in this catalogue, -1 where the star is not found. */
  readonly index: Int32Array
  /** Separation, arcsec, NaN where the star is not found. */
  readonly separationArcsec: Float64Array
  /** Stars of this catalogue inside the radius; 0 where the star is not found. */
  readonly candidates: Int32Array
  /** Stars of this catalogue without a position. */
  readonly withoutPosition: number
}

/** One row a star of the first catalogue. */
export interface ChainResult {
  /** One entry a catalogue, in the order given. */
  readonly matches: readonly ChainMatch[]
  /** (rows of the first) in how many of the catalogues the star is found. */
  readonly found: Int32Array
  /** Rows of the first that are found in all catalogues, increasing. */
  readonly inAll: Int32Array
  /** Stars of the first without a position. */
  readonly withoutPosition: number
}

/**
 * Looks each star of a catalogue up in several others: the nearest star of each, always measured from the first catalogue, so that
 * the answer for one does not depend on the others or their order. Each is crossmatch, at its cost, one after another; progress
 * counts the stars of all of them.
 *
 * @param first positions, degrees ICRS
 * @throws CrossmatchError as crossmatch does; the message calls the first catalogue a and the link b
 */
export function matchChain(first: SkyPositions, links: readonly ChainLink[], options: SearchOptions = {}): ChainResult {
  const n = first.ra.length
  const found = new Int32Array(n)
  const { onProgress, ...rest } = options
  const matches = links.map(({ positions, radiusArcsec, oneToOne = false }, link): ChainMatch => {
    const match = crossmatch(first, positions, {
      ...rest,
      radiusArcsec,
      oneToOne,
      ...(onProgress && {
        onProgress: (done: number, total: number) => onProgress(link * total + done, links.length * total),
      }),
    })
    const index = new Int32Array(n).fill(-1)
    const separationArcsec = new Float64Array(n).fill(NaN)
    const candidates = new Int32Array(n)
    for (let i = 0; i < match.n; i++) {
      const row = match.indexA[i]!
      index[row] = match.indexB[i]!
      separationArcsec[row] = match.separationArcsec[i]!
      candidates[row] = match.ambiguous.candidates[i]!
      found[row]!++
    }
    return { n: match.n, index, separationArcsec, candidates, withoutPosition: match.withoutPosition.b }
  })
  const inAll = new Int32Array(found.filter((times) => times === links.length).length)
  for (let row = 0, at = 0; row < n; row++) if (found[row] === links.length) inAll[at++] = row
  let withoutPosition = 0
  for (let row = 0; row < n; row++) {
    if (!Number.isFinite(first.ra[row]!) || !Number.isFinite(first.dec[row]!)) withoutPosition++
  }
  return { matches, found, inAll, withoutPosition }
}
