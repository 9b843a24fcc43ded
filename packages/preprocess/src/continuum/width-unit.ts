import { checkOption } from './piecewise-polynomial.js'
import { SPEED_OF_LIGHT } from '../pixels/speed-of-light.js'

/** What widths along a spectrum are counted in. */
export type WidthUnit = 'pixel' | 'angstrom' | 'km/s'

/**
 * Where pixels lie, in a unit in which widths are the same all along.
 *
 * @param wave (nPix) Å.
 * @returns (nPix) pixel numbers, Å, or c ln λ in km/s.
 */
export function pixelCoordinate(wave: Float64Array, unit: WidthUnit): Float64Array {
  if (unit === 'pixel') return wave.map((_, i) => i)
  return unit === 'angstrom' ? wave.slice() : wave.map((w) => SPEED_OF_LIGHT * Math.log(w))
}

/** @throws `preprocess/option` for a width that is not a positive number. */
export function checkWidth(name: string, width: number): void {
  checkOption(Number.isFinite(width) && width > 0, name, width, 'a positive number')
}
