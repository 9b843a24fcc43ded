import { airToVacuum, gridLength, RandomStream, wavelengths } from '@astrolabel/spectra'

export function run(): unknown {
  const grid = { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' } as const
  return {
    length: gridLength(grid),
    lastWave: wavelengths(grid)[8574],
    sodiumD2: airToVacuum([5889.95])[0],
    draws: RandomStream.independent(7, 2).map((stream) => stream.uniform()),
  }
}

export const expected = {
  length: 8575,
  lastWave: 16999.8074,
  sodiumD2: 5891.5824,
  draws: [0.521951829, 0.583145886],
}
