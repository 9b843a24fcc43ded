import { gunzip } from 'node:zlib'

/**
 * Decompresses gzip members that follow each other, `size` bytes in all, in the thread pool: several calls at once use
 * several cores. Fails with zlib's own error where they are damaged or give more.
 */
export function gunzipInPool(members: Uint8Array, size: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // One byte more than is needed, or zlib would ask for another chunk to find out that nothing follows.
    gunzip(members, { chunkSize: Math.max(64, size + 1), maxOutputLength: size }, (error, bytes) => {
      if (error === null) resolve(bytes)
      else reject(error)
    })
  })
}
