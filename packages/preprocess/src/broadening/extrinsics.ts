import type { WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, describeGrid, wavelengths } from '@astrolabel/spectra'
import type { Piece } from '../pixels/pieces.js'
import { cutPieces } from '../pixels/pieces.js'
import type { SplineRows } from './extrinsic-operator.js'
import { ExtrinsicOperator } from './extrinsic-operator.js'
import type { PixelCoordinate } from './pixel-coordinate.js'
import { pixelCoordinate } from './pixel-coordinate.js'
import type { Quadrature } from './quadrature.js'
import { gaussianQuadrature, rotationQuadrature } from './quadrature.js'
import { SPLINE_TAPS, setSplineWeights, splineWeights } from './quintic-spline.js'
import type { Resolution, ResolutionColumn } from './resolution.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'
import { sigmaOfResolution } from './resolution.js'
import type { FilledPixel } from './unmodelled-pixels.js'
import { filledPixels } from './unmodelled-pixels.js'

/** What is done to a model spectrum besides its labels. */
export interface ExtrinsicParameters {
  /** km/s, positive receding: the model's λ is seen at λ (1 + v/c). */
  readonly vRad?: number
  /** v sin i in km/s; its sign does not matter. */
  readonly vSini?: number
  /** σ of a Gaussian line spread in km/s, besides the fixed one; its sign does not matter. */
  readonly sigmaLsf?: number
}

/** Options of {@link Extrinsics}. */
export interface ExtrinsicOptions {
  /** Grid of the result; default that of the model. */
  readonly wavelength?: WavelengthGrid
  /** Line spread that the result has beyond the model's, the same for all parameters. */
  readonly resolution?: Exclude<Resolution, ResolutionColumn>
  /** Linear limb darkening ε of rotation; default 0.6. */
  readonly limbDarkening?: number
  /** Pixels of the model that it says nothing about, such as those a Cannon gives 0 at: drawn from their neighbours. */
  readonly unmodelled?: readonly number[]
}

/**
 * Radial velocity, rotation and line spread of model spectra as smooth functions of their parameters, with analytic
 * derivatives, for fits. The spectrum is rotated on its own grid, then shifted and broadened onto the grid of the
 * result. Between pixels it is its quintic spline, beyond the ends and in gaps it is mirrored: pixels of the result that
 * see beyond the model mean nothing. All of it is linear in the flux.
 *
 * Cost of new parameters: pixels × points of the profiles × 6, or points × 6 a piece where grids are logarithmic with one step;
 * of a spectrum: pixels × width of the kernels.
 */
export class Extrinsics {
  readonly wavelength: WavelengthGrid
  readonly #source: Float64Array
  readonly #target: Float64Array
  readonly #pieces: readonly (Piece & { readonly coordinate: PixelCoordinate })[]
  readonly #fixed: Float64Array | undefined
  readonly #limbDarkening: number
  readonly #filled: readonly FilledPixel[]

