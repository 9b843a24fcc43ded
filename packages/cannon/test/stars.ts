import type { Labels, LabelsInput, Spectra, SpectraMeta } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'

/** Metadata of normalised spectra on 5000 Å + 0.5 Å i. */
export function normalisedMeta(length: number, more: Partial<SpectraMeta> = {}): SpectraMeta {
  return {
    wavelength: { kind: 'linear', start: 5000, step: 0.5, length, medium: 'vacuum' },
    frame: 'rest',
    stage: 'normalised',
    survey: 'test',
    release: '1',
    noise: 'measured',
    history: [],
    version: '0',
    ...more,
  }
}

/** A star in the dark: flux of every pixel from labels u in [-1, 1]. */
export type Truth = (u: Float64Array, pixel: number) => number

/** A quadratic in u with coefficients of a seed, all pixels different, deep enough to tell the labels. */
export function quadraticTruth(seed: number, nLabels: number, nPix: number): Truth {
  const random = RandomStream.fromSeed(seed)
  const linear = Float64Array.from({ length: nPix * nLabels }, () => 0.05 * random.normal())
  const square = Float64Array.from({ length: nPix * nLabels * nLabels }, () => 0.01 * random.normal())
  return (u, pixel) => {
    let flux = 0.8
    for (let k = 0; k < nLabels; k++) {
      flux += linear[pixel * nLabels + k]! * u[k]!
      for (let l = k; l < nLabels; l++) flux += square[(pixel * nLabels + k) * nLabels + l]! * u[k]! * u[l]!
    }
    return flux
  }
}

/** Middle and half range of the labels that stars are drawn from. */
export const RANGES = { teff: [4750, 750], logg: [2.5, 1.5], fe_h: [-0.5, 0.5] } as const
export type Name = keyof typeof RANGES

/** What to draw. */
export interface Draw {
  readonly seed: number
  readonly n: number
  readonly nPix: number
  readonly names: readonly Name[]
  readonly truth: Truth
  /** Noise of a pixel, told to ivar unless the noise is unknown. */
  readonly sigma?: number
  /** Scatter of a pixel that no error tells of. */
  readonly scatter?: number
  /** Part of the pixels that are bad, with a value far off. */
  readonly bad?: number
  readonly noise?: 'measured' | 'unknown'
  /** Labels in units of u; uniform when absent. */
  readonly u?: readonly (readonly number[])[]
}

/** Stars of a truth with labels uniform in their ranges; without sigma there is no noise, and errors are 0.01. */
export function drawStars(draw: Draw): { spectra: Spectra; labels: Labels } {
  const { n, nPix, names, truth, sigma = 0, scatter = 0, bad = 0, noise = 'measured' } = draw
  const random = RandomStream.fromSeed(draw.seed)
  const values = new Float64Array(n * names.length)
  const flux = new Float32Array(n * nPix)
  const ivar = new Float32Array(n * nPix)
  for (let i = 0; i < n; i++) {
    const u = Float64Array.from(names, (_, l) => draw.u?.[i]?.[l] ?? 2 * random.uniform() - 1)
    for (const [l, name] of names.entries()) values[i * names.length + l] = RANGES[name][0] + RANGES[name][1] * u[l]!
    for (let p = 0; p < nPix; p++) {
      const at = i * nPix + p
      flux[at] = truth(u, p) + Math.hypot(sigma, scatter) * random.normal()
      ivar[at] = noise === 'unknown' ? 1 : 1 / (sigma === 0 ? 0.01 : sigma) ** 2
      if (random.uniform() >= bad) continue
      flux[at] = 1000
      ivar[at] = 0
    }
  }
  const starId = Array.from({ length: n }, (_, i) => `star-${i}`)
  return {
    spectra: makeSpectra({ meta: normalisedMeta(nPix, { noise }), starId, flux, ivar }),
    labels: makeLabels({ starId, labels: names.map(labelInfo), values }),
  }
}

/** Labels with some of them changed. */
export function withValues(labels: Labels, change: (value: number, star: number, label: number) => number): Labels {
  const width = labels.labels.length
  const input: LabelsInput = labels
  return makeLabels({
    ...input,
    values: labels.values.map((value, at) => change(value, Math.floor(at / width), at % width)),
  })
}

/** Largest |a - b|, NaN against NaN being equal; Infinity when the lengths differ. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]) && Number.isNaN(b[i])) continue
    const difference = Math.abs(a[i]! - b[i]!)
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return worst
}
