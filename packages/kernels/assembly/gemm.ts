// Matrix product in the manner of Goto and van de Geijn (2008, ACM TOMS 34, 12): panels of A and B are packed so that
// the innermost loop reads both with stride one, and a 4 x (2 vectors) tile of C stays in registers. Wider tiles spill:
// an engine has 15 vector registers to give on x86, and 8 sums + 2 of B + 4 of A fit.
//
// No relaxed fused multiply-add: it would round differently from machine to machine.

const TILE_ROWS: u32 = 4

// Rows of A worked on while one panel of B passes: 96 x 256 doubles are 192 KiB, inside a second-level cache.
const CACHE_ROWS: u32 = 96

function tileColumns<T>(): u32 {
  return <u32>(32 / sizeof<T>())
}

/**
 * Packs `count` lanes (rows of A or columns of B) of length `kc` in panels of `width` lanes, step by step along k:
 * out[panel][p][lane]. The last panel is filled up with zeros. `laneStride` 1: lanes are contiguous in `src` and steps
 * are `stepStride` apart; otherwise steps are contiguous and lanes are `laneStride` apart.
 */
function packPanels<S, T>(
  src: usize,
  dst: usize,
  count: u32,
  kc: u32,
  width: u32,
  laneStride: u32,
  stepStride: u32,
): void {
  const laneBytes: usize = <usize>laneStride * sizeof<S>()
  const stepBytes: usize = <usize>stepStride * sizeof<S>()
  const panelStep: usize = <usize>width * sizeof<T>()
  for (let lane0: u32 = 0; lane0 < count; lane0 += width) {
    const lanes = min(width, count - lane0)
    const from = src + <usize>lane0 * laneBytes
    if (lanes < width) memory.fill(dst, 0, <usize>kc * panelStep)
    if (laneStride == 1) {
      if (sizeof<S>() == sizeof<T>() && lanes == width) {
        if (panelStep == 32) {
          for (let p: u32 = 0; p < kc; p++) {
            const at = from + <usize>p * stepBytes
            const to = dst + <usize>p * 32
            v128.store(to, v128.load(at))
            v128.store(to, v128.load(at, 16), 16)
          }
        } else {
          for (let p: u32 = 0; p < kc; p++) v128.store(dst + ((<usize>p) << 4), v128.load(from + <usize>p * stepBytes))
        }
      } else {
        for (let p: u32 = 0; p < kc; p++) {
          const at = from + <usize>p * stepBytes
          const to = dst + <usize>p * panelStep
          for (let lane: u32 = 0; lane < lanes; lane++) {
            store<T>(to + <usize>lane * sizeof<T>(), <T>load<S>(at + <usize>lane * sizeof<S>()))
          }
        }
      }
    } else {
      for (let lane: u32 = 0; lane < lanes; lane++) {
        const at = from + <usize>lane * laneBytes
        const to = dst + <usize>lane * sizeof<T>()
        for (let p: u32 = 0; p < kc; p++) {
          store<T>(to + <usize>p * panelStep, <T>load<S>(at + <usize>p * stepBytes))
        }
      }
    }
    dst += <usize>kc * panelStep
  }
}

function addRow<T>(c: usize, alpha: v128, s0: v128, s1: v128): void {
  v128.store(c, v128.add<T>(v128.load(c), v128.mul<T>(alpha, s0)))
  v128.store(c, v128.add<T>(v128.load(c, 16), v128.mul<T>(alpha, s1)), 16)
}

/** Adds alpha times the product of one panel of A and one of B to a full tile of C with rows `ldc` bytes apart. */
function tile<T>(kc: u32, pa: usize, pb: usize, c: usize, ldc: usize, alpha: v128): void {
  let s00 = f64x2.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  const end = pb + ((<usize>kc) << 5)
  while (pb < end) {
    const b0 = v128.load(pb)
    const b1 = v128.load(pb, 16)
    const a0 = v128.load_splat<T>(pa)
    s00 = v128.add<T>(s00, v128.mul<T>(a0, b0))
    s01 = v128.add<T>(s01, v128.mul<T>(a0, b1))
    const a1 = v128.load_splat<T>(pa, sizeof<T>())
    s10 = v128.add<T>(s10, v128.mul<T>(a1, b0))
    s11 = v128.add<T>(s11, v128.mul<T>(a1, b1))
    const a2 = v128.load_splat<T>(pa, 2 * sizeof<T>())
    s20 = v128.add<T>(s20, v128.mul<T>(a2, b0))
    s21 = v128.add<T>(s21, v128.mul<T>(a2, b1))
    const a3 = v128.load_splat<T>(pa, 3 * sizeof<T>())
    s30 = v128.add<T>(s30, v128.mul<T>(a3, b0))
    s31 = v128.add<T>(s31, v128.mul<T>(a3, b1))
    pa += 4 * sizeof<T>()
    pb += 32
  }
  addRow<T>(c, alpha, s00, s01)
  addRow<T>(c + ldc, alpha, s10, s11)
  addRow<T>(c + 2 * ldc, alpha, s20, s21)
  addRow<T>(c + 3 * ldc, alpha, s30, s31)
}

