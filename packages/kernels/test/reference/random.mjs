/** Seeded uniform numbers in [0, 1) (mulberry32), for inputs that are the same in every run. */
export function randomStream(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** An array of `Type` with `length` uniform numbers in [-1, 1). */
export function randomArray(Type, length, seed) {
  const next = randomStream(seed)
  return Type.from({ length }, () => 2 * next() - 1)
}

/** `batch` packed upper triangles of B B^T + I with random B (t x t): positive definite, condition around t. */
export function randomPositiveDefinite(batch, t, seed) {
  const next = randomStream(seed)
  const packed = new Float64Array((batch * t * (t + 1)) / 2)
  const b = new Float64Array(t * t)
  let at = 0
  for (let s = 0; s < batch; s++) {
    for (let e = 0; e < t * t; e++) b[e] = 2 * next() - 1
    for (let i = 0; i < t; i++) {
      for (let j = i; j < t; j++) {
        let sum = i === j ? 1 : 0
        for (let k = 0; k < t; k++) sum += b[i * t + k] * b[j * t + k]
        packed[at++] = sum
      }
    }
  }
  return packed
}
