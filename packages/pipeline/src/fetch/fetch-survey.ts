import { AstrolabelError } from '@astrolabel/spectra'
import type { ArchiveFile, ArchiveFolder } from '@astrolabel/surveys'
import { archiveUrl } from '@astrolabel/surveys'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ClauseReport } from '../selection/select-rows.js'
import { readCatalogRows } from './catalog-rows.js'
import { downloadFiles } from './download-files.js'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchOptions, FetchRequest, FetchSummary } from './fetch-request.js'
import type { FetchArchive, FetchSelection } from './fetch-selection.js'
import { checkSelection, misuse } from './fetch-selection.js'
import { FetchSession, statusError } from './fetch-session.js'
import { planApogee } from './plan-apogee.js'
import { planDesi } from './plan-desi.js'
import { planLamost } from './plan-lamost.js'
import { planMiles } from './plan-miles.js'
import { planPhoenix } from './plan-phoenix.js'
import { planSdss } from './plan-sdss.js'
import type { RemoteFolders } from './remote-folder.js'

/** Options of {@link fetchSurvey}. */
export interface FetchSurveyOptions extends FetchOptions {
  /** Address of a mirror that has the archive's tree, instead of its own. */
  readonly baseUrl?: string | undefined
}

/** What the catalogue gave. */
export interface CatalogReport {
  readonly rows: number
  readonly selected: number
  readonly clauses: readonly ClauseReport[]
}

/** What came of a selection. */
export interface SurveySummary extends FetchSummary {
  readonly base: string
  readonly catalog?: CatalogReport
}

/** A file that would be fetched. */
export interface ListedFile {
  readonly url: string
  readonly target: string
  /** Whether there is a file of that name already. */
  readonly there: boolean
  /** Its length as the server says; absent when it was not asked or does not say. */
  readonly bytes?: number
}

const PLANS: Record<FetchArchive, (selection: FetchSelection, sources: PlanSources) => Promise<FetchPlan>> = {
  apogee: planApogee,
  sdss: planSdss,
  desi: planDesi,
  phoenix: planPhoenix,
  miles: planMiles,
  lamost: planLamost,
}

/**
 * Download what a selection needs from the public server of a survey.
 *
 * Files go below `folder` under the paths that they have in the archive, so that it can be given to `ingest` as it is and
 * several selections and releases live in one folder.
 *
 * @throws `fetch/option` for a selection that says too little or what the archive does not use; `archive/…` for
 * identifiers and releases it does not have; what the catalogue's reader and `fetchFiles` throw.
 */
export async function fetchSurvey(
  archive: FetchArchive,
  selection: FetchSelection,
  folder: string,
  options: FetchSurveyOptions = {},
): Promise<SurveySummary> {
  const session = new FetchSession(options)
  try {
    const { requests, base, catalog } = await planRequests(archive, selection, options, session)
    const summary = await downloadFiles(requests, folder, options, session)
    return { base, ...(catalog === undefined ? {} : { catalog }), ...summary }
  } finally {
    session.close()
  }
}

/**
 * What {@link fetchSurvey} would download. Folders of fields and MILES's table of parameters are asked for, as they say
 * which files there are.
 *
 * @param sizes Ask the server for the length of each file.
 * @throws as {@link fetchSurvey}.
 */
export async function listSurvey(
  archive: FetchArchive,
  selection: FetchSelection,
  folder: string,
  sizes: boolean,
  options: FetchSurveyOptions = {},
): Promise<ListedFile[]> {
  const session = new FetchSession(options)
  try {
    const { requests } = await planRequests(archive, selection, options, session)
    const out: ListedFile[] = []
    const queue = requests.entries()
    const work = async (): Promise<void> => {
      for (const [place, { url, target }] of queue) {
        const there = existsSync(resolve(folder, target))
        const bytes = sizes ? await lengthOf(url, session) : undefined
        out[place] = { url, target, there, ...(bytes === undefined ? {} : { bytes }) }
        options.onProgress?.(place + 1, requests.length)
      }
    }
    await Promise.all(Array.from({ length: session.settings.parallel }, work))
    return out
  } finally {
    session.close()
  }
}

