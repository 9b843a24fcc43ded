import { loadEngine, openWith } from './hdf5-engine.js'
import type { HdfFile } from './hdf5-engine.js'

/** Open an HDF5 file on disk; only what is read is in memory. @throws `hdf5/not-installed`, `hdf5/unreadable`. */
export async function openHdf5Path(path: string): Promise<HdfFile> {
  const engine = await loadEngine(async () => import('h5wasm/node'))
  const file = openWith(engine, path, path)
  return { root: file, close: () => void file.close() }
}
