// The MILES library as benches of labels use it: stars of 4000 to 7000 K, their flux over its mean, and folds by star.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kFold } from '@astrolabel/metrics'
import { preprocess } from '@astrolabel/preprocess'
import {
  RandomStream,
  columnNumbers,
  columnStrings,
  concatSpectra,
  requireColumn,
  takeSpectra,
} from '@astrolabel/spectra'
import { readSurvey } from '@astrolabel/surveys/node'

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const FOLDER = join(dirname(ROOT), 'shared', 'data', 'miles')

export const LABELS = ['teff', 'logg', 'fe_h']

// The library is calibrated in flux and free of reddening, so the slope of the continuum tells temperatures: it is kept.
const CHAIN = [
  { step: 'mask', bits: 'none' },
  { step: 'interpolate' },
  { step: 'crop', from: 3560, to: 7400 },
  { step: 'continuum', method: 'polynomial', order: 0, iterations: 0 },
]

/** Spectra (flux over mean), labels (n × 3; NaN where missing) and ten folds; undefined where the library is absent. */
export async function readMiles(seed = 1) {
  if (!existsSync(join(FOLDER, 'MILES_params.db'))) return undefined
  const batches = []
  for await (const batch of readSurvey('miles', [FOLDER], { catalog: join(FOLDER, 'MILES_params.db') }))
    batches.push(batch)
  const all = concatSpectra(batches)
  const teff = columnNumbers(requireColumn(all.catalog, 'teff'))
  const rows = Int32Array.from(all.starId.keys()).filter((row) => teff[row] >= 4000 && teff[row] <= 7000)
  const spectra = preprocess(takeSpectra(all, rows), CHAIN)
  const columns = LABELS.map((name) => columnNumbers(requireColumn(spectra.catalog, name)))
  const y = Float64Array.from({ length: 3 * spectra.n }, (_, i) => columns[i % 3][Math.floor(i / 3)])
  const groups = columnStrings(requireColumn(spectra.catalog, 'star_group'))
  return { spectra, y, groups, folds: kFold(groups, 10, RandomStream.fromSeed(seed)) }
}
