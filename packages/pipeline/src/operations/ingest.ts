import type { RunOptions } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import type { SurveyName } from '@astrolabel/surveys/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { joinedSpectra } from '../catalogs/join-matches.js'
import type { MatchOptions, MatchSummary } from '../catalogs/match-catalog.js'
import { matchStars } from '../catalogs/match-stars.js'
import { starsInFile } from '../catalogs/stars-in-file.js'
import { readTable } from '../formats/read-table.js'
import type { ReaderOptions } from '../recipe/reader-options.js'
import type { Reporter } from '../reporter.js'

/** What to ingest. */
export interface IngestRequest {
  readonly survey: SurveyName
  /** Files, folders or globs. */
  readonly paths: readonly string[]
  /** Label catalogue: by the survey's own numbers (MILES), by an identifier that both have, else matched on the sky. */
  readonly catalog?: string | undefined
  /** Choices of the survey's reader. */
  readonly options?: ReaderOptions
  /** How a catalogue is matched on the sky. */
  readonly match?: Pick<MatchOptions, 'radius' | 'oneToOne'>
}

/** What came in. */
export interface IngestSummary {
  readonly stars: number
  readonly warnings: number
  readonly match?: MatchSummary
}

/** Surveys whose catalogues name their stars; the others are matched by position. */
const NAMED_CATALOGS = new Set(['miles'])

/**
 * Survey files to spectra in one Arrow file, in flat memory.
 *
 * With a catalogue of another survey the stars are first read for their identifiers and positions, matched by the one
 * or the other, and only those with a counterpart are written, with the catalogue's columns.
 *
 * @throws what the reader throws, leaving no file.
 */
export async function ingest(
  request: IngestRequest,
  out: string,
  reporter: Reporter,
  run: RunOptions = {},
): Promise<IngestSummary> {
  let warnings = 0
  const onWarning = (warning: { source: string; message: string }): void => {
    warnings++
    reporter.warn(warning.message)
  }
  await mkdir(dirname(out), { recursive: true })
  const named = NAMED_CATALOGS.has(request.survey)
  const batches = readSurvey(request.survey, request.paths, {
    ...request.options,
    ...run,
    onWarning,
    ...(named && request.catalog !== undefined ? { catalog: request.catalog } : {}),
  })
  if (named || request.catalog === undefined) return { stars: await writeSpectraFile(out, batches), warnings }
  const unmatched = `${out}.unmatched`
  try {
    await writeSpectraFile(unmatched, batches)
    const catalog = await readTable(request.catalog, { onWarning })
    const match = matchStars(await starsInFile(unmatched), catalog, { ...request.match, ...run })
    if (match.summary.by !== undefined) reporter.info(`matched by ${match.summary.by}, not by position`)
    const stars = await writeSpectraFile(out, joinedSpectra(unmatched, match.table))
    return { stars, warnings, match: match.summary }
  } finally {
    await rm(unmatched, { force: true })
  }
}
