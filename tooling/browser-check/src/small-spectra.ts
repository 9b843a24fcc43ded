import { makeSpectra } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'

/** Spectra of `n` stars with `nPix` pixels of 1 Å from 5000 Å, their flux by `flux(star, pixel)` and ivar 100. */
export function smallSpectra(n: number, nPix: number, flux: (star: number, pixel: number) => number): Spectra {
  return makeSpectra({
    meta: {
      wavelength: { kind: 'linear', start: 5000, step: 1, length: nPix, medium: 'vacuum' },
      frame: 'rest',
      stage: 'rest',
      survey: 'check',
      release: '1',
      noise: 'measured',
      history: [],
      version: '0',
    },
    starId: Array.from({ length: n }, (_, star) => `star-${star}`),
    flux: Float32Array.from({ length: n * nPix }, (_, i) => flux(Math.floor(i / nPix), i % nPix)),
    ivar: new Float32Array(n * nPix).fill(100),
  })
}
