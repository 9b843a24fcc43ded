import {
  airToVacuum,
  decodeIpc,
  encodeIpc,
  gridLength,
  RandomStream,
  spectraFromRecordBatch,
  spectraToRecordBatch,
  wavelengths,
} from '@astrolabel/spectra'
import { smallSpectra } from '../src/small-spectra.js'

export function run(): unknown {
  const grid = { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' } as const
  const batches = decodeIpc(encodeIpc([spectraToRecordBatch(smallSpectra(2, 3, (star, pixel) => star + pixel))]))
  const { starId, flux, meta } = spectraFromRecordBatch(batches[0]!)
  return {
    length: gridLength(grid),
    lastWave: wavelengths(grid)[8574],
    sodiumD2: airToVacuum([5889.95])[0],
    draws: RandomStream.independent(7, 2).map((stream) => stream.uniform()),
    throughArrow: { starId, flux: [...flux], survey: meta.survey },
  }
}

export const expected = {
  length: 8575,
  lastWave: 16999.8074,
  sodiumD2: 5891.5824,
  draws: [0.521951829, 0.583145886],
  throughArrow: { starId: ['star-0', 'star-1'], flux: [0, 1, 2, 1, 2, 3], survey: 'check' },
}
