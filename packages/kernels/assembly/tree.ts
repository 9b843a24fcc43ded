// Growth of one regression tree on binned features. Sums of rows lie in a histogram of 256 bins, and a bitmap says which
// bins are occupied: small groups, of which a full-grown tree has most, pay for their rows and not for 256 bins.

const BITMAP_BYTES: usize = 32

// Relative gain below which a split explains nothing but rounding.
const ROUNDING: f64 = 1e-10

// Byte offsets, set once a call: AssemblyScript has no closures, and every function below needs most of them.
let codes: usize = 0
let rowCount: u32 = 0
let strideBytes: usize = 0
let isShared: bool = false
let minimum: f64 = 0
let local: usize = 0
let histogram: usize = 0
let bitmap: usize = 0
let below: usize = 0
let features: usize = 0
let state: u64 = 0

// The best split of the group at hand.
let bestScore: f64 = 0
let bestFeature: i32 = -1
let bestBin: u32 = 0
// The next occupied bin above it.
let bestNext: u32 = 0

/** Bytes of room that a tree of `count` drawn rows needs beside its inputs and outputs. */
export function treeWorkBytes(count: u32, width: u32, stride: u32): usize {
  return (
    <usize>count * stride * 8 +
    256 * <usize>stride * 8 +
    BITMAP_BYTES +
    <usize>stride * 8 +
    <usize>width * 4 +
    <usize>count * 4 +
    16 * (<usize>count + 1) +
    64
  )
}

/** Uniform integer below n: xorshift64*, whose high bits are multiplied out. */
function randomBelow(n: u32): u32 {
  state ^= state >> 12
  state ^= state << 25
  state ^= state >> 27
  return <u32>((((state * 0x2545f4914f6cdd1d) >> 32) * <u64>n) >> 32)
}

function copyTo(to: usize, from: usize): void {
  for (let k: usize = 0; k < strideBytes; k += 16) v128.store(to + k, v128.load(from + k))
}

function addTo(to: usize, from: usize): void {
  for (let k: usize = 0; k < strideBytes; k += 16) v128.store(to + k, f64x2.add(v128.load(to + k), v128.load(from + k)))
}

// Some tens of bytes at a time: the engine's memory.fill and memory.copy cost a call each.
function clear(at: usize): void {
  for (let k: usize = 0; k < strideBytes; k += 16) v128.store(at + k, f64x2.splat(0))
}

/** Explained sum of squares Σ (Σ w y)² ⁄ Σ w of one group of sums. */
function explained(sums: usize): f64 {
  let total: f64 = 0
  if (isShared) {
    for (let k: usize = 8; k < strideBytes; k += 8) {
      const s = load<f64>(sums + k)
      total += s * s
    }
    return total / load<f64>(sums)
  }
  for (let k: usize = 16; k < strideBytes; k += 16) {
    const w = load<f64>(sums + k)
    const s = load<f64>(sums + k, 8)
    if (w > 0) total += (s * s) / w
  }
  return total
}

/** Explained sum of squares when the rows so far go left and the others right; −1 when a side is too small. */
function cut(total: usize): f64 {
  const left = load<f64>(below)
  const rest = load<f64>(total) - left
  if (left < minimum || rest < minimum || rest <= 0) return -1
  let low: f64 = 0
  let high: f64 = 0
  if (isShared) {
    for (let k: usize = 8; k < strideBytes; k += 8) {
      const l = load<f64>(below + k)
      const r = load<f64>(total + k) - l
      low += l * l
      high += r * r
    }
    return (low * rest + high * left) / (rest * left)
  }
  for (let k: usize = 16; k < strideBytes; k += 16) {
    const w = load<f64>(below + k)
    const v = load<f64>(total + k) - w
    const l = load<f64>(below + k, 8)
    const r = load<f64>(total + k, 8) - l
    if (w > 0) low += (l * l) / w
    if (v > 0) high += (r * r) / v
  }
  return low + high
}

