import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { DigestAlgorithm } from './fetch-request.js'

/** The digest of a file's bytes, lower-case hexadecimal. Cost: one pass over the file, in flat memory. */
export async function fileDigest(
  path: string,
  algorithm: DigestAlgorithm,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal })
  return hash.digest('hex')
}
