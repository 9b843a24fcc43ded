import type { Spectra } from '@astrolabel/spectra'
import { requireColumn, spectraFromRecordBatch, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile, recoverIpcBatches } from '@astrolabel/spectra/node'
import type { SpectraTemplate } from '@astrolabel/surveys'
import { fitTemplate, templateOf } from '@astrolabel/surveys'
import { readFile, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { LedgerFile } from './ledger.js'
import { SOURCE_COLUMN } from './slice-reader.js'
import type { JournalHead, JournalLine } from './spectra-sink.js'
import { asideNames } from './spectra-sink.js'

/** Spectra that a run before this one read: its output, or what it left when it was stopped. */
export interface EarlierWork {
  readonly path: string
  readonly folder: string
  readonly files: readonly LedgerFile[]
  readonly batches: () => AsyncIterable<Spectra>
}

/** What the spectra of an earlier run set for those to come. */
export async function earlierTemplate(work: EarlierWork): Promise<SpectraTemplate | undefined> {
  for await (const batch of work.batches()) return templateOf(basename(work.path), batch)
  return undefined
}

/** The stars of an earlier run that came from the files `kept` (names as in the column), fitted to the template. */
export async function* keptStars(
  work: EarlierWork,
  kept: ReadonlySet<string>,
  template: SpectraTemplate,
  pads: boolean,
): AsyncGenerator<Spectra> {
  for await (const batch of work.batches()) {
    const sources = requireColumn(batch.catalog, SOURCE_COLUMN).values
    const rows = Array.from({ length: batch.n }, (_, row) => row).filter((row) => kept.has(String(sources[row])))
    if (rows.length === 0) continue
    const part = rows.length === batch.n ? batch : takeSpectra(batch, rows)
    yield fitTemplate(template, basename(work.path), part, pads)
  }
}

/** The batches of an output. */
export function outputWork(path: string, folder: string, files: readonly LedgerFile[]): EarlierWork {
  return { path, folder, files, batches: () => readSpectraFile(path) }
}

/** What runs that were stopped left beside their output: some can be gone on from, the others are only in the way. */
export interface Leftovers {
  readonly work: readonly EarlierWork[]
  /** All files to remove when the output is written. */
  readonly paths: readonly string[]
}

/**
 * Find what stopped runs left beside `path`. Those of other options or names are not gone on from; those of a process
 * that still runs, or of another machine, are left alone.
 */
export async function findLeftovers(path: string, key: string, folder: string): Promise<Leftovers> {
  const work: EarlierWork[] = []
  const paths: string[] = []
  const start = `${basename(path)}.`
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const run = name.startsWith(start) ? /^(\d+-\w+)\.journal\.part$/.exec(name.slice(start.length))?.[1] : undefined
    if (run === undefined) continue
    const { part, journal } = asideNames(join(dirname(path), basename(path)), run)
    const read = await readJournal(journal)
    if (read === undefined || isRunning(read.head)) continue
    paths.push(part, journal)
    const { head, batches, files } = read
    if (head.key !== key || head.folder !== folder || batches === 0) continue
    work.push({ path: part, folder, files, batches: () => recovered(part, batches) })
  }
  return { work, paths }
}

/** Remove what stopped runs left. */
export async function removeLeftovers({ paths }: Pick<Leftovers, 'paths'>): Promise<void> {
  for (const path of paths) await rm(path, { force: true })
}

async function* recovered(path: string, count: number): AsyncGenerator<Spectra> {
  for await (const batch of recoverIpcBatches(path, count)) yield spectraFromRecordBatch(batch)
}

async function readJournal(
  path: string,
): Promise<{ head: JournalHead; batches: number; files: LedgerFile[] } | undefined> {
  const [first, ...rest] = (await readFile(path, 'utf8').catch(() => '')).split('\n')
  const head = parsed<JournalHead>(first)
  if (head === undefined) return undefined
  let batches = 0
  const files: LedgerFile[] = []
  for (const text of rest) {
    // A line that was cut off is the last one.
    const line = parsed<JournalLine>(text)
    if (line === undefined) break
    batches = line.batches
    files.push(...line.files)
  }
  return { head, batches, files }
}

function parsed<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined || text === '' ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

function isRunning({ host, pid }: JournalHead): boolean {
  if (host !== hostname()) return true
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
