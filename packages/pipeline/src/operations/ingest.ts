import type { SurveyName } from '@astrolabel/surveys/node'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { MatchOptions, MatchSummary } from '../catalogs/match-catalog.js'
import type { DuplicateRows } from '../formats/read-table.js'
import { removeLeftovers } from '../ingest/earlier-work.js'
import { failureText, writeFailures } from '../ingest/failure-table.js'
import type { FileFailure } from '../ingest/file-failure.js'
import { nothingRead } from '../ingest/file-failure.js'
import type { FitRequest } from '../ingest/slice-reader.js'
import type { IngestJob, IngestRunOptions } from '../ingest/ingest-job.js'
import { carryOver, readJob } from '../ingest/ingest-job.js'
import type { IngestPlan } from '../ingest/ingest-plan.js'
import { planIngest } from '../ingest/ingest-plan.js'
import { ledgerMetadata } from '../ingest/ledger.js'
import type { LedgerFile } from '../ingest/ledger.js'
import { writeMatched } from '../ingest/match-work.js'
import { SpectraSink } from '../ingest/spectra-sink.js'
import type { WarningKind } from '../ingest/warning-log.js'
import { WarningLog } from '../ingest/warning-log.js'
import type { ReaderOptions } from '../recipe/reader-options.js'
import type { Reporter } from '../reporter.js'

/** How the rows of a catalogue are taken and matched. */
export interface CatalogOptions extends Pick<MatchOptions, 'radius' | 'oneToOne' | 'by'> {
  /** Which rows of a star that repeats in it are used, see {@link readTable}. */
  readonly duplicates?: DuplicateRows | undefined
}

/** What to ingest. */
export interface IngestRequest {
  readonly survey: SurveyName
  /** Files, folders, globs, `@list.txt` or `-`. */
  readonly paths: readonly string[]
  /** Label catalogue: by the survey's own numbers (MILES), by an identifier that both have, else matched on the sky. */
  readonly catalog?: string | undefined
  /** Choices of the survey's reader. */
  readonly options?: ReaderOptions
  /** How a catalogue is matched; by an identifier where one finds a star (`auto`) unless told otherwise. */
  readonly match?: CatalogOptions | undefined
  /**
   * `resume` (default): files that the output has already are skipped, and a stopped run is gone on with; `fresh` starts
   * over; `once` starts over, and neither the output nor anything beside it tells a later run how it came to be.
   */
  readonly mode?: 'resume' | 'fresh' | 'once' | undefined
  /** Folder that the names in the column `source_file` are relative to; paths as given when absent. */
  readonly folder?: string | undefined
  /** File to write the failures to, JSON or a table. */
  readonly failures?: string | undefined
}

/** What came in. */
export interface IngestSummary {
  /** Stars in the output. */
  readonly stars: number
  /** Files that the paths give; of these read now, failed, and in the output already. */
  readonly files: number
  readonly read: number
  readonly failed: number
  readonly skipped: number
  /** Files read again because they had changed. */
  readonly changed: number
  readonly warnings: number
  readonly warning_kinds: readonly WarningKind[]
  readonly failures: readonly FileFailure[]
  readonly match?: MatchSummary
}

/**
 * Survey files to spectra in one Arrow file, in flat memory, by several threads; each star with the file it came from
 * in the column `source_file`. The same bytes for any number of threads.
 *
 * Files that cannot be read are told in the summary and do not stop the others. A second run reads only what is not in
 * the output yet or has changed by size or time, and leaves the output as it is when there is nothing new; a run that was
 * stopped is gone on with. With a catalogue of another survey the stars are matched by an identifier or by position, and only
 * those with a counterpart are written, with the catalogue's columns.
 *
 * @throws `surveys/no-files`; `surveys/all-failed` or the file's own error when there is no star to write, leaving no
 * file or an earlier output as it was; `crossmatch/no-match`.
 */
export async function ingest(
  request: IngestRequest,
  out: string,
  reporter: Reporter,
  run: IngestRunOptions = {},
): Promise<IngestSummary> {
  run.signal?.throwIfAborted()
  const log = new WarningLog(reporter)
  await mkdir(dirname(out), { recursive: true })
  const plan = await planIngest(request, out, reporter, log)
  const { stars, failures, match } = await bringIn(request, plan, out, reporter, log, run)
  log.end()
  const all = [...plan.failures, ...failures]
  if (request.failures !== undefined) await writeFailures(request.failures, all)
  if (all.length > 0) reporter.info(failureText(all, plan.paths.length))
  return {
    stars,
    files: plan.paths.length,
    read: plan.files.length,
    failed: all.length,
    skipped: plan.paths.length - plan.files.length,
    changed: plan.changed,
    warnings: log.count,
    warning_kinds: log.kinds,
    failures: all,
    ...(match === undefined ? {} : { match }),
  }
}

