import type { FileHandle } from 'node:fs/promises'
import type { ByteSource } from '../source/byte-source.js'
import { readExactly } from '../source/byte-source.js'

const COPY_BYTES = 4 * 1024 * 1024

/** Appends the bytes from `from` up to `to` of a source to a file, in chunks; `see` gets each. */
export async function copyBytes(
  source: ByteSource,
  to: FileHandle,
  [start, end]: readonly [number, number],
  control: { readonly signal?: AbortSignal | undefined; readonly see?: (bytes: Uint8Array) => void },
): Promise<void> {
  for (let at = start; at < end; at += COPY_BYTES) {
    control.signal?.throwIfAborted()
    const bytes = await readExactly(source, at, Math.min(COPY_BYTES, end - at), 'file')
    control.see?.(bytes)
    await to.writeFile(bytes)
  }
}
