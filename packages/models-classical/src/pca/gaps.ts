import { choleskySolvePacked } from '@astrolabel/kernels'
import { AstrolabelError } from '@astrolabel/spectra'
import type { PcaOptions, PrincipalComponents } from './principal-components.js'
import { principalComponents, project, reconstruct } from './principal-components.js'

/** How gaps are filled. */
export interface GapOptions extends PcaOptions {
  /** Times that gaps are filled anew; 10 at most. */
  readonly rounds?: number
  /** Change of the filled pixels, against the scatter of all, below which it is over; 0.001. */
  readonly tolerance?: number
}

/**
 * Principal components of rows with bad pixels, by iterative imputation (expectation–maximisation without a noise model,
 * Dempster et al. 1977; Roweis 1998): gaps first hold their pixel's mean, then what the components make of the rest of
 * their row, until that changes no more. Good pixels count the same whatever their ivar; a pixel bad in all rows is 0.
 *
 * @param ivar (n × width), 0 where a pixel is bad. @throws as principalComponents. Cost: rounds × its cost.
 */
export function componentsWithGaps(
  x: Float32Array,
  ivar: Float32Array,
  n: number,
  width: number,
  count: number,
  options: GapOptions = {},
): PrincipalComponents {
  checkIvar(x, ivar)
  const gaps = Int32Array.from({ length: x.length }, (_, i) => i).filter((i) => !(ivar[i]! > 0))
  const filled = fillWithMeans(x, ivar, width)
  const { rounds = 10, tolerance = 1e-3 } = options
  let pca = principalComponents(filled, n, width, count, options)
  for (let round = 0; round < rounds && gaps.length > 0; round++) {
    const back = reconstruct(pca, project(pca, filled, n), n)
    let change = 0
    for (const i of gaps) {
      change += (back[i]! - filled[i]!) ** 2 / gaps.length
      filled[i] = back[i]!
    }
    const scatter = pca.variance.reduce((sum, value) => sum + value, 0) / width
    pca = principalComponents(filled, n, width, count, options)
    if (change <= tolerance ** 2 * scatter) break
  }
  return pca
}

/**
 * Rows with bad pixels along the components, (n × count): least squares over the good pixels, each with its ivar, as if
 * the scores had the components' variances beforehand, which settles those that no good pixel tells.
 *
 * Cost: n × count² × (width + count).
 */
export function projectWithGaps(
  { components, mean, variance, count, width }: PrincipalComponents,
  x: Float32Array,
  ivar: Float32Array,
  n: number,
): Float32Array {
  checkIvar(x, ivar)
  const out = new Float32Array(n * count)
  const packed = new Float64Array((count * (count + 1)) / 2)
  const solution = new Float64Array(count)
  for (let row = 0; row < n; row++) {
    packed.fill(0)
    const rhs = new Float64Array(count)
    for (let pixel = 0; pixel < width; pixel++) {
      const weight = ivar[row * width + pixel]!
      if (!(weight > 0)) continue
      const off = x[row * width + pixel]! - mean[pixel]!
      let at = 0
      for (let a = 0; a < count; a++) {
        const part = weight * components[a * width + pixel]!
        rhs[a]! += part * off
        for (let b = a; b < count; b++) packed[at++]! += part * components[b * width + pixel]!
      }
    }
    for (let a = 0; a < count; a++) {
      const at = a * count - (a * (a - 1)) / 2
      packed[at]! += variance[a]! > 0 ? 1 / variance[a]! : 1
    }
    choleskySolvePacked(1, count, packed, rhs, solution)
    out.set(solution, row * count)
  }
  return out
}

function checkIvar(x: Float32Array, ivar: Float32Array): void {
  if (x.length === ivar.length) return
  throw new AstrolabelError('pca/data', 'Every pixel needs an ivar', { got: ivar.length, expected: x.length })
}

function fillWithMeans(x: Float32Array, ivar: Float32Array, width: number): Float32Array {
  const sum = new Float64Array(width)
  const known = new Float64Array(width)
  for (let i = 0; i < x.length; i++) {
    if (!(ivar[i]! > 0)) continue
    sum[i % width]! += x[i]!
    known[i % width]!++
  }
  return x.map((value, i) => {
    if (ivar[i]! > 0) return value
    return known[i % width]! > 0 ? sum[i % width]! / known[i % width]! : 0
  })
}
