import { findSurveyFiles } from '@astrolabel/surveys/node'
import { relative, resolve } from 'node:path'
import type { IngestRequest } from '../operations/ingest.js'
import type { Reporter } from '../reporter.js'
import { digestJson } from '../run/digest.js'
import { VERSION } from '../version.js'
import type { EarlierWork, Leftovers } from './earlier-work.js'
import { findLeftovers, outputWork } from './earlier-work.js'
import type { FileFailure } from './file-failure.js'
import type { Carried } from './ingest-job.js'
import type { Ledger, LedgerFile } from './ledger.js'
import { holds, isSameFile, ledgerPath, readLedger } from './ledger.js'
import type { SourceFile } from './source-file.js'
import { statFiles } from './source-file.js'
import type { WarningLog } from './warning-log.js'

/** Surveys whose catalogues name their stars; the others are matched by position. */
const NAMED_CATALOGS = new Set(['miles'])

/** What a run has to do, after a look at what earlier ones did. */
export interface IngestPlan {
  /** All files that the paths give. */
  readonly paths: readonly string[]
  /** Those to read. */
  readonly files: readonly SourceFile[]
  readonly key: string
  readonly folder: string
  /** Whether stars are matched with a catalogue on the sky. */
  readonly matched: boolean
  /** What the output says of itself, when it was made in the same way. */
  readonly ledger: Ledger | undefined
  /** The output, and what stopped runs left, with the files of each that still hold; none of them twice. */
  readonly output: Carried | undefined
  readonly stopped: readonly Carried[]
  readonly leftovers: Leftovers
  /** Failures of files that are not read again. */
  readonly failures: readonly FileFailure[]
  readonly changed: number
}

const NOTHING: Leftovers = { work: [], paths: [] }

/**
 * Find the files, and which of them the output or what a stopped run left has already.
 *
 * @throws `surveys/no-files`, `surveys/unknown-survey`.
 */
export async function planIngest(
  request: IngestRequest,
  out: string,
  reporter: Reporter,
  log: WarningLog,
): Promise<IngestPlan> {
  const { survey, mode = 'resume' } = request
  const found = await findSurveyFiles(survey, request.paths, {
    exposures: request.options?.exposures,
    onWarning: (warning) => log.add(warning),
  })
  const matched = request.catalog !== undefined && !NAMED_CATALOGS.has(survey)
  const key = await keyOf(request, found.beside)
  const ledger = mode === 'resume' ? await readLedger(out) : undefined
  const ours = ledger?.key === key ? ledger : undefined
  if (ledger !== undefined && ours === undefined)
    reporter.info(`${out} was made in another way, so all files are read again`)
  const folder = request.folder ?? ours?.folder ?? process.cwd()
  const all = mode === 'once' ? NOTHING : await findLeftovers(matched ? `${out}.unmatched` : out, key, folder)
  const leftovers = mode === 'resume' ? all : { ...all, work: [] }
  const sources = await statFiles(found.spectra, namesIn(folder, request.folder !== undefined))

  const byPath = new Map(sources.map((file) => [resolve(file.path), file]))
  const taken = new Map<string, LedgerFile>()
  const changed = new Set<string>()
  /** The files of an earlier run to take over: those that hold, and those that are not asked for now. */
  const carry = (work: EarlierWork): Carried => ({
    work,
    kept: work.files.filter((entry) => {
      const path = ledgerPath(work.folder, entry)
      const now = byPath.get(path)
      if (now !== undefined && !isSameFile(entry, now)) changed.add(path)
      if (taken.has(path) || (now !== undefined && !holds(entry, now))) return false
      taken.set(path, entry)
      return true
    }),
  })
  const output = ours === undefined ? undefined : carry(outputWork(out, ours.folder, ours.files))
  const stopped = leftovers.work.map(carry).filter(({ kept }) => kept.length > 0)
  const files = sources.filter(({ path }) => !taken.has(resolve(path)))
  const again = files.filter(({ path }) => changed.has(resolve(path))).length
  if (again > 0)
    reporter.info(
      `${again} ${again === 1 ? 'file has' : 'files have'} changed and ${again === 1 ? 'is' : 'are'} read again`,
    )
  const recovered = stopped.reduce((sum, { kept }) => sum + kept.length, 0)
  if (recovered > 0) reporter.info(`going on from a run that was stopped: ${recovered} files are done`)
  return {
    paths: found.spectra,
    files,
    key,
    folder,
    matched,
    ledger: ours,
    output,
    stopped,
    leftovers,
    failures: [...byPath.keys()].flatMap((path) => taken.get(path)?.failure ?? []),
    changed: again,
  }
}

/** What files are called in a ledger and in `source_file`: as given where that can be found again from the folder. */
function namesIn(folder: string, always: boolean): (path: string) => string {
  if (always) return (path) => relative(folder, resolve(path))
  return folder === process.cwd() ? (path) => path : (path) => resolve(path)
}

/** Digest of everything besides the spectra's files that decides what is read. */
async function keyOf({ survey, options, catalog, match }: IngestRequest, beside: readonly string[]): Promise<string> {
  const tables = await statFiles(catalog === undefined ? beside : [...beside, catalog])
  return digestJson({
    version: VERSION,
    survey,
    options: options ?? {},
    match: catalog === undefined ? {} : (match ?? {}),
    tables: tables.map(({ path, bytes, modified }) => [resolve(path), bytes, modified]),
  })
}
