import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { EncodeOptions } from './encode-fits.js'
import { encodeFitsChunks } from './encode-fits.js'
import type { HduInput } from './hdu-input.js'

/**
 * Writes a FITS file aside and renames it into place: at `path` there is the whole new file or what was there before.
 * A path that ends in `.gz` is written as gzip. Fails with `fits/bad-input`, the file system's own error, or the
 * signal's reason; nothing is left behind then.
 */
export async function writeFitsFile(
  path: string,
  hdus: readonly HduInput[],
  options: EncodeOptions & { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const plain = encodeFitsChunks(hdus, options)
  const chunks = path.endsWith('.gz') ? gzip(plain) : plain
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`)
  const file = await open(aside, 'wx')
  try {
    await writeAll(file, chunks, options.signal)
    await rename(aside, path)
  } catch (error) {
    await unlink(aside).catch(() => undefined)
    throw error
  }
}

async function writeAll(
  file: FileHandle,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      await file.writeFile(chunk)
    }
    // The rename must not reach the disk before the bytes do.
    await file.sync()
  } finally {
    await file.close()
  }
}

function gzip(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const packed = createGzip()
  // An error destroys the stream, and whoever iterates over it gets the error.
  pipeline(Readable.from(chunks), packed, () => undefined)
  return packed
}
