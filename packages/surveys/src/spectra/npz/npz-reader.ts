import type { Spectra, SurveyReader } from '@astrolabel/spectra'
import { alignTable } from '../../catalog/align-table.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import { openNpz } from '../../npz/npz.js'
import { spectraOfArrays } from './array-batches.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { stemOf } from '../file-stem.js'
import type { MatrixSpectraOptions } from './matrix-spectra.js'
import { requireSamePixels } from '../same-pixels.js'

/** Options of the reader of .npz archives. */
export interface NpzReadOptions extends ReadOptions, MatrixSpectraOptions {}

/**
 * Reads .npz archives of spectra in batches; of what numpy.savez stored only the rows of a batch are in memory.
 *
 * Without wavelengths the pixels are numbered, with the warning `surveys/no-wavelength`.
 */
export const npzReader: SurveyReader<readonly FileSource[], NpzReadOptions> = {
  survey: 'npz',
  async *read(sources, options) {
    batchRowsOf(options)
    let first: { name: string; spectra: Spectra } | undefined
    yield* eachFile(sources, options, async function* (bytes, source) {
      const idPrefix = options.idPrefix ?? ((options.files ?? sources.length) > 1 ? `${stemOf(source.name)}:` : '')
      const choices = { ...options, idPrefix }
      for await (const spectra of spectraOfArrays(await openNpz(bytes), source, 'npz', sources.length, choices)) {
        if (first !== undefined)
          requireSamePixels({ name: first.name, meta: first.spectra.meta }, { name: source.name, meta: spectra.meta })
        first ??= { name: source.name, spectra }
        yield { ...spectra, catalog: alignTable(spectra.catalog, first.spectra.catalog) }
      }
    })
  },
}
