import { fileSource } from '@astrolabel/io-fits/node'
import type { Table } from '@astrolabel/spectra'
import { openHdf5Path } from '../hdf5/open-hdf5.node.js'
import { PARQUET_UNPACKERS } from './parquet-file.node.js'
import { readTableFile } from './table-file.js'
import type { TableEngines, TableFileOptions } from './table-file.js'

/** How Node opens tables: HDF5 from disk, Parquet of every compression that zlib knows. */
export const NODE_ENGINES: TableEngines = { openHdf5: openHdf5Path, unpackers: PARQUET_UNPACKERS }

/** A table on disk of any format but FITS, as the file has it; see readTableFile. */
export async function readTablePath(path: string, options: TableFileOptions = {}): Promise<Table> {
  const bytes = await fileSource(path)
  try {
    const { signal, onWarning, group } = options
    return await readTableFile(bytes, path, { signal, onWarning, group, engines: NODE_ENGINES })
  } finally {
    await bytes.close()
  }
}
