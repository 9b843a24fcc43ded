import { OutputFull, TileError } from './bad-tile.js'

/*
 * Deflate (RFC 1951), whole and at once: tiles are small and many, and the platform's decompressor is a stream that
 * costs more to start than a tile takes. The output's length is known, so nothing can grow without bound.
 */

/** A Huffman code as a lookup table: `table[next bits]` is `symbol << 4 | length of the code`, 0 where there is none. */
interface Code {
  readonly table: Uint16Array
  readonly bits: number
}

const MAX_CODE_BITS = 15
// Beyond this a block begins to count bits anew: their number must fit 32 bits.
const FAR_BYTES = 2 ** 26
const LENGTH_EXTRA = Uint8Array.from({ length: 29 }, (_, i) => (i < 8 || i === 28 ? 0 : (i >> 2) - 1))
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, i) => (i < 4 ? 0 : (i >> 1) - 1))
// The longest length has a code of its own.
const LENGTH_BASE = basesOf(3, LENGTH_EXTRA).fill(258, 28)
const DISTANCE_BASE = basesOf(1, DISTANCE_EXTRA)
const LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)

/** Where the range of each symbol starts, when each is as long as its extra bits count. */
function basesOf(first: number, extra: Uint8Array): Uint16Array {
  let base = first
  return Uint16Array.from(extra, (bits) => {
    const start = base
    base += 1 << bits
    return start
  })
}

let fixed: { readonly literals: Code; readonly distances: Code } | undefined

/**
 * Inflates raw deflate data from byte `start` into `out`; returns the bytes written and the offset after the last block.
 * Fails with a `TileError` where the data are damaged or hold more than `out` takes.
 */
export function inflate(bytes: Uint8Array, start: number, out: Uint8Array): { written: number; end: number } {
  const input: BitInput = { bytes, view: viewOf(bytes), at: 0, done: 0 }
  advance(input, start)
  let written = 0
  for (let last = false; !last;) {
    if (input.at >>> 3 > FAR_BYTES) advance(input, input.at >>> 3)
    last = take(input, 1) === 1
    const form = take(input, 2)
    if (form === 0) {
      written = copyStored(input, out, written)
    } else if (form === 1) {
      fixed ??= fixedCodes()
      written = inflateBlock(input, fixed.literals, fixed.distances, out, written)
    } else if (form === 2) {
      const { literals, distances } = readCodes(input)
      written = inflateBlock(input, literals, distances, out, written)
    } else {
      throw damaged('a block of unknown form')
    }
  }
  return { written, end: input.done + ((input.at + 7) >>> 3) }
}

/** The data behind `done` bytes of them, and the bit that comes next. */
interface BitInput {
  bytes: Uint8Array
  view: DataView
  at: number
  done: number
}

/** Counts bits from byte `count` on. */
function advance(input: BitInput, count: number): void {
  input.bytes = input.bytes.subarray(count)
  input.view = viewOf(input.bytes)
  input.at = Math.max(0, input.at - count * 8)
  input.done += count
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** The bits from `at` on, 25 of them at least; beyond the end zeros, which the caller tells from data by `at`. */
function bitsAt({ bytes, view }: BitInput, at: number): number {
  const byte = at >>> 3
  if (byte + 4 <= bytes.length) return view.getUint32(byte, true) >>> (at & 7)
  let word = 0
  for (let i = bytes.length - 1; i >= byte; i--) word = (word << 8) | (bytes[i] as number)
  return word >>> (at & 7)
}

function take(input: BitInput, count: number): number {
  const value = bitsAt(input, input.at) & ((1 << count) - 1)
  input.at += count
  if (input.at > input.bytes.length * 8) throw damaged('an early end')
  return value
}

function copyStored(input: BitInput, out: Uint8Array, written: number): number {
  const at = (input.at + 7) >>> 3
  const { bytes } = input
  const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
  const check = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)
  if ((length ^ 0xffff) !== check || at + 4 + length > bytes.length) throw damaged('a stored block of a wrong length')
  if (written + length > out.length) throw tooLong(out.length)
  out.set(bytes.subarray(at + 4, at + 4 + length), written)
  input.at = (at + 4 + length) * 8
  return written + length
}

