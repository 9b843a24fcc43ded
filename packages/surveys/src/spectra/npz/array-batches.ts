import type { Spectra } from '@astrolabel/spectra'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import type { NpyArray } from '../../npz/npy.js'
import { batchRowsOf } from '../each-file.js'
import type { MatrixSpectraOptions } from './matrix-spectra.js'
import { npzLayout, spectraFromArrays } from './npz-spectra.js'
import type { ArrayShapes, NpzLayout } from './npz-spectra.js'

/** A file of named arrays, read by rows. */
export interface ArrayFile {
  readonly arrays: ArrayShapes
  read(name: string, rows?: readonly [start: number, end: number]): Promise<NpyArray> | NpyArray
}

/**
 * The spectra of a file of arrays in batches; only the rows of a batch are read.
 *
 * @param reader What the history calls it. @param files Of how many files this is one.
 * @throws what npzLayout and spectraFromMatrix throw.
 */
export async function* spectraOfArrays(
  file: ArrayFile,
  source: FileSource,
  reader: string,
  files: number,
  options: ReadOptions & MatrixSpectraOptions,
): AsyncGenerator<Spectra> {
  const step = batchRowsOf(options)
  const layout = npzLayout(file.arrays)
  if (layout.wavelength === undefined && layout.loglam === undefined) {
    options.onWarning?.({
      code: 'surveys/no-wavelength',
      source: source.name,
      message: 'There is no array wavelength: pixels are numbered from 0, so nothing that needs wavelengths will work',
    })
  }
  const shared = await readArrays(file, sharedArrays(layout))
  for (let start = 0; start < layout.n; start += step) {
    options.signal?.throwIfAborted()
    const rows = [start, Math.min(start + step, layout.n)] as const
    const arrays = new Map([...shared, ...(await readArrays(file, layout.perStar, rows))])
    yield withIngestStep(spectraFromArrays(arrays, layout, start, options), reader, files)
  }
}

/** Every array that the layout names, but for those with one row a star. */
function sharedArrays({ perStar, ...layout }: NpzLayout): string[] {
  const names = Object.values(layout).flat()
  return names.filter((name) => typeof name === 'string').filter((name) => !perStar.includes(name))
}

async function readArrays(
  file: ArrayFile,
  names: readonly string[],
  rows?: readonly [number, number],
): Promise<Map<string, NpyArray>> {
  const out = new Map<string, NpyArray>()
  for (const name of names) out.set(name, await file.read(name, rows))
  return out
}
