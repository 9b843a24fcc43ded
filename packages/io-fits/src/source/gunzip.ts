import { OutputFull } from '../compression/bad-tile.js'
import { crc32, headerEnd } from '../compression/gzip-tile.js'
import { inflate } from '../compression/inflate.js'
import { badPacked } from './bad-packed.js'
import { collectBytes, iterateStream } from './stream-source.js'
import { limitBytes, tooLarge } from './unpack-limit.js'

// Deflate cannot do better than 1032:1, so a trailer that claims more is a lie and is not allocated for.
const MAX_DEFLATE_RATIO = 1032
const TRAILER_BYTES = 8

/** True when the bytes start as a gzip member does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8
}

/** The size (bytes) that a gzip file's last four bytes promise, 0 where they cannot be true. */
export function gzipSizeHint(trailer: Uint8Array, compressedSize: number): number {
  if (trailer.length < 4) return 0
  const size = new DataView(trailer.buffer, trailer.byteOffset + trailer.length - 4, 4).getUint32(0, true)
  return size <= compressedSize * MAX_DEFLATE_RATIO ? size : 0
}

/**
 * Decompresses a gzip file in memory: its members one after another, whatever follows the last of them ignored, as
 * `gzip -d` does. Fails with `fits/bad-gzip`, or `fits/too-large` beyond `limit` bytes.
 */
export async function gunzip(packed: Uint8Array, limit: number): Promise<Uint8Array> {
  const whole = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
  const hint = Math.min(limit, gzipSizeHint(packed.subarray(-4), packed.length))
  const tooLong = (): Error => tooLarge('gzip', packed.length, limit)
  try {
    return await collectBytes(limitBytes(iterateStream(whole), limit, tooLong), hint)
  } catch (cause) {
    return gunzipMembers(packed, limit, cause)
  }
}

/**
 * The same without the platform's decompressor, which gives up on what follows the first member (browsers) or on what
 * follows the last (Node). `cause` is its complaint: thrown where the first member is damaged.
 */
export function gunzipMembers(packed: Uint8Array, limit: number, cause: unknown): Uint8Array {
  const failure = badPacked('gzip', cause)
  if (failure.code === 'fits/too-large') throw failure
  const members: Uint8Array[] = []
  let size = 0
  for (let at = 0; isGzip(packed.subarray(at, at + 3));) {
    const { bytes, end } = gunzipMember(packed, at, limit - size, failure)
    members.push(bytes)
    size += bytes.length
    at = end
  }
  const [only] = members
  if (only !== undefined && members.length === 1) return only
  const whole = new Uint8Array(size)
  let to = 0
  for (const bytes of members) {
    whole.set(bytes, to)
    to += bytes.length
  }
  return whole
}

function gunzipMember(
  packed: Uint8Array,
  at: number,
  limit: number,
  failure: Error,
): { bytes: Uint8Array; end: number } {
  const start = headerEnd(packed, at)
  const left = packed.length - start
  // How long it gets stands behind it, at a place not known yet: room is doubled until it is enough.
  for (let room = Math.min(limit, Math.max(1024, left * 4)); ; room = Math.min(limit, room * 2)) {
    const out = new Uint8Array(room)
    let unpacked: { written: number; end: number }
    try {
      unpacked = inflate(packed, start, out)
    } catch (error) {
      if (!(error instanceof OutputFull)) throw failure
      if (room >= limit) throw tooLarge('gzip', packed.length, limit)
      continue
    }
    const { written, end } = unpacked
    if (end + TRAILER_BYTES > packed.length) throw failure
    const view = new DataView(packed.buffer, packed.byteOffset + end, TRAILER_BYTES)
    if (view.getUint32(0, true) !== crc32(out, written) || view.getUint32(4, true) !== written % 2 ** 32) throw failure
    return { bytes: out.subarray(0, written), end: end + TRAILER_BYTES }
  }
}
