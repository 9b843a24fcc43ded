import type { Segment, Spectra, SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, detectGrid, pixelWavelengths, withHistory } from '@astrolabel/spectra'
import type { AverageArmsOptions } from './average-arms.js'
import { averageArms } from './average-arms.js'
import type { Piece } from '../pixels/pieces.js'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { requireCommonGrid } from '../pixels/row-operation.js'
import { takePixels } from './take-pixels.js'

/** Pixels to drop at the ends of one arm. */
export interface SegmentTrim {
  readonly segment: string
  /** Pixels dropped at its start; default 0. */
  readonly start?: number
  /** Pixels dropped at its end; default 0. */
  readonly end?: number
}

/** Options of {@link stitchSegments}. */
export interface StitchOptions extends AverageArmsOptions {
  /** What becomes of overlaps: `trim` (default) drops one side of them, `ivar` averages with weights ivar. */
  readonly overlap?: 'trim' | 'ivar'
  /** Of `trim`. Default: {@link desiTrims}, of which each applies where there is an arm of that name. */
  readonly trims?: readonly SegmentTrim[]
  /** Of `trim`: how far a joint may be from one step of the grid, in steps; default 0.01. */
  readonly tolerance?: number
}

/**
 * What makes the arms of DESI (3600–5800, 5760–7620, 7520–9824 Å by 0.8 Å) one grid of 7781 pixels without a seam:
 * B ends at 5780.0 Å and R begins at 5780.8, R ends at 7569.6 and Z begins at 7570.4.
 */
export const desiTrims: readonly SegmentTrim[] = [
  { segment: 'B', start: 0, end: 25 },
  { segment: 'R', start: 26, end: 63 },
  { segment: 'Z', start: 63, end: 0 },
]

/** Options that one way of stitching has and the other lacks. */
const TRIM_OPTIONS = ['trims', 'tolerance'] as const
const AVERAGE_OPTIONS = ['wavelength', 'matchFlux', 'kind', 'lobes', 'maxBad'] as const

/**
 * Put the arms together to one spectrum on one grid: drop their overlapping ends, or average them ({@link averageArms}).
 *
 * To trim, arms are taken in order of wavelength; each joint must be one grid step wide, which is checked rather than trusted.
 *
 * @throws `preprocess/seam` when a joint leaves a gap or an overlap, `preprocess/no-segments` for spectra on one grid,
 * `preprocess/unknown-segment` and `preprocess/trim` for trims that do not fit the arms, `preprocess/arms-differ` for an
 * average of arms on several lattices, `preprocess/option` for options of the other way.
 */
export function stitchSegments(spectra: Spectra, options: StitchOptions = {}, run: StepRunOptions = {}): Spectra {
  requireCommonGrid(spectra, 'stitch')
  const segments = spectra.meta.segments
  if (spectra.meta.wavelength.kind !== 'segmented' || segments === undefined || segments.length === 0) {
    throw new AstrolabelError('preprocess/no-segments', 'There are no arms to stitch', {
      got: `spectra on one ${spectra.meta.wavelength.kind} grid`,
      expected: 'spectra in segments',
      remedy: 'Leave the stitch step out',
    })
  }
  const overlap = options.overlap ?? 'trim'
  const other = (overlap === 'ivar' ? TRIM_OPTIONS : AVERAGE_OPTIONS).find((name) => options[name] !== undefined)
  if (other !== undefined) {
    throw new AstrolabelError('preprocess/option', `The option ${other} does not go with overlap ${overlap}`, {
      got: `overlap ${overlap}`,
      expected: overlap === 'ivar' ? 'overlap trim' : 'overlap ivar',
    })
  }
  if (overlap === 'ivar') return averageArms(spectra, options, run)
  const tolerance = options.tolerance ?? 0.01
  const trims = options.trims ?? desiTrims
  if (options.trims !== undefined) requireSegments(trims, segments)
  const wave = pixelWavelengths(spectra.meta)
  const arms = segments
    .map((segment) => ({ name: segment.name, ...trimmed(segment, trims) }))
    .sort((a, b) => wave[a.start]! - wave[b.start]!)
  for (let k = 1; k < arms.length; k++) checkSeam(wave, arms[k - 1]!, arms[k]!, tolerance)
  const joined = arms.flatMap(({ start, end }) => Array.from(wave.subarray(start, end)))
  const { segments: _, ...rest } = spectra.meta
  const meta: SpectraMeta = { ...rest, wavelength: detectGrid(joined, spectra.meta.wavelength.medium) }
  return takePixels(spectra, arms, withHistory(meta, 'stitch', { trims, tolerance }))
}

function requireSegments(trims: readonly SegmentTrim[], segments: readonly Segment[]): void {
  for (const trim of trims) {
    if (segments.some(({ name }) => sameName(name, trim.segment))) continue
    throw new AstrolabelError('preprocess/unknown-segment', 'A trim names an arm that is not there', {
      got: trim.segment,
      expected: segments.map(({ name }) => name),
    })
  }
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function trimmed(segment: Segment, trims: readonly SegmentTrim[]): Piece {
  const trim = trims.find((candidate) => sameName(candidate.segment, segment.name))
  const start = segment.start + (trim?.start ?? 0)
  const end = segment.end - (trim?.end ?? 0)
  if (start < end) return { start, end }
  throw new AstrolabelError('preprocess/trim', `The trims leave no pixel of arm ${segment.name}`, {
    got: `${trim?.start ?? 0} + ${trim?.end ?? 0} pixels`,
    expected: `fewer than ${segment.end - segment.start}`,
  })
}

function checkSeam(
  wave: Float64Array,
  left: Piece & { name: string },
  right: Piece & { name: string },
  tolerance: number,
): void {
  const last = wave[left.end - 1]!
  const first = wave[right.start]!
  const inside = [
    left.end - left.start > 1 ? last - wave[left.end - 2]! : 0,
    right.end - right.start > 1 ? wave[right.start + 1]! - first : 0,
  ]
  const step = Math.max(...inside)
  const gap = first - last
  // A log grid widens from the left arm's last step to the right arm's first one: the joint lies between them.
  if (gap >= Math.min(...inside.filter((s) => s > 0)) - tolerance * step && gap <= step + tolerance * step) return
  const pixels = (gap - step) / step
  throw new AstrolabelError('preprocess/seam', `Arms ${left.name} and ${right.name} do not join`, {
    got: `${left.name} ends at ${angstrom(last)} Å and ${right.name} begins at ${angstrom(first)} Å, a gap of ${angstrom(gap)} Å`,
    expected: `one step of ${angstrom(step)} Å`,
    remedy:
      pixels < 0
        ? `They overlap: trim ${Math.round(-pixels)} pixels more`
        : `Pixels are missing between them: trim ${Math.round(pixels)} pixels fewer, or use a resample step instead`,
  })
}

function angstrom(value: number): string {
  return String(Math.round(value * 1e4) / 1e4)
}
