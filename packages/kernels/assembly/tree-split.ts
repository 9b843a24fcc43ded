// What the parts of tree growth share. AssemblyScript has no closures, and an imported variable cannot be set: the
// state of a call is static fields of two classes.

/** Relative gain below which a split explains nothing but rounding. */
export const ROUNDING: f64 = 1e-10

/** What a tree grows on; addresses are byte offsets. */
export class Task {
  static codes: usize = 0
  static rowCount: u32 = 0
  static width: u32 = 0
  /** (n × strideBytes) sums of each row. */
  static sums: usize = 0
  static strideBytes: usize = 0
  static isShared: bool = false
  static minimum: f64 = 0
  static state: u64 = 0
}

/** The best split of the group at hand: rows with a bin up to `bin`, or a feature up to `threshold`, go left. */
export class Best {
  static feature: i32 = -1
  static bin: u32 = 0
  /** The next occupied bin above it. */
  static next: u32 = 0
  static threshold: f32 = 0
}

/** 32 random bits: xorshift64*. */
export function randomBits(): u32 {
  let state = Task.state
  state ^= state >> 12
  state ^= state << 25
  state ^= state >> 27
  Task.state = state
  return <u32>((state * 0x2545f4914f6cdd1d) >> 32)
}

/** Uniform integer below n: the high bits are multiplied out. */
export function randomBelow(n: u32): u32 {
  return <u32>((<u64>randomBits() * <u64>n) >> 32)
}

/** The next of `width` features drawn without replacement: Fisher-Yates, one place at a time. */
export function drawFeature(features: usize, drawn: u32): u32 {
  const place = features + ((<usize>drawn) << 2)
  const other = features + ((<usize>(drawn + randomBelow(Task.width - drawn))) << 2)
  const feature = load<u32>(other)
  store<u32>(other, load<u32>(place))
  store<u32>(place, feature)
  return feature
}

export function addTo(to: usize, from: usize): void {
  const end = Task.strideBytes
  for (let k: usize = 0; k < end; k += 16) v128.store(to + k, f64x2.add(v128.load(to + k), v128.load(from + k)))
}

// Some tens of bytes at a time: the engine's memory.fill and memory.copy cost a call each.
export function clear(at: usize): void {
  const end = Task.strideBytes
  for (let k: usize = 0; k < end; k += 16) v128.store(at + k, f64x2.splat(0))
}

export function sumsOf(row: u32): usize {
  return Task.sums + <usize>row * Task.strideBytes
}

/** Explained sum of squares Σ (Σ w y)² ⁄ Σ w of one group of sums. */
export function explained(sums: usize): f64 {
  const end = Task.strideBytes
  let total: f64 = 0
  if (Task.isShared) {
    for (let k: usize = 8; k < end; k += 8) {
      const s = load<f64>(sums + k)
      total += s * s
    }
    const w = load<f64>(sums)
    return w > 0 ? total / w : 0
  }
  for (let k: usize = 16; k < end; k += 16) {
    const w = load<f64>(sums + k)
    const s = load<f64>(sums + k, 8)
    if (w > 0) total += (s * s) / w
  }
  return total
}

/** Explained sum of squares when the rows with sums `below` go left and the others right; −1 when a side is too small. */
export function cut(below: usize, total: usize): f64 {
  const end = Task.strideBytes
  const left = load<f64>(below)
  const rest = load<f64>(total) - left
  if (left < Task.minimum || rest < Task.minimum || left <= 0 || rest <= 0) return -1
  let low: f64 = 0
  let high: f64 = 0
  if (Task.isShared) {
    for (let k: usize = 8; k < end; k += 8) {
      const l = load<f64>(below + k)
      const r = load<f64>(total + k) - l
      low += l * l
      high += r * r
    }
    return (low * rest + high * left) / (rest * left)
  }
  for (let k: usize = 16; k < end; k += 16) {
    const w = load<f64>(below + k)
    const v = load<f64>(total + k) - w
    const l = load<f64>(below + k, 8)
    const r = load<f64>(total + k, 8) - l
    if (w > 0) low += (l * l) / w
    if (v > 0) high += (r * r) / v
  }
  return low + high
}

/** Vectors of four floats that the centred sums of a row fill. */
export function vectorsOf(): u32 {
  return (<u32>(Task.strideBytes >> 3) + 3) >> 2
}

/**
 * Sums of one row as floats about the group's mean, [w, w (y₀ − mean₀) ⁄ scale, …]: near its own mean a group loses no
 * digits to single precision.
 */
export function centreRow(to: usize, from: usize, total: usize, scale: f64): void {
  const end = Task.strideBytes
  const w = load<f64>(from)
  const share = w / load<f64>(total)
  store<f32>(to, <f32>w)
  for (let k: usize = 8; k < end; k += 8)
    store<f32>(to + (k >> 1), <f32>((load<f64>(from + k) - share * load<f64>(total + k)) * scale))
}

/** Largest distance of a row's sums from their share of the group's, over the row's labels. */
export function spreadOf(from: usize, total: usize): f64 {
  const end = Task.strideBytes
  const share = load<f64>(from) / load<f64>(total)
  let spread: f64 = 0
  for (let k: usize = 8; k < end; k += 8)
    spread = Math.max(spread, Math.abs(load<f64>(from + k) - share * load<f64>(total + k)))
  return spread
}
