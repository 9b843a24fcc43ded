import { openFits } from '@astrolabel/io-fits'
import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Segment, SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { numbersColumn } from '../catalog/value-columns.js'
import { withIngestStep } from '../ingest-step.js'
import type { FileSource } from '../ingest.js'
import { LAMOST_PIXMASK } from '../masks/lamost.js'
import { batchRowsOf, eachFile } from './each-file.js'
import { lamostExposures } from './lamost-exposures.js'
import { coaddArms, lamostFile, lamostObject } from './lamost-file.js'
import type { LamostFile, LamostReadOptions } from './lamost-file.js'
import { latticeStretch, stretchGrid } from './lamost-lattice.js'
import { latticeUnion } from './sdss-lattice.js'
import type { LatticeEnds } from './sdss-lattice.js'
import { batchStars } from './star-rows.js'
import type { StarRow } from './star-rows.js'
import { VERSION } from '../version.js'

/** Rows of up to 8000 pixels: a batch of so many takes 25 MB. */
const BATCH_ROWS = 256

/** The stars of no more files than these, some 50 MB, are kept until the ends of all are known. */
const HELD_FILES = 512

/** A coadded star, its arms not yet put into a row. */
interface Star {
  readonly object: Omit<StarRow, 'flux' | 'ivar' | 'mask' | 'offset' | 'wave'>
  readonly arms: readonly (LatticeEnds & Pick<StarRow, 'flux' | 'ivar' | 'mask'> & { readonly name: string })[]
}

/** Where each arm of all files begins and ends on the lattice. */
type Union = Map<string, LatticeEnds>

/**
 * Reads LAMOST: low resolution (spec-*.fits, one row of 3690–9100 Å) and medium resolution (med-*.fits, arms B and R as
 * segments), every layout released; relative flux, vacuum wavelengths, corrected for the motion of the Earth as the
 * header says. OBSID identifies a spectrum.
 *
 * Coadds lie on a lattice, 10 ** (i / 10 000) Å and 10 ** (i / 100 000) Å, with different ends: they are padded with
 * ivar 0 to the union of all files, and an arm that a star lacks is bad. More than 512 files are therefore opened twice,
 * first for their ends. With `exposures` each exposure of medium resolution is a row with wavelengths of its own.
 *
 * @throws `surveys/kinds-differ` for files of both resolutions, frames or media, and what reading one file throws.
 */
export const lamostReader: SurveyReader<readonly FileSource[], LamostReadOptions> = {
  survey: 'lamost',
  async *read(sources, options) {
    const step = batchRowsOf({ batchRows: options.batchRows ?? BATCH_ROWS })
    const batches =
      options.exposures === true ? exposureRows(sources, options, step) : coaddRows(sources, options, step)
    for await (const batch of batches)
      yield withIngestStep(batch, 'lamost', sources.length, {
        spectra: options.exposures === true ? 'exposures' : 'coadds',
        ...(options.exposures === true ? {} : { mask: options.mask ?? 'and' }),
      })
  },
}

async function* coaddRows(
  sources: readonly FileSource[],
  options: LamostReadOptions,
  step: number,
): ReturnType<typeof batchStars> {
  const twice = sources.length > HELD_FILES
  const total = twice ? 2 * sources.length : sources.length
  const union: Union = new Map()
  const releases = new Set<string>()
  if (twice) await findEnds(sources, options, { union, releases }, (done) => options.onProgress?.(done, total))
  let first: LamostFile | undefined
  const onProgress = (done: number): void => options.onProgress?.(twice ? sources.length + done : done, total)
  const stars = eachFile(sources, { ...options, onProgress }, async function* (bytes, source) {
    const lamost = await open(bytes, source, options)
    requireSameKind(first, lamost)
    const arms = await latticeArms(lamost, options)
    const star: Star = { object: coaddObject(lamost), arms }
    first ??= lamost
    if (twice) requireInside(star, union, source.name)
    else for (const arm of arms) union.set(arm.name, latticeUnion(union.get(arm.name), arm))
    releases.add(lamost.release)
    yield star
  })
  const kept = twice ? stars : await held(stars)
  const metaOf = (): SpectraMeta => ({
    ...gridsOf(union, first!),
    ...commonMeta(first!, releases),
  })
  yield* batchStars(rowsOf(kept, union), metaOf, step)
}

async function* exposureRows(
  sources: readonly FileSource[],
  options: LamostReadOptions,
  step: number,
): ReturnType<typeof batchStars> {
  let first: { lamost: LamostFile; lengths: string; segments: Segment[]; wave: Float64Array } | undefined
  const releases = new Set<string>()
  const rows = eachFile(sources, options, async function* (bytes, source) {
    const lamost = await open(bytes, source, options)
    requireSameKind(first?.lamost, lamost)
    for (const { arms, row } of await lamostExposures(lamost, options)) {
      const lengths = arms.map(({ length }) => length).join(' + ')
      first ??= { lamost, lengths, segments: segmentsOf(arms, row.wave!, lamost), wave: row.wave! }
      if (lengths !== first.lengths) throw pixelsDiffer(first.lamost.source, source.name, first.lengths, lengths)
      releases.add(lamost.release)
      yield row
    }
  })
  const metaOf = (): SpectraMeta => ({
    wavelength: { kind: 'segmented', medium: first!.lamost.medium },
    segments: first!.segments,
    ...commonMeta(first!.lamost, releases),
  })
  yield* batchStars(rows, metaOf, step)
}

