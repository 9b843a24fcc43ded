/**
 * Complex Fourier transforms of one size, in place, for correlations: {@link Fourier.forward} leaves the frequencies in
 * bit-reversed order and {@link Fourier.inverse} takes them so, which spares both permutations. Radix 4, with one stage
 * of radix 2 for odd powers of 2.
 */
export class Fourier {
  readonly size: number
  /** Place of frequency -k for the place of frequency k. */
  readonly mirror: Int32Array
  readonly #cos: Float64Array
  readonly #sin: Float64Array

  /** @param size a power of 2. */
  constructor(size: number) {
    this.size = size
    this.#cos = new Float64Array(size)
    this.#sin = new Float64Array(size)
    for (let k = 0; k < size; k++) {
      this.#cos[k] = Math.cos((2 * Math.PI * k) / size)
      this.#sin[k] = Math.sin((2 * Math.PI * k) / size)
    }
    const bits = Math.log2(size)
    const reversed = new Int32Array(size)
    for (let k = 1; k < size; k++) reversed[k] = (reversed[k >> 1]! >> 1) | ((k & 1) << (bits - 1))
    this.mirror = Int32Array.from(reversed, (k) => reversed[(size - k) % size]!)
  }

  /** X_k = Σ x_j e^(-2πi jk/n); (n) real and imaginary parts, replaced. Cost n log n. */
  forward(re: Float64Array, im: Float64Array): void {
    const n = this.size
    const cos = this.#cos
    const sin = this.#sin
    let length = n
    for (; length >= 4; length >>= 2) {
      const q = length >> 2
      const stride = n / length
      for (let block = 0; block < n; block += length) {
        for (let j = 0, at = 0; j < q; j++, at += stride) {
          const p0 = block + j
          const p1 = p0 + q
          const p2 = p1 + q
          const p3 = p2 + q
          const t0r = re[p0]! + re[p2]!
          const t0i = im[p0]! + im[p2]!
          const t1r = re[p0]! - re[p2]!
          const t1i = im[p0]! - im[p2]!
          const t2r = re[p1]! + re[p3]!
          const t2i = im[p1]! + im[p3]!
          const t3r = im[p1]! - im[p3]!
          const t3i = re[p3]! - re[p1]!
          re[p0] = t0r + t2r
          im[p0] = t0i + t2i
          const c1 = cos[at]!
          const s1 = sin[at]!
          const c2 = cos[2 * at]!
          const s2 = sin[2 * at]!
          const c3 = cos[3 * at]!
          const s3 = sin[3 * at]!
          const ur = t0r - t2r
          const ui = t0i - t2i
          re[p1] = ur * c2 + ui * s2
          im[p1] = ui * c2 - ur * s2
          const vr = t1r + t3r
          const vi = t1i + t3i
          re[p2] = vr * c1 + vi * s1
          im[p2] = vi * c1 - vr * s1
          const wr = t1r - t3r
          const wi = t1i - t3i
          re[p3] = wr * c3 + wi * s3
          im[p3] = wi * c3 - wr * s3
        }
      }
    }
    if (length === 2) pairs(re, im, n)
  }

  /** n times the inverse of {@link forward}, in place. */
  inverse(re: Float64Array, im: Float64Array): void {
    const n = this.size
    const cos = this.#cos
    const sin = this.#sin
    const odd = Math.log2(n) % 2 === 1
    if (odd) pairs(re, im, n)
    for (let length = odd ? 8 : 4; length <= n; length <<= 2) {
      const q = length >> 2
      const stride = n / length
      for (let block = 0; block < n; block += length) {
        for (let j = 0, at = 0; j < q; j++, at += stride) {
          const p0 = block + j
          const p1 = p0 + q
          const p2 = p1 + q
          const p3 = p2 + q
          const c1 = cos[at]!
          const s1 = sin[at]!
          const c2 = cos[2 * at]!
          const s2 = sin[2 * at]!
          const c3 = cos[3 * at]!
          const s3 = sin[3 * at]!
          const b1r = re[p1]! * c2 - im[p1]! * s2
          const b1i = im[p1]! * c2 + re[p1]! * s2
          const b2r = re[p2]! * c1 - im[p2]! * s1
          const b2i = im[p2]! * c1 + re[p2]! * s1
          const b3r = re[p3]! * c3 - im[p3]! * s3
          const b3i = im[p3]! * c3 + re[p3]! * s3
          const t0r = re[p0]! + b1r
          const t0i = im[p0]! + b1i
          const t2r = re[p0]! - b1r
          const t2i = im[p0]! - b1i
          const t1r = b2r + b3r
          const t1i = b2i + b3i
          const t3r = b3i - b2i
          const t3i = b2r - b3r
          re[p0] = t0r + t1r
          im[p0] = t0i + t1i
          re[p2] = t0r - t1r
          im[p2] = t0i - t1i
          re[p1] = t2r + t3r
          im[p1] = t2i + t3i
          re[p3] = t2r - t3r
          im[p3] = t2i - t3i
        }
      }
    }
  }
}

function pairs(re: Float64Array, im: Float64Array, n: number): void {
  for (let p = 0; p < n; p += 2) {
    const r = re[p + 1]!
    const i = im[p + 1]!
    re[p + 1] = re[p]! - r
    im[p + 1] = im[p]! - i
    re[p]! += r
    im[p]! += i
  }
}

/** The smallest power of 2 that is not below `n`. */
export function powerOfTwo(n: number): number {
  let size = 1
  while (size < n) size *= 2
  return size
}
