/** Packs bytes as `compress -b maxBits` does, with a clear code whenever the table is full. For tests: plain and slow. */
export function compressLzw(bytes: Uint8Array, maxBits: number): Uint8Array {
  const out: number[] = [0x1f, 0x9d, 0x80 | maxBits]
  let group: number[] = []
  let bits = 9
  const flush = (whole: boolean): void => {
    if (group.length === 0) return
    let packed = 0n
    group.forEach((code, i) => (packed |= BigInt(code) << BigInt(i * bits)))
    const length = whole ? bits : Math.ceil((group.length * bits) / 8)
    for (let i = 0; i < length; i++) out.push(Number((packed >> BigInt(8 * i)) & 255n))
    group = []
  }
  const put = (code: number): void => {
    group.push(code)
    if (group.length === 8) flush(true)
  }
  let table = new Map<number, number>()
  let next = 257
  let prefix = bytes[0] as number
  for (const byte of bytes.subarray(1)) {
    const key = prefix * 256 + byte
    const known = table.get(key)
    if (known !== undefined) {
      prefix = known
      continue
    }
    put(prefix)
    prefix = byte
    if (next < 2 ** maxBits) {
      // The reader is one entry behind: it widens when that one no longer fits.
      if (next > 2 ** bits - 1 && bits < maxBits) {
        flush(true)
        bits++
      }
      table.set(key, next++)
      continue
    }
    put(256)
    flush(true)
    bits = 9
    table = new Map()
    next = 257
  }
  put(prefix)
  flush(false)
  return Uint8Array.from(out)
}
