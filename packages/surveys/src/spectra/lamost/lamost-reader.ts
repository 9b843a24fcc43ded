import { openFits } from '@astrolabel/io-fits'
import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Segment, SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { numbersColumn } from '../../catalog/value-columns.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource } from '../../ingest.js'
import { LAMOST_PIXMASK } from '../../masks/lamost.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { lamostExposures } from './lamost-exposures.js'
import { coaddArms, lamostFile, lamostObject } from './lamost-file.js'
import type { LamostFile, LamostReadOptions } from './lamost-file.js'
import { LAMOST_ROWS, firstPixel, stretchGrid } from './lamost-lattice.js'
import type { LamostStretch } from './lamost-lattice.js'
import { batchStars } from '../star-rows.js'
import type { StarRow } from '../star-rows.js'
import { refuseOther } from '../telescope.js'
import { VERSION } from '../../version.js'

/** Rows of up to 8450 pixels: a batch of so many takes 26 MB. */
const BATCH_ROWS = 256

/**
 * Reads LAMOST: low resolution (spec-*.fits, 3690–9100 Å) and medium resolution (med-*.fits, arms B and R as segments),
 * every layout released; relative flux, vacuum wavelengths, corrected for the motion of the Earth as the header says.
 * OBSID identifies a spectrum.
 *
 * Coadds lie on a lattice, 10 ** (i / 10 000) Å and 10 ** (i / 100 000) Å, with different ends: they are padded with
 * ivar 0 to a fixed stretch of it, the same whatever files are read; pixels beyond, of which none is known, are left out
 * with the warning `surveys/pixels-cut`. An arm that a star lacks is bad. With `exposures` each exposure of medium
 * resolution is a row with wavelengths of its own. Files of several releases get the warning `surveys/releases-differ`.
 *
 * @throws `surveys/other-survey` for files of SDSS, `surveys/kinds-differ` for files of both resolutions, frames or media, and what reading one file throws.
 */
export const lamostReader: SurveyReader<readonly FileSource[], LamostReadOptions> = {
  survey: 'lamost',
  async *read(sources, options) {
    const step = batchRowsOf({ batchRows: options.batchRows ?? BATCH_ROWS })
    const exposures = options.exposures === true
    let first: { lamost: LamostFile; meta: SpectraMeta } | undefined
    let otherRelease = false
    const rows = eachFile(sources, options, async function* (bytes, source) {
      const lamost = await open(bytes, source, options)
      if (first !== undefined) requireSameKind(first.lamost, lamost)
      if (first !== undefined && first.lamost.release !== lamost.release && !otherRelease) {
        otherRelease = true
        options.onWarning?.({
          code: 'surveys/releases-differ',
          source: source.name,
          message: `${source.name} is of ${lamost.release || 'an unknown release'} and ${first.lamost.source} of ${first.lamost.release || 'an unknown one'}; all are called by the first`,
        })
      }
      if (!exposures) {
        const row = await coaddRow(lamost, options)
        first ??= { lamost, meta: { ...coaddGrid(lamost), ...commonMeta(lamost) } }
        yield row
        return
      }
      for (const { arms, row } of await lamostExposures(lamost, options)) {
        const segments = segmentsOf(arms, row.wave!, lamost)
        first ??= {
          lamost,
          meta: { wavelength: { kind: 'segmented', medium: lamost.medium }, segments, ...commonMeta(lamost) },
        }
        requireSameLengths(first, segments, source.name)
        yield row
      }
    })
    const choices: Record<string, string> = exposures
      ? { spectra: 'exposures' }
      : { spectra: 'coadds', mask: options.mask ?? 'and' }
    for await (const batch of batchStars(rows, () => first!.meta, step))
      yield withIngestStep(batch, 'lamost', sources.length, choices)
  },
}

async function open(bytes: ByteSource, source: FileSource, options: LamostReadOptions): Promise<LamostFile> {
  const file = await openFits(bytes)
  for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
  refuseOther(file, source.name, 'lamost')
  return lamostFile(file, source.name)
}

