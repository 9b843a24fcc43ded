import type { FileHandle } from 'node:fs/promises'

/** Writes all bytes at `offset` of a file. */
export async function writeAt(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  }
}
