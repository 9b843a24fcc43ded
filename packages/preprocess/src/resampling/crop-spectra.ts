import type { Segment, Spectra, SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, gridLength, pixelWavelengths, sliceGrid, withHistory } from '@astrolabel/spectra'
import { takePixels } from './take-pixels.js'
import { requireCommonGrid } from '../pixels/row-operation.js'
import type { Piece } from '../pixels/pieces.js'

/** Options of {@link cropSpectra}. */
export interface CropOptions {
  /** Å; pixels below are dropped. Default: the first pixel. */
  readonly from?: number
  /** Å; pixels above are dropped. Default: the last pixel. */
  readonly to?: number
}

/**
 * Keep the pixels from … to Å, both included, of every arm; an arm without any is dropped.
 *
 * @throws `preprocess/nothing-left` when no pixel lies between them.
 */
export function cropSpectra(spectra: Spectra, options: CropOptions = {}): Spectra {
  requireCommonGrid(spectra, 'crop')
  const wave = pixelWavelengths(spectra.meta)
  const from = options.from ?? Number.NEGATIVE_INFINITY
  const to = options.to ?? Number.POSITIVE_INFINITY
  const keep: Piece[] = []
  const segments: Segment[] = []
  let at = 0
  for (const segment of armsOf(spectra.meta)) {
    let start = segment.start
    let end = segment.end
    while (start < end && wave[start]! < from) start++
    while (end > start && wave[end - 1]! > to) end--
    if (start === end) continue
    keep.push({ start, end })
    segments.push({
      name: segment.name,
      start: at,
      end: at + end - start,
      wavelength: sliceGrid(segment.wavelength, start - segment.start, end - segment.start),
    })
    at += end - start
  }
  if (at === 0) {
    throw new AstrolabelError('preprocess/nothing-left', 'The crop leaves no pixel', {
      got: `${options.from ?? 'the start'} to ${options.to ?? 'the end'} Å`,
      expected: wave.length === 0 ? 'spectra with pixels' : `a part of ${wave[0]}–${wave[wave.length - 1]} Å`,
    })
  }
  const segmented = spectra.meta.wavelength.kind === 'segmented'
  const meta: SpectraMeta = segmented
    ? { ...spectra.meta, segments }
    : { ...spectra.meta, wavelength: segments[0]!.wavelength }
  return takePixels(spectra, keep, withHistory(meta, 'crop', { ...options }))
}

function armsOf(meta: SpectraMeta): readonly Segment[] {
  if (meta.wavelength.kind === 'segmented') return meta.segments ?? []
  return [{ name: 'all', start: 0, end: gridLength(meta.wavelength), wavelength: meta.wavelength }]
}
