import type { BandKernel } from './band-kernel.js'
import { KernelBuilder, continuedWave } from './band-kernel.js'
import { gaussLegendre } from './gauss-legendre.js'
import type { Profile } from './profiles.js'

/** Pixels on each side of a point that its flux is interpolated from: polynomials of order 7. */
const SIDE = 4
const TAPS = 2 * SIDE

/** Relative difference at which two steps of a grid, or two widths, are the same: rounding of wavelengths is below it. */
const SAME = 1e-7

/**
 * The operator that takes the mean of a spectrum over a profile around each pixel, ∫ density(x) f(λ_i + scale_i x) dx,
 * with f interpolated by polynomials of order 7 through the 8 nearest pixels and integrated from pixel to pixel. Right
 * for profiles narrower than a pixel and for any grid. Rows are computed once where all of them are alike: on a log grid
 * with a constant velocity, on a linear one with a constant width.
 *
 * @param wave (nPix) Å, ascending, without gaps.
 * @param scale (nPix) Å; 0 leaves a pixel as it is.
 * Cost: pixels × width in pixels × 32, or width × 32 where rows are alike.
 */
export function profileKernel(wave: Float64Array, scale: Float64Array, profile: Profile): BandKernel {
  const n = wave.length
  const rows = new ProfileRows(wave, scale, profile)
  const builder = new KernelBuilder(n, TAPS)
  if (rowsAlike(wave, scale)) {
    // The middle one has the most of the grid around it.
    const middle = n >> 1
    rows.addTo(builder, middle)
    for (let i = 0; i < n; i++) if (i !== middle) builder.repeat(i, middle)
  } else for (let i = 0; i < n; i++) rows.addTo(builder, i)
  return builder.done()
}

/** Computes rows of a {@link profileKernel}. */
export class ProfileRows {
  readonly #wave: Float64Array
  readonly #margin: number
  readonly #scale: Float64Array
  readonly #row: Float64Array
  readonly #taps = new Float64Array(TAPS)
  readonly #left = new Float64Array(TAPS)
  /** May be replaced between rows by one of the same range. */
  profile: Profile

  constructor(wave: Float64Array, scale: Float64Array, profile: Profile) {
    const reach = Math.max(Math.abs(profile.from), Math.abs(profile.to))
    this.#margin = Math.ceil(1.5 * reach * widestInPixels(wave, scale)) + TAPS
    this.#wave = continuedWave(wave, this.#margin)
    this.#scale = scale
    this.profile = profile
    this.#row = new Float64Array(this.#wave.length)
  }

  /** Add row i, one pixel of weight 1 where its scale is 0. */
  addTo(builder: KernelBuilder, i: number): void {
    const { from, to, breaks, angle, place, density } = this.profile
    const wave = this.#wave
    const row = this.#row
    const scale = this.#scale[i]!
    if (!(scale > 0)) {
      row[0] = 1
      builder.add(i, i, 1, row)
      return
    }
    const centre = i + this.#margin
    const origin = wave[centre]!
    const lowest = walk(wave, centre, origin + scale * from) - SIDE + 1
    const highest = walk(wave, centre, origin + scale * to) + SIDE
    row.fill(0, 0, highest - lowest + 1)
    const { points, weights } = gaussLegendre(this.#pointsFor(highest - lowest))
    let next = 0
    for (let x = from, k = lowest + SIDE - 1; x < to;) {
      while (next < breaks.length && breaks[next]! <= x) next++
      const pixel = (wave[k + 1]! - origin) / scale
      const end = Math.min(to, pixel, breaks[next] ?? to)
      this.#prepare(k)
      const [low, high] = [angle(x), angle(end)]
      for (let q = 0; q < points.length; q++) {
        const phi = (low + high + (high - low) * points[q]!) / 2
        this.#spread(origin + scale * place(phi), k - SIDE + 1, weights[q]! * (high - low) * density(phi), lowest)
      }
      x = end
      if (end === pixel) k++
    }
    builder.add(i, lowest - this.#margin, highest - lowest + 1, row)
  }

  /** Between pixels far closer than the profile is wide few points do. */
  #pointsFor(pixels: number): number {
    return pixels > 40 ? 4 : pixels > 16 ? Math.min(8, this.profile.points) : this.profile.points
  }

  /** One over the products of distances between the pixels around the gap k … k+1, in steps. */
  #prepare(k: number): void {
    const from = k - SIDE + 1
    const step = this.#wave[k + 1]! - this.#wave[k]!
    for (let a = 0; a < TAPS; a++) {
      let product = 1
      for (let b = 0; b < TAPS; b++) if (b !== a) product *= (this.#wave[from + a]! - this.#wave[from + b]!) / step
      this.#taps[a] = 1 / product
    }
  }

  /** Add to the row what the interpolated flux at x takes from each pixel: Lagrange's polynomials, without a division. */
  #spread(x: number, from: number, weight: number, lowest: number): void {
    const wave = this.#wave
    const taps = this.#taps
    const row = this.#row
    const left = this.#left
    const perStep = 1 / (wave[from + SIDE]! - wave[from + SIDE - 1]!)
    const at = from - lowest
    let product = weight
    for (let a = 0; a < TAPS; a++) {
      left[a] = product
      product *= (x - wave[from + a]!) * perStep
    }
    let right = 1
    for (let a = TAPS - 1; a >= 0; a--) {
      row[at + a]! += left[a]! * right * taps[a]!
      right *= (x - wave[from + a]!) * perStep
    }
  }
}

/** k with wave[k] ≤ x < wave[k+1], looked for from `k` on. */
function walk(wave: Float64Array, k: number, x: number): number {
  while (wave[k]! > x) k--
  while (wave[k + 1]! <= x) k++
  return k
}

/** Å between a pixel and the next, at each pixel. */
export function pixelSteps(wave: Float64Array): Float64Array {
  const n = wave.length
  if (n < 2) return new Float64Array(n).fill(1)
  return wave.map((_, i) => {
    const low = Math.max(0, i - 1)
    const high = Math.min(n - 1, i + 1)
    return (wave[high]! - wave[low]!) / (high - low)
  })
}

function widestInPixels(wave: Float64Array, scale: Float64Array): number {
  const steps = pixelSteps(wave)
  let widest = 0
  for (let i = 0; i < steps.length; i++) widest = Math.max(widest, scale[i]! / steps[i]!)
  return widest
}

/** True when every row is the first one, moved: scales and steps are all equal, or all in proportion to wavelength. */
export function rowsAlike(wave: Float64Array, scale: Float64Array): boolean {
  const n = wave.length
  if (n < 3) return false
  const step = wave[1]! - wave[0]!
  let linear = true
  let log = true
  for (let i = 1; i < n && (linear || log); i++) {
    const grown = wave[i]! / wave[0]!
    const here = wave[i]! - wave[i - 1]!
    const before = wave[i - 1]! / wave[0]!
    linear &&= near(here, step) && near(scale[i]!, scale[0]!)
    log &&= near(here, step * before) && near(scale[i]!, scale[0]! * grown)
  }
  return linear || log
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * Math.abs(b)
}
