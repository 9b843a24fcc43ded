import { openFits } from '@astrolabel/io-fits'
import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Medium, SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { withIngestStep } from '../ingest-step.js'
import type { FileSource } from '../ingest.js'
import { SDSS_SPPIXMASK } from '../masks/sdss.js'
import { batchRowsOf, eachFile } from './each-file.js'
import { latticeGrid, latticeUnion } from './sdss-lattice.js'
import type { LatticeEnds } from './sdss-lattice.js'
import { specEnds, specFile, specRelease, specRow } from './sdss-spec-file.js'
import type { SdssReadOptions, SpecFile } from './sdss-spec-file.js'
import { batchStars } from './star-rows.js'
import type { StarRow } from './star-rows.js'
import { VERSION } from '../version.js'

/** Rows of some 4600 pixels: a batch of so many takes 15 MB. */
const BATCH_ROWS = 256

/** The stars of no more files than these, some 60 MB, are kept until the ends of all are known. */
const HELD_FILES = 1024

/**
 * Reads SDSS and BOSS spectra, spec-PLATE-MJD-FIBER, full and lite: flux in 1e-17 erg/(s cm² Å), vacuum wavelengths,
 * corrected for the motion of the Earth. Columns are found by name, so ivar is ivar.
 *
 * All lie on one lattice, 10 ** (i / 10 000) Å, with different ends: they are padded with ivar 0 to the union of all
 * files. More than 1024 files are therefore opened twice, first for their ends. Batches hold 256 stars unless told
 * otherwise.
 * `v_rad` is c × Z of what the survey classed as a star.
 *
 * @throws `surveys/grids-differ` for vacuum and air, and what reading one file throws.
 */
export const sdssReader: SurveyReader<readonly FileSource[], SdssReadOptions> = {
  survey: 'sdss',
  async *read(sources, options) {
    const step = batchRowsOf({ batchRows: options.batchRows ?? BATCH_ROWS })
    const twice = sources.length > HELD_FILES
    const total = twice ? 2 * sources.length : sources.length
    const advance = (done: number): void => options.onProgress?.(done, total)
    const found = twice ? await findEnds(sources, options, advance) : undefined
    const seen: { medium?: Medium; first?: string } = {}
    const rows = eachFile(
      sources,
      { ...options, onProgress: (done) => advance(twice ? sources.length + done : done) },
      async function* (bytes, source) {
        const spec = await open(bytes, source, options)
        const row = await specRow(spec, options)
        seen.medium ??= spec.medium
        seen.first ??= source.name
        if (spec.medium !== seen.medium) throw mediaDiffer(seen.first, source.name)
        if (found !== undefined) requireInside(row, found.union, source.name)
        yield row
      },
    )
    const stars = found === undefined ? await heldStars(rows) : rows
    const { union, releases } = found ?? endsOf(stars as readonly StarRow[])
    const metaOf = (): SpectraMeta => ({
      wavelength: latticeGrid(union, seen.medium!),
      frame: 'barycentric',
      stage: 'raw',
      survey: 'sdss',
      release: [...releases]
        .filter((release) => release !== '')
        .sort()
        .join(' '),
      noise: 'measured',
      fluxUnit: '10**-17 erg/(s cm2 Angstrom)',
      maskBits: SDSS_SPPIXMASK.bits,
      history: [],
      version: VERSION,
    })
    for await (const batch of batchStars(fromUnion(stars, union), metaOf, step))
      yield withIngestStep(batch, 'sdss', sources.length, { mask: options.mask ?? 'and' })
  },
}

async function heldStars(rows: AsyncIterable<StarRow>): Promise<StarRow[]> {
  const held: StarRow[] = []
  for await (const row of rows) held.push(row)
  return held
}

function endsOf(stars: readonly StarRow[]): Found {
  const releases = new Set(stars.map((star) => String(star.catalog.columns.get('RUN2D')!.values[0])))
  const ends = stars.map(({ offset, flux }): LatticeEnds => ({ first: offset, end: offset + flux.length }))
  return { union: ends.reduce(latticeUnion, ends[0] ?? { first: 0, end: 0 }), releases }
}

interface Found {
  readonly union: LatticeEnds
  readonly releases: Set<string>
}

/** The first of two passes: only headers, two wavelengths and the release of each file. */
async function findEnds(
  sources: readonly FileSource[],
  options: SdssReadOptions,
  advance: (done: number) => void,
): Promise<Found | undefined> {
  let union: LatticeEnds | undefined
  const releases = new Set<string>()
  const quiet: SdssReadOptions = { signal: options.signal }
  for (const [done, source] of sources.entries()) {
    options.signal?.throwIfAborted()
    let bytes: ByteSource | undefined
    try {
      bytes = await source.open()
      const spec = await open(bytes, source, quiet)
      const ends = await specEnds(spec, quiet)
      releases.add(await specRelease(spec, quiet))
      union = latticeUnion(union, ends)
    } catch {
      // The second pass meets the same error and tells of it.
      options.signal?.throwIfAborted()
    } finally {
      await bytes?.close()
    }
    advance(done + 1)
  }
  return union === undefined ? undefined : { union, releases }
}

async function open(bytes: ByteSource, source: FileSource, options: SdssReadOptions): Promise<SpecFile> {
  // All that is read lies in the first three HDUs; the single exposures behind them have long headers.
  const first = await openFits(bytes, { hdus: 3 })
  const has = (name: RegExp): boolean => first.hdus.some((hdu) => name.test(hdu.name))
  const file = first.complete || (has(/^COADD$/i) && has(/^(?:SPECOBJ|SPALL)$/i)) ? first : await openFits(bytes)
  for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
  return specFile(file, source.name)
}

/** A file whose wavelengths changed since the first pass would be written over its neighbour. */
function requireInside(row: StarRow, union: LatticeEnds, source: string): void {
  if (row.offset >= union.first && row.offset + row.flux.length <= union.end) return
  throw new AstrolabelError('surveys/off-lattice', `${source} is not what it was when reading began`, {
    got: `lattice pixels ${row.offset} to ${row.offset + row.flux.length - 1}`,
    expected: `pixels within ${union.first} to ${union.end - 1}`,
    remedy: 'Read it again when nothing writes to it',
  })
}

async function* fromUnion(
  stars: AsyncIterable<StarRow> | Iterable<StarRow>,
  { first }: LatticeEnds,
): AsyncGenerator<StarRow> {
  for await (const star of stars) yield { ...star, offset: star.offset - first }
}

function mediaDiffer(first: string, other: string): AstrolabelError {
  return new AstrolabelError(
    'surveys/grids-differ',
    `${first} and ${other} differ in the medium of their wavelengths`,
    {
      got: 'vacuum and air',
      expected: 'one of them',
      remedy: 'Read them one kind at a time',
    },
  )
}
