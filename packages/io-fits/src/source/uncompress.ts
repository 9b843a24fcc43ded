/*
 * The .Z files of `compress`: LZW with codes of 9 to 16 bits, lowest bit first. Codes are written in groups of eight of
 * one width; where the width changes, or the table is cleared, what is left of the group is filler to be skipped.
 */

const HEADER_BYTES = 3
const FIRST_BITS = 9
const CLEAR = 256
const CHUNK_BYTES = 256 * 1024

/** Unpacks a .Z file, chunk by chunk. Fails with an `Error` that says what is wrong with it. */
export function* uncompress(packed: Uint8Array): Generator<Uint8Array> {
  const flags = packed[2] ?? 0
  const stated = flags & 0x1f
  const clears = (flags & 0x80) !== 0
  if (packed.length < HEADER_BYTES) throw new Error('a header of fewer than 3 bytes')
  if (stated < FIRST_BITS || stated > 16) throw new Error(`codes of ${stated} bits, expected 9 to 16`)
  // compress widens codes once before it looks at the limit: 9 is 10 to it.
  const maxBits = Math.max(stated, FIRST_BITS + 1)
  const maxEntries = 2 ** maxBits
  // An entry is an earlier entry (its prefix) and one byte more.
  const prefix = new Uint16Array(maxEntries)
  const suffix = new Uint8Array(maxEntries)
  for (let i = 0; i < 256; i++) suffix[i] = i
  const stack = new Uint8Array(maxEntries)

  const totalBits = packed.length * 8
  let bit = HEADER_BYTES * 8
  let groupStart = bit
  let bits = FIRST_BITS
  let next = clears ? CLEAR + 1 : CLEAR
  let before = -1
  let firstByte = 0
  let out = new Uint8Array(CHUNK_BYTES)
  let size = 0
  const startGroup = (width: number): void => {
    const group = bits * 8
    bit = groupStart + Math.ceil((bit - groupStart) / group) * group
    groupStart = bit
    bits = width
  }
  for (;;) {
    if (next > (bits === maxBits ? maxEntries : 2 ** bits - 1)) startGroup(bits + 1)
    if (bit + bits > totalBits) break
    const at = bit >> 3
    const three = (packed[at] as number) | ((packed[at + 1] ?? 0) << 8) | ((packed[at + 2] ?? 0) << 16)
    let code = (three >> (bit & 7)) & ((1 << bits) - 1)
    bit += bits
    if (code === CLEAR && clears && before >= 0) {
      startGroup(FIRST_BITS)
      // As compress has it: the code after a clear makes an entry that no code means.
      next = CLEAR
      continue
    }
    const read = code
    let length = 0
    if (code >= next || (before < 0 && code > 255)) {
      if (code > next || before < 0) throw new Error(`code ${code} at byte ${at}, where ${next} is the highest`)
      stack[length++] = firstByte
      code = before
    }
    for (; code > 255; code = prefix[code] as number) stack[length++] = suffix[code] as number
    firstByte = code
    stack[length++] = firstByte
    if (size + length > out.length) {
      yield out.subarray(0, size)
      out = new Uint8Array(Math.max(CHUNK_BYTES, length))
      size = 0
    }
    while (length > 0) out[size++] = stack[--length] as number
    if (before >= 0 && next < maxEntries) {
      prefix[next] = before
      suffix[next++] = firstByte
    }
    before = read
  }
  yield out.subarray(0, size)
}
