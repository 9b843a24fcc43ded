// Running median over ranks. Each padded row is sorted once (radix, linear); the window is then a set of bits over the
// ranks, and as ranks are distinct the median moves by at most one set bit a step: to the next one up when a value
// below it left and one above came, to the next one down in the other case. No heap, and ties need no counting.

function keyOf(bits: u32): u32 {
  // IEEE order as unsigned order: negative numbers are flipped whole, positive ones only in the sign.
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000)
}

function bitsOf(key: u32): u32 {
  return key ^ (<u32>(<i32>~key >> 31) | 0x80000000)
}

const BUCKETS: u32 = 2048
const HISTOGRAM_BYTES: usize = 4 * 2048

/** Turns the counts of one digit into starting places; false when all values share one bucket. */
function toStarts(histogram: usize, count: u32): bool {
  let sum: u32 = 0
  for (let b: u32 = 0; b < BUCKETS; b++) {
    const at = histogram + ((<usize>b) << 2)
    const here = load<u32>(at)
    if (here == count) return false
    store<u32>(at, sum)
    sum += here
  }
  return true
}

/** One stable pass of the radix sort over (key << 32 | index). */
function pass(from: usize, to: usize, count: u32, histogram: usize, shift: u64): void {
  const end = from + ((<usize>count) << 3)
  for (; from < end; from += 8) {
    const item = load<u64>(from)
    const slot = histogram + ((<usize>((item >> shift) & 2047)) << 2)
    const place = load<u32>(slot)
    store<u32>(slot, place + 1)
    store<u64>(to + ((<usize>place) << 3), item)
  }
}

/** Sorts `count` items at `a` with spare room at `b`; returns where the sorted ones are. */
function sortItems(a: usize, b: usize, count: u32, histogram: usize): usize {
  memory.fill(histogram, 0, 3 * HISTOGRAM_BYTES)
  const end = a + ((<usize>count) << 3)
  for (let at = a; at < end; at += 8) {
    const key = load<u32>(at, 4)
    const h0 = histogram + ((<usize>(key & 2047)) << 2)
    store<u32>(h0, load<u32>(h0) + 1)
    const h1 = histogram + ((<usize>((key >> 11) & 2047)) << 2)
    store<u32>(h1, load<u32>(h1, HISTOGRAM_BYTES) + 1, HISTOGRAM_BYTES)
    const h2 = histogram + ((<usize>(key >> 22)) << 2)
    store<u32>(h2, load<u32>(h2, 2 * HISTOGRAM_BYTES) + 1, 2 * HISTOGRAM_BYTES)
  }
  for (let digit: u32 = 0; digit < 3; digit++) {
    const counts = histogram + <usize>digit * HISTOGRAM_BYTES
    if (!toStarts(counts, count)) continue
    pass(a, b, count, counts, 32 + 11 * digit)
    const spare = a
    a = b
    b = spare
  }
  return a
}

function word(bits: usize, rank: u32): usize {
  return bits + ((<usize>rank >> 6) << 3)
}

function nextAbove(bits: usize, rank: u32): u32 {
  let at = word(bits, rank)
  let w = load<u64>(at) & ((<u64>-2) << (rank & 63))
  while (w == 0) {
    at += 8
    w = load<u64>(at)
  }
  return ((<u32>(at - bits)) << 3) + <u32>ctz(w)
}

function nextBelow(bits: usize, rank: u32): u32 {
  let at = word(bits, rank)
  let w = load<u64>(at) & ~((<u64>-1) << (rank & 63))
  while (w == 0) {
    at -= 8
    w = load<u64>(at)
  }
  return ((<u32>(at - bits)) << 3) + 63 - <u32>clz(w)
}

/** Writes the row with its end values repeated `half` times on either side, as sortable items. */
function pad(x: usize, n: u32, half: u32, items: usize): void {
  const count: u32 = n + half * 2
  for (let i: u32 = 0; i < count; i++) {
    const from = i < half ? 0 : min(i - half, n - 1)
    const key = keyOf(load<u32>(x + ((<usize>from) << 2)))
    store<u64>(items + ((<usize>i) << 3), ((<u64>key) << 32) | <u64>i)
  }
}

/** `one` where `mask` is all ones, `other` where it is 0. */
function pick(one: u64, other: u64, mask: u64): u64 {
  return other ^ ((one ^ other) & mask)
}

