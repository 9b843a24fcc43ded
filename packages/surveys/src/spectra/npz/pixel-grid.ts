import { detectGrid } from '@astrolabel/spectra'
import type { Medium, Segment, SpectraMeta } from '@astrolabel/spectra'

const SHORTEST_ARM = 16

/**
 * The grid of a row of pixels: linear or log10 when all of them lie on one, listed when chips with gaps follow one
 * another, segments when the wavelengths begin anew with an overlapping arm.
 *
 * @param values (nPix) Å. Within an arm they ascend.
 * @throws `wavelength/not-ascending` when they go back for a few pixels only.
 */
export function gridOfPixels(values: Float64Array, medium: Medium): Pick<SpectraMeta, 'wavelength' | 'segments'> {
  const bounds = armBounds(values)
  if (bounds.length === 2) return { wavelength: detectGrid(values, medium) }
  const segments = bounds.slice(1).map((end, i): Segment => {
    const start = bounds[i]!
    return { name: `arm${i + 1}`, start, end, wavelength: detectGrid(values.subarray(start, end), medium) }
  })
  return { wavelength: { kind: 'segmented', medium }, segments }
}

/** Where arms begin, and the end; a piece too short for an arm means unsorted pixels, which detectGrid then refuses. */
function armBounds(values: Float64Array): number[] {
  const bounds = [0]
  for (let i = 1; i < values.length; i++) if (values[i]! <= values[i - 1]!) bounds.push(i)
  bounds.push(values.length)
  const shortest = Math.min(...bounds.slice(1).map((end, i) => end - bounds[i]!))
  return shortest < SHORTEST_ARM ? [0, values.length] : bounds
}
