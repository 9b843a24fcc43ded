import type { ByteSource, ByteStream, FitsFile, Hdu } from '@astrolabel/io-fits'
import { FitsError, httpSource, isTableHdu, openFits, streamSource } from '@astrolabel/io-fits'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, inFile } from '@astrolabel/spectra'
import { CONTENT_BYTES, contentFormat, kindOfSchema, parquetUnits } from '@astrolabel/surveys'
import { parquetSchema } from 'hyparquet'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Manifest } from '../run/run-folder.js'
import type { ColumnSummary } from './column-summary.js'
import { TableSummary, dtypeOfValues } from './column-summary.js'
import type { ReadFormat } from './file-format.js'
import { formatToRead, requireFile } from './file-format.js'
import { withFits } from './fits-table.js'
import { inspectArrow } from './inspect-arrow.js'
import type {
  FitsInspection,
  HduInspection,
  Inspection,
  NpzInspection,
  RunInspection,
  TableInspection,
  YamlInspection,
} from './inspection.js'
import { holdsSpectra } from './npz-spectra.js'
import { withNpz } from './npz-table.js'
import { readParquetMetadata } from './parquet-table.js'
import { readTable } from './read-table.js'

/** Options of {@link inspectPath}. */
export interface InspectOptions extends Pick<RunOptions, 'signal'> {
  /** Read all data of a FITS file and compare them with its checksums; false. */
  readonly verify?: boolean | undefined
}

interface Facts {
  readonly file: string
  readonly bytes: number
}

const RECIPE_KEYS = ['ingest', 'preprocess', 'train', 'crossmatch']

/**
 * What is in a file or in the folder of a run, as plain JSON. The format is told by the first bytes, else the extension.
 * Of a FITS file on a web server (`https://…`) only its headers are fetched.
 *
 * @throws `formats/no-file`, `formats/folder`, `formats/empty`, `formats/unknown`, and what the format's reader throws.
 */
export async function inspectPath(path: string, options: InspectOptions = {}): Promise<Inspection> {
  if (/^https?:\/\//i.test(path)) {
    const { signal } = options
    return inspectSource(path, () => httpSource(path, signal === undefined ? {} : { signal }), options)
  }
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory() === true) return inspectRun(path)
  const facts = { file: path, bytes: await requireFile(path) }
  if (/\.ya?ml$/i.test(path)) return inspectYaml(facts)
  // An archive is npz by its first bytes, and FITS where it is named so.
  const packed = /\.(?:fits|fit|fts)\.zip$/i.test(path)
  const format = packed ? 'fits' : ((await formatByContent(path)) ?? formatToRead(path))
  switch (format) {
    case 'fits':
      return inspectFits(facts, options)
    case 'arrow':
      return inspectArrow(facts)
    case 'parquet':
      return inspectParquet(facts)
    case 'npz':
      return inspectNpz(facts)
    case 'csv':
    case 'votable':
    case 'hdf5': {
      const summary = new TableSummary()
      summary.add(await readTable(path, { canonical: false }))
      return { format, kind: 'table', ...facts, rows: summary.rows, batches: null, columns: summary.columns() }
    }
  }
}

/**
 * What is in a FITS file, packed or not, that comes as a stream: it is held in memory.
 *
 * @throws what io-fits says, `name` before it.
 */
export function inspectStream(name: string, stream: ByteStream, options: InspectOptions = {}): Promise<FitsInspection> {
  return inspectSource(name, () => streamSource(stream), options)
}

async function inspectSource(
  name: string,
  begin: () => Promise<ByteSource>,
  options: InspectOptions,
): Promise<FitsInspection> {
  try {
    const source = await begin()
    try {
      return await describeFits(await openFits(source), { file: name, bytes: source.size }, options)
    } finally {
      await source.close()
    }
  } catch (cause) {
    throw inFile(name, cause)
  }
}

async function formatByContent(path: string): Promise<ReadFormat | undefined> {
  const file = await open(path)
  try {
    const head = new Uint8Array(CONTENT_BYTES)
    await file.read(head, 0, head.length, 0)
    const format = contentFormat(head)
    if (format === 'zip') return 'npz'
    // What is packed goes by its extension, which says what is in it.
    return format === 'gzip' || format === 'bzip2' || format === 'xz' ? undefined : format
  } finally {
    await file.close()
  }
}

function inspectFits(facts: Facts, options: InspectOptions): Promise<FitsInspection> {
  return withFits(facts.file, (file) => describeFits(file, facts, options))
}

async function describeFits(
  { hdus, warnings }: FitsFile,
  facts: Facts,
  options: InspectOptions,
): Promise<FitsInspection> {
  const described: HduInspection[] = []
  for (const hdu of hdus)
    described.push({ ...describeHdu(hdu), ...(options.verify === true ? await verified(hdu, options) : {}) })
  return { format: 'fits', ...facts, hdus: described, warnings: [...warnings, ...described.flatMap(badSums)] }
}

