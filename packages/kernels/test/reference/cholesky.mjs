// Cholesky of one matrix at a time, lower factor in a square array.

/** Lower factor of the packed upper triangle at `offset`, in `l` (t x t); false if a pivot is not above rounding. */
function factor(t, packed, offset, jitter, l) {
  let at = offset
  for (let i = 0; i < t; i++) for (let j = i; j < t; j++) l[j * t + i] = packed[at++]
  for (let i = 0; i < t; i++) l[i * t + i] *= 1 + jitter
  for (let j = 0; j < t; j++) {
    const diagonal = l[j * t + j]
    let pivot = diagonal
    for (let k = 0; k < j; k++) pivot -= l[j * t + k] * l[j * t + k]
    if (!(pivot > diagonal * t * Number.EPSILON)) return false
    const root = Math.sqrt(pivot)
    l[j * t + j] = root
    for (let i = j + 1; i < t; i++) {
      let sum = l[i * t + j]
      for (let k = 0; k < j; k++) sum -= l[i * t + k] * l[j * t + k]
      l[i * t + j] = sum / root
    }
  }
  return true
}

function substitute(t, l, x) {
  for (let i = 0; i < t; i++) {
    let sum = x[i]
    for (let k = 0; k < i; k++) sum -= l[i * t + k] * x[k]
    x[i] = sum / l[i * t + i]
  }
  for (let i = t - 1; i >= 0; i--) {
    let sum = x[i]
    for (let k = i + 1; k < t; k++) sum -= l[k * t + i] * x[k]
    x[i] = sum / l[i * t + i]
  }
}

export function choleskySolvePacked(batch, t, packed, rhs, out, { jitter = 0 } = {}) {
  const status = new Uint8Array(batch)
  const l = new Float64Array(t * t)
  const x = new Float64Array(t)
  for (let s = 0; s < batch; s++) {
    const good = factor(t, packed, (s * t * (t + 1)) / 2, jitter, l)
    status[s] = good ? 0 : 1
    for (let i = 0; i < t; i++) x[i] = rhs[s * t + i]
    if (good) substitute(t, l, x)
    else x.fill(NaN)
    out.set(x, s * t)
  }
  return status
}

export function choleskyInversePacked(batch, t, packed, out) {
  const status = new Uint8Array(batch)
  const l = new Float64Array(t * t)
  const x = new Float64Array(t)
  for (let s = 0; s < batch; s++) {
    const offset = (s * t * (t + 1)) / 2
    const good = factor(t, packed, offset, 0, l)
    status[s] = good ? 0 : 1
    for (let j = 0; j < t; j++) {
      x.fill(0)
      x[j] = 1
      if (good) substitute(t, l, x)
      else x.fill(NaN)
      for (let i = 0; i <= j; i++) out[offset + i * t - (i * (i - 1)) / 2 + j - i] = x[i]
    }
  }
  return status
}
