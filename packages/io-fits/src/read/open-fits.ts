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

export interface OpenOptions extends UnpackOptions {
  /**
   * Open no more HDUs than needed: the first so many, or up to the last of these EXTNAMEs (case ignored) as they come.
   * A name that is not there costs a walk to the end, as without this option.
   */
  readonly hdus?: number | readonly string[]
  /** Asked before each header. */
  readonly signal?: AbortSignal
}

/**
 * Opens a FITS file: reads every header, or those of the HDUs asked for, and no data. Gzip, bzip2, compress (.Z) and zip
 * of one file, told by their first bytes, are unpacked into memory, up to the limit in the options.
 * A file that is damaged behind its first HDU opens, with what is wrong in `warnings`; reading the HDUs concerned fails.
 * Fails with `fits/not-fits`, `fits/bad-header`, `fits/bad-gzip`, `fits/bad-bzip2`, `fits/bad-lzw`, `fits/bad-zip` or
 * `fits/too-large`, and with `fits/bad-input` where `hdus` is no count. Cost: one read an HDU, more for very long headers.
 */
export async function openFits(input: ByteSource | Uint8Array | Blob, options: OpenOptions = {}): Promise<FitsFile> {
  const enough = stopCondition(options.hdus)
  const given = toSource(input)
  const sniff = new HeaderReader(given)
  const packed = packFormat(await sniff.peek(0, PACK_MAGIC_BYTES))
  const source = packed === undefined ? given : await unpackSource(given, packed, options)
  const reader = packed === undefined ? sniff : new HeaderReader(source)
  await requireFits(source, reader)

  const hdus: Hdu[] = []
  const warnings: string[] = []
  let offset = 0
  while (offset < source.size && !enough(hdus)) {
    options.signal?.throwIfAborted()
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
    if (hdus.length === 1 && base.header.get('GROUPS') === true && hdus[0]!.type === 'image')
      warnings.push(
        `${hduLabel(base)} says GROUPS = T and has no random groups, which begin with NAXIS1 = 0; it is read as an image.`,
      )
    const end = base.dataOffset + base.dataSize
    if (base.dataSize > 0 && end > source.size) {
      const there = Math.max(0, source.size - base.dataOffset)
      warnings.push(`Data of ${hduLabel(base)} are cut short: got ${there} bytes, expected ${base.dataSize}.`)
    }
    offset = base.dataOffset + padToBlock(base.dataSize)
  }
  return new FitsFile(source, hdus, warnings, offset >= source.size)
}

/** Whether the HDUs opened so far are those that were asked for. */
function stopCondition(wanted: OpenOptions['hdus']): (hdus: readonly Hdu[]) => boolean {
  if (wanted === undefined) return () => false
  if (typeof wanted === 'number') {
    if (Number.isInteger(wanted) && wanted > 0) return (hdus) => hdus.length >= wanted
    throw new FitsError('fits/bad-input', 'number of HDUs to open is no count', {
      got: wanted,
      expected: 'a whole number, 1 or more',
      remedy: 'Leave the option hdus out to open them all.',
    })
  }
  const missing = new Set(wanted.map((name) => name.trim().toUpperCase()))
  return (hdus) => {
    const last = hdus.at(-1)
    if (last === undefined) return false
    missing.delete(last.name.toUpperCase())
    if (last.index === 0) missing.delete('PRIMARY')
    return missing.size === 0
  }
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
  // Written out: spreading the span here took a third of the time of opening a file of small images.
  const { dataSize } = span
  return { base: { index, name, version, header, headerOffset: offset, dataOffset, dataSize, verify }, layout }
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
