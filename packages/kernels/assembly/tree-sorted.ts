// Splits by lists of the group's rows in the order of each feature, which are sorted once and then only divided. With
// the sums centred on the group's mean the explained sum of squares is |s|² W ⁄ (w (W − w)), s and w the sums of the rows
// so far: four features go side by side, one to a lane, and two products compare two splits without a division.
import { Best, centreRow, spreadOf, sumsOf, Task, vectorsOf } from './tree-split'

let lists: usize = 0
let listBytes: usize = 0
let rowOf: usize = 0
let records: usize = 0
let recordShift: usize = 0
let sides: usize = 0
let spare: usize = 0
let lanes: usize = 0
let below: usize = 0

/** Rows at most that lists are made of: 64 MB of them, numbered by 16 bits. */
export function sortedMost(width: u32): u32 {
  return min<u32>(16_384, <u32>((1 << 25) / (width + 1)))
}

function powerAbove(vectors: u32): usize {
  return vectors == 1 ? 0 : <usize>(32 - clz(vectors - 1))
}

/** Bytes of room for the lists of up to `count` rows. */
export function sortedBytes(count: u32, width: u32, stride: u32): usize {
  const most = <usize>min(count, sortedMost(width))
  const record: usize = 16 << powerAbove((stride + 3) >> 2)
  return <usize>(width + 1) * most * 2 + most * (4 + record + 1 + 2) + 4 * 16 + record + 1024 + 9 * 16
}

function after(at: usize, bytes: usize): usize {
  return (at + bytes + 15) & ~15
}

/** Takes the room it will use, for up to `count` rows. */
export function prepareSorted(work: usize, count: u32): void {
  const most = <usize>min(count, sortedMost(Task.width))
  recordShift = 4 + powerAbove(vectorsOf())
  listBytes = most << 1
  lists = (work + 15) & ~15
  rowOf = after(lists, <usize>(Task.width + 1) * listBytes)
  records = after(rowOf, most << 2)
  sides = after(records, most << recordShift)
  spare = after(sides, most)
  lanes = after(spare, listBytes)
  below = after(lanes, 64)
  // Numbers of a record that no label fills stay 0.
  memory.fill(records, 0, most << recordShift)
}

/** The list of rows in their own order, from place `start` on: u16 numbers that `rowOf` turns into rows. */
function ownList(start: u32): usize {
  return lists + <usize>Task.width * listBytes + ((<usize>start) << 1)
}

export function rowAt(start: u32, i: u32): u32 {
  return load<u32>(rowOf + ((<usize>load<u16>(ownList(start) + ((<usize>i) << 1))) << 2))
}

/** Sorts a group's rows by each feature: counting sort by bins. Places of lists begin at 0 with this group. */
export function sortLists(rows: usize, count: u32): void {
  memory.copy(rowOf, rows, (<usize>count) << 2)
  const own = ownList(0)
  for (let i: u32 = 0; i < count; i++) store<u16>(own + ((<usize>i) << 1), <u16>i)
  // 256 counts in the room behind the spare list, which is not in use yet.
  const counts = below
  const end = rows + ((<usize>count) << 2)
  for (let f: u32 = 0; f < Task.width; f++) {
    const column = Task.codes + <usize>f * Task.rowCount
    const list = lists + <usize>f * listBytes
    memory.fill(counts, 0, 1024)
    for (let at = rows; at < end; at += 4) {
      const place = counts + ((<usize>load<u8>(column + load<u32>(at))) << 2)
      store<u32>(place, load<u32>(place) + 1)
    }
    let sum: u32 = 0
    for (let at = counts; at < counts + 1024; at += 4) {
      const own = load<u32>(at)
      store<u32>(at, sum)
      sum += own
    }
    for (let i: u32 = 0; i < count; i++) {
      const place = counts + ((<usize>load<u8>(column + load<u32>(rows + ((<usize>i) << 2)))) << 2)
      const to = load<u32>(place)
      store<u32>(place, to + 1)
      store<u16>(list + ((<usize>to) << 1), <u16>i)
    }
  }
}

function codeOf(feature: u32, local: u32): u32 {
  return load<u8>(Task.codes + <usize>feature * Task.rowCount + load<u32>(rowOf + ((<usize>local) << 2)))
}

