import { fitRidge, turnLabel } from './ridge-system.js'
import type { RidgeFit, RidgeSystem, TurnedLabel } from './ridge-system.js'

/** A fit at the λ that was chosen. */
export interface ChosenFit extends RidgeFit {
  readonly lambda: number
  /** Mean of the squares of what is left when each star is left out, weighted. */
  readonly leftOutVariance: number
}

/** Grid of λ in units of the system's scale: from almost no penalty to almost no fit, a decade a step. */
const GRID = Array.from({ length: 11 }, (_, i) => 10 ** (i - 7))

/** Parabolas drawn through the best three λ after the grid, and the change of log λ that is not worth another. */
const PARABOLAS = 5
const CLOSE = 0.02

/**
 * Fit each label at the λ with the least left-out residuals.
 *
 * @param ys labels (n), centred and times the roots of the weights.
 * @param lambdas Choose among these; a grid over 10 decades, refined by parabolas in log λ, unless given.
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
    const inside = place > 0 && place < grid.length - 1
    if (lambdas !== undefined || !inside) return fits[place]!
    return refine([fits[place - 1]!, fits[place]!, fits[place + 1]!], (lambda) => fit(lambda, [label])[0]!)
  })
}

/** The least of three fits in order of λ, the middle one of which is best, and of fits between them. */
function refine(
  around: readonly [ChosenFit, ChosenFit, ChosenFit],
  evaluate: (lambda: number) => ChosenFit,
): ChosenFit {
  let [low, middle, high] = around
  for (let step = 0; step < PARABOLAS; step++) {
    const left = Math.log(middle.lambda / low.lambda)
    const right = Math.log(middle.lambda / high.lambda)
    const [fall, rise] = [middle.leftOutVariance - high.leftOutVariance, middle.leftOutVariance - low.leftOutVariance]
    const move = -0.5 * ((left ** 2 * fall - right ** 2 * rise) / (left * fall - right * rise))
    if (!(Math.abs(move) > CLOSE)) break
    const tried = evaluate(middle.lambda * Math.exp(move))
    if (tried.leftOutVariance < middle.leftOutVariance) {
      if (move < 0) high = middle
      else low = middle
      middle = tried
    } else if (move < 0) low = tried
    else high = tried
  }
  return middle
}
