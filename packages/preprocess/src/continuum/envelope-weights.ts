import type { EnvelopeRule } from './piecewise-polynomial.js'

/** What is reweighted from one fit to the next. */
export type RejectionRule = Omit<EnvelopeRule, 'order'>

/** Weights and values of the latest fit at the pixels, (nPix) each. */
export interface FitState {
  readonly weight: Float64Array
  readonly model: Float64Array
}

/**
 * Fit by any linear least squares, then reweight and fit again: pixels under the last fit count `lowerWeight`², those
 * beyond `clip` × the weighted rms residual not at all. A fit that fails leaves the one before it standing.
 *
 * @param base (nPix) weights of squared residuals; 0 leaves a pixel out for good.
 * @param solve Fits `flux` with `state.weight` into `state.model`, untouched when it returns false.
 * @returns false when even the first fit fails.
 */
export function fitToEnvelope(
  flux: Float32Array,
  base: Float64Array,
  rule: RejectionRule,
  state: FitState,
  solve: () => boolean,
): boolean {
  state.weight.set(base)
  if (!solve()) return false
  for (let k = 0; k < rule.iterations; k++) if (!reweight(flux, base, rule, state) || !solve()) break
  return true
}

/** Returns whether any weight changed. */
function reweight(
  flux: Float32Array,
  base: Float64Array,
  { lowerWeight = 1, clip }: RejectionRule,
  state: FitState,
): boolean {
  const { weight, model } = state
  const sigma = clip === undefined ? 0 : residualRms(flux, state)
  const low = clip === undefined ? Number.NEGATIVE_INFINITY : clip[0] * sigma
  const high = clip === undefined ? Number.POSITIVE_INFINITY : clip[1] * sigma
  const below = lowerWeight * lowerWeight
  let changed = false
  for (let i = 0; i < base.length; i++) {
    if (base[i] === 0) continue
    const residual = flux[i]! - model[i]!
    const next = residual < low || residual > high ? 0 : residual < 0 ? base[i]! * below : base[i]!
    if (next !== weight[i]) changed = true
    weight[i] = next
  }
  return changed
}

function residualRms(flux: Float32Array, { weight, model }: FitState): number {
  let squares = 0
  let sum = 0
  for (let i = 0; i < weight.length; i++) {
    if (weight[i] === 0) continue
    squares += weight[i]! * (flux[i]! - model[i]!) ** 2
    sum += weight[i]!
  }
  return Math.sqrt(squares / sum)
}
