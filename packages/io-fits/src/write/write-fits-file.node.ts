import { Readable, pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { EncodeOptions } from './encode-fits.js'
import { encodeFitsChunks } from './encode-fits.js'
import type { HduInput } from './hdu-input.js'
import { writeAside } from './write-aside.node.js'

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
  await writeAside(path, async (file) => {
    for await (const chunk of chunks) {
      options.signal?.throwIfAborted()
      await file.writeFile(chunk)
    }
  })
}

function gzip(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const packed = createGzip()
  // An error destroys the stream, and whoever iterates over it gets the error.
  pipeline(Readable.from(chunks), packed, () => undefined)
  return packed
}