async function lengthOf(url: string, session: FetchSession): Promise<number | undefined> {
  const { status, headers, body } = await session.ask('HEAD', url)
  body.resume()
  const length = Number(headers['content-length'] ?? Number.NaN)
  return status === 200 && Number.isFinite(length) ? length : undefined
}

async function planRequests(
  archive: FetchArchive,
  selection: FetchSelection,
  options: FetchSurveyOptions,
  session: FetchSession,
): Promise<{ requests: FetchRequest[]; base: string; catalog: CatalogReport | undefined }> {
  checkSelection(archive, selection)
  if (options.baseUrl !== undefined && !/^https?:\/\/[^/]/.test(options.baseUrl))
    throw misuse('--base-url is no address of a mirror', { got: options.baseUrl, expected: 'https://… or http://…' })
  const address = (own: string): string => options.baseUrl ?? own
  let catalog: CatalogReport | undefined
  const unusable: AstrolabelError[] = []
  const plan = await PLANS[archive](selection, {
    signal: options.signal,
    list: (own, folder) => listFolder(address(own), folder, session.folders),
    text: (own, file) => textOf(address(own), file, session),
    rows: async (...identifying) => {
      const found = await readCatalogRows(selection.catalog!, identifying, selection.select, options)
      catalog = { rows: found.read, selected: found.rows.n, clauses: found.report }
      return found.rows
    },
    ofRow: (make) => {
      try {
        return make()
      } catch (error) {
        if (!(error instanceof AstrolabelError)) throw error
        unusable.push(error)
        return undefined
      }
    },
  })
  const base = address(plan.base)
  const files = [...new Map(plan.files.map((file) => [file.path, file])).values()].slice(0, selection.limit)
  if (files.length === 0 && unusable[0] !== undefined) throw unusable[0]
  if (unusable[0] !== undefined)
    options.onWarning?.(`${unusable.length} rows of the catalogue name no file, the first: ${unusable[0].message}`)
  if (files.length === 0)
    throw new AstrolabelError('fetch/nothing', 'The selection leaves nothing to fetch', {
      ...(catalog === undefined ? {} : { got: `${catalog.rows} rows, ${catalog.selected} of them selected` }),
      remedy: 'Widen the selection',
    })
  return { requests: files.map((file) => requestOf(file, base)), base, catalog }
}

function requestOf({ path, saveAs, checksums, optional, otherwise }: ArchiveFile, base: string): FetchRequest {
  return {
    url: archiveUrl(base, path),
    target: saveAs ?? path,
    ...(checksums === undefined
      ? {}
      : { checksums: { url: archiveUrl(base, checksums.path), algorithm: checksums.algorithm } }),
    ...(optional === true ? { optional } : {}),
    ...(otherwise === undefined ? {} : { otherwise: requestOf(otherwise, base) }),
  }
}

/** Names by the list of digests that the folder has, or else by its page. */
async function listFolder(base: string, folder: ArchiveFolder, folders: RemoteFolders): Promise<readonly string[]> {
  const url = archiveUrl(base, folder.path)
  const { checksums } = folder
  const list =
    checksums === undefined
      ? undefined
      : await folders.digests({ url: archiveUrl(base, checksums.path), algorithm: checksums.algorithm })
  const names = [...(list?.digests.keys() ?? [])].filter(folder.accepts)
  if (names.length > 0) return names
  const shown = (await folders.names(url))?.filter(folder.accepts) ?? []
  if (shown.length === 0)
    throw new AstrolabelError('fetch/no-folder', 'The archive shows no such files', {
      got: `nothing at ${url}`,
      remedy: 'Check the field, the telescope and the release, or take the files by --catalog',
    })
  return shown
}

async function textOf(base: string, file: ArchiveFile, session: FetchSession): Promise<string> {
  const url = archiveUrl(base, file.path)
  const text = await session.text(url)
  if (text === undefined) throw statusError(url, 404)
  return text
}