/** Keeps a split of lane `lane` between two neighbours of a list; false where they share a bin or a side is too small. */
function keep(lane: usize, feature: u32, list: usize, w: f32, whole: f32): bool {
  if (w < <f32>Task.minimum || whole - w < <f32>Task.minimum || w <= 0 || whole <= w) return false
  const bin = codeOf(feature, load<u16>(list))
  const next = codeOf(feature, load<u16>(list, 2))
  if (bin == next) return false
  const at = lanes + (lane << 4)
  store<i32>(at, <i32>feature)
  store<u32>(at, bin, 4)
  store<u32>(at, next, 8)
  return true
}

function lane(v: v128, i: u32): f32 {
  store<v128>(below, v)
  return load<f32>(below + ((<usize>i) << 2))
}

function withLane(v: v128, i: u32, value: f32): v128 {
  store<v128>(below, v)
  store<f32>(below + ((<usize>i) << 2), value)
  return v128.load(below)
}

/** Up to three labels: all that a row adds fits one vector, and four features fill the lanes of the scores. */
function searchNarrow(start: u32, size: u32, whole: f32): void {
  let top = f32x4.splat(0)
  let under = f32x4.splat(1)
  const last = Task.width - 1
  const total = f32x4.splat(whole)
  const from = lists + ((<usize>start) << 1)
  const end = (<usize>size - 1) << 1
  for (let f: u32 = 0; f <= last; f += 4) {
    const f1 = min(f + 1, last)
    const f2 = min(f + 2, last)
    const f3 = min(f + 3, last)
    const l0 = from + <usize>f * listBytes
    const l1 = from + <usize>f1 * listBytes
    const l2 = from + <usize>f2 * listBytes
    const l3 = from + <usize>f3 * listBytes
    let s0 = f32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let p: usize = 0; p < end; p += 2) {
      s0 = f32x4.add(s0, v128.load(records + ((<usize>load<u16>(l0 + p)) << 4)))
      s1 = f32x4.add(s1, v128.load(records + ((<usize>load<u16>(l1 + p)) << 4)))
      s2 = f32x4.add(s2, v128.load(records + ((<usize>load<u16>(l2 + p)) << 4)))
      s3 = f32x4.add(s3, v128.load(records + ((<usize>load<u16>(l3 + p)) << 4)))
      const a = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5)
      const b = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5)
      const c = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7)
      const d = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7)
      const w = v128.shuffle<f32>(a, b, 0, 1, 4, 5)
      const y0 = v128.shuffle<f32>(a, b, 2, 3, 6, 7)
      const y1 = v128.shuffle<f32>(c, d, 0, 1, 4, 5)
      const y2 = v128.shuffle<f32>(c, d, 2, 3, 6, 7)
      const square = f32x4.add(f32x4.add(f32x4.mul(y0, y0), f32x4.mul(y1, y1)), f32x4.mul(y2, y2))
      const weights = f32x4.mul(w, f32x4.sub(total, w))
      const better = f32x4.gt(f32x4.mul(square, under), f32x4.mul(top, weights))
      if (v128.any_true(better)) {
        const bits = i32x4.bitmask(better)
        for (let i: u32 = 0; i < 4; i++) {
          if ((bits & (1 << i)) == 0) continue
          const feature = min(f + i, last)
          if (!keep(i, feature, from + <usize>feature * listBytes + p, lane(w, i), whole)) continue
          top = withLane(top, i, lane(square, i))
          under = withLane(under, i, lane(weights, i))
        }
      }
    }
  }
  let best: u32 = 0
  for (let i: u32 = 1; i < 4; i++) {
    const mine = <f64>lane(top, i) * <f64>lane(under, best)
    const theirs = <f64>lane(top, best) * <f64>lane(under, i)
    const at = load<i32>(lanes + ((<usize>i) << 4))
    if (mine > theirs || (mine == theirs && at >= 0 && at < load<i32>(lanes + ((<usize>best) << 4)))) best = i
  }
  if (lane(top, best) > 0) take(best)
}

