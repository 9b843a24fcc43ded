import { AstrolabelError } from '@astrolabel/spectra'
import { nearestWord } from '../recipe/nearest-word.js'

/** Archives that files can be fetched from. */
export const FETCH_ARCHIVES = ['apogee', 'sdss', 'desi', 'phoenix', 'miles', 'lamost'] as const
export type FetchArchive = (typeof FETCH_ARCHIVES)[number]

/** What to fetch, as it was written: each archive uses some of it and refuses the rest. */
export interface FetchSelection {
  /** Data release; for APOGEE dr17, else the newest whose layout is known, when not given. */
  readonly release?: string | undefined
  /** Kinds of files, such as `apStar,aspcapStar`. */
  readonly kind?: string | undefined
  /** Catalogues by name, such as `allStar`. */
  readonly product?: string | undefined
  /** Identifiers: APOGEE_ID, PLATE-MJD-FIBER, numbers of MILES, OBSID. */
  readonly ids?: string | undefined
  /** Table whose rows say which files. */
  readonly catalog?: string | undefined
  /** Which rows of it. */
  readonly select?: string | undefined
  /** At most so many files, the first ones. */
  readonly limit?: number | undefined
  /** APOGEE: fields, up to DR14 numbers of locations. */
  readonly field?: string | undefined
  /** APOGEE: `apo25m`, `apo1m`, `lco25m`. */
  readonly telescope?: string | undefined
  /** SDSS, visits of APOGEE. */
  readonly plate?: string | undefined
  readonly mjd?: string | undefined
  readonly fibers?: string | undefined
  /** SDSS: reduction. */
  readonly run2d?: string | undefined
  /** DESI: pixels of NSIDE 64, nested. */
  readonly healpix?: string | undefined
  /** DESI: `main`, `sv3`, …. */
  readonly survey?: string | undefined
  /** DESI: `bright`, `dark`, …. */
  readonly program?: string | undefined
  /** DESI: a cone, degrees. */
  readonly ra?: string | undefined
  readonly dec?: string | undefined
  readonly radius?: string | undefined
  /** DESI: a tile, its last night and its petals. */
  readonly tile?: string | undefined
  readonly night?: string | undefined
  readonly petals?: string | undefined
  /** PHOENIX: a value or a range `LOW:HIGH`. */
  readonly teff?: string | undefined
  readonly logg?: string | undefined
  readonly mH?: string | undefined
  readonly alpha?: string | undefined
}

type Key = keyof FetchSelection

const ROWS: readonly Key[] = ['catalog', 'select', 'limit', 'ids']

const USED: Record<FetchArchive, readonly Key[]> = {
  apogee: [...ROWS, 'release', 'kind', 'product', 'field', 'telescope', 'plate', 'mjd', 'fibers'],
  sdss: [...ROWS, 'release', 'kind', 'product', 'plate', 'mjd', 'fibers', 'run2d'],
  desi: [
    'catalog',
    'select',
    'limit',
    'release',
    'kind',
    'product',
    'healpix',
    'survey',
    'program',
    'ra',
    'dec',
    'radius',
    'tile',
    'night',
    'petals',
  ],
  phoenix: ['catalog', 'select', 'limit', 'teff', 'logg', 'mH', 'alpha'],
  miles: [...ROWS, 'product'],
  lamost: [...ROWS, 'release', 'kind'],
}

/** An option as the command line writes it. */
export function optionName(key: Key): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** @throws `fetch/option` for what the archive does not use. */
export function checkSelection(archive: FetchArchive, selection: FetchSelection): void {
  const used = USED[archive]
  for (const key of Object.keys(selection) as Key[]) {
    if (selection[key] === undefined || used.includes(key)) continue
    throw misuse(`${archive} does not use ${optionName(key)}`, {
      expected: used.map((known) => optionName(known)).join(', '),
    })
  }
  if (selection.select !== undefined && selection.catalog === undefined && archive !== 'miles')
    throw misuse('--select chooses rows of a catalogue, and none is given', { remedy: 'Give one with --catalog' })
}

/** The error of a selection that says too little, too much or nothing that is known. */
export function misuse(
  what: string,
  details: { got?: unknown; expected?: unknown; remedy?: string } = {},
): AstrolabelError {
  return new AstrolabelError('fetch/option', what, details)
}

/** Words separated by commas, of which there must be one. */
export function words(text: string, option: string): string[] {
  const out = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (out.length === 0) throw misuse(`${option} names nothing`)
  return out
}

/** Words separated by commas, each one of those known. */
export function knownWords<Word extends string>(text: string, known: readonly Word[], option: string): Word[] {
  return words(text, option).map((word) => knownWord(word, known, option))
}

/** One of the words known, in any case. @throws `fetch/option`, listing them. */
export function knownWord<Word extends string>(text: string, known: readonly Word[], option: string): Word {
  const found = known.find((word) => word.toLowerCase() === text.toLowerCase())
  if (found !== undefined) return found
  const near = nearestWord(text, known)
  throw misuse(`${option} ${text} is not known`, {
    expected: `one of ${known.join(', ')}`,
    ...(near === undefined ? {} : { remedy: `Did you mean ${near}?` }),
  })
}

/** Ranges this long are a slip. */
const MOST_NUMBERS = 100_000

/** Whole numbers and ranges of them, `1-10,12`. @throws `fetch/option`. */
export function wholeNumbers(text: string, option: string): number[] {
  const out = new Set<number>()
  for (const word of words(text, option)) {
    const parts = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(word)
    const first = Number(parts?.[1])
    const last = Number(parts?.[2] ?? parts?.[1])
    if (parts === null || last < first || last - first >= MOST_NUMBERS)
      throw misuse(`${option} needs whole numbers`, { got: word, expected: 'such as 1-10,12' })
    for (let value = first; value <= last; value++) out.add(value)
  }
  return [...out]
}

/** A number. @throws `fetch/option`. */
export function realNumber(text: string, option: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw misuse(`${option} needs a number`, { got: text })
  return value
}

/** A value, or a range `LOW:HIGH` with both ends in it. @throws `fetch/option`. */
export function valueRange(text: string, option: string): readonly [number, number] {
  const [low = '', high, ...more] = text.split(':')
  const range = [realNumber(low, option), realNumber(high ?? low, option)] as const
  if (more.length > 0 || range[1] < range[0])
    throw misuse(`${option} needs a value or a range`, { got: text, expected: 'LOW:HIGH, such as 4000:5000' })
  return range
}
