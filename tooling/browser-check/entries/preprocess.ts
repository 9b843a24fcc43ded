import { preprocess } from '@astrolabel/preprocess'
import { smallSpectra } from '../src/small-spectra.js'

/** A constant continuum of 10 with a line that takes half of one pixel. */
export function run(): unknown {
  const raw = smallSpectra(1, 9, (_, pixel) => (pixel === 4 ? 5 : 10))
  const { flux, ivar, meta } = preprocess(raw, [{ step: 'continuum', method: 'running-median', window: 5 }])
  return { flux: [...flux], ivar: [...ivar], steps: meta.history.map(({ step }) => step) }
}

export const expected = {
  flux: [1, 1, 1, 1, 0.5, 1, 1, 1, 1],
  ivar: Array.from({ length: 9 }, () => 10000),
  steps: ['continuum'],
}
