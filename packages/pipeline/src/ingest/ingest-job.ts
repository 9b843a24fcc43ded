import type { RunOptions } from '@astrolabel/spectra'
import { withHistory } from '@astrolabel/spectra'
import type { SpectraTemplate } from '@astrolabel/surveys'
import { widenTemplate } from '@astrolabel/surveys'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { EarlierWork } from './earlier-work.js'
import { earlierTemplate, keptStars } from './earlier-work.js'
import type { FileFailure } from './file-failure.js'
import type { LedgerFile } from './ledger.js'
import { ReadingThreads } from './reading-threads.js'
import type { FitRequest, Parcel, Probe, ReadRequest } from './slice-reader.js'
import { SliceReader, batchRowsFor } from './slice-reader.js'
import type { SourceFile } from './source-file.js'
import { sliceFiles } from './source-file.js'
import type { SpectraSink } from './spectra-sink.js'
import type { WarningLog } from './warning-log.js'

/** Options of reading: threads, and words beside the progress. */
export interface IngestRunOptions extends RunOptions {
  /** Threads that read; when absent two, where there are so many cores, for what is worth it, else 1. */
  readonly threads?: number | undefined
  readonly onProgress?: ((done: number, total: number, detail?: string) => void) | undefined
}

/** Spectra of an earlier run, and the names of those of its files that still hold. */
export interface Carried {
  readonly work: EarlierWork
  readonly kept: readonly LedgerFile[]
}

/** What is to be read, and what is taken over from earlier runs. */
export interface IngestJob {
  readonly request: Omit<ReadRequest, 'beside'>
  /** Files to read, in order. */
  readonly files: readonly SourceFile[]
  /** What goes before them. */
  readonly carried: readonly Carried[]
  /** An output whose catalogue has columns of a match besides the survey's own: its spectra set the pixels alone. */
  readonly like?: EarlierWork | undefined
  /** Files of the output when all is done. */
  readonly count: number
}

/** What came of it. */
export interface JobResult {
  /** The template of the output; undefined when there are no stars at all. */
  readonly fit: FitRequest | undefined
  /** Stars read, without those taken over. */
  readonly stars: number
  readonly failures: readonly FileFailure[]
}

/** Threads beyond these mostly wait for the one that writes; four took 460 MB where two take 300. */
export const MOST_THREADS = 2

/** Starting a thread takes half a second of a processor, as reading so many files or bytes does. */
const WORTH_FILES = 1000
const WORTH_BYTES = 512 << 20

/**
 * Read the files of a job into a sink: in slices, in threads where there is much to read, in the order of the files.
 * What earlier runs read goes first, once it is sure that something comes after it.
 */
export async function readJob(
  job: IngestJob,
  sink: SpectraSink,
  log: WarningLog,
  run: IngestRunOptions,
): Promise<JobResult> {
  const request: ReadRequest = { ...job.request, beside: oneOfEachFolder(job.files) }
  const slices = sliceFiles(job.files)
  const threads = Math.min(run.threads ?? usualThreads(job.files), slices.length)
  const pool = threads > 1 ? new ReadingThreads(threads, request, run.signal) : undefined
  try {
    const reader = await SliceReader.open(request, run.signal)
    for (const warning of reader.takeWarnings()) log.add(warning)
    const found = await templateFor(job, reader)
    // Empty when a template was found: its file is read once more, and warns then.
    for (const warning of reader.takeWarnings()) log.add(warning)
    if (found.template === undefined) return { fit: undefined, stars: 0, failures: found.failures }
    const extents = reader.pads ? await (pool?.extents(slices) ?? reader.extents(job.files)) : []
    const template = withCount(widenTemplate(found.template, extents), job.count)
    const fit: FitRequest = { template, pads: reader.pads, batchRows: batchRowsFor(template) }
    const parcels = pool === undefined ? readHere(reader, slices, fit) : pool.parcels(slices, fit, reader)
    return await writeParcels(job, parcels, fit, sink, log, run)
  } finally {
    await pool?.close()
  }
}

function usualThreads(files: readonly SourceFile[]): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const worth = files.length >= WORTH_FILES || bytes >= WORTH_BYTES
  return worth ? Math.min(availableParallelism(), MOST_THREADS) : 1
}

async function* readHere(
  reader: SliceReader,
  slices: readonly (readonly SourceFile[])[],
  fit: FitRequest,
): AsyncGenerator<Parcel> {
  for (const slice of slices) yield* reader.read(slice, fit)
}

async function writeParcels(
  job: IngestJob,
  parcels: AsyncIterable<Parcel>,
  fit: FitRequest,
  sink: SpectraSink,
  log: WarningLog,
  run: IngestRunOptions,
): Promise<JobResult> {
  const failures: FileFailure[] = []
  const start = performance.now()
  let done = 0
  let stars = 0
  let begun = false
  for await (const parcel of parcels) {
    run.signal?.throwIfAborted()
    for (const warning of parcel.warnings) log.add(warning)
    const files = parcel.done.map((outcome, i): LedgerFile => ({ ...entryOf(job.files[done + i]!), ...outcome }))
    for (const { failure } of files) {
      if (failure === undefined) continue
      failures.push(failure)
      log.add({ code: 'surveys/file-failed', message: failure.message })
    }
    if (!begun && parcel.spectra !== undefined) {
      begun = true
      await carryOver(job, fit, sink, run)
    }
    sink.write(parcel.spectra, files)
    done += files.length
    stars += parcel.spectra?.n ?? 0
    const seconds = (performance.now() - start) / 1000
    const rate = seconds > 0 ? done / seconds : 0
    const detail = `${done}/${job.files.length} files, ${stars} stars, ${rate.toPrecision(3)} files/s`
    run.onProgress?.(done, job.files.length, detail)
  }
  return { fit, stars, failures }
}

/** Write what is taken over from earlier runs. */
export async function carryOver(
  job: Pick<IngestJob, 'carried'>,
  fit: FitRequest,
  sink: SpectraSink,
  run: RunOptions,
): Promise<void> {
  for (const { work, kept } of job.carried) {
    const names = new Set(kept.map(({ name }) => name))
    for await (const spectra of keptStars(work, names, fit.template, fit.pads)) {
      run.signal?.throwIfAborted()
      sink.write(spectra, [])
    }
    sink.write(undefined, kept)
  }
}

/** What the files must fit: the earlier output where there is one, else the first file that can be read. */
async function templateFor(job: IngestJob, reader: SliceReader): Promise<Probe> {
  for (const { work, kept } of job.carried) {
    if (kept.length === 0) continue
    const template = await earlierTemplate(work)
    if (template !== undefined) return { template, failures: [] }
  }
  const probe = await reader.probe(job.files)
  const like = job.like === undefined ? undefined : await earlierTemplate(job.like)
  if (like === undefined || probe.template === undefined) return probe
  return { ...probe, template: { ...like, catalog: probe.template.catalog } }
}

/** The history tells how many files there are, which no single file knows. */
function withCount(template: SpectraTemplate, files: number): SpectraTemplate {
  const { history, ...meta } = template.meta
  const [first, ...rest] = history
  if (first === undefined) return template
  const begun = withHistory({ ...meta, history: [] }, first.step, { ...first.options, files })
  return { ...template, meta: { ...begun, history: [...begun.history, ...rest] } }
}

function entryOf({ name, bytes, modified }: SourceFile): Omit<LedgerFile, 'stars'> {
  return { name, bytes, modified }
}

function oneOfEachFolder(files: readonly SourceFile[]): string[] {
  return [...new Map(files.map(({ path }) => [dirname(path), path])).values()]
}
