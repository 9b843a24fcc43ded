import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AstrolabelError } from '@astrolabel/spectra'
import { findFiles } from './find-files.node.js'
import type { FileFilter } from './find-files.node.js'
import type { ReadOptions } from './ingest.js'
import type { LamostReadOptions } from './spectra/lamost/lamost-file.js'
import { isPhoenixWave } from './spectra/models/phoenix-reader.js'

/** What decides between kinds of files in a folder, and who is told. */
export type FileChoices = Pick<ReadOptions, 'onWarning'> & Pick<LamostReadOptions, 'exposures'>

/** Surveys and formats that {@link readSurvey} knows. */
export type SurveyName = 'apogee' | 'sdss' | 'desi' | 'lamost' | 'miles' | 'phoenix' | 'btsettl' | 'npz' | 'table'

const FITS = /\.fits?(?:\.gz)?$/i

/** Kinds of files that do not go together, by what to prefer in a folder. */
type FileKinds = readonly { readonly name: string; readonly is: RegExp }[]

/** Files of the southern telescope are called asStar. */
const APOGEE_KINDS: FileKinds = [
  { name: 'apStar', is: /^(?:a[ps]|mwm)Star-/ },
  { name: 'aspcapStar', is: /^aspcapStar-/ },
  { name: 'apVisit', is: /^(?:a[ps]|mwm)Visit-/ },
]

/** Low resolution goes before medium, of which there are fewer stars and a fifth of the wavelengths. */
const LAMOST_KINDS: FileKinds = [
  { name: 'low-resolution', is: /^spec-/ },
  { name: 'medium-resolution', is: /^med-/ },
]

/** Exposures are kept of medium resolution alone. */
function kindsOf(survey: SurveyName, { exposures }: Pick<FileChoices, 'exposures'>): FileKinds | undefined {
  if (survey === 'lamost') return exposures === true ? LAMOST_KINDS.toReversed() : LAMOST_KINDS
  return survey === 'apogee' ? APOGEE_KINDS : undefined
}

/** Kinds of the files of SDSS and BOSS. */
const SDSS_KINDS: readonly RegExp[] = [/^(?:spec(?:-lite)?|spSpec)-\d+-\d+-\d+/, /^mwm(?:Star|Visit)-/]

const FILES: Record<SurveyName, { accepts: FileFilter; looksFor: string }> = {
  apogee: {
    accepts: (name) => FITS.test(name) && APOGEE_KINDS.some(({ is }) => is.test(name)),
    looksFor: 'apStar-*.fits, mwmStar-*.fits, aspcapStar-*.fits or apVisit-*.fits',
  },
  sdss: {
    accepts: (name) => FITS.test(name) && SDSS_KINDS.some((kind) => kind.test(name)),
    looksFor: 'spec-*.fits, spSpec-*.fit or mwmStar-*.fits',
  },
  miles: { accepts: (name) => FITS.test(name), looksFor: '*.fits' },
  desi: {
    accepts: (name) => FITS.test(name) && /^(?:coadd|spectra)-/.test(name),
    looksFor: 'coadd-*.fits or spectra-*.fits',
  },
  lamost: {
    accepts: (name) => FITS.test(name) && /^(?:spec|med)-(?:\d{5}-.+sp\d\d-\d{3}|\d+)\./.test(name),
    looksFor: 'spec-*_sp??-???.fits, spec-OBSID.fits or med-*.fits',
  },
  phoenix: {
    accepts: (name) => FITS.test(name) && /^lte\d{5}.*PHOENIX.*HiRes/i.test(name),
    looksFor: 'lte*PHOENIX*HiRes.fits',
  },
  btsettl: {
    accepts: (name) => /^lte.*BT-.*\.(?:7|spec|txt)(?:\.gz)?$/i.test(name),
    looksFor: 'lte*.BT-Settl*.7',
  },
  npz: { accepts: (name) => /\.npz$/i.test(name), looksFor: '*.npz' },
  table: {
    accepts: (name) => FITS.test(name) || /\.(?:csv|tsv|ecsv|vot|votable|parquet|h5|hdf5)$/i.test(name),
    looksFor: '*.fits, *.csv, *.ecsv, *.vot, *.parquet or *.h5',
  },
}

/** The names of the surveys, for messages and menus. */
export const SURVEY_NAMES: readonly SurveyName[] = [
  'miles',
  'desi',
  'npz',
  'table',
  'apogee',
  'sdss',
  'lamost',
  'phoenix',
  'btsettl',
]

/** Files of a survey: those with spectra, and tables that are read with them. */
export interface SurveyFiles {
  readonly spectra: readonly string[]
  readonly beside: readonly string[]
}

/**
 * The files that {@link readSurvey} reads for these paths, parameter files of MILES included: what its result depends on.
 *
 * @throws `surveys/unknown-survey`, `surveys/no-files`.
 */
