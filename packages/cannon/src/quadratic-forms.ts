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

/** A model made ready for any number of stars: about T/2 times the memory of its coefficients. */
export interface PreparedModel extends ForwardMatrices {
  /** (P × size(size+1)/2) products θ_a θ_b, 1 ≤ a ≤ b, of the coefficients of each pixel. */
  readonly products: Float64Array
  /** (P) θ of the constant term. */
  readonly constant: Float64Array
}

/** Work out once what every star needs of a model. Cost: P T²/2. */
export function prepareModel(model: ForwardMatrices): PreparedModel {
  const { nPix, nTerms, theta } = model
  const size = nTerms - 1
  const products = new Float64Array((nPix * size * (size + 1)) / 2)
  const constant = new Float64Array(nPix)
  for (let p = 0, at = 0; p < nPix; p++) {
    const row = p * nTerms
    constant[p] = theta[row]
    for (let a = 1; a < nTerms; a++) {
      const left = theta[row + a]
      for (let b = a; b < nTerms; b++) products[at++] = left * theta[row + b]
    }
  }
  return { nPix, nTerms, theta, scatter2: model.scatter2, usable: model.usable, products, constant }
}

/** What a batch of stars writes while its forms are made: one for all batches. */
export interface FormsWorkspace {
  /** (stars × P) */
  readonly weights: Float64Array
  /** (stars × P) */
  readonly weighted: Float64Array
}

/**
 * Quadratic forms of the stars `start` … `end`-1.
 *
 * Weights are 1 / (1/ivar + s²); with noise `unknown` 1 / s² on good pixels.
 *
 * @param flux (n × P) @param ivar (n × P), 0 = bad.
 * @param workspace Room for at least `end - start` stars.
 */
export function quadraticForms(
  model: PreparedModel,
  flux: Float32Array,
  ivar: Float32Array,
  noise: 'measured' | 'unknown',
  start: number,
  end: number,
  workspace: FormsWorkspace,
): QuadraticForms {
  const { nPix, nTerms, theta, scatter2, usable, products, constant: level } = model
  const n = end - start
  const size = nTerms - 1
  const weights = workspace.weights.subarray(0, n * nPix)
  const weighted = workspace.weighted.subarray(0, n * nPix)
  const constant = new Float64Array(n)
  const goodPixels = new Uint32Array(n)
  // w = v / (1 + v s²), and without the 1 where the errors are unknown.
  const ownVariance = noise === 'measured' ? 1 : 0
  for (let i = 0; i < n; i++) {
    const source = (start + i) * nPix
    const row = i * nPix
    let chi2 = 0
    let good = 0
    for (let p = 0; p < nPix; p++) {
      const v = ivar[source + p]
      if (v > 0 && usable[p] !== 0) {
        const w = v / (ownVariance + v * scatter2[p])
        const r = flux[source + p] - level[p]
        const wr = w * r
        weights[row + p] = w
        weighted[row + p] = wr
        chi2 += wr * r
        good++
      } else {
        weights[row + p] = 0
        weighted[row + p] = 0
      }
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
