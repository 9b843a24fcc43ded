import type { PackFormat } from './bad-packed.js'
import { badPacked } from './bad-packed.js'
import { bunzip2, isBzip2 } from './bunzip2.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource, readExactly } from './byte-source.js'
import { gunzip, isGzip } from './gunzip.js'
import { collectBytes } from './stream-source.js'
import { uncompress } from './uncompress.js'
import { isZip, unzip } from './unzip.js'
import type { UnpackOptions } from './unpack-limit.js'
import { limitBytes, tooLarge, unpackLimit } from './unpack-limit.js'

/** Bytes at the start of a file that tell whether it is packed. */
export const PACK_MAGIC_BYTES = 4

/** How a file is packed, by its first `PACK_MAGIC_BYTES` bytes; undefined where it is not. */
export function packFormat(start: Uint8Array): PackFormat | undefined {
  if (isGzip(start)) return 'gzip'
  if (isBzip2(start)) return 'bzip2'
  if (isZip(start)) return 'zip'
  return start[0] === 0x1f && start[1] === 0x9d ? 'compress' : undefined
}

/**
 * A source of the unpacked bytes, held in memory; closes `source`. Fails with `fits/bad-gzip`, `fits/bad-bzip2`,
 * `fits/bad-lzw`, `fits/bad-zip`, or `fits/too-large` where they are more than the options allow.
 */
export async function unpackSource(
  source: ByteSource,
  format: PackFormat,
  options: UnpackOptions,
): Promise<ByteSource> {
  const limit = unpackLimit(source.size, options)
  const packed = await readExactly(source, 0, source.size, `${format} file`)
  const bytes = await unpackBytes(packed, format, limit)
  await source.close()
  return bytesSource(bytes)
}

async function unpackBytes(packed: Uint8Array, format: PackFormat, limit: number): Promise<Uint8Array> {
  if (format === 'gzip') return gunzip(packed, limit)
  const tooLong = (): Error => tooLarge(format, packed.length, limit)
  try {
    if (format === 'zip') return unzip(packed, limit, tooLong)
    const chunks = format === 'bzip2' ? bunzip2(packed) : uncompress(packed)
    return await collectBytes(limitBytes(chunks, limit, tooLong))
  } catch (cause) {
    throw badPacked(format, cause)
  }
}
