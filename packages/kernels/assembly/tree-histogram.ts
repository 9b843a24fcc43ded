// Splits by histograms: sums of rows lie in 256 bins, and a bitmap says which bins are occupied, so that small groups
// pay for their rows and not for 256 bins. Takes any weights; groups too large for sorted lists; drawn features.
import { addTo, Best, clear, cut, drawFeature, ROUNDING, sumsOf, Task } from './tree-split'

const BITMAP_BYTES: usize = 32

let histogram: usize = 0
let bitmap: usize = 0
let below: usize = 0
let features: usize = 0
let bestScore: f64 = 0

/** Bytes of room of the histogram, which must be zero before the first search, and is again after each. */
export function histogramBytes(width: u32, stride: u32): usize {
  return 257 * <usize>stride * 8 + BITMAP_BYTES + <usize>width * 4
}

/** Takes the room it will use. */
export function prepareHistogram(work: usize): void {
  histogram = work
  below = histogram + 256 * Task.strideBytes
  bitmap = below + Task.strideBytes
  features = bitmap + BITMAP_BYTES
  memory.fill(histogram, 0, features - histogram)
  for (let f: u32 = 0; f < Task.width; f++) store<u32>(features + ((<usize>f) << 2), f)
}

/** Adds the group's rows up by bin; true when more than one bin is occupied. */
function fill(feature: u32, rows: usize, count: u32): bool {
  const column = Task.codes + <usize>feature * Task.rowCount
  const first = load<u8>(column + load<u32>(rows))
  let several = false
  const end = rows + ((<usize>count) << 2)
  for (let at = rows; at < end; at += 4) {
    const row = load<u32>(at)
    const bin = load<u8>(column + row)
    several = several || bin != first
    const word = bitmap + ((<usize>bin >> 5) << 2)
    store<u32>(word, load<u32>(word) | (1 << (<u32>bin & 31)))
    addTo(histogram + <usize>bin * Task.strideBytes, sumsOf(row))
  }
  return several
}

/** Goes through the occupied bins from below and empties them, keeping the cut that explains most. */
function scan(feature: u32, total: usize): void {
  clear(below)
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
        Best.next = bin
      }
      const from = histogram + <usize>bin * Task.strideBytes
      addTo(below, from)
      clear(from)
      const score = cut(below, total)
      if (score <= bestScore) continue
      found = true
      bestScore = score
      Best.feature = <i32>feature
      Best.bin = bin
    }
  }
}

/** Looks for the best split of a group of rows with sums `total`, in `wanted` features that tell its rows apart. */
export function searchHistogram(rows: usize, count: u32, total: usize, base: f64, wanted: u32): void {
  bestScore = base + ROUNDING * Math.abs(base)
  Best.feature = -1
  let looked: u32 = 0
  for (let drawn: u32 = 0; drawn < Task.width && looked < wanted; drawn++) {
    const feature = wanted < Task.width ? drawFeature(features, drawn) : drawn
    // A feature on which all rows agree does not count as looked at.
    if (fill(feature, rows, count)) looked++
    scan(feature, total)
  }
}