/** A handful of values, for which a call of memory.copy costs more than the loop. */
function moveValues<T>(from: usize, to: usize, count: u32): void {
  for (let e: u32 = 0; e < count; e++) {
    store<T>(to + <usize>e * sizeof<T>(), load<T>(from + <usize>e * sizeof<T>()))
  }
}

/** A tile that overhangs C: read into and written back from a full one, so that every element sees the same sums. */
function edgeTile<T>(
  kc: u32,
  pa: usize,
  pb: usize,
  c: usize,
  ldc: usize,
  alpha: v128,
  rows: u32,
  columns: u32,
  spare: usize,
): void {
  for (let i: u32 = 0; i < rows; i++) moveValues<T>(c + <usize>i * ldc, spare + <usize>i * 32, columns)
  tile<T>(kc, pa, pb, spare, 32, alpha)
  for (let i: u32 = 0; i < rows; i++) moveValues<T>(spare + <usize>i * 32, c + <usize>i * ldc, columns)
}

/**
 * C (mc x nc, contiguous) += alpha times packed A (mc x kc) times packed B (kc x nc). Tiles that lie wholly below the
 * diagonal of the full matrix are left alone when `upper`: the block starts `below` rows further down than right.
 */
function product<T>(
  pa: usize,
  pb: usize,
  c: usize,
  mc: u32,
  nc: u32,
  kc: u32,
  alpha: T,
  spare: usize,
  upper: bool,
  below: i32,
): void {
  const width = tileColumns<T>()
  const ldc: usize = <usize>nc * sizeof<T>()
  const scale = v128.splat<T>(alpha)
  for (let i0: u32 = 0; i0 < mc; i0 += CACHE_ROWS) {
    const i1 = min(mc, i0 + CACHE_ROWS)
    for (let j: u32 = 0; j < nc; j += width) {
      const columns = min(width, nc - j)
      const panelB = pb + <usize>j * <usize>kc * sizeof<T>()
      for (let i = i0; i < i1; i += TILE_ROWS) {
        if (upper && <i32>i + below > <i32>(j + width - 1)) break
        const rows = min(TILE_ROWS, mc - i)
        const panelA = pa + <usize>i * <usize>kc * sizeof<T>()
        const corner = c + <usize>i * ldc + <usize>j * sizeof<T>()
        if (rows == TILE_ROWS && columns == width) tile<T>(kc, panelA, panelB, corner, ldc, scale)
        else edgeTile<T>(kc, panelA, panelB, corner, ldc, scale, rows, columns, spare)
      }
    }
  }
}

export function packA32(src: usize, dst: usize, mc: u32, kc: u32, laneStride: u32, stepStride: u32): void {
  packPanels<f32, f32>(src, dst, mc, kc, TILE_ROWS, laneStride, stepStride)
}

export function packA64(src: usize, dst: usize, mc: u32, kc: u32, laneStride: u32, stepStride: u32): void {
  packPanels<f64, f64>(src, dst, mc, kc, TILE_ROWS, laneStride, stepStride)
}

export function packA3264(src: usize, dst: usize, mc: u32, kc: u32, laneStride: u32, stepStride: u32): void {
  packPanels<f32, f64>(src, dst, mc, kc, TILE_ROWS, laneStride, stepStride)
}

export function packB32(src: usize, dst: usize, nc: u32, kc: u32, laneStride: u32, stepStride: u32): void {
  packPanels<f32, f32>(src, dst, nc, kc, 8, laneStride, stepStride)
}

export function packB64(src: usize, dst: usize, nc: u32, kc: u32, laneStride: u32, stepStride: u32): void {
  packPanels<f64, f64>(src, dst, nc, kc, 4, laneStride, stepStride)
}

export function product32(
  pa: usize,
  pb: usize,
  c: usize,
  mc: u32,
  nc: u32,
  kc: u32,
  alpha: f64,
  spare: usize,
  upper: bool,
  below: i32,
): void {
  product<f32>(pa, pb, c, mc, nc, kc, <f32>alpha, spare, upper, below)
}

export function product64(
  pa: usize,
  pb: usize,
  c: usize,
  mc: u32,
  nc: u32,
  kc: u32,
  alpha: f64,
  spare: usize,
  upper: bool,
  below: i32,
): void {
  product<f64>(pa, pb, c, mc, nc, kc, alpha, spare, upper, below)
}

/** c *= beta over `count` contiguous values; beta 0 clears even what is not a number. */
function scaleValues<T>(c: usize, count: u32, beta: T): void {
  if (beta == <T>0) {
    memory.fill(c, 0, <usize>count * sizeof<T>())
    return
  }
  const end = c + <usize>count * sizeof<T>()
  for (; c < end; c += sizeof<T>()) store<T>(c, load<T>(c) * beta)
}

export function scale32(c: usize, count: u32, beta: f64): void {
  scaleValues<f32>(c, count, <f32>beta)
}

export function scale64(c: usize, count: u32, beta: f64): void {
  scaleValues<f64>(c, count, beta)
}
