import { FitsError } from '../fits-error.js'
import { verifyHdu } from '../checksum/verify-hdu.js'
import { padToBlock } from '../header/card.js'
import { HeaderReader } from '../header/read-header.js'
import type { ByteSource } from '../source/byte-source.js'
import { blobSource, bytesSource } from '../source/byte-source.js'
import type { UnpackOptions } from '../source/unpack-limit.js'
import { PACK_MAGIC_BYTES, packFormat, unpackSource } from '../source/unpack-source.js'
import type { DataLayout } from './data-layout.js'
import { dataLayout } from './data-layout.js'
import { FitsFile } from './fits-file.js'
import type { Hdu, HduBase } from './hdu.js'
import { hduLabel } from './hdu.js'
import { makeHdu } from './make-hdu.js'

/**
 * Opens a FITS file: reads every header and no data. Gzip, bzip2, compress (.Z) and zip of one file, told by their first bytes, are
 * unpacked into memory, up to the limit in the options.
 * A file that is damaged behind its first HDU opens, with what is wrong in `warnings`; reading the HDUs concerned fails.
 * Fails with `fits/not-fits`, `fits/bad-header`, `fits/bad-gzip`, `fits/bad-bzip2`, `fits/bad-lzw`, `fits/bad-zip` or `fits/too-large`. Cost: one read an HDU, more for very long headers.
 */
export async function openFits(input: ByteSource | Uint8Array | Blob, options: UnpackOptions = {}): Promise<FitsFile> {
  const given = toSource(input)
  const packed = packFormat(await given.read(0, Math.min(PACK_MAGIC_BYTES, given.size)))
  const source = packed === undefined ? given : await unpackSource(given, packed, options)
  const reader = new HeaderReader(source)
  await requireFits(source, reader)

  const hdus: Hdu[] = []
  const warnings: string[] = []
  let offset = 0
  while (offset < source.size) {
    if (hdus.length > 0 && !(await startsExtension(reader, offset))) {
      warnings.push(
        `${source.size - offset} bytes after ${hduLabel(hdus.at(-1) as Hdu)} are no FITS extension and are ignored.`,
      )
      break
    }
    let opened: { base: HduBase; layout: DataLayout }
    try {
      opened = await readHduHeader(reader, source, offset, hdus.length)
    } catch (error) {
      if (hdus.length === 0 || !(error instanceof FitsError)) throw error
      warnings.push(`HDU ${hdus.length} and any after it cannot be opened. ${error.message}`)
      break
    }
    const { base, layout } = opened
    hdus.push(makeHdu(base, layout, source, (message) => warnings.push(message)))
    const end = base.dataOffset + base.dataSize
    if (end > source.size) {
      const there = Math.max(0, source.size - base.dataOffset)
      warnings.push(`Data of ${hduLabel(base)} are cut short: got ${there} bytes, expected ${base.dataSize}.`)
    }
    offset = base.dataOffset + padToBlock(base.dataSize)
  }
  return new FitsFile(source, hdus, warnings)
}

function toSource(input: ByteSource | Uint8Array | Blob): ByteSource {
  if (input instanceof Uint8Array) return bytesSource(input)
  return input instanceof Blob ? blobSource(input) : input
}

async function readHduHeader(
  reader: HeaderReader,
  source: ByteSource,
  offset: number,
  index: number,
): Promise<{ base: HduBase; layout: DataLayout }> {
  const { header, dataOffset } = await reader.read(offset)
  const name = header.getString('EXTNAME')?.trim() ?? (index === 0 ? 'PRIMARY' : '')
  const layout = dataLayout(header, hduLabel({ index, name }))
  const version = header.getNumber('EXTVER') ?? 1
  const span = { header, headerOffset: offset, dataOffset, dataSize: layout.size }
  const label = hduLabel({ index, name })
  const verify: HduBase['verify'] = (control = {}) => verifyHdu(source, { ...span, label }, control)
  return { base: { index, name, version, ...span, verify }, layout }
}

async function startsExtension(reader: HeaderReader, offset: number): Promise<boolean> {
  return asciiOf(await reader.peek(offset, 9)) === 'XTENSION='
}

async function requireFits(source: ByteSource, reader: HeaderReader): Promise<void> {
  const start = await reader.peek(0, Math.min(9, source.size))
  if (asciiOf(start) === 'SIMPLE  =') return
  const known = KNOWN_FORMATS.find(({ magic }) => magic.every((byte, i) => start[i] === byte))
  throw new FitsError('fits/not-fits', 'file is not FITS', {
    got: source.size === 0 ? 'no bytes' : (known?.name ?? `a file that starts with ${JSON.stringify(asciiOf(start))}`),
    expected: '"SIMPLE  ="',
    remedy: known?.remedy ?? 'Check that this is the file you meant, and that its download was complete.',
  })
}

const KNOWN_FORMATS: readonly { magic: readonly number[]; name: string; remedy: string }[] = [
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: 'a file packed by xz', remedy: 'Unpack it with unxz first.' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], name: 'a file packed by zstd', remedy: 'Unpack it with unzstd first.' },
  { magic: [0x89, 0x48, 0x44, 0x46], name: 'an HDF5 file', remedy: 'Convert it to FITS first.' },
]

function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
