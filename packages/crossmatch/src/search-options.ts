/** What every search of the stars of a in another catalogue can be told. */
export interface SearchOptions {
  /** Epoch, Julian years, to which catalogues with `motion` are carried; the others are taken to be there already. */
  readonly epoch?: number
  /** Stops the search between two progress reports by throwing the signal's reason. */
  readonly signal?: AbortSignal
  /** Called with the number of stars of a that have been searched for. */
  readonly onProgress?: (done: number, total: number) => void
}
