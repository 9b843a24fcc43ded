/** Which pixels a continuum is fitted to. */
export interface ContinuumPixelOptions {
  /**
   * Fit only these pixels, by index. In a recipe also the path of a list that `astrolabel continuum-pixels` wrote,
   * which is read into `windows` so that the chain carries it.
   */
  readonly pixels?: readonly number[]
  /** Fit only the pixels within these ranges in Å, both ends included; added to `pixels` when both are given. */
  readonly windows?: readonly (readonly [from: number, to: number])[]
}
