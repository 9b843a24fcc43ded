import { cannon } from '@astrolabel/cannon'
import { findLabel, makeLabels } from '@astrolabel/spectra'
import { smallSpectra } from '../src/small-spectra.js'

/** Flux that is quadratic in one label is learned exactly, and the label of a star comes back from its spectrum. */
export function run(): unknown {
  const truth = Float64Array.from({ length: 12 }, (_, star) => 4000 + 100 * star)
  const spectra = smallSpectra(12, 30, (star, pixel) => {
    const x = (truth[star]! - 4500) / 1000
    return 1 - 0.3 * Math.sin(pixel) ** 2 * x + 0.1 * Math.cos(pixel) * x * x
  })
  const labels = makeLabels({ starId: spectra.starId, labels: [findLabel('teff')!], values: truth })
  const model = cannon.fromArrow(cannon.train(spectra, labels, {}).toArrow())
  const { values, flags } = model.predict(spectra)
  return { teff: Array.from(values, (value) => value.toFixed(1)), flags: [...flags] }
}

export const expected = {
  teff: Array.from({ length: 12 }, (_, star) => (4000 + 100 * star).toFixed(1)),
  flags: Array.from({ length: 12 }, () => 0),
}
