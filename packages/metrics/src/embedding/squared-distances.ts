import type { Points } from './check-points.js'

/** Rows that one pass over the points takes at once: their values stay in registers. */
const ROWS = 4

/** Squared Euclidean distances from a few rows at a time to all points, from scalar products in double precision. */
export class SquaredDistances {
  readonly #points: Float64Array
  readonly #norms: Float64Array
  readonly #n: number
  readonly #width: number

  constructor({ n, width, values }: Points) {
    this.#n = n
    this.#width = width
    this.#points = centred(values, n, width)
    this.#norms = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let d = i * width; d < (i + 1) * width; d++) sum += this.#points[d] ** 2
      this.#norms[i] = sum
    }
  }

  /**
   * Distances of points `from` … `from + 3` (or as many as there are) to points `first` … n − 1.
   *
   * @param out (4 × n) row by row; entry j of a row is the distance to point j.
   * @returns how many rows were filled.
   */
  rows(from: number, first: number, out: Float64Array): number {
    const n = this.#n
    const width = this.#width
    const x = this.#points
    const norms = this.#norms
    const count = Math.min(ROWS, n - from)
    const a = from * width
    // Past the last point the rows repeat it, so that the loop below needs no branch.
    const b = Math.min(from + 1, n - 1) * width
    const c = Math.min(from + 2, n - 1) * width
    const e = Math.min(from + 3, n - 1) * width
    for (let j = first; j < n; j++) {
      let p = 0
      let q = 0
      let r = 0
      let s = 0
      const at = j * width
      for (let d = 0; d < width; d++) {
        const value = x[at + d]
        p += x[a + d] * value
        q += x[b + d] * value
        r += x[c + d] * value
        s += x[e + d] * value
      }
      const norm = norms[j]
      out[j] = Math.max(0, norms[from] + norm - 2 * p)
      if (count > 1) out[n + j] = Math.max(0, norms[from + 1] + norm - 2 * q)
      if (count > 2) out[2 * n + j] = Math.max(0, norms[from + 2] + norm - 2 * r)
      if (count > 3) out[3 * n + j] = Math.max(0, norms[from + 3] + norm - 2 * s)
    }
    return count
  }

  /** Room for what {@link rows} gives. */
  room(): Float64Array {
    return new Float64Array(ROWS * this.#n)
  }
}

/** About their mean, where norms and products are smallest and lose the fewest digits in their difference. */
function centred(values: Float32Array | Float64Array, n: number, width: number): Float64Array {
  const out = Float64Array.from(values)
  for (let d = 0; d < width; d++) {
    let mean = 0
    for (let i = 0; i < n; i++) mean += out[i * width + d]
    mean /= n
    for (let i = 0; i < n; i++) out[i * width + d] -= mean
  }
  return out
}
