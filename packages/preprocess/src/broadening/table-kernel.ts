import { AstrolabelError } from '@astrolabel/spectra'
import type { BandKernel } from './band-kernel.js'
import { KernelBuilder } from './band-kernel.js'
import { ProfileRows } from './profile-kernel.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'

/** A line spread measured at some wavelengths, as plain JSON. */
export interface KernelTable {
  /** Å, ascending: where the kernels hold. Between them kernels are mixed, beyond them the end one holds. */
  readonly wave: readonly number[]
  /** Where each kernel is given, ascending, in Å; a positive one is where light of the line lands redwards of it. */
  readonly offset?: readonly number[]
  /** The same in km/s, in place of `offset`. */
  readonly velocity?: readonly number[]
  /** One for each wavelength: values at the offsets, of any scale; between them lines are drawn, beyond them is 0. */
  readonly kernels: readonly (readonly number[])[]
}

/** Of Gauss and Legendre between two entries: the kernel is a line there, the flux a polynomial of order 7. */
const POINTS = 5

/**
 * The operator of a tabulated line spread, which may be asymmetric and change with wavelength.
 *
 * @param wave (nPix) Å, ascending, without gaps.
 * @throws `preprocess/option` for a table that does not fit together.
 * Cost: pixels × width of the kernel × 32.
 */
export function tableKernel(wave: Float64Array, table: KernelTable): BandKernel {
  const places = checkTable(table)
  const scale =
    table.velocity === undefined ? new Float64Array(wave.length).fill(1) : wave.map((w) => w / SPEED_OF_LIGHT)
  const kernels = table.kernels.map((kernel) => unitArea(kernel, places))
  // What lands at a pixel comes from the other side of it.
  const breaks = places.map((place) => -place).reverse()
  const values = new Float64Array(places.length)
  const last = values.length - 1
  const density = (x: number): number => {
    let q = 0
    while (q < last - 1 && breaks[q + 1]! <= x) q++
    const t = (x - breaks[q]!) / (breaks[q + 1]! - breaks[q]!)
    return values[q]! * (1 - t) + values[q + 1]! * t
  }
  const itself = (x: number): number => x
  const rows = new ProfileRows(wave, scale, {
    from: breaks[0]!,
    to: breaks[last]!,
    breaks,
    angle: itself,
    place: itself,
    density,
    points: POINTS,
  })
  const builder = new KernelBuilder(wave.length, 16)
  let k = 0
  for (let i = 0; i < wave.length; i++) {
    while (k < table.wave.length - 2 && table.wave[k + 1]! <= wave[i]!) k++
    const [low, high] = [kernels[k]!, kernels[Math.min(k + 1, kernels.length - 1)]!]
    const gap = table.wave.length > 1 ? table.wave[k + 1]! - table.wave[k]! : 1
    const t = Math.min(1, Math.max(0, (wave[i]! - table.wave[k]!) / gap))
    for (let q = 0; q <= last; q++) values[last - q] = low[q]! * (1 - t) + high[q]! * t
    rows.addTo(builder, i)
  }
  return builder.done()
}

function checkTable({ wave, offset, velocity, kernels }: KernelTable): readonly number[] {
  const places = offset ?? velocity ?? []
  const ascending = (values: readonly number[]): boolean => values.every((x, i) => i === 0 || x > values[i - 1]!)
  const fault =
    (offset === undefined) === (velocity === undefined)
      ? 'either offset or velocity is given'
      : places.length < 2 || !ascending(places)
        ? 'offsets ascend, two or more of them'
        : wave.length === 0 || !ascending(wave) || wave.length !== kernels.length
          ? 'wavelengths ascend, one for each kernel'
          : kernels.some((kernel) => kernel.length !== places.length)
            ? 'each kernel has one value an offset'
            : kernels.some((kernel) => !(kernel.reduce((sum, value) => sum + value, 0) > 0))
              ? 'each kernel has a positive sum'
              : undefined
  if (fault === undefined) return places
  throw new AstrolabelError('preprocess/option', 'The table of kernels does not fit together', {
    got: `${wave.length} wavelengths, ${places.length} offsets, ${kernels.length} kernels`,
    expected: fault,
  })
}

/** Values in proportion, so that the area under the lines between them is 1. */
function unitArea(values: readonly number[], places: readonly number[]): Float64Array {
  let area = 0
  for (let q = 1; q < values.length; q++) area += ((values[q]! + values[q - 1]!) * (places[q]! - places[q - 1]!)) / 2
  return Float64Array.from(values, (value) => value / area)
}
