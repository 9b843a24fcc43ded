import type { Piece } from '../pixels/pieces.js'
import { mirrored, splineCoefficients } from './quintic-spline.js'
import type { FilledPixel } from './unmodelled-pixels.js'

/** A spectrum under given parameters, with its derivatives: each (nPix of the result). */
export interface ExtrinsicSpectrum {
  readonly flux: Float64Array
  /** By v_rad, per km/s. */
  readonly vRad: Float64Array
  /** By v sin i, per km/s. */
  readonly vSini: Float64Array
  /** By σ of the line spread, per km/s. */
  readonly sigmaLsf: Float64Array
}

/** Rows that take from coefficients of the source's spline, and what they take more for a change of a parameter. */
export interface SplineRows {
  readonly first: Int32Array
  /** (rows) where the weights of a row begin; rows of one shape share them. */
  readonly at: Int32Array
  readonly count: Int32Array
  /** Piece of the source that a row takes from. */
  readonly piece: Int32Array
  readonly weights: Float64Array
  /** By the Doppler shift and by the scale of the profile. */
  readonly byShift: Float64Array
  readonly byScale: Float64Array
}

/** The pixels of a model. */
export interface SourcePixels {
  /** Ranges without a gap, in order. */
  readonly pieces: readonly Piece[]
  readonly filled: readonly FilledPixel[]
}

/** Applies one set of parameters to any number of spectra of the model: the flux, and each column of its Jacobian. */
export class ExtrinsicOperator {
  readonly #source: SourcePixels
  readonly #rotation: SplineRows | undefined
  readonly #spread: SplineRows
  readonly #scale: { readonly factor: number; readonly share: (i: number) => number }

  constructor(
    source: SourcePixels,
    rotation: SplineRows | undefined,
    spread: SplineRows,
    scale: { readonly factor: number; readonly share: (i: number) => number },
  ) {
    this.#source = source
    this.#rotation = rotation
    this.#spread = spread
    this.#scale = scale
  }

  /**
   * The spectrum under the parameters, or a derivative of it by a label of the model.
   *
   * @param flux (nSource), or a matrix with `stride` columns of which column `offset` is taken.
   * @returns (nPix of the result)
   */
  apply(flux: ArrayLike<number>, offset = 0, stride = 1): Float64Array {
    return this.#take(this.#spread, this.#spread.weights, this.#turned(flux, offset, stride))
  }

  /** The spectrum with its derivatives by the parameters. */
  derivatives(flux: ArrayLike<number>): ExtrinsicSpectrum {
    const spread = this.#spread
    const coefficients = this.#turned(flux, 0, 1)
    const sigmaLsf = this.#take(spread, spread.byScale, coefficients)
    for (let i = 0; i < sigmaLsf.length; i++) sigmaLsf[i]! *= this.#scale.share(i)
    const turned =
      this.#rotation === undefined
        ? undefined
        : this.#take(this.#rotation, this.#rotation.byScale, this.#coefficients(this.#filled(flux, 0, 1)))
    return {
      flux: this.#take(spread, spread.weights, coefficients),
      vRad: this.#take(spread, spread.byShift, coefficients),
      vSini:
        turned === undefined
          ? new Float64Array(spread.first.length)
          : this.#take(spread, spread.weights, this.#coefficients(turned)),
      sigmaLsf,
    }
  }

  /** Spline coefficients of the rotated spectrum. */
  #turned(flux: ArrayLike<number>, offset: number, stride: number): readonly Float64Array[] {
    const coefficients = this.#coefficients(this.#filled(flux, offset, stride))
    if (this.#rotation === undefined) return coefficients
    return this.#coefficients(this.#take(this.#rotation, this.#rotation.weights, coefficients))
  }

  /** One column, with what the model does not say drawn in. */
  #filled(flux: ArrayLike<number>, offset: number, stride: number): Float64Array {
    const { pieces, filled } = this.#source
    const column = new Float64Array(pieces.at(-1)?.end ?? 0)
    for (let i = 0; i < column.length; i++) column[i] = flux[offset + i * stride]!
    for (const { pixel, left, right, share } of filled)
      column[pixel] = column[left]! * (1 - share) + column[right]! * share
    return column
  }

  #coefficients(flux: Float64Array): readonly Float64Array[] {
    return this.#source.pieces.map(({ start, end }) => splineCoefficients(flux.subarray(start, end)))
  }

  #take(rows: SplineRows, weights: Float64Array, coefficients: readonly Float64Array[]): Float64Array {
    const { first, at, count, piece } = rows
    const out = new Float64Array(first.length)
    for (let i = 0; i < out.length; i++) {
      const c = coefficients[piece[i]!]!
      const inside = first[i]! >= 0 && first[i]! + count[i]! <= c.length
      let sum = 0
      for (let k = 0; k < count[i]!; k++) {
        const j = first[i]! + k
        sum += weights[at[i]! + k]! * (inside ? c[j]! : c[mirrored(j, c.length)]!)
      }
      out[i] = sum
    }
    return out
  }
}
