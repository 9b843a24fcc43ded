import { closeSync, createReadStream, fstatSync, open, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource } from './byte-source.js'
import { gunzipInPool } from './gunzip-in-pool.node.js'
import { gzipError, gzipSizeHint, isGzip } from './gunzip.js'
import { collectBytes } from './stream-source.js'

const openFd: (path: string, flags: 'r') => Promise<number> = promisify(open)

// A trip through the thread pool takes 50-100 us; up to this size the read itself is done in a tenth of that.
const SYNC_READ_BYTES = 64 * 1024

/**
 * Opens a file for reading by seeking; nothing is read ahead and the whole file never is.
 * A gzip file (told by its first bytes, not its name) is decompressed as a stream into memory.
 * Fails with the file system's own error (`ENOENT`, …) or `fits/bad-gzip`. Close it when done.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const fd = await openFd(path, 'r')
  let size: number
  let packedHint: number | undefined
  try {
    size = fstatSync(fd).size
    if (isGzip(readNow(fd, new Uint8Array(3), 0))) {
      packedHint = gzipSizeHint(readNow(fd, new Uint8Array(4), Math.max(0, size - 4)), size)
    }
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return packedHint === undefined ? openSource(fd, size) : bytesSource(await gunzipFile(fd, packedHint))
}

function openSource(fd: number, size: number): ByteSource {
  const inFlight = new Set<Promise<Uint8Array>>()
  let closed = false
  return {
    size,
    gunzip: gunzipInPool,
    read: async (offset, length, into) => {
      // The number may belong to another file by now.
      if (closed) throw new FitsError('fits/closed', 'file is closed', { remedy: 'Read before close().' })
      // Not zeroed: the part that the file does not fill is cut off below.
      const bytes = into?.subarray(0, length) ?? new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
      if (length <= SYNC_READ_BYTES) return readNow(fd, bytes, offset)
      const reading = readLater(fd, bytes, offset)
      inFlight.add(reading)
      try {
        return await reading
      } finally {
        inFlight.delete(reading)
      }
    },
    close: async () => {
      if (closed) return
      closed = true
      await Promise.allSettled(inFlight)
      closeSync(fd)
    },
  }
}

/** Decompresses from the file's start; the stream closes it. */
async function gunzipFile(fd: number, sizeHint: number): Promise<Uint8Array> {
  const file = createReadStream('', { fd, start: 0 })
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

function readNow(fd: number, bytes: Uint8Array, offset: number): Uint8Array {
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
