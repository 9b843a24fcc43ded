import type { Bzip2Bits } from './bzip2-bits.js'
import type { Bzip2Block } from './bzip2-block.js'

const GROUP_SYMBOLS = 50
const MAX_CODE_BITS = 20
// Most codes are short: those are looked up at once.
const FAST_BITS = 10

/** A Huffman code: short codes by table (`symbol << 5 | bits`, 0 where longer), long ones by the last code of each length. */
interface Code {
  readonly fast: Uint16Array
  /** Highest code of each length, -1 where there is none. */
  readonly last: Int32Array
  /** What to add to a code of each length for its place in `symbols`. */
  readonly base: Int32Array
  readonly symbols: Uint16Array
}

/** Reads one block's symbols into `block`. Fails with an `Error` that says what is wrong. */
export function readBzip2Symbols(bits: Bzip2Bits, block: Bzip2Block): void {
  if (bits.take(1) === 1) throw new Error('a block of the randomised form, which bzip2 wrote until 1997')
  const origin = bits.take(24)
  const order = usedBytes(bits)
  if (order.length === 0) throw new Error('a block without bytes')
  const codeCount = bits.take(3)
  if (codeCount < 2 || codeCount > 6) throw new Error(`${codeCount} Huffman codes, expected 2 to 6`)
  const selectors = readSelectors(bits, codeCount)
  const codes = Array.from({ length: codeCount }, () => readCode(bits, order.length + 2))
  const end = order.length + 1

  block.start()
  let run = 0
  let runStep = 1
  for (let group = 0; ; group++) {
    const code = codes[selectors[group] ?? -1]
    if (code === undefined) throw new Error('more groups of symbols than selectors')
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = readSymbol(bits, code)
      // The first two symbols are the digits 1 and 2 of a run's length, lowest first.
      if (symbol < 2) {
        run += runStep << symbol
        if (run > block.capacity) throw new Error('a run longer than its block')
        runStep *= 2
        continue
      }
      if (run > 0) block.push(order[0] as number, run)
      run = 0
      runStep = 1
      if (symbol === end) return block.finish(origin)
      const byte = order[symbol - 1] as number
      order.copyWithin(1, 0, symbol - 1)
      order[0] = byte
      block.push(byte, 1)
    }
  }
}

/** The bytes that occur in the block: a map of sixteen maps. */
function usedBytes(bits: Bzip2Bits): Uint8Array {
  const ranges = bits.take(16)
  const used: number[] = []
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue
    const map = bits.take(16)
    for (let i = 0; i < 16; i++) if ((map & (0x8000 >> i)) !== 0) used.push(range * 16 + i)
  }
  return Uint8Array.from(used)
}

function readSelectors(bits: Bzip2Bits, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.take(15))
  const order = [0, 1, 2, 3, 4, 5]
  for (let i = 0; i < selectors.length; i++) {
    let place = 0
    while (bits.take(1) === 1) {
      if (++place >= codeCount) throw new Error('a selector of no code')
    }
    const [code] = order.splice(place, 1) as [number]
    order.unshift(code)
    selectors[i] = code
  }
  return selectors
}

function readCode(bits: Bzip2Bits, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount)
  let length = bits.take(5)
  for (let i = 0; i < symbolCount; i++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw new Error(`a code of ${length} bits, expected 1 to 20`)
      if (bits.take(1) === 0) break
      length += bits.take(1) === 0 ? 1 : -1
    }
    lengths[i] = length
  }
  const symbols = new Uint16Array(symbolCount)
  const last = new Int32Array(MAX_CODE_BITS + 1).fill(-1)
  const base = new Int32Array(MAX_CODE_BITS + 1)
  const fast = new Uint16Array(1 << FAST_BITS)
  let next = 0
  let place = 0
  for (let size = 1; size <= MAX_CODE_BITS; size++) {
    next *= 2
    base[size] = place - next
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== size) continue
      symbols[place++] = symbol
      if (size <= FAST_BITS) {
        const shift = FAST_BITS - size
        fast.fill((symbol << 5) | size, next << shift, (next + 1) << shift)
      }
      last[size] = next++
    }
    if (next > 2 ** size) throw new Error('more codes than there can be')
  }
  return { fast, last, base, symbols }
}

function readSymbol(bits: Bzip2Bits, { fast, last, base, symbols }: Code): number {
  const found = fast[bits.peek(FAST_BITS)] as number
  if (found !== 0) {
    bits.skip(found & 31)
    return found >> 5
  }
  for (let size = FAST_BITS + 1; size <= MAX_CODE_BITS; size++) {
    const code = bits.peek(size)
    if (code > (last[size] as number)) continue
    bits.skip(size)
    return symbols[code + (base[size] as number)] as number
  }
  throw new Error('a code that is none')
}
