import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ByteSource } from '@astrolabel/io-fits'
import { fileSource } from '@astrolabel/io-fits/node'
import { AstrolabelError, isTypedError } from '@astrolabel/spectra'
import type { Spectra, SurveyReader, Table } from '@astrolabel/spectra'
import { catalogLookup, chooseJoin, joinCatalog, selectColumns } from './catalog/join-catalog.js'
import type { CatalogJoin, CatalogLookup } from './catalog/join-catalog.js'
import { isMilesNames, isMilesParams, parseMilesNames, parseMilesParams } from './catalog/miles-labels.js'
import { NODE_ENGINES } from './catalog/table-engines.node.js'
import type { FileSource } from './ingest.js'
import { readCatalog } from './read-catalog.node.js'
import { btsettlExtent, btsettlReader } from './spectra/models/btsettl-reader.js'
import type { BtSettlReadOptions } from './spectra/models/btsettl-reader.js'
import { apogeeReader } from './spectra/apogee/apogee-reader.js'
import type { ApogeeReadOptions } from './spectra/apogee/apogee-file.js'
import { desiReader } from './spectra/desi/desi-reader.js'
import type { DesiReadOptions } from './spectra/desi/desi-reader.js'
import type { LamostReadOptions } from './spectra/lamost/lamost-file.js'
import { lamostReader } from './spectra/lamost/lamost-reader.js'
import { milesReader } from './spectra/miles/miles-reader.js'
import { phoenixReader } from './spectra/models/phoenix-reader.js'
import type { PhoenixReadOptions } from './spectra/models/phoenix-reader.js'
import { npzReader } from './spectra/npz/npz-reader.js'
import type { MatrixSpectraOptions } from './spectra/npz/matrix-spectra.js'
import { sdssExtent, sdssReader } from './spectra/sdss/sdss-reader.js'
import type { FileExtent } from './spectra/fit-template.js'
import type { SdssReadOptions } from './spectra/sdss/sdss-spec-file.js'
import { tableReader } from './spectra/table/table-reader.js'
import type { TableReadOptions } from './spectra/table/table-reader.js'
import { milesTableFiles, phoenixWaveFiles, requireSurvey, spectraFiles } from './survey-files.node.js'
import type { SurveyName } from './survey-files.node.js'

/** Options of {@link readSurvey}: those of the survey's reader, and the catalogue of labels. */
export interface SurveyReadOptions
  extends
    ApogeeReadOptions,
    SdssReadOptions,
    DesiReadOptions,
    LamostReadOptions,
    BtSettlReadOptions,
    TableReadOptions,
    MatrixSpectraOptions {
  /** Path of a catalogue whose columns are to travel with the spectra, matched by identifier. */
  readonly catalog?: string | undefined
  /** Columns of the catalogue to take, with their errors; all when absent. */
  readonly labels?: readonly string[] | undefined
  /** Column of the catalogue that identifies stars; an identifier that it shares with the spectra when absent. */
  readonly catalogId?: string | undefined
}

const READERS: Record<
  Exclude<SurveyName, 'miles'>,
  SurveyReader<readonly FileSource[], SurveyReadOptions & PhoenixReadOptions>
> = {
  apogee: apogeeReader,
  sdss: sdssReader,
  desi: desiReader,
  lamost: lamostReader,
  phoenix: phoenixReader,
  btsettl: btsettlReader,
  npz: npzReader,
  table: tableReader,
}

/**
 * Read spectra of a survey from files, folders and patterns, in batches of at most 1024 stars.
 *
 * Of MILES the parameter files that lie beside the spectra are read unasked. Stars that a catalogue does not have get
 * missing values and are counted in the warning `surveys/not-in-catalog`; DESI folders that hold coadd files give these
 * alone, not the exposures in spectra files, and APOGEE folders that hold apStar files not their aspcapStar and apVisit
 * files, LAMOST folders that hold low-resolution files not those of medium resolution.
 *
 * @throws `surveys/unknown-survey`, `surveys/no-files`, `surveys/no-stars` when nothing is left, and what readers throw.
 */
export async function* readSurvey(
  survey: SurveyName,
  paths: readonly string[],
  options: SurveyReadOptions = {},
): AsyncGenerator<Spectra> {
  const files = await spectraFiles(survey, paths, options)
  const read = await openReader(survey, files, options)
  let n = 0
  for await (const batch of read(files.map(sourceOf), options)) {
    n += batch.n
    yield batch
  }
  if (n === 0)
    throw new AstrolabelError('surveys/no-stars', 'The files hold no stars', {
      got: `${files.length} files, such as ${files[0]}`,
      remedy: 'Check the files, and whether sky fibres are to be kept',
    })
}