export async function surveyFiles(
  survey: SurveyName,
  paths: readonly string[],
  options: Pick<FileChoices, 'exposures'> = {},
): Promise<string[]> {
  const { spectra, beside } = await findSurveyFiles(survey, paths, options)
  return [...spectra, ...beside]
}

/** {@link surveyFiles} by what they hold. */
export async function findSurveyFiles(
  survey: SurveyName,
  paths: readonly string[],
  options: FileChoices = {},
): Promise<SurveyFiles> {
  const spectra = await spectraFiles(survey, paths, options)
  return { spectra, beside: await filesBeside(survey, spectra) }
}

/** Parameter files of MILES, the wavelengths of PHOENIX. */
async function filesBeside(survey: SurveyName, spectra: readonly string[]): Promise<string[]> {
  if (survey === 'phoenix') return (await phoenixWaveFiles(spectra)).filter((path) => !spectra.includes(path))
  return survey === 'miles' ? milesTableFiles(spectra) : []
}

/** @throws `surveys/unknown-survey`. */
export function requireSurvey(survey: SurveyName): void {
  if (!Object.hasOwn(FILES, survey))
    throw new AstrolabelError('surveys/unknown-survey', 'Unknown survey', { got: survey, expected: SURVEY_NAMES })
}

/**
 * The files with spectra of a survey: of a folder that holds several kinds, the one to prefer.
 *
 * @throws `surveys/unknown-survey`, `surveys/no-files`.
 */
export async function spectraFiles(
  survey: SurveyName,
  paths: readonly string[],
  options: FileChoices,
): Promise<string[]> {
  requireSurvey(survey)
  const { accepts, looksFor } = FILES[survey]
  const found = await findFiles(paths, accepts, looksFor)
  if (survey === 'desi') return preferCoadds(found, paths, options)
  const kinds = kindsOf(survey, options)
  return kinds === undefined ? found : preferKind(found, paths, kinds, options)
}

/** The parameter files that lie beside spectra of MILES. */
export async function milesTableFiles(spectra: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const folder of new Set(spectra.map((path) => dirname(path)))) {
    const names = (await readdir(folder)).filter((name) => /params.*\.(?:db|txt)$/i.test(name))
    out.push(...names.sort().map((name) => join(folder, name)))
  }
  return out
}

/** The wavelengths of PHOENIX lie at the root of its tree: they are looked for beside the spectra and in the folders above. */
export async function phoenixWaveFiles(spectra: readonly string[]): Promise<string[]> {
  const named = spectra.find(isPhoenixWave)
  if (named !== undefined) return [named]
  for (let level = 0, folder = dirname(spectra[0] ?? '.'); level < 5; level++, folder = join(folder, '..')) {
    const found = (await readdir(folder).catch(() => [])).find(isPhoenixWave)
    if (found !== undefined) return [join(folder, found)]
  }
  return []
}

function preferCoadds(files: readonly string[], named: readonly string[], { onWarning }: FileChoices): string[] {
  const namedFiles = new Set(named)
  const isExposure = (path: string): boolean => basename(path).startsWith('spectra-') && !namedFiles.has(path)
  const kept = files.some((path) => basename(path).startsWith('coadd-'))
    ? files.filter((path) => !isExposure(path))
    : [...files]
  if (kept.length < files.length)
    onWarning?.({
      code: 'surveys/spectra-skipped',
      source: dirname(files[0]!),
      message: `${files.length - kept.length} spectra files hold the exposures that the coadd files add up, and are left out; name them to read them`,
    })
  return kept
}

/** Of a folder with several kinds of files the one to prefer; files and kinds that were named stay. */
function preferKind(
  files: readonly string[],
  named: readonly string[],
  kinds: FileKinds,
  { onWarning }: FileChoices,
): string[] {
  const rank = (path: string): number => kinds.findIndex(({ is }) => is.test(basename(path)))
  const namedFiles = new Set(named)
  const namedKinds = new Set(kinds.filter(({ is }) => named.some((given) => is.test(basename(given)))))
  const isNamed = (path: string): boolean => namedFiles.has(path) || namedKinds.has(kinds[rank(path)]!)
  const best = files.map(rank).reduce((least, at) => (at >= 0 && at < least ? at : least), Number.POSITIVE_INFINITY)
  const isKept = (path: string): boolean => rank(path) <= best || isNamed(path)
  const kept = files.filter(isKept)
  if (kept.length < files.length) {
    const left = new Set(files.filter((path) => !isKept(path)).map((path) => kinds[rank(path)]!.name))
    onWarning?.({
      code: 'surveys/spectra-skipped',
      source: dirname(files[0]!),
      message: `${files.length - kept.length} ${[...left].join(' or ')} files are left out beside ${kinds[best]!.name} files, for one kind is read at a time; name them to read them`,
    })
  }
  return kept
}
