import zlib from 'node:zlib'
import { asyncBufferFromFile } from 'hyparquet'
import type { Compressors } from 'hyparquet'
import { AstrolabelError } from '@astrolabel/spectra'
import type { ParquetSource } from './parquet.js'

/** Zstandard came with Node 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }

/** What other writers pack with; hyparquet itself unpacks snappy. */
export const PARQUET_UNPACKERS: Compressors = {
  GZIP: (bytes) => zlib.gunzipSync(bytes),
  BROTLI: (bytes) => zlib.brotliDecompressSync(bytes),
  ...(zstdDecompressSync === undefined ? {} : { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) }),
}

/** A Parquet file on disk, to be read by ranges. @throws `parquet/unreadable` when it cannot be opened. */
export async function parquetPath(path: string): Promise<ParquetSource> {
  try {
    return { name: path, bytes: await asyncBufferFromFile(path), unpackers: PARQUET_UNPACKERS }
  } catch (cause) {
    throw new AstrolabelError('parquet/unreadable', `${path} is not a Parquet file that can be read`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Check that it is there and may be read',
      cause,
    })
  }
}
