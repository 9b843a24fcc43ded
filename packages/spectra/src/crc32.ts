/** Tables of eight bytes at a time: table k tells what a byte does to the sum k bytes later. */
const TABLES = makeTables()

/**
 * CRC-32 (IEEE 802.3, as in zip and png) of bytes; finds damage, not forgery.
 *
 * Eight bytes a round ("slicing by 8"): five times as fast as one, which a model of many megabytes feels as it is loaded.
 *
 * @param seed The CRC of the bytes before these, to go on from.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES
  let c = ~seed
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    c =
      t7[c & 0xff]! ^
      t6[(c >>> 8) & 0xff]! ^
      t5[(c >>> 16) & 0xff]! ^
      t4[c >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) c = t0[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8)
  return ~c >>> 0
}

type Tables = readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
]

function makeTables(): Tables {
  const first = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    return c
  })
  const tables = [first]
  for (let k = 1; k < 8; k++) tables.push(tables[k - 1]!.map((c) => (c >>> 8) ^ first[c & 0xff]!))
  return tables as unknown as Tables
}