/** A survey's reader with what it has read once for all files: catalogues of labels, tables beside the spectra. */
export interface OpenSurvey {
  /**
   * The stars of one file, as {@link readSurvey} gives them when there is no other.
   *
   * @throws why the file cannot be read.
   */
  readonly read: (path: string, batchRows?: number) => AsyncIterable<Spectra>
  /**
   * Which stretch of a common lattice a file takes, for surveys whose files end where they like; cheap. Of surveys whose
   * files have wavelengths of their own how many, which takes as long as reading them.
   */
  readonly extent?: (path: string) => Promise<FileExtent>
}

/**
 * Open a survey to read its files one by one, in any order and in several threads: {@link templateOf},
 * {@link widenTemplate} and {@link fitTemplate} make what they give lie in one file.
 *
 * @param files All files that are to be read, or one of each folder: tables beside them are read.
 * @throws `surveys/unknown-survey`, and what reading a catalogue throws.
 */
export async function openSurvey(
  survey: SurveyName,
  files: readonly string[],
  options: SurveyReadOptions = {},
): Promise<OpenSurvey> {
  requireSurvey(survey)
  const reader = await openReader(survey, files, options)
  const read: OpenSurvey['read'] = (path, batchRows = options.batchRows) =>
    reader([sourceOf(path)], { ...options, batchRows })
  if (survey === 'sdss') return { read, extent: (path) => sdssExtent(sourceOf(path), {}) }
  return survey === 'btsettl' ? { read, extent: (path) => btsettlExtent(sourceOf(path), options) } : { read }
}

function sourceOf(path: string): FileSource {
  return { name: path, open: () => openPath(path) }
}

/** A file that vanished or may not be read fails with the system's own words, which do not say what to do. */
async function openPath(path: string): Promise<ByteSource> {
  try {
    return await fileSource(path)
  } catch (cause) {
    if (isTypedError(cause)) throw cause
    throw new AstrolabelError('surveys/no-files', `Cannot open ${path}`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Check that it is there and may be read',
      cause,
    })
  }
}

type ReadSources = (sources: readonly FileSource[], options: SurveyReadOptions) => AsyncIterable<Spectra>

/** Read what is read once, and give the reader of the survey's files. */
async function openReader(
  survey: SurveyName,
  files: readonly string[],
  options: SurveyReadOptions,
): Promise<ReadSources> {
  const catalog =
    options.catalog === undefined
      ? undefined
      : await readCatalog(options.catalog, { onWarning: options.onWarning, signal: options.signal })
  const labels =
    catalog === undefined || options.labels === undefined
      ? catalog
      : selectColumns(catalog, options.labels, basename(options.catalog!))
  if (survey === 'miles') {
    const beside = await milesTables(files, options, labels === undefined)
    const tables = {
      labels: labels ?? beside.labels,
      names: beside.names,
      release: options.release ?? beside.release,
    }
    return (sources, choices) => milesReader.read(sources, { ...choices, ...tables })
  }
  const shared: SurveyReadOptions & Pick<PhoenixReadOptions, 'waveFile'> = { engines: NODE_ENGINES }
  const [wave] = survey === 'phoenix' ? await phoenixWaveFiles(files) : []
  const once = wave === undefined ? shared : { ...shared, waveFile: sourceOf(wave) }
  const read: ReadSources = (sources, choices) => READERS[survey].read(sources, { ...once, ...choices })
  if (labels === undefined) return read
  const lookup = catalogLookup(labels, basename(options.catalog!), options.catalogId)
  return (sources, choices) => joined(read(sources, choices), lookup, choices)
}

async function* joined(
  spectra: AsyncIterable<Spectra>,
  catalog: CatalogLookup,
  options: SurveyReadOptions,
): AsyncGenerator<Spectra> {
  let found: CatalogJoin | undefined
  let missing = 0
  let n = 0
  for await (const batch of spectra) {
    found ??= chooseJoin(batch, catalog)
    const { rowOf } = found
    const keys = found.keysOf(batch)
    missing += keys.filter((key) => !rowOf.has(key)).length
    n += batch.n
    yield joinCatalog(batch, found, keys)
  }
  if (missing > 0)
    options.onWarning?.({
      code: 'surveys/not-in-catalog',
      source: basename(options.catalog!),
      message: `${missing} of ${n} stars are not in the catalogue (matched by ${found!.idColumn})`,
    })
}

async function milesTables(
  files: readonly string[],
  options: SurveyReadOptions,
  wantLabels: boolean,
): Promise<{ labels?: Table; names?: Table; release?: string }> {
  const found: { labels?: Table; names?: Table; release?: string } = {}
  for (const path of await milesTableFiles(files)) {
    const text = await readFile(path, 'utf8')
    const name = basename(path)
    if (wantLabels && found.labels === undefined && isMilesParams(text))
      found.labels = parseMilesParams(text, name, options)
    if (found.names === undefined && isMilesNames(text)) {
      found.names = parseMilesNames(text, name, options)
      found.release = /_(v[\d.]*\d)/.exec(name)?.[1] ?? ''
    }
  }
  return found
}
