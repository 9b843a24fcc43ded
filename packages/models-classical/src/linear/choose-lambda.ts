import type { RidgeFit, RidgeSystem } from './ridge-system.js'
import { fitRidge, freedomOfRows } from './ridge-system.js'

/** A fit at the λ that was chosen. */
export interface ChosenFit extends RidgeFit {
  readonly lambda: number
  /** Mean of the squares of what is left when each star is left out, weighted. */
  readonly leftOutVariance: number
}

/** Steps of the grid in log₁₀ λ, in units of the system's scale: from almost no penalty to almost no fit. */
const GRID = Array.from({ length: 21 }, (_, i) => 10 ** (i / 2 - 7))

/** Golden sections after the grid: λ is then known to a part in 500. */
const SECTIONS = 12
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
  const grid = lambdas ?? GRID.map((factor) => factor * system.scale)
  const freedoms = grid.map((lambda) => freedomOfRows(system, lambda))
  return ys.map((y) => {
    const evaluate = (lambda: number, freedom?: Float64Array): ChosenFit => {
      const fit = fitRidge(system, lambda, y, groups, freedom)
      const leftOutVariance = fit.leftOut.reduce((sum, value) => sum + value ** 2 / y.length, 0)
      return { ...fit, lambda, leftOutVariance }
    }
    let best = evaluate(grid[0]!, freedoms[0]!)
    let place = 0
    for (let i = 1; i < grid.length; i++) {
      const fit = evaluate(grid[i]!, freedoms[i]!)
      if (!(fit.leftOutVariance < best.leftOutVariance)) continue
      best = fit
      place = i
    }
    if (lambdas !== undefined) return best
    let low = Math.log(grid[Math.max(0, place - 1)]!)
    let high = Math.log(grid[Math.min(grid.length - 1, place + 1)]!)
    let left = evaluate(Math.exp(high - GOLDEN * (high - low)))
    let right = evaluate(Math.exp(low + GOLDEN * (high - low)))
    for (let section = 0; section < SECTIONS; section++) {
      if (left.leftOutVariance < right.leftOutVariance) {
        high = Math.log(right.lambda)
        right = left
        left = evaluate(Math.exp(high - GOLDEN * (high - low)))
      } else {
        low = Math.log(left.lambda)
        left = right
        right = evaluate(Math.exp(low + GOLDEN * (high - low)))
      }
    }
    return [best, left, right].reduce((a, b) => (b.leftOutVariance < a.leftOutVariance ? b : a))
  })
}
