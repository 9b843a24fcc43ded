import { KernelError, envelopePiece, envelopeRows } from '@astrolabel/kernels'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const grid = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => 4000 + 1.5 * i)
const everyPixel = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i)

/** Values of Σ c_k T_k at the pixels of a grid. */
function polynomial(wave: Float64Array, coefficients: readonly number[]): Float64Array {
  const span = wave.at(-1)! - wave[0]!
  return wave.map((w) => {
    const angle = Math.acos(Math.min(1, Math.max(-1, (2 * (w - wave[0]!)) / span - 1)))
    return coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * angle), 0)
  })
}

function fit(
  flux: Float32Array,
  ivar: Float32Array,
  order: number,
  options: {
    iterations?: number
    below?: number
    clip?: [number, number]
    chosen?: Uint32Array
    uniform?: boolean
  } = {},
): Float32Array {
  const n = flux.length
  const out = new Float32Array(n)
  const { chosen = everyPixel(n), ...rest } = options
  envelopeRows(1, n, flux, ivar, envelopePiece(0, grid(n), chosen, order), { iterations: 0, ...rest }, out)
  return out
}

describe('envelopeRows', () => {
  it('gives a polynomial back, whatever the weights, for every order and odd numbers of pixels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 40, max: 61 }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 13, maxLength: 13 }),
        fc.integer({ min: 1, max: 7 }),
        (order, n, c, period) => {
          const truth = polynomial(grid(n), c.slice(0, order + 1))
          const ivar = Float32Array.from({ length: n }, (_, i) => (i % 9 === 8 ? 0 : 1 + (i % period)))
          const flux = Float32Array.from(truth)
          for (let i = 8; i < n; i += 9) flux[i] = i % 2 === 0 ? 1e6 : Number.NaN
          const out = fit(flux, ivar, order)
          for (let i = 0; i < n; i++) expect(out[i]).toBeCloseTo(truth[i]!, 4)
        },
      ),
    )
  })

  it('is weighted least squares: residuals are orthogonal to every polynomial', () => {
    const n = 101
    const flux = Float32Array.from({ length: n }, (_, i) => 2 + Math.sin(i * 0.7) + 0.01 * i)
    const ivar = Float32Array.from({ length: n }, (_, i) => 1 + (i % 5))
    const out = fit(flux, ivar, 4)
    for (let k = 0; k <= 4; k++) {
      const basis = polynomial(grid(n), [...Array.from({ length: k }, () => 0), 1])
      const sum = basis.reduce((total, b, i) => total + ivar[i]! * (flux[i]! - out[i]!) * b, 0)
      expect(Math.abs(sum)).toBeLessThan(1e-4)
    }
  })

  it('weighs all pixels alike when asked, and fits only the chosen', () => {
    const n = 50
    const flux = Float32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : 3))
    const ivar = Float32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : 3))
    expect(fit(flux, ivar, 0)[0]).toBeCloseTo(2.5, 6)
    expect(fit(flux, ivar, 0, { uniform: true })[0]).toBeCloseTo(2, 6)
    expect(fit(flux, ivar, 0, { chosen: everyPixel(n).filter((i) => i % 2 === 0) })[0]).toBeCloseTo(1, 6)
  })

  it('rises to the envelope by weights below the fit and by clipping', () => {
    const n = 400
    const flux = Float32Array.from({ length: n }, (_, i) => (i % 10 < 2 ? 0.4 : 1 + 0.001 * Math.cos(i)))
    const ivar = new Float32Array(n).fill(1)
    const middle = (values: Float32Array): number => values[n / 2]!
    expect(middle(fit(flux, ivar, 1))).toBeLessThan(0.9)
    expect(middle(fit(flux, ivar, 1, { iterations: 6, below: 0.02 }))).toBeGreaterThan(0.98)
    expect(middle(fit(flux, ivar, 1, { iterations: 6, clip: [-1.5, 3] }))).toBeCloseTo(1, 2)
  })

  it('leaves 0 in a row without more good pixels than coefficients, and does not mind its neighbours', () => {
    const n = 30
    const flux = new Float32Array(2 * n).fill(5)
    const ivar = new Float32Array(2 * n).fill(1)
    ivar.fill(0, 3, n)
    const out = new Float32Array(2 * n)
    envelopeRows(2, n, flux, ivar, envelopePiece(0, grid(n), everyPixel(n), 3), { iterations: 2 }, out)
    expect(out.subarray(0, n).every((value) => value === 0)).toBe(true)
    expect(out.subarray(n).every((value) => Math.abs(value - 5) < 1e-5)).toBe(true)
  })

  it('fits a piece of wider rows and leaves the rest of them alone', () => {
    const width = 40
    const wave = grid(width)
    const flux = Float32Array.from({ length: 2 * width }, (_, i) => 1 + (i % width) + 10 * Math.floor(i / width))
    const ivar = new Float32Array(2 * width).fill(1)
    const chosen = Uint32Array.of(11, 12, 17, 20, 25)
    const out = new Float32Array(2 * width).fill(-1)
    envelopeRows(2, width, flux, ivar, envelopePiece(10, wave.subarray(10, 29), chosen, 1), { iterations: 0 }, out)
    out.forEach((value, i) => {
      const pixel = i % width
      expect(value).toBeCloseTo(pixel >= 10 && pixel < 29 ? flux[i]! : -1, 4)
    })
  })

  it('refuses an order out of range, a pixel that is not there and rows of another width', () => {
    const n = 10
    const one = new Float32Array(n).fill(1)
    expect(() => envelopePiece(0, grid(n), everyPixel(n), 31)).toThrow(KernelError)
    expect(() => fit(one, one, 2, { chosen: Uint32Array.of(10) })).toThrow('ascending pixels from 0 to 9')
    expect(() => fit(one, one, 2, { chosen: Uint32Array.of(3, 3) })).toThrow('ascending')
    const piece = envelopePiece(0, grid(n), everyPixel(n), 2)
    const wrong = (): void => envelopeRows(1, n + 1, one, one, piece, { iterations: 0 }, new Float32Array(n))
    expect(wrong).toThrow('flux')
  })
})
