// Two systems at a time, one in each lane: the lanes never meet, so a system's answer does not depend on its neighbour,
// and the inner loops need no horizontal sums. Upper factor, A = U^T U, packed by rows: (i, j) at i t - i (i - 1) / 2 + j - i.

function rowStart(base: usize, t: u32, i: u32): usize {
  return base + ((<usize>(i * t - (i * (i - 1)) / 2)) << 4)
}

/** Reads two vectors of `count` doubles into alternating lanes. */
function interleave(first: usize, second: usize, to: usize, count: u32): void {
  for (let e: u32 = 0; e < count; e++) {
    const at: usize = (<usize>e) << 3
    v128.store(to + (at << 1), v128.load64_lane(second + at, v128.load64_zero(first + at), 1))
  }
}

/** Writes lane 0 to `first` and lane 1 to `second`; a lane that is all ones in `bad` becomes NaN (an all-ones double). */
function separate(from: usize, first: usize, second: usize, count: u32, bad: v128): void {
  for (let e: u32 = 0; e < count; e++) {
    const at: usize = (<usize>e) << 3
    const v = v128.or(v128.load(from + (at << 1)), bad)
    v128.store64_lane(second + at, v, 1)
    v128.store64_lane(first + at, v, 0)
  }
}

/**
 * Factorises the interleaved pair at `u` in place and leaves 1 / U_kk at `inverse`. Returns all ones in a lane whose
 * pivot falls to the level of its rounding error, t eps A_kk, or is not a number.
 */
function factor(t: u32, u: usize, inverse: usize, jitter: f64): v128 {
  const lift = f64x2.splat(1 + jitter)
  const noise = f64x2.splat(<f64>t * f64.EPSILON)
  const one = f64x2.splat(1)
  let bad = i64x2.splat(0)
  for (let k: u32 = 0; k < t; k++) {
    const at = rowStart(u, t, k)
    const diagonal = f64x2.mul(v128.load(at), lift)
    v128.store(at, diagonal)
    v128.store(inverse + ((<usize>k) << 4), f64x2.mul(diagonal, noise))
  }
  for (let k: u32 = 0; k < t; k++) {
    const row = rowStart(u, t, k)
    const pivot = v128.load(row)
    // Compared so that NaN fails; a zero diagonal fails too because the comparison is strict.
    const good = v128.and(
      f64x2.gt(pivot, v128.load(inverse + ((<usize>k) << 4))),
      f64x2.lt(pivot, f64x2.splat(Infinity)),
    )
    bad = v128.or(bad, v128.not(good))
    const scale = f64x2.div(one, f64x2.sqrt(v128.bitselect(pivot, one, good)))
    v128.store(inverse + ((<usize>k) << 4), scale)
    const end = row + ((<usize>(t - k)) << 4)
    for (let q = row; q < end; q += 16) v128.store(q, f64x2.mul(v128.load(q), scale))
    let below = end
    for (let p = row + 16; p < end; p += 16) {
      const factorI = v128.load(p)
      for (let q = p; q < end; q += 16) {
        v128.store(below, f64x2.sub(v128.load(below), f64x2.mul(factorI, v128.load(q))))
        below += 16
      }
    }
  }
  return bad
}

/** Solves U^T U x = b in place for the interleaved pair at `x`. */
function substitute(t: u32, u: usize, inverse: usize, x: usize): void {
  for (let k: u32 = 0; k < t; k++) {
    const y = f64x2.mul(v128.load(x + ((<usize>k) << 4)), v128.load(inverse + ((<usize>k) << 4)))
    v128.store(x + ((<usize>k) << 4), y)
    let at = rowStart(u, t, k) + 16
    for (let j = k + 1; j < t; j++) {
      const to = x + ((<usize>j) << 4)
      v128.store(to, f64x2.sub(v128.load(to), f64x2.mul(y, v128.load(at))))
      at += 16
    }
  }
  for (let k: i32 = <i32>t - 1; k >= 0; k--) {
    let sum = v128.load(x + ((<usize>k) << 4))
    let at = rowStart(u, t, k) + 16
    for (let j: u32 = k + 1; j < t; j++) {
      sum = f64x2.sub(sum, f64x2.mul(v128.load(at), v128.load(x + ((<usize>j) << 4))))
      at += 16
    }
    v128.store(x + ((<usize>k) << 4), f64x2.mul(sum, v128.load(inverse + ((<usize>k) << 4))))
  }
}

