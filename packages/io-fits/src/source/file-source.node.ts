import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs'
import { Readable, pipeline } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { FitsError } from '../fits-error.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource, readExactly } from './byte-source.js'
import { gunzipInPool } from './gunzip-in-pool.node.js'
import { gunzipMembers, gzipSizeHint } from './gunzip.js'
import { collectBytes } from './stream-source.js'
import type { UnpackOptions } from './unpack-limit.js'
import { limitBytes, tooLarge, unpackLimit } from './unpack-limit.js'
import { PACK_MAGIC_BYTES, packFormat, unpackSource } from './unpack-source.js'

// A trip through the thread pool takes 50-100 us; up to this size the read itself is done in a tenth of that.
const SYNC_READ_BYTES = 64 * 1024
const CHUNK_BYTES = 256 * 1024

// The start of a file tells what it is; the first headers come with it.
const HEAD_BYTES = 10 * 2880

// Small files are opened and read without one trip through the event loop: it gets a turn between them, so that signals
// and timers are not kept waiting until the last of thousands.
const TURN_MS = 20
let turnEnds = 0

/**
 * Opens a file for reading by seeking; but for its first 28 KB nothing is read ahead, and the whole file never is.
 * A packed file (gzip, bzip2, compress: told by its first bytes, not its name) is unpacked into memory, gzip as a stream.
 * Fails with the file system's own error (`ENOENT`, …), `fits/bad-gzip`, `fits/bad-bzip2`, `fits/bad-lzw`, or
 * `fits/too-large` where it unpacks to more than the options allow. Close it when done.
 */
export async function fileSource(path: string, options: UnpackOptions = {}): Promise<ByteSource> {
  if (performance.now() > turnEnds) {
    // The first ends in this round of the loop, which may be past its signals; the second in the next.
    await setImmediate()
    await setImmediate()
    turnEnds = performance.now() + TURN_MS
  }
  // Not through the thread pool: of a file of 200 KB the trip there was a third of the time to open and read it.
  const fd = openSync(path, 'r')
  let source: ByteSource
  try {
    source = openSource(fd)
  } catch (error) {
    // A folder opens, and cannot be read.
    closeSync(fd)
    throw error
  }
  try {
    const packed = packFormat(await source.read(0, PACK_MAGIC_BYTES))
    // A zip archive may be meant as one (npz): openFits takes the file out of it.
    if (packed === undefined || packed === 'zip') return source
    if (packed !== 'gzip') return await unpackSource(source, packed, options)
    const bytes = await gunzipFile(source, unpackLimit(source.size, options))
    await source.close()
    return bytesSource(bytes)
  } catch (error) {
    await source.close()
    throw error
  }
}

function openSource(fd: number): ByteSource {
  const { size } = fstatSync(fd)
  const head = readNow(fd, new Uint8Array(Math.min(size, HEAD_BYTES)), 0)
  const inFlight = new Set<Promise<Uint8Array>>()
  let closed = false
  return {
    size,
    gunzip: gunzipInPool,
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

async function gunzipFile(file: ByteSource, limit: number): Promise<Uint8Array> {
  const hint = gzipSizeHint(await file.read(Math.max(0, file.size - 4), 4), file.size)
  const stream = createGunzip({ chunkSize: CHUNK_BYTES })
  // An error destroys the stream, and whoever iterates over it gets the error.
  pipeline(Readable.from(chunksOf(file), { objectMode: false }), stream, () => undefined)
  try {
    const chunks = limitBytes(stream as AsyncIterable<Uint8Array>, limit, () => tooLarge('gzip', file.size, limit))
    return await collectBytes(chunks, Math.min(limit, hint))
  } catch (cause) {
    return gunzipMembers(await readExactly(file, 0, file.size, 'gzip file'), limit, cause)
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += CHUNK_BYTES) yield await source.read(at, CHUNK_BYTES)
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
