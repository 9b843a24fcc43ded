import type { WavelengthGrid } from '@astrolabel/spectra'
import { airToVacuum, wavelengths } from '@astrolabel/spectra'
import { lanczosWeights } from '../resampling/lanczos-weights.js'
import { lineSignal } from './line-signal.js'
import { applyWeights } from '../resampling/pixel-weights.js'

/** Samples of a template within one step of the velocity grid: a cubic between them is exact to 1e-5. */
const OVERSAMPLING = 8
/** Lobes of the window that brings a template between its own pixels without loss of resolution. */
const LOBES = 8

/** The lines of a template on a fine grid of ln λ: sample i at start + i step. */
export interface VelocityTemplate {
  readonly start: number
  readonly step: number
  readonly samples: Float64Array
}

/**
 * The lines of templates on one grid, finely sampled.
 *
 * @param flux (n × nPix) at `wavelength`. @param step of the velocity grid, ln λ. @param window of the continuum, ln λ.
 * Cost n × samples × 2 lobes.
 */
export function velocityTemplates(
  wavelength: WavelengthGrid,
  flux: Float32Array,
  step: number,
  window: number,
): VelocityTemplate[] {
  const own = wavelengths(wavelength)
  const wave = wavelength.medium === 'air' ? airToVacuum(own) : own
  const lnWave = wave.map(Math.log)
  const nPix = wave.length
  const good = new Float32Array(nPix).fill(1)
  const fine = step / OVERSAMPLING
  const start = lnWave[0]!
  const length = Math.max(2, Math.floor((lnWave[nPix - 1]! - start) / fine) + 1)
  const waveOut = Float64Array.from({ length }, (_, i) => Math.exp(start + i * fine))
  const weights = lanczosWeights(wave, waveOut, 1, LOBES)
  const unused = new Float32Array(length)
  return Array.from({ length: flux.length / nPix }, (_, k) => {
    const { signal } = lineSignal(
      lnWave,
      flux.subarray(k * nPix, (k + 1) * nPix),
      good,
      [{ start: 0, end: nPix }],
      window,
    )
    const samples = new Float32Array(length)
    applyWeights(1, nPix, Float32Array.from(signal), good, weights, 0, samples, unused)
    return { start, step: fine, samples: Float64Array.from(samples) }
  })
}

/** Lines of the template at ln λ, by the cubic through four samples; 0 beyond its ends. */
export function sampleTemplate({ start, step, samples }: VelocityTemplate, lnWave: number): number {
  const x = (lnWave - start) / step
  const i = Math.floor(x)
  if (!(i >= 1 && i + 2 < samples.length)) return 0
  const t = x - i
  const a = samples[i - 1]!
  const b = samples[i]!
  const c = samples[i + 1]!
  const d = samples[i + 2]!
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
}

/** First and last ln λ at which {@link sampleTemplate} knows the template. */
export function templateReach({ start, step, samples }: VelocityTemplate): [number, number] {
  return [start + step, start + (samples.length - 3) * step]
}