/** Checksums that do not agree, in words. */
function badSums({ index, name, sums }: HduInspection): string[] {
  const bad = (['checksum', 'datasum'] as const).filter((key) => sums?.[key] === 'bad')
  if (bad.length === 0) return []
  const words = bad.map((key) => key.toUpperCase()).join(' and ')
  return [`HDU ${index}${name === '' ? '' : ` (${name})`} has changed since its ${words} was written.`]
}

/** Of an HDU that is cut short there is nothing to add up; the file's warnings say so. */
async function verified(hdu: Hdu, { signal }: InspectOptions): Promise<Pick<HduInspection, 'sums'>> {
  try {
    return { sums: await hdu.verify(signal === undefined ? {} : { signal }) }
  } catch (error) {
    if (error instanceof FitsError) return {}
    throw error
  }
}

function describeHdu(hdu: Hdu): HduInspection {
  const { index, name, type } = hdu
  if (type === 'image')
    return {
      index,
      name,
      type,
      shape: hdu.shape,
      dtype: hdu.shape.length === 0 ? null : hdu.dtype,
      rows: null,
      columns: [],
      compression: hdu.compression?.algorithm ?? null,
    }
  if (!isTableHdu(hdu)) return { index, name, type, shape: [], dtype: null, rows: null, columns: [], compression: null }
  const columns = hdu.columns.map((info) => ({
    name: info.name,
    format: info.format,
    dtype: info.dtype,
    shape: info.shape,
    unit: info.unit ?? null,
  }))
  const packed = hdu.compression?.algorithms
  const compression = packed === undefined ? null : [...new Set(packed)].join(', ')
  return { index, name, type, shape: [hdu.rows], dtype: null, rows: hdu.rows, columns, compression }
}

async function inspectParquet(facts: Facts): Promise<TableInspection> {
  const metadata = await readParquetMetadata(facts.file)
  const units = parquetUnits(metadata)
  const columns = parquetSchema(metadata).children.map((child): ColumnSummary => {
    const found = kindOfSchema(child)
    const { array, boolean } = found?.kind ?? {}
    const dtype = found === undefined ? 'nested' : array === undefined ? 'str' : dtypeOfValues(new array(0), boolean)
    return {
      name: child.element.name,
      dtype: found?.list === true ? `list of ${dtype}` : dtype,
      shape: [],
      unit: units[child.element.name] ?? null,
      missing: null,
      min: null,
      max: null,
    }
  })
  return {
    format: 'parquet',
    kind: 'table',
    ...facts,
    rows: Number(metadata.num_rows),
    batches: metadata.row_groups.length,
    columns,
  }
}

async function inspectNpz(facts: Facts): Promise<NpzInspection> {
  return withNpz(facts.file, async (file) => ({
    format: 'npz',
    kind: holdsSpectra(file) ? 'spectra' : 'arrays',
    ...facts,
    arrays: Array.from(file.arrays, ([name, { dtype, shape }]) => ({ name, dtype, shape })),
  }))
}

async function inspectRun(path: string): Promise<RunInspection> {
  const manifestPath = join(path, 'manifest.json')
  const text = await readFile(manifestPath, 'utf8').catch((cause: unknown) => {
    throw new AstrolabelError('formats/folder', `${path} is a folder, and not that of a run`, {
      got: 'no manifest.json in it',
      remedy: 'Name a file in it',
      cause,
    })
  })
  let manifest: Partial<Manifest>
  try {
    manifest = JSON.parse(text) as Partial<Manifest>
  } catch (cause) {
    throw new AstrolabelError('formats/folder', `${manifestPath} is not the manifest of a run`, {
      remedy: 'Name a file in the folder',
      cause,
    })
  }
  if (typeof manifest.stages !== 'object')
    throw new AstrolabelError('formats/folder', `${manifestPath} is not the manifest of a run`, {
      got: 'no stages',
      remedy: 'Name a file in the folder',
    })
  const stages = Object.entries(manifest.stages).map(([name, stage]) => ({
    name,
    seconds: stage.seconds,
    finished: stage.finished,
    text: stage.text,
    outputs: stage.outputs.map((output) => output.path),
  }))
  return { format: 'run', file: path, astrolabel: manifest.astrolabel ?? '', recipe: manifest.recipe ?? null, stages }
}

async function inspectYaml(facts: Facts): Promise<YamlInspection> {
  const text = await readFile(facts.file, 'utf8')
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch (cause) {
    throw new AstrolabelError('formats/yaml', `${facts.file} is not YAML`, {
      got: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
      cause,
    })
  }
  const keys = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? Object.keys(parsed) : []
  return {
    format: 'yaml',
    kind: keys.some((key) => RECIPE_KEYS.includes(key)) ? 'recipe' : 'yaml',
    ...facts,
    keys,
    text,
  }
}