/** Replaces the factor U by its inverse V, from the last row up: V_ij = -(sum over i < k <= j of U_ik V_kj) / U_ii. */
function invertFactor(t: u32, u: usize, inverse: usize, sums: usize): void {
  const zero = f64x2.splat(0)
  for (let i: i32 = <i32>t - 1; i >= 0; i--) {
    const row = rowStart(u, t, i)
    for (let j: u32 = i + 1; j < t; j++) v128.store(sums + ((<usize>j) << 4), zero)
    for (let k: u32 = i + 1; k < t; k++) {
      const uik = v128.load(row + ((<usize>(k - i)) << 4))
      let at = rowStart(u, t, k)
      for (let j = k; j < t; j++) {
        const to = sums + ((<usize>j) << 4)
        v128.store(to, f64x2.add(v128.load(to), f64x2.mul(uik, v128.load(at))))
        at += 16
      }
    }
    const scale = v128.load(inverse + ((<usize>i) << 4))
    v128.store(row, scale)
    for (let j: u32 = i + 1; j < t; j++) {
      v128.store(row + ((<usize>(j - i)) << 4), f64x2.neg(f64x2.mul(scale, v128.load(sums + ((<usize>j) << 4)))))
    }
  }
}

/** Replaces V by the upper triangle of V V^T; element (i, j) needs only columns j and up, so rows go in place. */
function multiplyByTranspose(t: u32, v: usize): void {
  for (let i: u32 = 0; i < t; i++) {
    const rowI = rowStart(v, t, i)
    for (let j = i; j < t; j++) {
      let p = rowI + ((<usize>(j - i)) << 4)
      const to = p
      let q = rowStart(v, t, j)
      const end = q + ((<usize>(t - j)) << 4)
      let sum = f64x2.splat(0)
      for (; q < end; q += 16) {
        sum = f64x2.add(sum, f64x2.mul(v128.load(p), v128.load(q)))
        p += 16
      }
      v128.store(to, sum)
    }
  }
}

function putStatus(status: usize, first: u32, second: u32, bad: v128): void {
  store<u8>(status + second, <u8>(i64x2.extract_lane(bad, 1) & 1))
  store<u8>(status + first, <u8>(i64x2.extract_lane(bad, 0) & 1))
}

/** Solves `batch` systems; `work` has room for (t (t + 1) / 2 + 2 t) pairs of doubles. */
export function choleskySolve(
  batch: u32,
  t: u32,
  packed: usize,
  rhs: usize,
  out: usize,
  status: usize,
  jitter: f64,
  work: usize,
): void {
  const size = (t * (t + 1)) / 2
  const inverse = work + ((<usize>size) << 4)
  const x = inverse + ((<usize>t) << 4)
  for (let s: u32 = 0; s < batch; s += 2) {
    const other = min(s + 1, batch - 1)
    interleave(packed + ((<usize>(s * size)) << 3), packed + ((<usize>(other * size)) << 3), work, size)
    interleave(rhs + ((<usize>(s * t)) << 3), rhs + ((<usize>(other * t)) << 3), x, t)
    const bad = factor(t, work, inverse, jitter)
    substitute(t, work, inverse, x)
    separate(x, out + ((<usize>(s * t)) << 3), out + ((<usize>(other * t)) << 3), t, bad)
    putStatus(status, s, other, bad)
  }
}

/** Inverts `batch` matrices; `work` has room for (t (t + 1) / 2 + 2 t) pairs of doubles. */
export function choleskyInverse(
  batch: u32,
  t: u32,
  packed: usize,
  out: usize,
  status: usize,
  jitter: f64,
  work: usize,
): void {
  const size = (t * (t + 1)) / 2
  const inverse = work + ((<usize>size) << 4)
  const sums = inverse + ((<usize>t) << 4)
  for (let s: u32 = 0; s < batch; s += 2) {
    const other = min(s + 1, batch - 1)
    interleave(packed + ((<usize>(s * size)) << 3), packed + ((<usize>(other * size)) << 3), work, size)
    const bad = factor(t, work, inverse, jitter)
    invertFactor(t, work, inverse, sums)
    multiplyByTranspose(t, work)
    separate(work, out + ((<usize>(s * size)) << 3), out + ((<usize>(other * size)) << 3), size, bad)
    putStatus(status, s, other, bad)
  }
}
