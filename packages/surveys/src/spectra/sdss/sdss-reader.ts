import { openFits } from '@astrolabel/io-fits'
import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import type { SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource } from '../../ingest.js'
import { SDSS_SPPIXMASK } from '../../masks/sdss.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { mwmBossFile } from './mwm-boss.js'
import { isMwmFile } from '../mwm-file.js'
import { latticeGrid, latticeUnion } from './sdss-lattice.js'
import type { LatticeExtent, LatticeEnds } from './sdss-lattice.js'
import { specFile } from './sdss-spec-file.js'
import type { SdssFile, SdssReadOptions } from './sdss-spec-file.js'
import { isSpSpec, spSpecFile } from './spspec-file.js'
import { batchStars } from '../star-rows.js'
import type { StarRow } from '../star-rows.js'
import { refuseOther } from '../telescope.js'
import { VERSION } from '../../version.js'

/** Rows of some 4600 pixels: a batch of so many takes 15 MB. */
const BATCH_ROWS = 256

/** The stars of no more files than these, some 60 MB, are kept until the ends of all are known. */
const HELD_FILES = 1024

/**
 * Reads SDSS, BOSS and eBOSS spectra: spec-PLATE-MJD-FIBER, full and lite, spSpec-MJD-PLATE-FIBER of DR7 and before, and
 * BOSS's part of astra's mwmStar and mwmVisit files of DR19, which is at rest.
 * Flux in 1e-17 erg/(s cm² Å), vacuum wavelengths, corrected for the motion of the Earth. Columns are found by name, so
 * ivar is ivar.
 *
 * All lie on one lattice, 10 ** (i / 10 000) Å, with different ends: they are padded with ivar 0 to the union of all
 * files. More than 1024 files are therefore opened twice, first for their ends. Batches hold 256 stars unless told
 * otherwise.
 * `v_rad` is c × Z of what the survey classed as a star.
 *
 * @throws `surveys/grids-differ` for vacuum and air, or frames that differ, and what reading one file throws.
 */
export const sdssReader: SurveyReader<readonly FileSource[], SdssReadOptions> = {
  survey: 'sdss',
  async *read(sources, options) {
    const step = batchRowsOf({ batchRows: options.batchRows ?? BATCH_ROWS })
    const twice = sources.length > HELD_FILES
    const total = twice ? 2 * sources.length : sources.length
    const advance = (done: number): void => options.onProgress?.(done, total)
    const found = twice ? await findEnds(sources, options, advance) : undefined
    let first: NamedFile | undefined
    const rows = eachFile(
      sources,
      { ...options, onProgress: (done) => advance(twice ? sources.length + done : done) },
      async function* (bytes, source) {
        const spec = await open(bytes, source, options)
        for await (const row of spec.rows(options)) {
          first ??= { name: source.name, spec }
          requireSameKind(first, { name: source.name, spec })
          if (options.resolution === true) requireLineSpread(row, source.name)
          if (found !== undefined) requireInside(row, found.union, source.name)
          yield row
        }
      },
    )
    const stars = found === undefined ? await heldStars(rows) : rows
    const { union, releases } = found ?? endsOf(stars as readonly StarRow[])
    const metaOf = (): SpectraMeta => ({
      wavelength: latticeGrid(union, first!.spec.medium),
      frame: first!.spec.frame,
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
      yield withIngestStep(batch, 'sdss', sources.length, {
        mask: options.mask ?? 'and',
        ...(options.resolution === true ? { resolution: 'wdisp' } : {}),
      })
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
    try {
      const { release, ...ends } = await sdssExtent(source, quiet)
      releases.add(release)
      union = latticeUnion(union, ends)
    } catch {
      // The second pass meets the same error and tells of it.
      options.signal?.throwIfAborted()
    }
    advance(done + 1)
  }
  return union === undefined ? undefined : { union, releases }
}

/**
 * Which part of the lattice a spec file takes, and its release: by headers, two wavelengths and a cell alone.
 *
 * @throws what reading the file throws.
 */
export async function sdssExtent(source: FileSource, options: SdssReadOptions): Promise<LatticeExtent> {
  const bytes = await source.open()
  try {
    const spec = await open(bytes, source, options)
    return { ...(await spec.ends(options)), release: await spec.release(options) }
  } finally {
    await bytes.close()
  }
}

async function open(bytes: ByteSource, source: FileSource, options: SdssReadOptions): Promise<SdssFile> {
  // What is read of a spec file lies in the first three HDUs; the single exposures behind them have long headers.
  const first = await openFits(bytes, { hdus: 3 })
  const has = (name: RegExp): boolean => first.hdus.some((hdu) => name.test(hdu.name))
  const file = first.complete || (has(/^COADD$/i) && has(/^(?:SPECOBJ|SPALL)$/i)) ? first : await openFits(bytes)
  for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
  refuseOther(file, source.name, 'sdss')
  if (isMwmFile(file)) return mwmBossFile(file, source.name)
  return isSpSpec(file) ? spSpecFile(file, source.name) : specFile(file, source.name)
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

interface NamedFile {
  readonly name: string
  readonly spec: SdssFile
}

function requireLineSpread({ sigma }: StarRow, name: string): void {
  if (sigma !== undefined) return
  throw new AstrolabelError('surveys/no-resolution', `${name} does not tell the width of its line spread`, {
    got: 'no column wdisp that can be read',
    expected: 'spec-PLATE-MJD-FIBER files with wdisp',
    remedy: 'Read it without resolution',
  })
}

/** Files share one medium of their wavelengths, and one rest frame. @throws `surveys/grids-differ`. */
function requireSameKind(first: NamedFile, other: NamedFile): void {
  const differ = (what: string, got: string): AstrolabelError =>
    new AstrolabelError('surveys/grids-differ', `${first.name} and ${other.name} differ in the ${what}`, {
      got,
      expected: 'one of them',
      remedy: 'Read them one kind at a time',
    })
  if (first.spec.medium !== other.spec.medium) throw differ('medium of their wavelengths', 'vacuum and air')
  if (first.spec.frame !== other.spec.frame)
    throw differ('frame of their wavelengths', `${first.spec.frame} and ${other.spec.frame}`)
}
