import type { Continuum, Spectra } from '@astrolabel/spectra'
import type { EnvelopeRule } from './envelope-fit.js'
import type { FitState } from './envelope-weights.js'
import { fitToEnvelope } from './envelope-weights.js'
import type { PieceFitter, PixelRule } from './fit-by-piece.js'
import { fitByPiece } from './fit-by-piece.js'
import type { ContinuumPixelOptions } from './continuum-pixel-options.js'
import { fittedPixels } from './continuum-pixel-options.js'
import { checkOption, checkRule, defaultWeighting } from './piecewise-polynomial.js'
import { checkWidth } from './pixel-coordinate.js'
import type { StepRunOptions } from './row-operation.js'
import { solvePositiveDefinite } from './solve-positive-definite.js'

/** Options of {@link sinesCosinesContinuum}. */
export interface SinesCosinesOptions extends ContinuumPixelOptions {
  /** Pairs of a sine and a cosine; default 3. */
  readonly order?: number
  /** Å of the longest wave; default 1400. */
  readonly length?: number
  /** Added to the diagonal of the normal matrix, in units of its largest eigenvalue; default 1e-6. */
  readonly ridge?: number
  /** Leave out pixels further than [below, above] × weighted rms residual from the previous fit; default [-1.2, 3]. */
  readonly clip?: readonly [below: number, above: number]
  /** Fits after the first; default 8, or none when continuum pixels are given. */
  readonly iterations?: number
  /** Å at which chips are split; default none. Chip boundaries and gaps in the wavelengths always split. */
  readonly splits?: readonly number[]
  /** Weight pixels by ivar or all good ones alike. Default: ivar where the noise was measured. */
  readonly weighting?: 'ivar' | 'uniform'
}

/** A rule with every default filled in. */
interface HarmonicRule extends EnvelopeRule, PixelRule {
  readonly length: number
  readonly ridge: number
}

/**
 * Continuum as a constant and `order` sines and cosines a chip, c(λ) = a_0 + Σ_k a_k cos(2πkλ/L) + b_k sin(2πkλ/L), by
 * weighted least squares on continuum pixels (Casey et al. 2016, section 2.2; AnniesLasso's `sines_and_cosines`), or,
 * without any, on what asymmetric clipping leaves of all pixels.
 *
 * A chip is much shorter than L, so that the waves resemble one another there: the ridge keeps their amplitudes small,
 * which bends the continuum between the pixels, by about the ridge × the scatter of the amplitudes. Cost n × fitted
 * pixels × order² × iterations.
 *
 * The continuum of a chip with fewer good pixels than coefficients is 0.
 *
 * @throws `preprocess/option` for options out of range or a pixel that is not there.
 */
export function sinesCosinesContinuum(options: SinesCosinesOptions = {}): Continuum {
  const checked = resolve(options, 'uniform')
  checkRule(checked)
  checkWidth('length', checked.length)
  checkOption(checked.ridge >= 0 && checked.ridge <= 1, 'ridge', checked.ridge, 'a number from 0 to 1')
  return {
    kind: 'sines-cosines',
    continuum(spectra: Spectra, run: StepRunOptions = {}): Float32Array {
      const rule = resolve(options, defaultWeighting(spectra))
      return fitByPiece(spectra, rule, (wave) => new HarmonicFitter(wave, rule), run)
    },
  }
}

/** The options with their defaults filled in. */
export function resolveSinesCosines(options: SinesCosinesOptions, spectra: Spectra): HarmonicRule {
  return resolve(options, defaultWeighting(spectra))
}

function resolve(options: SinesCosinesOptions, weighting: 'ivar' | 'uniform'): HarmonicRule {
  const fitted = fittedPixels(options)
  const given = fitted.pixels !== undefined || fitted.windows !== undefined
  return {
    order: options.order ?? 3,
    length: options.length ?? 1400,
    ridge: options.ridge ?? 1e-6,
    iterations: options.iterations ?? (given ? 0 : 8),
    clip: options.clip ?? [-1.2, 3],
    splits: options.splits ?? [],
    weighting: options.weighting ?? weighting,
    ...fitted,
  }
}