interface Outcome {
  readonly stars: number
  /** Of files read now. */
  readonly failures: readonly FileFailure[]
  readonly match?: MatchSummary | undefined
}

/** Read what is to be read and write the output, if anything in it is new. */
async function bringIn(
  request: IngestRequest,
  plan: IngestPlan,
  out: string,
  reporter: Reporter,
  log: WarningLog,
  run: IngestRunOptions,
): Promise<Outcome> {
  const { ledger, output, stopped } = plan
  const kept = output?.kept ?? []
  const outdated = ledger !== undefined && kept.reduce((sum, { stars }) => sum + stars, 0) < starsOf(ledger.files)
  if (ledger !== undefined && plan.files.length === 0 && stopped.length === 0 && !outdated)
    return { stars: ledger.stars, failures: [], match: ledger.match }
  const target = plan.matched ? `${out}.unmatched` : out
  const sink = new SpectraSink(target, request.mode === 'once' ? undefined : plan)
  const count = kept.length + stopped.reduce((sum, one) => sum + one.kept.length, 0) + plan.files.length
  const job: IngestJob = {
    request: readRequest(request, plan, count),
    files: plan.files,
    carried: output === undefined || plan.matched ? stopped : [output, ...stopped],
    like: plan.matched ? output?.work : undefined,
    count,
  }
  try {
    const { fit, stars, failures } = await readJob(job, sink, log, run)
    if (fit !== undefined && stars === 0 && (outdated || stopped.length > 0)) await carryOver(job, fit, sink, run)
    if (fit === undefined || sink.stars === 0) {
      if (ledger !== undefined) return { stars: ledger.stars, failures, match: ledger.match }
      log.end()
      if (request.failures !== undefined) await writeFailures(request.failures, failures)
      throw nothingRead(failures, plan.paths)
    }
    const match = plan.matched ? await matched(request, plan, out, sink, fit, log, run) : undefined
    if (match?.summary.by !== undefined) reporter.info(`matched by ${match.summary.by}, not by position`)
    if (match === undefined) sink.finish(ledgerOf(request, plan, sink.stars, sink.files))
    await removeLeftovers(plan.leftovers)
    return { stars: match?.stars ?? sink.stars, failures, match: match?.summary }
  } finally {
    // What Ctrl-C stops is gone on with by the next run; what fails would only fail again.
    if (run.signal?.aborted === true) sink.leave()
    else sink.discard()
  }
}

/** Finish the spectra that were read, match them with the catalogue, and write those that have a counterpart. */
async function matched(
  request: IngestRequest,
  plan: IngestPlan,
  out: string,
  unmatched: SpectraSink,
  fit: FitRequest,
  log: WarningLog,
  run: IngestRunOptions,
): Promise<{ stars: number; summary: MatchSummary }> {
  const sink = new SpectraSink(out, undefined)
  const path = `${out}.unmatched`
  try {
    unmatched.finish(undefined)
    const work = { unmatched: path, earlier: plan.output, fit, catalog: request.catalog!, options: request.match ?? {} }
    const summary = await writeMatched(work, sink, log, run)
    sink.finish(ledgerOf(request, plan, sink.stars, [...(plan.output?.kept ?? []), ...unmatched.files], summary))
    return { stars: sink.stars, summary }
  } finally {
    sink.discard()
    await rm(path, { force: true })
  }
}

function readRequest(
  { survey, options, catalog }: IngestRequest,
  plan: IngestPlan,
  files: number,
): IngestJob['request'] {
  const named = plan.matched || catalog === undefined ? {} : { catalog }
  return { survey, options: { ...options, ...named, files } }
}

function ledgerOf(
  request: IngestRequest,
  { key, folder }: IngestPlan,
  stars: number,
  files: readonly LedgerFile[],
  match?: MatchSummary,
): ReadonlyMap<string, string> | undefined {
  return request.mode === 'once' ? undefined : ledgerMetadata({ key, folder, stars, match, files })
}

function starsOf(files: readonly LedgerFile[]): number {
  return files.reduce((sum, { stars }) => sum + stars, 0)
}
