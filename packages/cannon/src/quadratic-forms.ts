import { gemmF64 } from '@astrolabel/kernels'

/** What fitting needs of a trained polynomial model. P pixels, T terms, the constant first. */
export interface ForwardMatrices {
  readonly nPix: number
  readonly nTerms: number
  /** (P × T) */
  readonly theta: Float64Array
  /** (P) intrinsic variance. */
  readonly scatter2: Float64Array
  /** (P) 0 where the pixel is not modelled. */
  readonly usable: Uint8Array
}

/**
 * χ² of stars as a quadratic form of the polynomial's terms z without the constant: χ² = c - 2 vᵀz + zᵀ M z.
 *
 * With weights that do not depend on the labels this is exact, and pixels are touched once a star instead of once an
 * evaluation. The constant term is subtracted from the flux first, which keeps the form well conditioned at high
 * signal to noise.
 */
export interface QuadraticForms {
  /** Terms without the constant. */
  readonly size: number
  /** (n × size(size+1)/2), upper triangles by rows. */
  readonly packed: Float64Array
  /** (n × size) */
  readonly linear: Float64Array
  /** (n) χ² of the constant term alone. */
  readonly constant: Float64Array
  /** (n) pixels that count. */
  readonly goodPixels: Uint32Array
}

/** Products θ_a θ_b, 1 ≤ a ≤ b, of the coefficients of each pixel: (P × size(size+1)/2). */
export function coefficientProducts({ nPix, nTerms, theta }: ForwardMatrices): Float64Array {
  const size = nTerms - 1
  const out = new Float64Array((nPix * size * (size + 1)) / 2)
  for (let p = 0, at = 0; p < nPix; p++) {
    const row = p * nTerms
    for (let a = 1; a < nTerms; a++) for (let b = a; b < nTerms; b++) out[at++] = theta[row + a] * theta[row + b]
  }
  return out
}

/**
 * Quadratic forms of the stars `start` … `end`-1.
 *
 * Weights are 1 / (1/ivar + s²); with noise `unknown` 1 / s² on good pixels.
 *
 * @param flux (stars × P) @param ivar (stars × P), 0 = bad.
 * @param products From {@link coefficientProducts}.
 */
export function quadraticForms(
  model: ForwardMatrices,
  products: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  noise: 'measured' | 'unknown',
  start: number,
  end: number,
): QuadraticForms {
  const { nPix, nTerms, theta, scatter2, usable } = model
  const n = end - start
  const size = nTerms - 1
  const weights = new Float64Array(n * nPix)
  const weighted = new Float64Array(n * nPix)
  const constant = new Float64Array(n)
  const goodPixels = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    const source = (start + i) * nPix
    let chi2 = 0
    let good = 0
    for (let p = 0; p < nPix; p++) {
      const v = ivar[source + p]
      if (!(v > 0) || usable[p] === 0) continue
      const w = noise === 'unknown' ? 1 / scatter2[p] : v / (1 + v * scatter2[p])
      const r = flux[source + p] - theta[p * nTerms]
      weights[i * nPix + p] = w
      weighted[i * nPix + p] = w * r
      chi2 += w * r * r
      good++
    }
    constant[i] = chi2
    goodPixels[i] = good
  }
  const packedSize = (size * (size + 1)) / 2
  const packed = new Float64Array(n * packedSize)
  gemmF64(n, packedSize, nPix, weights, products, packed)
  const all = new Float64Array(n * nTerms)
  gemmF64(n, nTerms, nPix, weighted, theta, all)
  const linear = new Float64Array(n * size)
  for (let i = 0; i < n; i++) linear.set(all.subarray(i * nTerms + 1, (i + 1) * nTerms), i * size)
  return { size, packed, linear, constant, goodPixels }
}
