import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError, crc32 } from '@astrolabel/spectra'

/** One file of a zip archive. */
export interface ZipEntry {
  readonly name: string
  readonly compressed: boolean
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
}

type Readable = Pick<ByteSource, 'size' | 'read'>

const END = 0x06054b50
const END64_LOCATOR = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const FULL = 0xffffffff

/** Bytes read at a time where only the beginning of an entry is wanted. */
const HEAD_CHUNK = 4096

/**
 * The files of a zip archive, from its central directory (with zip64, so beyond 4 GB too).
 *
 * @throws `npz/not-zip` when there is no directory, `npz/unsupported` for compression other than deflate.
 */
export async function readZipDirectory(source: Readable): Promise<ZipEntry[]> {
  const tailStart = Math.max(0, source.size - 65_557)
  const tail = viewOf(await source.read(tailStart, source.size - tailStart))
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== END) end--
  if (end < 0)
    throw new AstrolabelError('npz/not-zip', 'Not a .npz archive', {
      got: `${source.size} bytes without a zip directory`,
      remedy: 'Write it with numpy.savez, and copy it again if it was cut short',
    })
  let count = tail.getUint16(end + 10, true)
  let size = tail.getUint32(end + 12, true)
  let offset = tail.getUint32(end + 16, true)
  if (end >= 20 && tail.getUint32(end - 20, true) === END64_LOCATOR) {
    const end64 = viewOf(await source.read(big(tail, end - 12), 56))
    count = big(end64, 32)
    size = big(end64, 40)
    offset = big(end64, 48)
  }
  if (offset + size > source.size)
    throw new AstrolabelError('npz/truncated', 'The archive is cut short', {
      got: `${source.size} bytes`,
      expected: `a directory up to byte ${offset + size}`,
    })
  const bytes = await source.read(offset, size)
  const view = viewOf(bytes)
  const entries: ZipEntry[] = []
  for (let at = 0, i = 0; i < count; i++) {
    const whole = at + 46 <= size && view.getUint32(at, true) === CENTRAL
    const nameEnd = whole ? at + 46 + view.getUint16(at + 28, true) : size
    const extraEnd = whole ? nameEnd + view.getUint16(at + 30, true) : size
    if (!whole || extraEnd > size)
      throw new AstrolabelError('npz/corrupt', 'The directory of the archive is damaged', {
        got: `${i} of ${count} files`,
      })
    const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd))
    const method = view.getUint16(at + 10, true)
    if (method !== 0 && method !== 8)
      throw new AstrolabelError('npz/unsupported', `${name} is compressed in a way that cannot be read`, {
        got: `zip method ${method}`,
        expected: 'stored or deflate',
        remedy: 'Write it with numpy.savez or numpy.savez_compressed',
      })
    const sizes = {
      size: view.getUint32(at + 24, true),
      compressedSize: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    }
    widen(sizes, view, nameEnd, extraEnd)
    entries.push({ name, compressed: method === 8, crc: view.getUint32(at + 16, true), ...sizes })
    at = extraEnd + view.getUint16(at + 32, true)
  }
  return entries
}

/**
 * Where the bytes of an entry begin: its local header may be longer than the directory says.
 *
 * @throws `npz/corrupt` when there is no such header, `npz/truncated` when not all bytes are there.
 */
export async function zipDataOffset(source: Readable, entry: ZipEntry): Promise<number> {
  const header = viewOf(await source.read(entry.offset, 30))
  if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL)
    throw new AstrolabelError('npz/corrupt', `The header of ${entry.name} is damaged`, {
      remedy: 'Copy or save the file again',
    })
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (start + entry.compressedSize > source.size)
    throw new AstrolabelError('npz/truncated', `${entry.name} is cut short`, {
      got: `${source.size - start} bytes`,
      expected: entry.compressedSize,
    })
  return start
}

/**
 * The contents of an entry, decompressed and checked.
 *
 * @throws `npz/corrupt` when they do not decompress or do not have their checksum, `npz/truncated`.
 */
export async function readZipEntry(source: Readable, entry: ZipEntry): Promise<Uint8Array> {
  const start = await zipDataOffset(source, entry)
  const stored = await source.read(start, entry.compressedSize)
  const bytes = entry.compressed ? await inflate(stored, entry.name) : stored
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
    throw new AstrolabelError('npz/corrupt', `${entry.name} does not have its checksum`, {
      got: `${bytes.length} bytes`,
      expected: `${entry.size} bytes`,
      remedy: 'Copy or save the file again',
    })
  return bytes
}

