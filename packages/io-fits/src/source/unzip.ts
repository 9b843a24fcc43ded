import { crc32 } from '../compression/gzip-tile.js'
import { inflate } from '../compression/inflate.js'
import { FitsError } from '../fits-error.js'

/*
 * A zip archive of one file, as some archives and mail programs pack FITS files. Sizes stand in its directory at the
 * end, so it is inflated whole, into room of the right length.
 */

const END_BYTES = 22
const MAX_NOTE_BYTES = 65_535
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8

interface Entry {
  readonly name: string
  readonly encrypted: boolean
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

/** True when the bytes start as a zip archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4
}

/**
 * The one file in a zip archive. Fails with `fits/not-fits` where there are others beside it, with the error of
 * `tooLong` where it is longer than `limit` bytes, and with an `Error` that says what is wrong with the archive.
 */
export function unzip(bytes: Uint8Array, limit: number, tooLong: () => Error): Uint8Array {
  const files = entriesOf(bytes).filter(({ name }) => !name.endsWith('/') && !name.startsWith('__MACOSX/'))
  const [file] = files
  if (file === undefined || files.length > 1) {
    throw new FitsError('fits/not-fits', 'file is not FITS', {
      got: `a zip archive of ${files.length} files`,
      expected: '"SIMPLE  =", or an archive of one file',
      remedy: 'Unpack it first.',
    })
  }
  const { encrypted, method, crc, packed, size, offset } = file
  if (encrypted || (method !== STORED && method !== DEFLATED)) {
    throw new FitsError('fits/unsupported', 'the file in a zip archive cannot be unpacked', {
      got: encrypted ? 'an encrypted file' : `compression method ${method}`,
      expected: 'a file that is stored or deflated',
      remedy: 'Unpack it first.',
    })
  }
  if (size > limit) throw tooLong()
  const view = viewOf(bytes)
  if (offset + LOCAL_BYTES > bytes.length) throw new Error('an early end')
  const start = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + packed > bytes.length) throw new Error('an early end')
  const out = method === STORED ? bytes.subarray(start, start + packed) : new Uint8Array(size)
  const written = method === STORED ? packed : inflate(bytes.subarray(0, start + packed), start, out).written
  if (written !== size) throw new Error(`a file of ${written} bytes, not ${size}`)
  if (crc32(out, size) !== crc) throw new Error('a file whose CRC is another')
  return out
}

/** The archive's directory; it is found from its end. */
function entriesOf(bytes: Uint8Array): Entry[] {
  const view = viewOf(bytes)
  let end = bytes.length - END_BYTES
  const first = Math.max(0, end - MAX_NOTE_BYTES)
  while (end >= first && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < first) throw new Error('no directory at its end')
  const count = view.getUint16(end + 10, true)
  const entries: Entry[] = []
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== 0x02014b50)
      throw new Error('a directory that is damaged')
    const nameBytes = view.getUint16(at + 28, true)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    })
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
