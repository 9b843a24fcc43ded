import { isHeld, sideOf, type Box } from './box.js'
import type { LmWorkspace } from './lm-workspace.js'
import { factorScaled, solveFactored } from './scaled-cholesky.js'

const MOVES = 0
const STAYS = 1
const STOPPED = 2

/**
 * Marks which parameters may move: not the fixed ones, not those that the data do not touch (no curvature), and not those on a
 * bound that the cost presses against.
 *
 * @returns the largest |gradient| of a moving parameter in units of sqrt(curvature * chi2): the cosine between the residuals and
 * the effect of the parameter, which no unit changes
 */
export function markMoving(
  params: Float64Array,
  gradient: Float64Array,
  curvature: Float64Array,
  chi2: number,
  box: Box,
  state: Uint8Array,
): number {
  const size = params.length
  let largest = 0
  for (let i = 0; i < size; i++) {
    const slope = gradient[i]!
    const bend = curvature[i * (size + 1)]!
    const side = sideOf(box, params, i)
    const stays = isHeld(box, i) || !(bend > 0) || (side < 0 && slope >= 0) || (side > 0 && slope <= 0)
    state[i] = stays ? STAYS : MOVES
    if (!stays && slope !== 0) largest = Math.max(largest, Math.abs(slope) / Math.sqrt(bend * chi2))
  }
  return largest
}

/**
 * The step of (H + damping diag(H)) step = -gradient that stays inside the bounds. Parameters that it would carry over a bound
 * stop on it, and the others are solved again with that known, until none is left to stop (at most P solves).
 *
 * @param workspace its `state` comes from {@link markMoving}; `step` and `trial` (params + step) are written
 * @returns the drop of chi2 that the expansion promises, or NaN when the curvature is degenerate at this damping
 */
export function boundedStep(
  params: Float64Array,
  gradient: Float64Array,
  curvature: Float64Array,
  damping: number,
  box: Box,
  workspace: LmWorkspace,
): number {
  const { step, trial, factor, scale, solution, free, state } = workspace
  const size = params.length
  step.fill(0)
  for (let i = 0; i < size; i++) {
    trial[i] = params[i]!
    if (state[i] === STOPPED) state[i] = MOVES
  }
  for (let stopped = true; stopped;) {
    stopped = false
    let nFree = 0
    for (let i = 0; i < size; i++) if (state[i] === MOVES) free[nFree++] = i
    if (!factorScaled(curvature, size, free, nFree, damping, factor, scale)) return NaN
    for (let k = 0; k < nFree; k++) {
      const i = free[k]!
      let slope = gradient[i]!
      for (let j = 0; j < size; j++) if (state[j] === STOPPED) slope += curvature[i * size + j]! * step[j]!
      solution[k] = -slope * scale[k]!
    }
    solveFactored(factor, nFree, solution)
    for (let k = 0; k < nFree; k++) {
      const i = free[k]!
      step[i] = solution[k]! * scale[k]!
      trial[i] = params[i]! + step[i]!
      const side = sideOf(box, trial, i)
      if (side === 0) continue
      const bound = side < 0 ? box.lower![i]! : box.upper![i]!
      trial[i] = bound
      step[i] = bound - params[i]!
      state[i] = STOPPED
      stopped = true
    }
  }
  let promised = 0
  for (let i = 0; i < size; i++) {
    const s = step[i]!
    if (s === 0) continue
    let bend = 0
    for (let j = 0; j < size; j++) bend += curvature[i * size + j]! * step[j]!
    promised -= s * (2 * gradient[i]! + bend)
  }
  return promised
}
