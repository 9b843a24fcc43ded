import type { Spectra, SurveyReader } from '@astrolabel/spectra'
import { alignTable } from '../catalog/align-table.js'
import { withIngestStep } from '../ingest-step.js'
import type { FileSource, ReadOptions } from '../ingest.js'
import type { NpyArray } from '../npz/npy.js'
import { openNpz } from '../npz/npz.js'
import type { NpzFile } from '../npz/npz.js'
import { batchRowsOf, eachFile } from './each-file.js'
import { stemOf } from './file-stem.js'
import type { MatrixSpectraOptions } from './matrix-spectra.js'
import { npzLayout, spectraFromArrays } from './npz-spectra.js'
import type { NpzLayout } from './npz-spectra.js'
import { requireSamePixels } from './same-pixels.js'

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
    const step = batchRowsOf(options)
    let first: { name: string; spectra: Spectra } | undefined
    yield* eachFile(sources, options, async function* (bytes, source) {
      const file = await openNpz(bytes)
      const layout = npzLayout(file.arrays)
      if (layout.wavelength === undefined && layout.loglam === undefined) {
        options.onWarning?.({
          code: 'surveys/no-wavelength',
          source: source.name,
          message:
            'There is no array wavelength: pixels are numbered from 0, so nothing that needs wavelengths will work',
        })
      }
      const shared = await readArrays(file, sharedArrays(layout))
      const idPrefix = options.idPrefix ?? ((options.files ?? sources.length) > 1 ? `${stemOf(source.name)}:` : '')
      for (let start = 0; start < layout.n; start += step) {
        options.signal?.throwIfAborted()
        const rows = [start, Math.min(start + step, layout.n)] as const
        const arrays = new Map([...shared, ...(await readArrays(file, layout.perStar, rows))])
        const spectra = withIngestStep(
          spectraFromArrays(arrays, layout, start, { ...options, idPrefix }),
          'npz',
          sources.length,
        )
        if (first !== undefined)
          requireSamePixels({ name: first.name, meta: first.spectra.meta }, { name: source.name, meta: spectra.meta })
        first ??= { name: source.name, spectra }
        yield { ...spectra, catalog: alignTable(spectra.catalog, first.spectra.catalog) }
      }
    })
  },
}

/** Every array that the layout names, but for those with one row a star. */
function sharedArrays({ perStar, ...layout }: NpzLayout): string[] {
  const names = Object.values(layout).flat()
  return names.filter((name) => typeof name === 'string').filter((name) => !perStar.includes(name))
}

async function readArrays(
  file: NpzFile,
  names: readonly string[],
  rows?: readonly [number, number],
): Promise<Map<string, NpyArray>> {
  const out = new Map<string, NpyArray>()
  for (const name of names) out.set(name, await file.read(name, rows))
  return out
}
