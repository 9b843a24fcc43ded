import type { ForwardModel, Spectra } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'

/** Changes of spectra as one label alone would make them. */
export interface SpectrumChanges {
  /** `labels` when a forward model says how the whole spectrum changes, `pixels` when only a label's own pixels do. */
  readonly kind: 'labels' | 'pixels'
  readonly labels: readonly string[]
  /** How far label `x` is changed in all, from down to up, in its unit (for `pixels`, in that of the spreads). */
  step(x: number): number
  /** Change of the flux of a star, (P) into `out`, half a step up or down. */
  change(star: number, x: number, sign: 1 | -1, out: Float64Array): void
}

/** Pixels that belong to each label: line windows. */
export type PixelWindows = ReadonlyMap<string, Int32Array>

/** Part of a spread by which labels are changed: small enough to be straight, large enough to be seen. */
const STEP = 0.25

/**
 * Changes by a forward model: flux at a star's labels with one of them raised or lowered, less flux at its labels.
 *
 * @param values (n × L) labels of the stars, in the order of the model's, such as those it was trained on or predicts.
 * @param spreads (by name) of the labels. @param windows Change only these pixels, and no label that has none.
 * @throws `audit/stars` when the values do not fit.
 */
export function forwardChanges(
  forward: ForwardModel,
  values: Float64Array,
  spreads: Readonly<Record<string, number>>,
  windows?: PixelWindows,
): SpectrumChanges {
  const names = forward.labels.map(({ name }) => name)
  const width = names.length
  if (values.length % width !== 0 || values.some((value) => !Number.isFinite(value)))
    throw new AstrolabelError('audit/stars', 'A forward model needs all of its labels of every star', {
      got: `${values.length} values${values.some((value) => !Number.isFinite(value)) ? ', some of them missing' : ''}`,
      expected: `a value of ${names.join(', ')} for each star`,
      remedy: 'Leave out stars that lack a label',
    })
  const labels = windows === undefined ? names : names.filter((name) => (windows.get(name)?.length ?? 0) > 0)
  return {
    kind: windows === undefined ? 'labels' : 'pixels',
    labels,
    step: (x) => STEP * spreads[labels[x]],
    change: (star, x, sign, out) => {
      const at = values.slice(star * width, (star + 1) * width)
      const still = new Float64Array(out.length)
      forward.evaluate(at, still)
      at[names.indexOf(labels[x])] += (sign * STEP * spreads[labels[x]]) / 2
      const moved = new Float64Array(out.length)
      forward.evaluate(at, moved)
      out.fill(0)
      const pixels = windows?.get(labels[x])
      if (pixels === undefined) for (let p = 0; p < out.length; p++) out[p] = moved[p] - still[p]
      else for (const p of pixels) out[p] = moved[p] - still[p]
    },
  }
}

/**
 * Changes without a forward model: lines in a label's windows made deeper or shallower by an eighth.
 *
 * @param spectra Normalised to a continuum of 1. @throws `audit/windows` for no windows or a pixel that is not there.
 */
export function depthChanges(
  spectra: Spectra,
  windows: PixelWindows,
  spreads: Readonly<Record<string, number>>,
): SpectrumChanges {
  const labels = [...windows.keys()]
  for (const [label, pixels] of windows)
    if (pixels.length === 0 || pixels.some((p) => !(p >= 0 && p < spectra.nPix)))
      throw new AstrolabelError('audit/windows', `The windows of ${label} do not lie on the spectra`, {
        got: pixels.length === 0 ? 'no pixel' : pixels.find((p) => !(p >= 0 && p < spectra.nPix)),
        expected: `pixels 0 to ${spectra.nPix - 1}`,
      })
  return {
    kind: 'pixels',
    labels,
    step: (x) => STEP * spreads[labels[x]],
    change: (star, x, sign, out) => {
      out.fill(0)
      for (const p of windows.get(labels[x])!) out[p] = (-sign * STEP * (1 - spectra.flux[star * spectra.nPix + p])) / 2
    },
  }
}

/**
 * The pixels that speak of one label more than of all the others together, by the gradients of a forward model: line
 * windows where no list of lines is at hand.
 *
 * @param at (L) labels of a typical star. @param spreads (by name). @param share Least part of a pixel's gradient, in
 * spreads, that must be the label's: 0.5.
 */
export function gradientWindows(
  forward: ForwardModel,
  at: Float64Array,
  nPix: number,
  spreads: Readonly<Record<string, number>>,
  share = 0.5,
): PixelWindows {
  const names = forward.labels.map(({ name }) => name)
  const width = names.length
  const gradient = new Float64Array(nPix * width)
  forward.jacobian(at, gradient)
  const strength = (p: number, l: number): number => Math.abs(gradient[p * width + l]) * spreads[names[l]]
  return new Map(
    names.map((name, l) => {
      let strongest = 0
      for (let p = 0; p < nPix; p++) strongest = Math.max(strongest, strength(p, l))
      const pixels: number[] = []
      for (let p = 0; p < nPix; p++) {
        let sum = 0
        for (let other = 0; other < width; other++) sum += strength(p, other)
        // Far below its strongest line a label is not seen, however alone it is there.
        if (strength(p, l) >= share * sum && strength(p, l) > strongest / 20) pixels.push(p)
      }
      return [name, Int32Array.from(pixels)]
    }),
  )
}