function inflateBlock(input: BitInput, literals: Code, distances: Code, out: Uint8Array, start: number): number {
  const { view, bytes } = input
  const { table, bits: tableBits } = literals
  const { table: distanceTable, bits: distanceBits } = distances
  const tableMask = (1 << tableBits) - 1
  const distanceMask = (1 << distanceBits) - 1
  const limit = bytes.length * 8
  // Where four bytes can be read at once.
  const safe = bytes.length - 4
  const capacity = out.length
  let { at } = input
  let to = start
  for (;;) {
    const byte = at >>> 3
    let word = byte <= safe ? view.getUint32(byte, true) >>> (at & 7) : bitsAt(input, at)
    let entry = table[word & tableMask] as number
    let size = entry & 15
    if (size === 0) throw damaged('a code that is none')
    at += size
    let symbol = entry >> 4
    if (symbol < 256) {
      // The zeros that stand beyond the end may mean any number of literals.
      if (to >= capacity) throw at > limit ? damaged('an early end') : tooLong(capacity)
      out[to++] = symbol
      // 10 bits of 25 leave enough for one code more.
      if (size > 10) continue
      word >>>= size
      entry = table[word & tableMask] as number
      size = entry & 15
      symbol = entry >> 4
      if (symbol >= 256 || size === 0) continue
      // Where there is no room for it the next round says so.
      if (to === capacity) continue
      at += size
      out[to++] = symbol
      continue
    }
    if (at > limit) throw damaged('an early end')
    if (symbol === 256) break
    if (symbol > 285) throw damaged('a length that is none')
    word >>>= size
    const extra = LENGTH_EXTRA[symbol - 257] as number
    const length = (LENGTH_BASE[symbol - 257] as number) + (word & ((1 << extra) - 1))
    at += extra
    const place = at >>> 3
    const next = place <= safe ? view.getUint32(place, true) >>> (at & 7) : bitsAt(input, at)
    const far = distanceTable[next & distanceMask] as number
    const farSize = far & 15
    const farSymbol = far >> 4
    if (farSize === 0 || farSymbol > 29) throw damaged('a distance that is none')
    at += farSize
    const farExtra = DISTANCE_EXTRA[farSymbol] as number
    const more = farSize + farExtra <= 25 ? next >>> farSize : bitsAt(input, at)
    const distance = (DISTANCE_BASE[farSymbol] as number) + (more & ((1 << farExtra) - 1))
    at += farExtra
    if (distance > to) throw damaged('a distance to before the start')
    if (to + length > capacity) throw at > limit ? damaged('an early end') : tooLong(capacity)
    if (distance === 1) {
      out.fill(out[to - 1] as number, to, to + length)
      to += length
    } else {
      for (const stop = to + length; to < stop; to++) out[to] = out[to - distance] as number
    }
  }
  input.at = at
  return to
}

function fixedCodes(): { literals: Code; distances: Code } {
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280)
  return { literals: makeCode(lengths), distances: makeCode(new Uint8Array(30).fill(5)) }
}

function readCodes(input: BitInput): { literals: Code; distances: Code } {
  const literals = take(input, 5) + 257
  const distances = take(input, 5) + 1
  const count = take(input, 4) + 4
  const order = new Uint8Array(19)
  for (let i = 0; i < count; i++) order[LENGTH_ORDER[i] as number] = take(input, 3)
  const code = makeCode(order)
  const lengths = new Uint8Array(literals + distances)
  for (let i = 0; i < lengths.length;) {
    const symbol = takeSymbol(input, code)
    if (symbol < 16) {
      lengths[i++] = symbol
      continue
    }
    const again = symbol === 16 ? 3 + take(input, 2) : symbol === 17 ? 3 + take(input, 3) : 11 + take(input, 7)
    if (i + again > lengths.length || (symbol === 16 && i === 0)) throw damaged('a repeat past the end of its codes')
    lengths.fill(symbol === 16 ? (lengths[i - 1] as number) : 0, i, i + again)
    i += again
  }
  return { literals: makeCode(lengths.subarray(0, literals)), distances: makeCode(lengths.subarray(literals)) }
}

function takeSymbol(input: BitInput, code: Code): number {
  const entry = code.table[bitsAt(input, input.at) & ((1 << code.bits) - 1)] as number
  const size = entry & 15
  input.at += size
  if (size === 0 || input.at > input.bytes.length * 8) throw damaged('a code that is none')
  return entry >> 4
}

/** The lookup table of a canonical code. One that leaves codes unused is taken: a single distance has such a one. */
function makeCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(MAX_CODE_BITS + 2)
  let bits = 1
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number
    if (length === 0) continue
    counts[length] = (counts[length] as number) + 1
    if (length > bits) bits = length
  }
  const next = new Uint16Array(MAX_CODE_BITS + 2)
  let code = 0
  for (let length = 1; length <= bits; length++) {
    next[length] = code
    code += counts[length] as number
    if (code > 1 << length) throw damaged('more codes than there can be')
    code <<= 1
  }
  const table = new Uint16Array(1 << bits)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number
    if (length === 0) continue
    const entry = (symbol << 4) | length
    const first = reverse(next[length] as number, length)
    next[length] = (next[length] as number) + 1
    for (let i = first; i < table.length; i += 1 << length) table[i] = entry
  }
  return { table, bits }
}

function reverse(code: number, length: number): number {
  let reversed = 0
  for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i)
  return reversed
}

function damaged(got: string): Error {
  return new TileError('the gzip data of a tile cannot be decompressed', got, 'deflate data')
}

function tooLong(capacity: number): Error {
  return new OutputFull(
    'the gzip data of a tile are too long',
    `more than ${capacity} bytes`,
    `at most ${capacity} bytes`,
  )
}