/**
 * The first `length` bytes of an entry, or all it has; of a compressed one no more is inflated. Not checked, as the
 * checksum is that of the whole.
 *
 * @throws `npz/corrupt` when they do not decompress, `npz/truncated`, and what the source throws.
 */
export async function readZipHead(source: Readable, entry: ZipEntry, length: number): Promise<Uint8Array> {
  const start = await zipDataOffset(source, entry)
  if (!entry.compressed) return source.read(start, Math.min(entry.size, length))
  const { readable, writable } = new DecompressionStream('deflate-raw')
  const reader = readable.getReader()
  const writer = writable.getWriter()
  const parts: Uint8Array[] = []
  let have = 0
  let fault: { readonly cause: unknown } | undefined
  const feed = async (): Promise<void> => {
    for (let at = 0; at < entry.compressedSize && have < length; at += HEAD_CHUNK) {
      const bytes = await source
        .read(start + at, Math.min(HEAD_CHUNK, entry.compressedSize - at))
        .catch((cause: unknown) => {
          fault = { cause }
          throw cause
        })
      await writer.write(bytes as Uint8Array<ArrayBuffer>)
    }
    if (have < length) await writer.close()
  }
  // Not awaited, for a write may wait for room that nobody makes any more; what goes wrong in it fails the reads below.
  feed().catch((cause: unknown) => writer.abort(cause).catch(() => undefined))
  try {
    while (have < length) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      have += value.length
    }
    await reader.cancel()
  } catch (cause) {
    throw fault === undefined ? notInflated(entry.name, cause) : fault.cause
  }
  return join(parts, have).subarray(0, length)
}

/** A zip archive with its files stored as they are, like numpy.savez. @throws `npz/too-large` from 4 GB on. */
export function writeZip(files: Iterable<readonly [name: string, bytes: Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const [name, bytes] of files) {
    const nameBytes = new TextEncoder().encode(name)
    // The 26 bytes that both headers share: version 2.0, names in UTF-8, stored, and always the first day of 1980, so
    // that the same arrays give the same bytes.
    const common = new Uint8Array(26)
    const view = viewOf(common)
    view.setUint16(0, 20, true)
    view.setUint16(2, 0x800, true)
    view.setUint16(8, 0x21, true)
    view.setUint32(10, crc32(bytes), true)
    view.setUint32(14, bytes.length, true)
    view.setUint32(18, bytes.length, true)
    view.setUint16(22, nameBytes.length, true)
    const local = new Uint8Array(30)
    viewOf(local).setUint32(0, LOCAL, true)
    local.set(common, 4)
    const central = new Uint8Array(46)
    viewOf(central).setUint32(0, CENTRAL, true)
    viewOf(central).setUint16(4, 20, true)
    central.set(common, 6)
    viewOf(central).setUint32(42, at, true)
    directory.push(central, nameBytes)
    parts.push(local, nameBytes, bytes)
    at += local.length + nameBytes.length + bytes.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  if (at + size >= FULL)
    throw new AstrolabelError('npz/too-large', 'An archive of this kind holds less than 4 GB', {
      got: `${at + size} bytes`,
      remedy: 'Write .arrow or .parquet, or fewer stars',
    })
  const end = new Uint8Array(22)
  const view = viewOf(end)
  view.setUint32(0, END, true)
  view.setUint16(8, directory.length / 2, true)
  view.setUint16(10, directory.length / 2, true)
  view.setUint32(12, size, true)
  view.setUint32(16, at, true)
  return join([...parts, ...directory, end], at + size + 22)
}

function widen(
  sizes: { size: number; compressedSize: number; offset: number },
  view: DataView,
  start: number,
  end: number,
): void {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let value = at + 4
    for (const key of ['size', 'compressedSize', 'offset'] as const) {
      if (sizes[key] !== FULL || value + 8 > end) continue
      sizes[key] = big(view, value)
      value += 8
    }
  }
}

async function inflate(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream('deflate-raw'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch (cause) {
    throw notInflated(name, cause)
  }
}

function notInflated(name: string, cause: unknown): AstrolabelError {
  return new AstrolabelError('npz/corrupt', `${name} does not decompress`, {
    remedy: 'Copy or save the file again',
    cause,
  })
}

function big(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
