import { closeSync, createReadStream, fstatSync, openSync, read, readSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource } from './byte-source.js'
import { gzipError, gzipSizeHint, isGzip } from './gunzip.js'
import { collectBytes } from './stream-source.js'

// A trip through the thread pool takes 50-100 us; up to this size the read itself is done in a tenth of that.
const SYNC_READ_BYTES = 64 * 1024

// The start of a file tells what it is; the first headers come with it.
const HEAD_BYTES = 10 * 2880

/**
 * Opens a file for reading by seeking; but for its first 28 KB nothing is read ahead, and the whole file never is.
 * A gzip file (told by its first bytes, not its name) is decompressed as a stream into memory.
 * Fails with the file system's own error (`ENOENT`, …) or `fits/bad-gzip`. Close it when done.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  // Not through the thread pool either: of a file of 200 KB the trip there was a third of the time to open and read it.
  const fd = openSync(path, 'r')
  let size: number
  let head: Uint8Array
  let packedHint: number | undefined
  try {
    size = fstatSync(fd).size
    head = readNow(fd, new Uint8Array(Math.min(size, HEAD_BYTES)), 0)
    if (isGzip(head)) {
      packedHint = gzipSizeHint(readNow(fd, new Uint8Array(4), Math.max(0, size - 4)), size)
    }
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return packedHint === undefined ? openSource(fd, size, head) : bytesSource(await gunzipFile(fd, packedHint))
}

function openSource(fd: number, size: number, head: Uint8Array): ByteSource {
  const inFlight = new Set<Promise<Uint8Array>>()
  let closed = false
  return {
    size,
    read: async (offset, length, into) => {
      // The number may belong to another file by now.
      if (closed) throw new FitsError('fits/closed', 'file is closed', { remedy: 'Read before close().' })
      if (offset + length <= head.length) return head.subarray(offset, offset + length)
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
