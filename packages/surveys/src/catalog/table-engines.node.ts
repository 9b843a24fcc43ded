import { openHdf5Path } from '../hdf5/open-hdf5.node.js'
import { PARQUET_UNPACKERS } from './parquet-file.node.js'
import type { TableEngines } from './table-file.js'

/** How Node opens tables: HDF5 from disk, Parquet of every compression that zlib knows. */
export const NODE_ENGINES: TableEngines = { openHdf5: openHdf5Path, unpackers: PARQUET_UNPACKERS }