/** Adds the group's rows up by bin; true when more than one bin is occupied. */
function fill(feature: u32, rows: usize, count: u32): bool {
  const column = codes + <usize>feature * rowCount
  const first = load<u8>(column + load<u32>(rows))
  let several = false
  let from = local
  const end = rows + ((<usize>count) << 2)
  for (let at = rows; at < end; at += 4) {
    const bin = load<u8>(column + load<u32>(at))
    several = several || bin != first
    const word = bitmap + ((<usize>bin >> 5) << 2)
    store<u32>(word, load<u32>(word) | (1 << (<u32>bin & 31)))
    addTo(histogram + <usize>bin * strideBytes, from)
    from += strideBytes
  }
  return several
}

/** A bin drawn evenly from the lowest occupied one up to, not including, the highest. */
function randomBin(): u32 {
  let low: i32 = -1
  let high: i32 = 0
  for (let word: i32 = 0; word < 8; word++) {
    const bits = load<u32>(bitmap + ((<usize>word) << 2))
    if (bits == 0) continue
    if (low < 0) low = word * 32 + <i32>ctz(bits)
    high = word * 32 + 31 - <i32>clz(bits)
  }
  return <u32>low + randomBelow(<u32>(high - low))
}

/** Goes through the occupied bins from below and empties them, keeping the cut that explains most. */
function scan(feature: u32, total: usize, only: i32): void {
  clear(below)
  let waiting = only >= 0
  let found = false
  for (let word: u32 = 0; word < 8; word++) {
    const at = bitmap + ((<usize>word) << 2)
    let bits = load<u32>(at)
    store<u32>(at, 0)
    while (bits != 0) {
      const bin = word * 32 + <u32>ctz(bits)
      bits &= bits - 1
      if (found) {
        found = false
        bestNext = bin
      }
      if (waiting && <i32>bin > only) {
        waiting = false
        // A threshold at random stays where it was drawn.
        if (isBetter(cut(total), feature, <u32>only)) bestNext = <u32>only + 1
      }
      const from = histogram + <usize>bin * strideBytes
      addTo(below, from)
      clear(from)
      if (only < 0) found = isBetter(cut(total), feature, bin)
    }
  }
}

function isBetter(score: f64, feature: u32, bin: u32): bool {
  if (score <= bestScore) return false
  bestScore = score
  bestFeature = <i32>feature
  bestBin = bin
  return true
}

/** Looks for the best split of a group of rows with sums `total`; false when none explains more than they do together. */
function search(
  rows: usize,
  count: u32,
  sums: usize,
  total: usize,
  base: f64,
  width: u32,
  wanted: u32,
  random: bool,
): bool {
  let to = local
  for (let i: u32 = 0; i < count; i++, to += strideBytes)
    copyTo(to, sums + <usize>load<u32>(rows + ((<usize>i) << 2)) * strideBytes)
  bestScore = base + ROUNDING * Math.abs(base)
  bestFeature = -1
  let looked: u32 = 0
  for (let drawn: u32 = 0; drawn < width && looked < wanted; drawn++) {
    let feature = drawn
    if (wanted < width) {
      // Fisher-Yates, one place at a time.
      const place = features + ((<usize>drawn) << 2)
      const other = features + ((<usize>(drawn + randomBelow(width - drawn))) << 2)
      feature = load<u32>(other)
      store<u32>(other, load<u32>(place))
      store<u32>(place, feature)
    }
    // A feature on which all rows agree does not count as looked at.
    const several = fill(feature, rows, count)
    if (several) looked++
    scan(feature, total, random && several ? <i32>randomBin() : -1)
  }
  return bestFeature >= 0
}

