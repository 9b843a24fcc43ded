import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'

const GZIP = [0x1f, 0x8b]
const OTHERS: readonly [string, readonly number[]][] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

/** All bytes of a file, unpacked when gzip packed them. @throws `surveys/packed`, naming the packer, for others. */
async function unpackedBytes(bytes: ByteSource, source: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(await bytes.read(0, bytes.size))
  const begins = (magic: readonly number[]): boolean => magic.every((value, i) => packed[i] === value)
  const other = OTHERS.find(([, magic]) => begins(magic))
  if (other !== undefined)
    throw new AstrolabelError('surveys/packed', `${source} is packed by ${other[0]}`, {
      expected: 'plain text or gzip',
      remedy: 'Unpack it first',
    })
  if (!begins(GZIP)) return packed
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
