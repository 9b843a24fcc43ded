import { AstrolabelError, describeGrid, sameGrid } from '@astrolabel/spectra'
import type { SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'

/**
 * Make sure that the files of one survey share their pixels.
 *
 * @param first Name and metadata of the first file, `other` of another.
 * @throws `surveys/grids-differ`, naming both files and their grids.
 */
export function requireSamePixels(
  first: { name: string; meta: SpectraMeta },
  other: { name: string; meta: SpectraMeta },
): void {
  const a = piecesOf(first.meta)
  const b = piecesOf(other.meta)
  if (a.length === b.length && a.every((piece, i) => sameGrid(piece, b[i]!))) return
  const words = (pieces: readonly WavelengthGrid[]): string => pieces.map(describeGrid).join(' + ')
  throw new AstrolabelError('surveys/grids-differ', `${first.name} and ${other.name} have different wavelengths`, {
    got: words(b),
    expected: words(a),
    remedy: 'Read files of one grid at a time, or resample them to one first',
  })
}

function piecesOf(meta: SpectraMeta): WavelengthGrid[] {
  if (meta.wavelength.kind !== 'segmented') return [meta.wavelength]
  return (meta.segments ?? []).map((segment) => segment.wavelength)
}