/** More labels: feature by feature, the sums so far in memory. */
function searchWide(start: u32, size: u32, whole: f32): void {
  const vectors = (<usize>vectorsOf()) << 4
  let top: f32 = 0
  let under: f32 = 1
  for (let f: u32 = 0; f < Task.width; f++) {
    const list = lists + <usize>f * listBytes + ((<usize>start) << 1)
    for (let v: usize = 0; v < vectors; v += 16) v128.store(below + v, f32x4.splat(0))
    for (let p: usize = 0; p < (<usize>size - 1) << 1; p += 2) {
      const record = records + ((<usize>load<u16>(list + p)) << recordShift)
      let squares = f32x4.splat(0)
      let w: f32 = 0
      for (let v: usize = 0; v < vectors; v += 16) {
        let s = f32x4.add(v128.load(below + v), v128.load(record + v))
        v128.store(below + v, s)
        if (v == 0) {
          w = f32x4.extract_lane(s, 0)
          s = f32x4.replace_lane(s, 0, 0)
        }
        squares = f32x4.add(squares, f32x4.mul(s, s))
      }
      const square =
        f32x4.extract_lane(squares, 0) +
        f32x4.extract_lane(squares, 1) +
        f32x4.extract_lane(squares, 2) +
        f32x4.extract_lane(squares, 3)
      const weights = w * (whole - w)
      if (square * under <= top * weights || !keep(0, f, list + p, w, whole)) continue
      top = square
      under = weights
    }
  }
  if (top > 0) take(0)
}

function take(lane: u32): void {
  const at = lanes + ((<usize>lane) << 4)
  Best.feature = load<i32>(at)
  Best.bin = load<u32>(at, 4)
  Best.next = load<u32>(at, 8)
}

/** Of two rows, which all features split the same way, the first that tells them apart. */
function searchTwo(start: u32): void {
  const own = ownList(start)
  const a = load<u16>(own)
  const b = load<u16>(own, 2)
  const minimum = Task.minimum
  const one = load<f64>(sumsOf(rowAt(start, 0)))
  const other = load<f64>(sumsOf(rowAt(start, 1)))
  if (one < minimum || other < minimum || one <= 0 || other <= 0) return
  for (let f: u32 = 0; f < Task.width; f++) {
    const bin = codeOf(f, a)
    const next = codeOf(f, b)
    if (bin == next) continue
    Best.feature = <i32>f
    Best.bin = min(bin, next)
    Best.next = max(bin, next)
    return
  }
}

/** Looks for the best split of the group at places [start, start + size) with sums `total`. */
export function searchSorted(start: u32, size: u32, total: usize): void {
  Best.feature = -1
  if (size == 2) {
    searchTwo(start)
    return
  }
  let spread: f64 = 0
  for (let i: u32 = 0; i < size; i++) spread = Math.max(spread, spreadOf(sumsOf(rowAt(start, i)), total))
  if (!(spread > 0)) return
  const own = ownList(start)
  for (let i: u32 = 0; i < size; i++) {
    const local = load<u16>(own + ((<usize>i) << 1))
    const row = load<u32>(rowOf + ((<usize>local) << 2))
    centreRow(records + ((<usize>local) << recordShift), sumsOf(row), total, 1 / spread)
  }
  for (let i: usize = 0; i < 4; i++) store<i32>(lanes + (i << 4), -1)
  const whole = <f32>load<f64>(total)
  if (vectorsOf() == 1) searchNarrow(start, size, whole)
  else searchWide(start, size, whole)
}

/** Divides one list by the sides of its rows, each side in its order. */
function divide(list: usize, bytes: usize): void {
  let left = list
  let right = spare
  const end = list + bytes
  for (let at = list; at < end; at += 2) {
    const local = load<u16>(at)
    const side = <usize>load<u8>(sides + <usize>local)
    store<u16>(left, local)
    store<u16>(right, local)
    left += 2 - side
    right += side
  }
  let from = spare
  for (let to = left; to < end; to += 2, from += 2) store<u16>(to, load<u16>(from))
}

/** Says of each row of a group on which side of the best split it lies; returns how many lie left. */
export function markSides(start: u32, size: u32): u32 {
  const own = ownList(start)
  let right: u32 = 0
  for (let i: u32 = 0; i < size; i++) {
    const local = load<u16>(own + ((<usize>i) << 1))
    const side = codeOf(<u32>Best.feature, local) > Best.bin ? 1 : 0
    right += side
    store<u8>(sides + <usize>local, <u8>(side << 1))
  }
  return size - right
}

/** Divides the list of rows of a group whose sides are marked. */
export function divideRows(start: u32, size: u32): void {
  divide(ownList(start), (<usize>size) << 1)
}

/** Divides the lists of all features of a group whose sides are marked. */
export function divideFeatures(start: u32, size: u32): void {
  for (let f: u32 = 0; f < Task.width; f++)
    divide(lists + <usize>f * listBytes + ((<usize>start) << 1), (<usize>size) << 1)
}
