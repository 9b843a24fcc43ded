import { checksumHdu } from './checksum-hdu.js'
import { encodeAsciiTable } from './encode-ascii-table.js'
import { encodeCompressedImage } from './compress/encode-compressed-image.js'
import { encodeCompressedTable } from './compress/encode-compressed-table.js'
import { encodeImage } from './encode-image.js'
import { encodeTable } from './encode-table.js'
import type { EncodedHdu } from './encoded-hdu.js'
import type { HduInput } from './hdu-input.js'

export interface EncodeOptions {
  /** Write CHECKSUM and DATASUM into every header: the bytes are made twice, once to add them up. Default false. */
  readonly checksum?: boolean
}

/**
 * A FITS file in memory. Where the first HDU is a table or a compressed image, an empty primary HDU goes before it.
 * Same input, same bytes. Fails with `fits/bad-input`.
 */
export function encodeFits(hdus: readonly HduInput[], options: EncodeOptions = {}): Uint8Array {
  const encoded = encodeHdus(hdus, options)
  const whole = new Uint8Array(encoded.reduce((sum, hdu) => sum + hdu.size, 0))
  let at = 0
  for (const chunk of chunksOf(encoded)) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** The same bytes in chunks of about 1 MiB, made as they are asked for. Input is checked before the first chunk. */
export function encodeFitsChunks(hdus: readonly HduInput[], options: EncodeOptions = {}): Iterable<Uint8Array> {
  return chunksOf(encodeHdus(hdus, options))
}

function encodeHdus(hdus: readonly HduInput[], { checksum = false }: EncodeOptions): EncodedHdu[] {
  const [first] = hdus
  const startsPlain = first?.kind === 'image' && first.compress === undefined
  const all: readonly HduInput[] = startsPlain ? hdus : [{ kind: 'image' }, ...hdus]
  const encoded = all.map((hdu, i) => encodeHdu(hdu, i === 0))
  return checksum ? encoded.map(checksumHdu) : encoded
}

/** HDUs that go behind others. Fails with `fits/bad-input`. */
export function encodeExtensions(hdus: readonly HduInput[], { checksum = false }: EncodeOptions): EncodedHdu[] {
  const encoded = hdus.map((hdu) => encodeHdu(hdu, false))
  return checksum ? encoded.map(checksumHdu) : encoded
}

function encodeHdu(hdu: HduInput, primary: boolean): EncodedHdu {
  if (hdu.kind === 'ascii-table') return encodeAsciiTable(hdu)
  if (hdu.kind === 'table')
    return hdu.compress === undefined ? encodeTable(hdu) : encodeCompressedTable(hdu, hdu.compress)
  return hdu.compress === undefined ? encodeImage(hdu, primary) : encodeCompressedImage(hdu, hdu.compress)
}

function* chunksOf(encoded: readonly EncodedHdu[]): Generator<Uint8Array> {
  for (const hdu of encoded) yield* hdu.chunks()
}
