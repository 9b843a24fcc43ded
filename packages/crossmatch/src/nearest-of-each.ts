/** The nearest star of each row of a. Columns have one value a row of a unless they say otherwise. */
export interface NearestOfEach {
  /** Row of b, -1 where no star is inside the limit. */
  readonly partnerOf: Int32Array
  /** Squared chord to it. */
  readonly chord2Of: Float64Array
  /** Stars inside the limit. */
  readonly candidatesOf: Int32Array
  /** (rows of b) for one to one: how many stars of a have this one inside their limit; where that was not counted, 2 or more. */
  readonly claimsOf: Int32Array | undefined
}

/** Room for an answer about `nA` rows of a and `nB` of b, all of them without a match so far. */
export function emptyNearest(
  nA: number,
  nB: number,
  oneToOne: boolean,
  bytes: (size: number) => ArrayBufferLike = (size) => new ArrayBuffer(size),
): NearestOfEach {
  return {
    partnerOf: new Int32Array(bytes(4 * nA)).fill(-1),
    chord2Of: new Float64Array(bytes(8 * nA)),
    candidatesOf: new Int32Array(bytes(4 * nA)),
    claimsOf: oneToOne ? new Int32Array(bytes(4 * nB)) : undefined,
  }
}