async function coaddRow(lamost: LamostFile, options: LamostReadOptions): Promise<StarRow> {
  const stretches = LAMOST_ROWS[lamost.kind]
  const nPix = stretches.reduce((sum, { first, end }) => sum + end - first, 0)
  const row = { flux: new Float32Array(nPix), ivar: new Float32Array(nPix), mask: new Uint32Array(nPix) }
  let cut = 0
  for (const arm of await coaddArms(lamost, options)) {
    const stretch = stretches.find(({ name }) => name === arm.name)!
    const start = startOf(stretches, stretch)
    const shift = firstPixel(arm.loglam, stretch, lamost.source) - stretch.first
    const width = stretch.end - stretch.first
    const from = Math.max(0, -shift)
    const to = Math.min(arm.flux.length, width - shift)
    for (const key of ['flux', 'ivar', 'mask'] as const)
      if (to > from) row[key].set(arm[key].subarray(from, to), start + shift + from)
    for (let i = 0; i < arm.flux.length; i++) if (arm.ivar[i]! > 0 && (i < from || i >= to)) cut++
  }
  if (cut > 0)
    options.onWarning?.({
      code: 'surveys/pixels-cut',
      source: lamost.source,
      message: `${cut} good pixels of ${lamost.source} lie beyond the wavelengths that rows of LAMOST have, and are left out`,
    })
  return { ...coaddObject(lamost), ...row, offset: 0 }
}

function startOf(stretches: readonly LamostStretch[], stretch: LamostStretch): number {
  let start = 0
  for (const { name, first, end } of stretches) {
    if (name === stretch.name) return start
    start += end - first
  }
  return start
}

/** At medium resolution each arm's own signal to noise stands in the arm's header. */
function coaddObject(lamost: LamostFile): ReturnType<typeof lamostObject> {
  const object = lamostObject(lamost)
  if (lamost.kind === 'lrs') return object
  const snr = (arm: 'B' | 'R'): number | undefined =>
    lamost.file.hdus.find((hdu) => hdu.name === `COADD_${arm}`)?.header.getNumber('SNR')
  return {
    ...object,
    catalog: makeTable([
      ...object.catalog.columns.values(),
      numbersColumn('SNR_B', [snr('B')]),
      numbersColumn('SNR_R', [snr('R')]),
    ]),
  }
}

function coaddGrid({ kind, medium }: LamostFile): Pick<SpectraMeta, 'wavelength' | 'segments'> {
  const stretches = LAMOST_ROWS[kind]
  if (kind === 'lrs') return { wavelength: stretchGrid(stretches[0]!, medium) }
  const segments = stretches.map((stretch): Segment => {
    const start = startOf(stretches, stretch)
    const wavelength = stretchGrid(stretch, medium)
    return { name: stretch.name, start, end: start + wavelength.length, wavelength }
  })
  return { wavelength: { kind: 'segmented', medium }, segments }
}

/** The arms of exposures, described by the wavelengths of the first one. */
function segmentsOf(
  arms: readonly { name: string; length: number }[],
  wave: Float64Array,
  { medium }: LamostFile,
): Segment[] {
  let start = 0
  return arms.map(({ name, length }): Segment => {
    const end = start + length
    const values = [...wave.subarray(start, end)]
    const segment: Segment = { name, start, end, wavelength: { kind: 'explicit', values, medium } }
    start = end
    return segment
  })
}

function commonMeta({ frame, release }: LamostFile): Omit<SpectraMeta, 'wavelength' | 'segments'> {
  return {
    frame,
    stage: 'raw',
    survey: 'lamost',
    release,
    noise: 'measured',
    maskBits: LAMOST_PIXMASK.bits,
    history: [],
    version: VERSION,
  }
}

function requireSameKind(first: LamostFile, other: LamostFile): void {
  const words = ({ kind, frame, medium }: LamostFile): string =>
    `${kind === 'lrs' ? 'low' : 'medium'} resolution, ${frame} frame, ${medium}`
  if (words(first) === words(other)) return
  throw new AstrolabelError('surveys/kinds-differ', `${first.source} and ${other.source} are files of two kinds`, {
    got: words(other),
    expected: words(first),
    remedy: 'Read one kind at a time',
  })
}

function requireSameLengths(
  first: { lamost: LamostFile; meta: SpectraMeta },
  segments: readonly Segment[],
  source: string,
): void {
  const words = (list: readonly Segment[]): string => list.map(({ start, end }) => end - start).join(' + ')
  const expected = words(first.meta.segments ?? [])
  if (words(segments) === expected) return
  throw new AstrolabelError('surveys/grids-differ', `${first.lamost.source} and ${source} differ in their pixels`, {
    got: words(segments),
    expected,
    remedy: 'Read files of one kind at a time',
  })
}