/** Rounds of the power method: the largest eigenvalue only scales the ridge, so a few digits are plenty. */
const POWER_ROUNDS = 40

class HarmonicFitter implements PieceFitter {
  readonly #rule: HarmonicRule
  readonly #basis: readonly Float64Array[]
  readonly #state: FitState
  readonly #matrix: Float64Array
  readonly #amplitudes: Float64Array
  readonly #used: Int32Array

  constructor(wave: Float64Array, rule: HarmonicRule) {
    const n = wave.length
    this.#rule = rule
    this.#basis = harmonics(wave, rule)
    this.#state = { weight: new Float64Array(n), model: new Float64Array(n) }
    this.#matrix = new Float64Array(this.#basis.length ** 2)
    this.#amplitudes = new Float64Array(this.#basis.length)
    this.#used = new Int32Array(n)
  }

  fit(flux: Float32Array, base: Float64Array, out: Float32Array): void {
    const found = fitToEnvelope(flux, base, this.#rule, this.#state, () => this.#solve(flux))
    const { model } = this.#state
    for (let i = 0; i < out.length; i++) out[i] = found ? model[i]! : 0
  }

  #solve(flux: Float32Array): boolean {
    const { weight, model } = this.#state
    const basis = this.#basis
    const size = basis.length
    const used = this.#used
    let count = 0
    for (let i = 0; i < weight.length; i++) if (weight[i]! > 0) used[count++] = i
    if (count < size) return false
    for (let j = 0; j < size; j++) {
      for (let k = 0; k <= j; k++) {
        let sum = 0
        for (let u = 0; u < count; u++) sum += weight[used[u]!]! * basis[j]![used[u]!]! * basis[k]![used[u]!]!
        this.#matrix[j * size + k] = this.#matrix[k * size + j] = sum
      }
      let right = 0
      for (let u = 0; u < count; u++) right += weight[used[u]!]! * basis[j]![used[u]!]! * flux[used[u]!]!
      this.#amplitudes[j] = right
    }
    const ridge = this.#rule.ridge * largestEigenvalue(this.#matrix, size)
    for (let j = 0; j < size; j++) this.#matrix[j * size + j]! += ridge
    if (!solvePositiveDefinite(this.#matrix, this.#amplitudes, size)) return false
    model.fill(0)
    for (let j = 0; j < size; j++) {
      const amplitude = this.#amplitudes[j]!
      const wave = basis[j]!
      for (let i = 0; i < model.length; i++) model[i]! += amplitude * wave[i]!
    }
    return true
  }
}

/** 1, cos and sin of 2πkλ/L for k = 1 … order, (nPix) each. */
function harmonics(wave: Float64Array, { order, length }: HarmonicRule): Float64Array[] {
  // From the middle of the chip, where angles are small: a pair spans the same waves whatever its phase.
  const middle = wave[wave.length >> 1]!
  const angle = wave.map((w) => (2 * Math.PI * (w - middle)) / length)
  const basis = [new Float64Array(wave.length).fill(1)]
  for (let k = 1; k <= order; k++)
    basis.push(
      angle.map((a) => Math.cos(k * a)),
      angle.map((a) => Math.sin(k * a)),
    )
  return basis
}

/** Of a symmetric matrix without negative eigenvalues, by the power method. */
function largestEigenvalue(a: Float64Array, n: number): number {
  let vector = new Float64Array(n).fill(1)
  let norm = 0
  for (let round = 0; round < POWER_ROUNDS; round++) {
    const next = vector.map((_, i) => vector.reduce((sum, x, j) => sum + a[i * n + j]! * x, 0))
    norm = Math.hypot(...next)
    if (norm === 0) return 0
    vector = next.map((x) => x / norm)
  }
  return norm
}
