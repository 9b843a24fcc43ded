import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipOptions {
  /** Do not compress. */
  readonly stored?: boolean
  /** Claim another compression method than the one used. */
  readonly method?: number
  /** Bit 0: encrypted. */
  readonly flags?: number
}

/** A zip archive of the files, for tests. */
export function zip(
  files: readonly [string, Uint8Array][],
  { stored = false, method, flags = 0 }: ZipOptions = {},
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, bytes] of files) {
    const packed = stored ? Buffer.from(bytes) : deflateRawSync(bytes)
    // Version, flags, method, time, date, CRC and sizes: the same in both places.
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(flags, 2)
    facts.writeUInt16LE(method ?? (stored ? 0 : 8), 4)
    facts.writeUInt32LE(crc32(bytes), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(bytes.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), packed])
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, rest, Buffer.from(name)]))
    parts.push(local)
    at += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(at, 16)
  return new Uint8Array(Buffer.concat([...parts, listed, end]))
}
