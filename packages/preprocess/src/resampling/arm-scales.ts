import type { ArmOnGrid } from './average-arms.js'

/** Fewer common pixels, or a ratio less sure than this many sigmas, tell nothing of the flux scale. */
const LEAST_PIXELS = 10
const LEAST_SIGMAS = 5

/**
 * Factors that bring the arms of one star to the flux scale of the middle one, by their overlaps, from arm to arm
 * outward; an arm whose overlap cannot tell keeps the factor of its neighbour.
 *
 * @param arms in order of wavelength, (rows × nOut) each. @param at where the row of the star begins.
 */
export function armScales(arms: readonly ArmOnGrid[], at: number, nOut: number): number[] {
  const scales = arms.map(() => 1)
  const middle = (arms.length - 1) >> 1
  for (let a = middle + 1; a < arms.length; a++)
    scales[a] = scales[a - 1]! * fluxRatio(arms[a - 1]!, arms[a]!, at, nOut)
  for (let a = middle - 1; a >= 0; a--) scales[a] = scales[a + 1]! * fluxRatio(arms[a + 1]!, arms[a]!, at, nOut)
  return scales
}

/**
 * r of a = r b with errors in both: least Σ (a - r b)² / (1/ivar_a + r²/ivar_b), by reweighting. Mean fluxes alone would
 * do without lines; this takes the structure too.
 */
function fluxRatio(a: ArmOnGrid, b: ArmOnGrid, at: number, nOut: number): number {
  const start = at + Math.max(a.reach.start, b.reach.start)
  const end = at + Math.min(a.reach.end, b.reach.end, nOut)
  let ratio = 1
  let sure = false
  for (let iteration = 0; iteration < 10; iteration++) {
    let ab = 0
    let bb = 0
    let used = 0
    let bias = 0
    for (let i = start; i < end; i++) {
      const va = a.ivar[i]!
      const vb = b.ivar[i]!
      if (!(va > 0 && vb > 0)) continue
      const w = 1 / (1 / va + (ratio * ratio) / vb)
      ab += w * a.flux[i]! * b.flux[i]!
      // The noise of b adds to the mean of b² and not to that of a b.
      bb += w * b.flux[i]! * b.flux[i]!
      bias += w / vb
      used++
    }
    const power = bb - bias
    if (used < LEAST_PIXELS || !(power > 0) || !(ab > 0)) return 1
    const next = ab / power
    sure = next * Math.sqrt(power) > LEAST_SIGMAS
    const settled = Math.abs(next - ratio) < 1e-9 * next
    ratio = next
    if (settled) break
  }
  return sure ? ratio : 1
}