  /** @param model grid of the models. @throws `preprocess/other-medium` when the grids differ in air and vacuum. */
  constructor(model: WavelengthGrid, options: ExtrinsicOptions = {}) {
    this.wavelength = options.wavelength ?? model
    if (this.wavelength.medium !== model.medium)
      throw new AstrolabelError('preprocess/other-medium', 'A model and the spectra it is for differ in their medium', {
        got: describeGrid(this.wavelength),
        expected: describeGrid(model),
        remedy: 'Resample one of them to the medium of the other',
      })
    this.#source = wavelengths(model)
    this.#target = wavelengths(this.wavelength)
    this.#pieces = cutPieces({}, this.#source).map((piece) => ({
      ...piece,
      coordinate: pixelCoordinate(this.#source.subarray(piece.start, piece.end)),
    }))
    this.#fixed = options.resolution === undefined ? undefined : sigmaOfResolution(options.resolution, this.#target)
    this.#limbDarkening = options.limbDarkening ?? 0.6
    this.#filled = filledPixels(options.unmodelled ?? [], this.#pieces)
  }

  /** The operator of given parameters. */
  at(parameters: ExtrinsicParameters): ExtrinsicOperator {
    const { vRad = 0, vSini, sigmaLsf = 0 } = parameters
    const rotation =
      vSini === undefined ? undefined : this.#rows(this.#source, 1, () => vSini / SPEED_OF_LIGHT, this.#rotation(vSini))
    const width = (i: number): number =>
      this.#fixed === undefined ? sigmaLsf / SPEED_OF_LIGHT : this.#width(this.#fixed[i]! / this.#target[i]!, sigmaLsf)
    const factor = 1 + vRad / SPEED_OF_LIGHT
    const spread = this.#rows(this.#target, factor, width, gaussianQuadrature(this.#widest(this.#target, width)))
    // σ² is the sum of squares: of a change of the free σ the total has its share.
    const share = (i: number): number => (this.#fixed === undefined ? 1 : sigmaLsf / SPEED_OF_LIGHT / (width(i) || 1))
    return new ExtrinsicOperator({ pieces: this.#pieces, filled: this.#filled }, rotation, spread, { factor, share })
  }

  #width(fixed: number, free: number): number {
    return Math.hypot(fixed, free / SPEED_OF_LIGHT)
  }

  #rotation(vSini: number): Quadrature {
    const beta = Math.abs(vSini) / SPEED_OF_LIGHT
    return rotationQuadrature(
      this.#limbDarkening,
      this.#widest(this.#source, () => beta),
    )
  }

  /** Largest of widths Δλ / λ, in pixels of the source. */
  #widest(wave: Float64Array, width: (i: number) => number): number {
    let widest = 0
    for (let i = 0; i < wave.length; i++) {
      const { coordinate } = this.#pieces[this.#pieceOf(wave[i]!)]!
      const slope = coordinate.slope(wave[i]!, coordinate.at(wave[i]!))
      widest = Math.max(widest, Math.abs(width(i)) * wave[i]! * slope)
    }
    return widest
  }

  /** The piece of the source that has a wavelength, or the nearest one. */
  #pieceOf(lambda: number): number {
    const found = this.#pieces.findIndex(({ end }) => lambda <= this.#source[end - 1]!)
    if (found === 0) return 0
    if (found < 0) return this.#pieces.length - 1
    const above = this.#source[this.#pieces[found]!.start]! - lambda
    return above > 0 && above > lambda - this.#source[this.#pieces[found - 1]!.end - 1]! ? found - 1 : found
  }

  /** Row i: Σ_q weight_q f(wave_i / factor × (1 + scale_i offset_q)). */
  #rows(
    wave: Float64Array,
    factor: number,
    scale: (i: number) => number,
    { offsets, weights }: Quadrature,
  ): SplineRows {
    const n = wave.length
    const rows = { first: new Int32Array(n), at: new Int32Array(n), count: new Int32Array(n), piece: new Int32Array(n) }
    const store = new RowStore(n)
    const taps = splineWeights()
    let before = Number.NaN
    for (let i = 0; i < n; i++) {
      const width = scale(i)
      const origin = wave[i]! / factor
      const piece = (rows.piece[i] = this.#pieceOf(origin))
      const { coordinate } = this.#pieces[piece]!
      const moved = i > 0 && piece === rows.piece[i - 1] && near(width, before)
      before = width
      if (moved && coordinate.logStep !== undefined && near(Math.log(wave[i]! / wave[i - 1]!), coordinate.logStep)) {
        rows.first[i] = rows.first[i - 1]! + 1
        rows.count[i] = rows.count[i - 1]!
        rows.at[i] = rows.at[i - 1]!
        continue
      }
      const edges = [offsets[0]!, offsets.at(-1)!].map((offset) =>
        Math.floor(coordinate.at(origin * (1 + width * offset))),
      )
      const first = Math.min(...edges) - 2
      const count = Math.max(...edges) - Math.min(...edges) + SPLINE_TAPS
      const at = store.open(count)
      rows.first[i] = first
      rows.count[i] = count
      rows.at[i] = at
      for (let q = 0; q < offsets.length; q++) {
        const x = origin * (1 + width * offsets[q]!)
        const u = coordinate.at(x)
        const slope = coordinate.slope(x, u)
        const k = Math.floor(u)
        setSplineWeights(taps, u - k)
        const to = at + k - 2 - first
        const weight = weights[q]!
        const shift = (weight * slope * x) / factor / SPEED_OF_LIGHT
        const growth = (weight * slope * origin * offsets[q]!) / SPEED_OF_LIGHT
        for (let a = 0; a < SPLINE_TAPS; a++) {
          store.weights[to + a]! += weight * taps.values[a]!
          store.byShift[to + a]! -= shift * taps.slopes[a]!
          store.byScale[to + a]! += growth * taps.slopes[a]!
        }
      }
    }
    return { ...rows, weights: store.weights, byShift: store.byShift, byScale: store.byScale }
  }
}

/** Growing storage of rows. */
class RowStore {
  weights: Float64Array
  byShift: Float64Array
  byScale: Float64Array
  #length = 0

  constructor(rows: number) {
    const size = rows * SPLINE_TAPS
    this.weights = new Float64Array(size)
    this.byShift = new Float64Array(size)
    this.byScale = new Float64Array(size)
  }

  /** Room for `count` more numbers; where they begin. */
  open(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.weights.length) {
      const size = 2 * this.#length
      this.weights = enlarged(this.weights, size)
      this.byShift = enlarged(this.byShift, size)
      this.byScale = enlarged(this.byScale, size)
    }
    return at
  }
}

function enlarged(array: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size)
  out.set(array)
  return out
}

/** Equal to rounding: over a whole spectrum the difference stays far below a pixel. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.abs(b)
}
