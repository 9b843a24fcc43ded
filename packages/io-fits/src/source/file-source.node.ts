import type { Stats } from 'node:fs'
import { createReadStream, read, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { ByteSource } from './byte-source.js'
import { bytesSource } from './byte-source.js'
import { gzipError, gzipSizeHint, isGzip } from './gunzip.js'
import { collectBytes } from './stream-source.js'

// A trip through the thread pool takes 50-100 us; up to this size the read itself is done in a tenth of that.
const SYNC_READ_BYTES = 64 * 1024

/**
 * Opens a file for reading by seeking; nothing is read ahead and the whole file never is.
 * A gzip file (told by its first bytes, not its name) is decompressed as a stream into memory.
 * Fails with the file system's own error (`ENOENT`, …) or `fits/bad-gzip`. Close it when done.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, 'r')
  let stats: Stats
  try {
    stats = await handle.stat()
    const magic = new Uint8Array(3)
    const { bytesRead } = await handle.read(magic, 0, 3, 0)
    if (bytesRead === 3 && isGzip(magic)) {
      const trailer = new Uint8Array(4)
      await handle.read(trailer, 0, 4, Math.max(0, stats.size - 4))
      await handle.close()
      return bytesSource(await gunzipFile(path, gzipSizeHint(trailer, stats.size)))
    }
  } catch (error) {
    await handle.close()
    throw error
  }
  const { fd } = handle
  return {
    size: stats.size,
    read: (offset, length) => {
      // Not zeroed: the part that the file does not fill is cut off below.
      const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
      return length <= SYNC_READ_BYTES ? readNow(fd, bytes, offset) : readLater(fd, bytes, offset)
    },
    close: () => handle.close(),
  }
}

async function gunzipFile(path: string, sizeHint: number): Promise<Uint8Array> {
  const file = createReadStream(path)
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  file.on('error', (error) => gunzip.destroy(error))
  file.pipe(gunzip)
  try {
    return await collectBytes(gunzip as AsyncIterable<Uint8Array>, sizeHint)
  } catch (cause) {
    throw gzipError(cause)
  } finally {
    file.destroy()
  }
}

async function readNow(fd: number, bytes: Uint8Array, offset: number): Promise<Uint8Array> {
  let done = 0
  while (done < bytes.length) {
    const count = readSync(fd, bytes, done, bytes.length - done, offset + done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}

function readLater(fd: number, bytes: Uint8Array, offset: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let done = 0
    const step = (): void => {
      read(fd, bytes, done, bytes.length - done, offset + done, (error, count) => {
        if (error !== null) return reject(error)
        done += count
        if (count === 0 || done === bytes.length) return resolve(bytes.subarray(0, done))
        step()
      })
    }
    step()
  })
}