async function open(bytes: ByteSource, source: FileSource, options: LamostReadOptions): Promise<LamostFile> {
  const file = await openFits(bytes)
  for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
  return lamostFile(file, source.name)
}

async function latticeArms(lamost: LamostFile, options: LamostReadOptions): Promise<Star['arms']> {
  const arms = await coaddArms(lamost, options)
  return arms.map(({ name, loglam, flux, ivar, mask }) => ({
    name,
    flux,
    ivar,
    mask,
    ...latticeStretch(loglam, lamost.decade, lamost.source),
  }))
}

/** The first of two passes. What cannot be read is told of by the second. */
async function findEnds(
  sources: readonly FileSource[],
  options: LamostReadOptions,
  found: { union: Union; releases: Set<string> },
  advance: (done: number) => void,
): Promise<void> {
  const quiet: LamostReadOptions = { signal: options.signal, mask: options.mask }
  for (const [done, source] of sources.entries()) {
    options.signal?.throwIfAborted()
    let bytes: ByteSource | undefined
    try {
      bytes = await source.open()
      const lamost = await open(bytes, source, quiet)
      for (const arm of await latticeArms(lamost, quiet))
        found.union.set(arm.name, latticeUnion(found.union.get(arm.name), arm))
      found.releases.add(lamost.release)
    } catch {
      options.signal?.throwIfAborted()
    } finally {
      await bytes?.close()
    }
    advance(done + 1)
  }
}

async function held(stars: AsyncIterable<Star>): Promise<Star[]> {
  const out: Star[] = []
  for await (const star of stars) out.push(star)
  return out
}

/** At medium resolution each arm's own signal to noise stands in the arm's header. */
function coaddObject(lamost: LamostFile): Star['object'] {
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

async function* rowsOf(stars: AsyncIterable<Star> | Iterable<Star>, union: Union): AsyncGenerator<StarRow> {
  const starts = new Map<string, number>()
  let nPix = 0
  for (const name of [...union.keys()].sort()) {
    const { first, end } = union.get(name)!
    starts.set(name, nPix - first)
    nPix += end - first
  }
  for await (const { object, arms } of stars) {
    const row = {
      flux: new Float32Array(nPix),
      ivar: new Float32Array(nPix),
      mask: new Uint32Array(nPix),
    }
    for (const { name, first, flux, ivar, mask } of arms) {
      const at = starts.get(name)! + first
      row.flux.set(flux, at)
      row.ivar.set(ivar, at)
      row.mask.set(mask!, at)
    }
    yield { ...object, ...row, offset: 0 }
  }
}

function gridsOf(union: Union, { decade, medium }: LamostFile): Pick<SpectraMeta, 'wavelength' | 'segments'> {
  const names = [...union.keys()].sort()
  const grids = names.map((name) => stretchGrid(union.get(name)!, decade, medium))
  if (names[0] === '') return { wavelength: grids[0]! }
  let start = 0
  const segments = names.map((name, i): Segment => {
    const segment = { name, start, end: start + grids[i]!.length, wavelength: grids[i]! }
    start = segment.end
    return segment
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

function commonMeta(
  { frame }: LamostFile,
  releases: ReadonlySet<string>,
): Omit<SpectraMeta, 'wavelength' | 'segments'> {
  return {
    frame,
    stage: 'raw',
    survey: 'lamost',
    release: [...releases]
      .filter((release) => release !== '')
      .sort()
      .join(', '),
    noise: 'measured',
    maskBits: LAMOST_PIXMASK.bits,
    history: [],
    version: VERSION,
  }
}

function requireSameKind(first: LamostFile | undefined, other: LamostFile): void {
  if (first === undefined) return
  const words = ({ kind, frame, medium }: LamostFile): string =>
    `${kind === 'lrs' ? 'low' : 'medium'} resolution, ${frame} frame, ${medium}`
  if (words(first) === words(other)) return
  throw new AstrolabelError('surveys/kinds-differ', `${first.source} and ${other.source} are files of two kinds`, {
    got: words(other),
    expected: words(first),
    remedy: 'Read one kind at a time',
  })
}

/** A file whose wavelengths changed since the first pass would be written over its neighbour. */
function requireInside({ arms }: Star, union: Union, source: string): void {
  for (const { name, first, end } of arms) {
    const known = union.get(name)
    if (known !== undefined && first >= known.first && end <= known.end) continue
    throw new AstrolabelError('surveys/off-lattice', `${source} is not what it was when reading began`, {
      got: `lattice pixels ${first} to ${end - 1}`,
      expected: known === undefined ? 'an arm that was there' : `pixels within ${known.first} to ${known.end - 1}`,
      remedy: 'Read it again when nothing writes to it',
    })
  }
}

function pixelsDiffer(first: string, other: string, expected: string, got: string): AstrolabelError {
  return new AstrolabelError('surveys/grids-differ', `${first} and ${other} have different numbers of pixels`, {
    got,
    expected,
    remedy: 'Read files of one kind at a time',
  })
}