/** Rows of bins up to the best one before the others, each in their order; returns how many. */
function partition(rows: usize, count: u32, spare: usize): u32 {
  const column = codes + <usize>bestFeature * rowCount
  let kept = rows
  let others = spare
  const end = rows + ((<usize>count) << 2)
  for (let at = rows; at < end; at += 4) {
    const row = load<u32>(at)
    if (<u32>load<u8>(column + row) <= bestBin) {
      store<u32>(kept, row)
      kept += 4
    } else {
      store<u32>(others, row)
      others += 4
    }
  }
  memory.copy(kept, spare, others - spare)
  return <u32>((kept - rows) >> 2)
}

/**
 * Grows a tree on the `count` rows listed at `rows` (u32, reordered). Node k is described by feature[k] (i32, −1 in a
 * leaf), bin[k], next[k] and left[k] (u32), gain[k] (f64) and total[k] (stride f64); its children are left[k] and
 * left[k] + 1.
 * Returns the number of nodes, at most 2 count − 1. Histogram and bitmap in `work` must be zero, and are again.
 */
export function growTree(
  codesAt: usize,
  n: u32,
  width: u32,
  sums: usize,
  stride: u32,
  shared: bool,
  rows: usize,
  count: u32,
  maxDepth: u32,
  minLeaf: f64,
  wanted: u32,
  random: bool,
  seedLow: u32,
  seedHigh: u32,
  feature: usize,
  bin: usize,
  next: usize,
  left: usize,
  gain: usize,
  total: usize,
  work: usize,
): u32 {
  codes = codesAt
  rowCount = n
  strideBytes = (<usize>stride) << 3
  isShared = shared
  minimum = minLeaf
  state = (((<u64>seedHigh) << 32) | <u64>seedLow) ^ 0x9e3779b97f4a7c15
  if (state == 0) state = 1
  local = work
  histogram = local + <usize>count * strideBytes
  below = histogram + 256 * strideBytes
  bitmap = below + strideBytes
  features = bitmap + BITMAP_BYTES
  const spare = features + ((<usize>width) << 2)
  const stack = (spare + ((<usize>count) << 2) + 15) & ~15
  memory.fill(histogram, 0, features - histogram)
  for (let f: u32 = 0; f < width; f++) store<u32>(features + ((<usize>f) << 2), f)

  let nodes: u32 = 1
  let top = stack
  store<u32>(top, 0)
  store<u32>(top, 0, 4)
  store<u32>(top, count, 8)
  store<u32>(top, 0, 12)
  top += 16
  while (top > stack) {
    top -= 16
    const node = load<u32>(top)
    const start = load<u32>(top, 4)
    const size = load<u32>(top, 8)
    const depth = load<u32>(top, 12)
    const group = rows + ((<usize>start) << 2)
    const at = total + <usize>node * strideBytes
    clear(at)
    for (let i: u32 = 0; i < size; i++) addTo(at, sums + <usize>load<u32>(group + ((<usize>i) << 2)) * strideBytes)
    store<i32>(feature + ((<usize>node) << 2), -1)
    store<u32>(left + ((<usize>node) << 2), 0)
    store<f64>(gain + ((<usize>node) << 3), 0)
    if (depth >= maxDepth || size < 2 || load<f64>(at) < 2 * minLeaf) continue
    const base = explained(at)
    if (!search(group, size, sums, at, base, width, wanted, random)) continue
    store<i32>(feature + ((<usize>node) << 2), bestFeature)
    store<u32>(bin + ((<usize>node) << 2), bestBin)
    store<u32>(next + ((<usize>node) << 2), bestNext)
    store<u32>(left + ((<usize>node) << 2), nodes)
    store<f64>(gain + ((<usize>node) << 3), bestScore - base)
    const kept = partition(group, size, spare)
    // The left child is taken next.
    store<u32>(top, nodes + 1)
    store<u32>(top, start + kept, 4)
    store<u32>(top, size - kept, 8)
    store<u32>(top, depth + 1, 12)
    top += 16
    store<u32>(top, nodes)
    store<u32>(top, start, 4)
    store<u32>(top, kept, 8)
    store<u32>(top, depth + 1, 12)
    top += 16
    nodes += 2
  }
  return nodes
}
