import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { FitsError } from '../fits-error.js'
import type { FitsFile } from '../read/fits-file.js'
import { openFits } from '../read/open-fits.js'
import type { ByteSource } from '../source/byte-source.js'
import { PACK_MAGIC_BYTES, packFormat } from '../source/unpack-source.js'

/** A FITS file that is open to be read and written. */
export interface OpenedToChange {
  readonly handle: FileHandle
  readonly source: ByteSource
  readonly file: FitsFile
}

/** Opens a file, runs `change`, closes it. Fails with `fits/unsupported` where it is packed, and as `openFits`. */
export async function openToChange<T>(path: string, change: (opened: OpenedToChange) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const source: ByteSource = {
      size,
      read: async (offset, length) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
        let done = 0
        while (done < bytes.length) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done)
          if (bytesRead === 0) break
          done += bytesRead
        }
        return bytes.subarray(0, done)
      },
      close: () => Promise.resolve(),
    }
    const packed = packFormat(await source.read(0, PACK_MAGIC_BYTES))
    if (packed !== undefined) {
      throw new FitsError('fits/unsupported', 'a packed file cannot be changed', {
        got: `a file packed by ${packed}`,
        expected: 'a plain FITS file',
        remedy: 'Unpack it first, or write it anew.',
      })
    }
    return await change({ handle, source, file: await openFits(source) })
  } finally {
    await handle.close()
  }
}
