import type { Continuum, Spectra } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { EnvelopeRule } from './piecewise-polynomial.js'
import type { FitState } from './envelope-weights.js'
import { fitToEnvelope } from './envelope-weights.js'
import type { PieceFitter, PixelRule } from './fit-by-piece.js'
import { fitByPiece } from './fit-by-piece.js'
import type { ContinuumPixelOptions } from './continuum-pixel-options.js'
import { fittedPixels } from './continuum-pixel-options.js'
import { checkOption, checkRule, defaultWeighting } from './piecewise-polynomial.js'
import { checkWidth } from './width-unit.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { solvePositiveDefinite } from './solve-positive-definite.js'

/** Options of {@link sinesCosinesContinuum}. */
export interface SinesCosinesOptions extends ContinuumPixelOptions {
  /** Pairs of a sine and a cosine; default 3. */
  readonly order?: number
  /** Å of the longest wave, more than a chip has; default 1400. */
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
 * which bends the continuum between the pixels, by about the ridge × the scatter of the amplitudes. A chip nearly as long
 * as L is bent at its ends, as the waves come round. Cost n × nPix × iterations × 8 order.
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
  /** cos and sin of 2πkλ/L for k = 0 … 2 order, (nPix) each. */
  readonly #cosines: readonly Float64Array[]
  readonly #sines: readonly Float64Array[]
  readonly #state: FitState
  readonly #weightedFlux: Float64Array
  readonly #matrix: Float64Array
  /** Of cos 0, then of cos 1, sin 1, cos 2, sin 2, … */
  readonly #amplitudes: Float64Array

  /** @throws `preprocess/option` for waves shorter than the chip, whose ends would have to be the same. */
  constructor(wave: Float64Array, rule: HarmonicRule) {
    const n = wave.length
    const span = wave[n - 1]! - wave[0]!
    if (!(rule.length > span)) {
      throw new AstrolabelError('preprocess/option', 'The option length of the continuum is out of range', {
        got: rule.length,
        expected: `more than the ${Math.ceil(span)} Å of the longest arm or chip`,
        remedy:
          'Give a longer one, or cut the spectrum with splits, such as [15833, 16455] between the chips of APOGEE',
      })
    }
    // From the middle of the chip, where angles are small: a pair spans the same waves whatever its phase.
    const middle = wave[n >> 1]!
    const angle = wave.map((w) => (2 * Math.PI * (w - middle)) / rule.length)
    const orders = Array.from({ length: 2 * rule.order + 1 }, (_, k) => k)
    this.#rule = rule
    this.#cosines = orders.map((k) => angle.map((a) => Math.cos(k * a)))
    this.#sines = orders.map((k) => angle.map((a) => Math.sin(k * a)))
    this.#state = { weight: new Float64Array(n), model: new Float64Array(n) }
    this.#weightedFlux = new Float64Array(n)
    this.#matrix = new Float64Array((2 * rule.order + 1) ** 2)
    this.#amplitudes = new Float64Array(2 * rule.order + 1)
  }

  fit(flux: Float32Array, base: Float64Array, out: Float32Array): void {
    const found = fitToEnvelope(flux, base, this.#rule, this.#state, () => this.#solve(flux))
    const { model } = this.#state
    for (let i = 0; i < out.length; i++) out[i] = found ? model[i]! : 0
  }

  #solve(flux: Float32Array): boolean {
    const { weight, model } = this.#state
    const { order } = this.#rule
    const size = 2 * order + 1
    const weightedFlux = this.#weightedFlux
    let used = 0
    for (let i = 0; i < weight.length; i++) {
      const w = weight[i]!
      weightedFlux[i] = w === 0 ? 0 : w * flux[i]!
      if (w > 0) used++
    }
    if (used < size) return false
    this.#fillMatrix()
    const amplitudes = this.#amplitudes
    for (let k = 0; k <= order; k++) {
      amplitudes[k === 0 ? 0 : 2 * k - 1] = dot(weightedFlux, this.#cosines[k]!)
      if (k > 0) amplitudes[2 * k] = dot(weightedFlux, this.#sines[k]!)
    }
    const ridge = this.#rule.ridge * largestEigenvalue(this.#matrix, size)
    for (let j = 0; j < size; j++) this.#matrix[j * size + j]! += ridge
    if (!solvePositiveDefinite(this.#matrix, amplitudes, size)) return false
    model.fill(amplitudes[0]!)
    for (let k = 1; k <= order; k++) {
      const [a, b] = [amplitudes[2 * k - 1]!, amplitudes[2 * k]!]
      const [cosine, sine] = [this.#cosines[k]!, this.#sines[k]!]
      for (let i = 0; i < model.length; i++) model[i] = model[i]! + a * cosine[i]! + b * sine[i]!
    }
    return true
  }

  /**
   * The normal matrix from 4 order + 1 sums over pixels in place of (2 order + 1)(order + 1), as products of waves are
   * waves: 2 cos j cos k = cos(j-k) + cos(j+k), 2 sin j sin k = cos(j-k) - cos(j+k), 2 sin j cos k = sin(j+k) + sin(j-k).
   */
  #fillMatrix(): void {
    const { weight } = this.#state
    const { order } = this.#rule
    const size = 2 * order + 1
    const c = this.#cosines.map((cosine) => dot(weight, cosine))
    const s = this.#sines.map((sine) => dot(weight, sine))
    const set = (row: number, column: number, value: number): void => {
      this.#matrix[row * size + column] = this.#matrix[column * size + row] = value / 2
    }
    for (let j = 0; j <= order; j++)
      for (let k = 0; k <= order; k++) {
        const less = c[Math.abs(j - k)]!
        const more = c[j + k]!
        const [cosJ, cosK] = [Math.max(0, 2 * j - 1), Math.max(0, 2 * k - 1)]
        if (k <= j) set(cosJ, cosK, less + more)
        if (k <= j && k > 0) set(2 * j, 2 * k, less - more)
        if (j > 0) set(2 * j, cosK, s[j + k]! + Math.sign(j - k) * s[Math.abs(j - k)]!)
      }
  }
}

/** Σ a b, in two sums, which the processor adds side by side. */
function dot(a: Float64Array, b: Float64Array): number {
  let even = 0
  let odd = 0
  let i = 0
  for (; i + 1 < a.length; i += 2) {
    even += a[i]! * b[i]!
    odd += a[i + 1]! * b[i + 1]!
  }
  return i < a.length ? even + odd + a[i]! * b[i]! : even + odd
}

/** Of a symmetric matrix without negative eigenvalues, by the power method. */
function largestEigenvalue(a: Float64Array, n: number): number {
  const vector = new Float64Array(n).fill(1)
  const next = new Float64Array(n)
  let norm = 0
  for (let round = 0; round < POWER_ROUNDS; round++) {
    let squares = 0
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += a[i * n + j]! * vector[j]!
      next[i] = sum
      squares += sum * sum
    }
    norm = Math.sqrt(squares)
    if (norm === 0) return 0
    for (let i = 0; i < n; i++) vector[i] = next[i]! / norm
  }
  return norm
}
