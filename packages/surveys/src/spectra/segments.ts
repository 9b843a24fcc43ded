import { detectGrid } from '@astrolabel/spectra'
import type { Medium, Segment, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'

/** A step this many times the one beside it is a gap between chips, not a pixel. */
const GAP = 8

/**
 * The grid of a row of pixels: one linear or log10 grid when all pixels lie on it; when there are gaps between chips or
 * the wavelengths begin anew with another arm, the segments as well.
 *
 * @param values (nPix) Å. Within a segment they ascend.
 * @returns `wavelength` is `segmented` only where arms overlap; chips with gaps are listed and have their segments too.
 * @throws `wavelength/not-ascending` when a segment does not ascend.
 */
export function gridOfPixels(values: ArrayLike<number>, medium: Medium): Pick<SpectraMeta, 'wavelength' | 'segments'> {
  const bounds = segmentBounds(values)
  if (bounds.length === 2) return { wavelength: detectGrid(values, medium) }
  const wave = Float64Array.from(values)
  const grids = bounds.slice(1).map((end, i) => detectGrid(wave.subarray(bounds[i]!, end), medium))
  const segments = grids.map((wavelength, i): Segment => ({ name: segmentName(wavelength, i, grids.length), start: bounds[i]!, end: bounds[i + 1]!, wavelength }))
  const ascending = bounds.slice(1, -1).every((at) => wave[at]! > wave[at - 1]!)
  return { wavelength: ascending ? { kind: 'explicit', values: [...wave], medium } : { kind: 'segmented', medium }, segments }
}

/** Where segments begin, and the end. Pieces too short to be a chip mean a list of chosen pixels: one segment then. */
function segmentBounds(values: ArrayLike<number>): number[] {
  const n = values.length
  const bounds = [0]
  for (let i = 1; i < n; i++) {
    const step = values[i]! - values[i - 1]!
    const before = i > 1 ? values[i - 1]! - values[i - 2]! : Infinity
    const after = i + 1 < n ? values[i + 1]! - values[i]! : Infinity
    if (step <= 0 || step > GAP * Math.min(Math.abs(before), Math.abs(after))) bounds.push(i)
  }
  bounds.push(n)
  const shortest = Math.min(...bounds.slice(1).map((end, i) => end - bounds[i]!))
  const overlap = bounds.slice(1, -1).some((at) => values[at]! <= values[at - 1]!)
  return shortest < 16 && !overlap ? [0, n] : bounds
}

/** APOGEE's chips by their colours, other segments by number. */
function segmentName(grid: WavelengthGrid, i: number, count: number): string {
  const first = grid.kind === 'explicit' ? grid.values[0]! : grid.kind === 'linear' ? grid.start : 10 ** grid.start
  return count === 3 && first > 15_000 && first < 17_000 ? ['blue', 'green', 'red'][i]! : `segment${i + 1}`
}
