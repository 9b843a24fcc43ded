import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import { contentFormat } from '../content-format.js'

/** All bytes of a file, unpacked when gzip packed them. @throws `surveys/packed`, naming the packer, for others. */
async function unpackedBytes(bytes: ByteSource, source: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(await bytes.read(0, bytes.size))
  const format = contentFormat(packed)
  if (format === 'bzip2' || format === 'xz' || format === 'zip')
    throw new AstrolabelError('surveys/packed', `${source} is packed by ${format}`, {
      expected: 'plain text or gzip',
      remedy: 'Unpack it first',
    })
  if (format !== 'gzip') return packed
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch (cause) {
    throw new AstrolabelError('surveys/packed', `${source} cannot be unpacked`, {
      got: cause instanceof Error ? cause.message : String(cause),
      expected: 'a whole gzip file',
      remedy: 'Fetch it again',
      cause,
    })
  }
}

/** The text of a file in UTF-8, unpacked. */
export async function textOfSource(bytes: ByteSource, source: string): Promise<string> {
  return new TextDecoder().decode(await unpackedBytes(bytes, source))
}
