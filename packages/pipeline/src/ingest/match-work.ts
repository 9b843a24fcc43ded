import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { fitTemplate } from '@astrolabel/surveys'
import { indexByStar, joinMatches } from '../catalogs/join-matches.js'
import type { MatchSummary } from '../catalogs/match-catalog.js'
import { matchStars } from '../catalogs/match-stars.js'
import { starsIn } from '../catalogs/stars-in-file.js'
import { readTable } from '../formats/read-table.js'
import type { CatalogOptions } from '../operations/ingest.js'
import type { EarlierWork } from './earlier-work.js'
import { earlierTemplate, keptStars } from './earlier-work.js'
import type { LedgerFile } from './ledger.js'
import type { FitRequest } from './slice-reader.js'
import type { SpectraSink } from './spectra-sink.js'
import type { WarningLog } from './warning-log.js'

/** What is matched with a catalogue. */
export interface MatchWork {
  /** Spectra that were read now. */
  readonly unmatched: string
  /** The output of an earlier run, and which of its files still hold. */
  readonly earlier?: { readonly work: EarlierWork; readonly kept: readonly LedgerFile[] } | undefined
  readonly fit: FitRequest
  readonly catalog: string
  readonly options: CatalogOptions
}

/**
 * Match stars with a catalogue by an identifier or by position, and write those with a counterpart, with the catalogue's columns.
 *
 * Stars of an earlier output are matched anew with those that came: who had no counterpart then can have none now, since
 * more stars only compete for the same ones.
 *
 * @throws `crossmatch/no-match`, and what reading the catalogue throws.
 */
export async function writeMatched(
  work: MatchWork,
  sink: SpectraSink,
  log: WarningLog,
  run: RunOptions,
): Promise<MatchSummary> {
  const { duplicates, ...match } = work.options
  const catalog = await readTable(work.catalog, {
    duplicates,
    onWarning: ({ message }) => log.add({ code: 'surveys/catalog', message }),
  })
  // Stars of an earlier output have columns of the catalogue by now, which say nothing new of them.
  const own = new Set(work.fit.template.catalog.columns.keys())
  const { table, summary } = matchStars(await starsIn(spectraOf(work), own), catalog, { ...match, ...run })
  const index = indexByStar(table)
  const like = work.earlier === undefined ? undefined : await earlierTemplate(work.earlier.work)
  for await (const batch of spectraOf(work)) {
    run.signal?.throwIfAborted()
    const joined = joinMatches(batch, index)
    if (joined.n === 0) continue
    const template =
      like === undefined ? undefined : { ...like, meta: work.fit.template.meta, wave: work.fit.template.wave }
    sink.write(template === undefined ? joined : fitTemplate(template, work.unmatched, joined, work.fit.pads), [])
  }
  return summary
}

async function* spectraOf({ unmatched, earlier, fit }: MatchWork): AsyncGenerator<Spectra> {
  if (earlier !== undefined) {
    const like = (await earlierTemplate(earlier.work))!
    const names = new Set(earlier.kept.map(({ name }) => name))
    yield* keptStars(earlier.work, names, { ...like, meta: fit.template.meta, wave: fit.template.wave }, fit.pads)
  }
  yield* readSpectraFile(unmatched)
}