/** One row; true when it holds a NaN, whose keys lie beyond those of the infinities. */
function medianRow(x: usize, n: u32, half: u32, out: usize, work: usize): bool {
  const count: u32 = n + half * 2
  const histogram = work
  const items = histogram + 3 * HISTOGRAM_BYTES
  const spare = items + ((<usize>count) << 3)
  const ranks = spare + ((<usize>count) << 3)
  const bits = ranks + ((((<usize>count) << 2) + 7) & ~7) + 8
  pad(x, n, half, items)
  const sorted = sortItems(items, spare, count, histogram)
  for (let r: u32 = 0; r < count; r++) store<u32>(ranks + ((<usize>load<u32>(sorted + ((<usize>r) << 3))) << 2), r)

  memory.fill(bits - 8, 0, (((<usize>count + 63) >> 6) << 3) + 16)
  const window: u32 = half * 2 + 1
  for (let i: u32 = 0; i < window; i++) {
    const r = load<u32>(ranks + ((<usize>i) << 2))
    const at = word(bits, r)
    store<u64>(at, load<u64>(at) | ((<u64>1) << (r & 63)))
  }
  let median: u32 = 0
  if ((load<u64>(bits) & 1) == 0) median = nextAbove(bits, 0)
  for (let i: u32 = 0; i < half; i++) median = nextAbove(bits, median)
  store<u32>(out, bitsOf(load<u32>(sorted + ((<usize>median) << 3), 4)))

  for (let i: u32 = 1; i < n; i++) {
    const at = ranks + ((<usize>i) << 2)
    const leaves = load<u32>(at - 4)
    const comes = load<u32>(at + ((<usize>(window - 1)) << 2))
    const wl = word(bits, leaves)
    store<u64>(wl, load<u64>(wl) & ~((<u64>1) << (leaves & 63)))
    const wc = word(bits, comes)
    store<u64>(wc, load<u64>(wc) | ((<u64>1) << (comes & 63)))
    // Which way to go is a coin toss that no branch predictor wins, so the move is arithmetic: it looks in this word of
    // bits and the next one (a guard word of zeros lies at either end), and branches only in the rare case that both
    // are empty. Not a function of its own: called, it takes half as long again.
    const falls = <u32>(comes < median) & <u32>(leaves >= median)
    const moves = falls | (<u32>(comes > median) & <u32>(leaves <= median))
    const down: u64 = 0 - <u64>falls
    const here: u64 = (<u64>1) << (median & 63)
    const wm = word(bits, median)
    const near = load<u64>(wm) & pick(here - 1, 0 - (here << 1), down)
    const far: u64 = 0 - <u64>(near == 0)
    const w = pick(load<u64>(wm + 8 - ((<usize>falls) << 4)), near, far)
    if (moves & <u32>(w == 0)) {
      median = falls ? nextBelow(bits, median) : nextAbove(bits, median)
    } else {
      const bit = <u32>pick(63 - clz(w), ctz(w), down)
      const found = (median & ~63) + (<u32>far & (64 - (falls << 7))) + bit
      median = median ^ ((median ^ found) & (0 - moves))
    }
    store<u32>(out + ((<usize>i) << 2), bitsOf(load<u32>(sorted + ((<usize>median) << 3), 4)))
  }
  const least = load<u32>(sorted, 4)
  const greatest = load<u32>(sorted + ((<usize>(count - 1)) << 3), 4)
  return least < keyOf(0xff800000) || greatest > keyOf(0x7f800000)
}

/** Bytes of `work` that runningMedian needs. */
export function medianWorkBytes(n: u32, half: u32): usize {
  const count: usize = <usize>n + 2 * <usize>half
  return 3 * HISTOGRAM_BYTES + count * 20 + (count >> 3) + 48
}

/** Replaces by NaN what had a NaN in its window. */
function passNaN(x: usize, n: u32, half: u32, out: usize): void {
  let blank: u32 = 0
  for (let i: u32 = 0; i < n; i++) {
    const v = load<f32>(x + ((<usize>i) << 2))
    if (v == v) continue
    const from = i > half ? i - half : 0
    const to = min(n - 1, i + half)
    for (let j = max(from, blank); j <= to; j++) store<f32>(out + ((<usize>j) << 2), v)
    blank = to + 1
  }
}

export function runningMedian(rows: u32, n: u32, x: usize, half: u32, out: usize, work: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    const offset: usize = (<usize>row * <usize>n) << 2
    if (medianRow(x + offset, n, half, out + offset, work)) passNaN(x + offset, n, half, out + offset)
  }
}
