import { fitRidge, turnLabel } from './ridge-system.js'
import type { RidgeFit, RidgeSystem, TurnedLabel } from './ridge-system.js'

/** A fit at the λ that was chosen. */
export interface ChosenFit extends RidgeFit {
  readonly lambda: number
  /** Mean of the squares of what is left when each star is left out, weighted. */
  readonly leftOutVariance: number
}

/** Steps of the grid in log₁₀ λ, in units of the system's scale: from almost no penalty to almost no fit. */
const GRID = Array.from({ length: 21 }, (_, i) => 10 ** (i / 2 - 7))

/** Golden sections after the grid: λ is then known to a twentieth, where the residuals are flat. */
const SECTIONS = 8
const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * Fit each label at the λ with the least left-out residuals.
 *
 * @param ys labels (n), centred and times the roots of the weights.
 * @param lambdas Choose among these; a grid over 10 decades, refined by golden sections, unless given.
 */
export function chooseLambdas(
  system: RidgeSystem,
  ys: readonly Float64Array[],
  groups: readonly Int32Array[],
  lambdas?: readonly number[],
): ChosenFit[] {
  const labels = ys.map((y) => turnLabel(system, y))
  const fit = (lambda: number, some: readonly TurnedLabel[]): ChosenFit[] =>
    fitRidge(system, lambda, some, groups).map((found) => {
      const leftOutVariance = found.leftOut.reduce((sum, value) => sum + value ** 2 / system.n, 0)
      return { ...found, lambda, leftOutVariance }
    })
  const grid = lambdas ?? GRID.map((factor) => factor * system.scale)
  const onGrid = grid.map((lambda) => fit(lambda, labels))
  return labels.map((label, l) => {
    const fits = onGrid.map((all) => all[l]!)
    const place = fits.reduce(
      (best, { leftOutVariance }, i) => (leftOutVariance < fits[best]!.leftOutVariance ? i : best),
      0,
    )
    if (lambdas !== undefined) return fits[place]!
    const evaluate = (log: number): ChosenFit => fit(Math.exp(log), [label])[0]!
    let low = Math.log(grid[Math.max(0, place - 1)]!)
    let high = Math.log(grid[Math.min(grid.length - 1, place + 1)]!)
    let left = evaluate(high - GOLDEN * (high - low))
    let right = evaluate(low + GOLDEN * (high - low))
    for (let section = 0; section < SECTIONS; section++) {
      if (left.leftOutVariance < right.leftOutVariance) {
        high = Math.log(right.lambda)
        right = left
        left = evaluate(high - GOLDEN * (high - low))
      } else {
        low = Math.log(left.lambda)
        left = right
        right = evaluate(low + GOLDEN * (high - low))
      }
    }
    return [fits[place]!, left, right].reduce((a, b) => (b.leftOutVariance < a.leftOutVariance ? b : a))
  })
}
