// Splits of extra-trees (Geurts, Ernst & Wehenkel 2006): one threshold a feature, drawn evenly between the lowest and the
// highest value in the group. Works on the features as they are, eight to a pass over the rows.
import {
  addTo,
  Best,
  centreRow,
  clear,
  cut,
  drawFeature,
  randomBits,
  ROUNDING,
  spreadOf,
  sumsOf,
  Task,
  vectorsOf,
} from './tree-split'

let x: usize = 0
let rowBytes: usize = 0
let records: usize = 0
let below: usize = 0
let features: usize = 0
// Scores, weights and thresholds of eight features.
let lanes: usize = 0

/** Bytes of room for groups of up to `count` rows. */
export function randomBytes(count: u32, width: u32, stride: u32): usize {
  return <usize>count * 16 + <usize>stride * 8 + <usize>width * 4 + 96 + 48
}

/** Takes the room it will use; `at` are the features, (n × width) f32, with room to read seven floats further. */
export function prepareRandom(at: usize, work: usize, count: u32): void {
  x = at
  rowBytes = (<usize>Task.width) << 2
  records = (work + 15) & ~15
  below = records + ((<usize>count) << 4)
  lanes = below + Task.strideBytes
  features = lanes + 96
  for (let f: u32 = 0; f < Task.width; f++) store<u32>(features + ((<usize>f) << 2), f)
}

/** Evenly between the two, the upper one left out, so that rows lie on both sides. */
function between(low: f32, high: f32): f32 {
  const drawn = <f32>(<f64>low + (<f64>high - <f64>low) * (<f64>randomBits() / 4294967296.0))
  return drawn < high ? drawn : low
}

function xOf(rows: usize, i: u32): usize {
  return x + <usize>load<u32>(rows + ((<usize>i) << 2)) * rowBytes
}

function drawEight(low: v128, high: v128, at: usize): void {
  v128.store(at, low)
  v128.store(lanes, high)
  for (let k: usize = 0; k < 16; k += 4) store<f32>(at + k, between(load<f32>(at + k), load<f32>(lanes + k)))
}

function masked(sum: v128, mask: v128, value: v128): v128 {
  return f32x4.add(sum, v128.and(mask, value))
}

function scores(at: usize, w: v128, y0: v128, y1: v128, y2: v128): void {
  v128.store(at, f32x4.add(f32x4.add(f32x4.mul(y0, y0), f32x4.mul(y1, y1)), f32x4.mul(y2, y2)))
  v128.store(at + 32, w)
}

/** Up to three labels, and all features: sums of eight features lie in the lanes of eight vectors. */
function searchEight(rows: usize, count: u32, whole: f32): void {
  const minimum = <f32>Task.minimum
  const thresholds = lanes + 64
  let top: f32 = 0
  let under: f32 = 1
  for (let f: u32 = 0; f < Task.width; f += 8) {
    const offset = (<usize>f) << 2
    const first = xOf(rows, 0) + offset
    let low0 = v128.load(first)
    let low1 = v128.load(first, 16)
    let high0 = low0
    let high1 = low1
    for (let i: u32 = 1; i < count; i++) {
      const at = xOf(rows, i) + offset
      const a = v128.load(at)
      const b = v128.load(at, 16)
      low0 = f32x4.pmin(low0, a)
      low1 = f32x4.pmin(low1, b)
      high0 = f32x4.pmax(high0, a)
      high1 = f32x4.pmax(high1, b)
    }
    drawEight(low0, high0, thresholds)
    drawEight(low1, high1, thresholds + 16)
    const t0 = v128.load(thresholds)
    const t1 = v128.load(thresholds, 16)
    let w0 = f32x4.splat(0)
    let w1 = w0
    let p0 = w0
    let p1 = w0
    let q0 = w0
    let q1 = w0
    let r0 = w0
    let r1 = w0
    let record = records
    for (let i: u32 = 0; i < count; i++, record += 16) {
      const at = xOf(rows, i) + offset
      const m0 = f32x4.le(v128.load(at), t0)
      const m1 = f32x4.le(v128.load(at, 16), t1)
      const w = v128.load32_splat(record)
      w0 = masked(w0, m0, w)
      w1 = masked(w1, m1, w)
      const p = v128.load32_splat(record, 4)
      p0 = masked(p0, m0, p)
      p1 = masked(p1, m1, p)
      const q = v128.load32_splat(record, 8)
      q0 = masked(q0, m0, q)
      q1 = masked(q1, m1, q)
      const r = v128.load32_splat(record, 12)
      r0 = masked(r0, m0, r)
      r1 = masked(r1, m1, r)
    }
    scores(lanes, w0, p0, q0, r0)
    scores(lanes + 16, w1, p1, q1, r1)
    for (let i: u32 = 0; i < 8 && f + i < Task.width; i++) {
      const at = lanes + ((<usize>i) << 2)
      const w = load<f32>(at, 32)
      const rest = whole - w
      if (w < minimum || rest < minimum || w <= 0 || rest <= 0) continue
      const square = load<f32>(at)
      if (square * under <= top * (w * rest)) continue
      top = square
      under = w * rest
      Best.feature = <i32>(f + i)
      Best.threshold = load<f32>(at, 64)
    }
  }
}

/** Any weights and labels, in `wanted` features that tell the rows apart. */
function searchOne(rows: usize, count: u32, total: usize, base: f64, wanted: u32): void {
  let best = base + ROUNDING * Math.abs(base)
  let looked: u32 = 0
  for (let drawn: u32 = 0; drawn < Task.width && looked < wanted; drawn++) {
    const feature = wanted < Task.width ? drawFeature(features, drawn) : drawn
    const offset = (<usize>feature) << 2
    let low = load<f32>(xOf(rows, 0) + offset)
    let high = low
    for (let i: u32 = 1; i < count; i++) {
      const value = load<f32>(xOf(rows, i) + offset)
      if (value < low) low = value
      if (value > high) high = value
    }
    if (low == high) continue
    looked++
    const threshold = between(low, high)
    clear(below)
    for (let i: u32 = 0; i < count; i++)
      if (load<f32>(xOf(rows, i) + offset) <= threshold) addTo(below, sumsOf(load<u32>(rows + ((<usize>i) << 2))))
    const score = cut(below, total)
    if (score <= best) continue
    best = score
    Best.feature = <i32>feature
    Best.threshold = threshold
  }
}

/** Draws a threshold for each feature and keeps the best of a group of rows with sums `total`. */
export function searchRandom(rows: usize, count: u32, total: usize, base: f64, wanted: u32): void {
  Best.feature = -1
  if (!Task.isShared || wanted < Task.width || vectorsOf() > 1) {
    searchOne(rows, count, total, base, wanted)
    return
  }
  let spread: f64 = 0
  const end = rows + ((<usize>count) << 2)
  for (let at = rows; at < end; at += 4) spread = Math.max(spread, spreadOf(sumsOf(load<u32>(at)), total))
  if (!(spread > 0)) return
  for (let i: u32 = 0; i < count; i++) {
    const to = records + ((<usize>i) << 4)
    v128.store(to, f32x4.splat(0))
    centreRow(to, sumsOf(load<u32>(rows + ((<usize>i) << 2))), total, 1 / spread)
  }
  searchEight(rows, count, <f32>load<f64>(total))
}

/** Whether a row lies on the right of the best split. */
export function isRight(row: u32): bool {
  return load<f32>(x + <usize>row * rowBytes + ((<usize>Best.feature) << 2)) > Best.threshold
}
