import type { ForwardModel, Labels, Spectra } from '@astrolabel/spectra'
import { RandomStream, labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'

/** Labels of the toy world: iron has lines in pixels 0–19, magnesium in 20–29, both weaken the pixels after by heat. */
export const NAMES = ['teff', 'fe_h', 'mg_fe'] as const
export const SPREADS: Readonly<Record<string, number>> = { teff: 500, fe_h: 0.4, mg_fe: 0.15 }
export const PIXELS = 60
const MIDDLE = [5000, -0.3, 0.1]

/** Change of the flux of a pixel by one spread of each label. */
function depths(pixel: number): readonly number[] {
  if (pixel < 20) return [0.01, -0.05, 0]
  if (pixel < 30) return [0.01, 0, -0.05]
  return [pixel % 2 === 0 ? 0.04 : -0.03, 0.01, 0]
}

export const forward: ForwardModel = {
  labels: NAMES.map(labelInfo),
  wavelength: { kind: 'linear', start: 5000, step: 1, length: PIXELS, medium: 'vacuum' },
  evaluate: (labels, out) => {
    for (let p = 0; p < out.length; p++)
      out[p] = depths(p).reduce(
        (flux, depth, l) => flux + (depth * (labels[l]! - MIDDLE[l]!)) / SPREADS[NAMES[l]!]!,
        0.8,
      )
  },
  jacobian: (_, out) => {
    for (let p = 0; p < out.length / 3; p++)
      depths(p).forEach((depth, l) => {
        out[3 * p + l] = depth / SPREADS[NAMES[l]!]!
      })
  },
}

/** Stars with labels of `draw`, (3) in spreads about the middle, and noise of 0.01 a pixel. */
export function toyStars(
  n: number,
  seed: number,
  draw: (random: RandomStream) => readonly number[],
): { spectra: Spectra; values: Float64Array } {
  const random = RandomStream.fromSeed(seed)
  const values = new Float64Array(3 * n)
  const flux = new Float32Array(n * PIXELS)
  const clean = new Float64Array(PIXELS)
  for (let i = 0; i < n; i++) {
    draw(random).forEach((u, l) => {
      values[3 * i + l] = MIDDLE[l]! + SPREADS[NAMES[l]!]! * u
    })
    forward.evaluate(values.slice(3 * i, 3 * i + 3), clean)
    for (let p = 0; p < PIXELS; p++) flux[i * PIXELS + p] = clean[p]! + 0.01 * random.normal()
  }
  const spectra = makeSpectra({
    meta: {
      wavelength: { kind: 'linear', start: 5000, step: 1, length: PIXELS, medium: 'vacuum' },
      frame: 'rest',
      stage: 'normalised',
      survey: 'toy',
      release: '1',
      noise: 'measured',
      history: [],
      version: '0',
    },
    starId: Array.from({ length: n }, (_, i) => `toy-${i}`),
    flux,
    ivar: new Float32Array(n * PIXELS).fill(1e4),
  })
  return { spectra, values }
}

/** Independent labels. */
export const freely = (random: RandomStream): number[] => [random.normal(), random.normal(), random.normal()]
/** Magnesium follows iron exactly. */
export const locked = (random: RandomStream): number[] => {
  const iron = random.normal()
  return [random.normal(), iron, -iron]
}
/** Magnesium goes with iron, with a scatter of its own. */
export const loosely = (random: RandomStream): number[] => {
  const iron = random.normal()
  return [random.normal(), iron, -0.9 * iron + 0.44 * random.normal()]
}

/** A ridge of labels on pixels: what a learner without physics does. Gradient descent on its squares, to the end. */
export function learn(spectra: Spectra, values: Float64Array, ridge = 0.01): (stars: Spectra) => Labels {
  const { n } = spectra
  const design = (flux: Float32Array, i: number, p: number): number => (flux[i * PIXELS + p]! - 0.8) * 10
  const weights = new Float64Array(3 * (PIXELS + 1))
  for (let round = 0; round < 4000; round++) {
    const step = weights.map((weight, at) => (at % (PIXELS + 1) === PIXELS ? 0 : ridge * weight))
    for (let i = 0; i < n; i++)
      for (let l = 0; l < 3; l++) {
        const from = l * (PIXELS + 1)
        let miss = weights[from + PIXELS]! - (values[3 * i + l]! - MIDDLE[l]!) / SPREADS[NAMES[l]!]!
        for (let p = 0; p < PIXELS; p++) miss += weights[from + p]! * design(spectra.flux, i, p)
        for (let p = 0; p < PIXELS; p++) step[from + p]! += (miss * design(spectra.flux, i, p)) / n
        step[from + PIXELS]! += miss / n
      }
    for (let at = 0; at < weights.length; at++) weights[at]! -= 0.12 * step[at]!
  }
  return (stars) => {
    const out = new Float64Array(3 * stars.n)
    for (let i = 0; i < stars.n; i++)
      for (let l = 0; l < 3; l++) {
        const from = l * (PIXELS + 1)
        let u = weights[from + PIXELS]!
        for (let p = 0; p < PIXELS; p++) u += weights[from + p]! * design(stars.flux, i, p)
        out[3 * i + l] = MIDDLE[l]! + SPREADS[NAMES[l]!]! * u
      }
    return makeLabels({ starId: stars.starId, labels: NAMES.map(labelInfo), values: out })
  }
}
