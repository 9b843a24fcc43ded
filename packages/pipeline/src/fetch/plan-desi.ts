import type { ArchiveFile, DesiKind, DesiRelease } from '@astrolabel/surveys'
import {
  DESI_BASE,
  DESI_KINDS,
  DESI_NSIDE,
  DESI_PRODUCTS,
  DESI_PROGRAMS,
  DESI_RELEASES,
  DESI_SURVEYS,
  desiHealpixFile,
  desiProductFile,
  desiTileFile,
  healpixInCone,
  healpixOf,
} from '@astrolabel/surveys'
import type { CatalogRows } from './catalog-rows.js'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWord, knownWords, misuse, realNumber, wholeNumbers } from './fetch-selection.js'

/** Names of positions in catalogues of DESI and others. */
const RA = ['TARGET_RA', 'RA', 'ra', 'MEAN_FIBER_RA']
const DEC = ['TARGET_DEC', 'DEC', 'dec', 'MEAN_FIBER_DEC']

/** A pixel of a survey and program. */
interface Pixel {
  readonly pixel: number | string
  readonly survey: string
  readonly program: string
  /** True when it may well have no file: whether the survey went there is not known. */
  readonly optional: boolean
}

/** Files of DESI: catalogues by name, coadds by pixel, by a cone on the sky, by tile, or by the rows of a catalogue. */
export async function planDesi(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const release = knownWord(selection.release ?? DESI_RELEASES[0], DESI_RELEASES, '--release')
  const kinds = knownWords(selection.kind ?? 'coadd', DESI_KINDS, '--kind')
  const products = selection.product === undefined ? [] : knownWords(selection.product, DESI_PRODUCTS, '--product')
  const pixels = [...pixelsOf(selection, release), ...(await pixelsOfCatalog(selection, release, sources))]
  const tiles = tilesOf(selection, kinds, release)
  if (pixels.length + tiles.length + products.length === 0 && selection.catalog === undefined)
    throw misuse('Nothing is selected', {
      expected: '--healpix, --ra with --dec and --radius, --tile with --night, --catalog or --product',
    })
  const files: ArchiveFile[] = products.map((product) => desiProductFile(product, release))
  for (const kind of kinds)
    for (const { pixel, survey, program, optional } of pixels) {
      const file = desiHealpixFile(pixel, survey, program, kind, release)
      files.push(optional ? { ...file, optional: true } : file)
    }
  return { base: DESI_BASE, files: [...files, ...tiles] }
}

/** Surveys and programs, where stars mostly are when nothing is said. */
function groupsOf({ survey, program }: FetchSelection, release: DesiRelease): { survey: string; program: string }[] {
  const surveys = knownWords(survey ?? (release === 'edr' ? 'sv3' : 'main'), DESI_SURVEYS, '--survey')
  const programs = knownWords(program ?? 'bright', DESI_PROGRAMS, '--program')
  return surveys.flatMap((one) => programs.map((other) => ({ survey: one, program: other })))
}

function pixelsOf(selection: FetchSelection, release: DesiRelease): Pixel[] {
  const { healpix, ra, dec, radius } = selection
  const groups = groupsOf(selection, release)
  const listed = healpix === undefined ? [] : wholeNumbers(healpix, '--healpix')
  const cone = ra !== undefined || dec !== undefined || radius !== undefined
  if (cone && (ra === undefined || dec === undefined))
    throw misuse('A cone on the sky needs --ra and --dec, and --radius when it is more than a point')
  const around = cone
    ? healpixInCone(
        realNumber(ra!, '--ra'),
        realNumber(dec!, '--dec'),
        realNumber(radius ?? '0', '--radius'),
        DESI_NSIDE,
      )
    : []
  return groups.flatMap((group) => [
    // Of several groups one may well lack a pixel that another has.
    ...listed.map((pixel) => ({ pixel, ...group, optional: groups.length > 1 })),
    ...around.map((pixel) => ({ pixel, ...group, optional: true })),
  ])
}

async function pixelsOfCatalog(
  selection: FetchSelection,
  release: DesiRelease,
  sources: PlanSources,
): Promise<Pixel[]> {
  if (selection.catalog === undefined) return []
  const rows = await sources.rows('HEALPIX', 'HPXPIXEL', 'SURVEY', 'PROGRAM', ...RA, ...DEC)
  const numbered = rows.has('HEALPIX', 'HPXPIXEL')
  if (!numbered) {
    rows.need(...RA)
    rows.need(...DEC)
  }
  const groups = groupsOf(selection, release)
  const pixels = new Map<string, Pixel>()
  for (let row = 0; row < rows.n; row++) {
    const pixel = numbered ? rows.cell(row, 'HEALPIX', 'HPXPIXEL') : sources.ofRow(() => pixelOfPosition(rows, row))
    if (pixel === undefined) continue
    for (const group of groupsOfRow(rows, row, selection, groups))
      if (sources.ofRow(() => desiHealpixFile(pixel, group.survey, group.program)) !== undefined)
        pixels.set([pixel, group.survey, group.program].join(' '), { pixel, ...group, optional: !numbered })
  }
  return [...pixels.values()]
}

/** A row says its own survey and program, unless the command does. */
function groupsOfRow(
  rows: CatalogRows,
  row: number,
  asked: FetchSelection,
  groups: readonly { survey: string; program: string }[],
): readonly { survey: string; program: string }[] {
  const survey = asked.survey === undefined ? rows.cell(row, 'SURVEY') : ''
  const program = asked.program === undefined ? rows.cell(row, 'PROGRAM') : ''
  if (survey === '' && program === '') return groups
  return groups.map((group) => ({ survey: survey || group.survey, program: program || group.program }))
}

function pixelOfPosition(rows: CatalogRows, row: number): number | undefined {
  const [ra, dec] = [rows.cell(row, ...RA), rows.cell(row, ...DEC)]
  const missing = [ra, dec].some((text) => text === '' || text === 'NaN')
  return missing ? undefined : healpixOf(Number(ra), Number(dec), DESI_NSIDE)
}

function tilesOf(
  { tile, night, petals }: FetchSelection,
  kinds: readonly DesiKind[],
  release: DesiRelease,
): ArchiveFile[] {
  if (tile === undefined && night === undefined && petals === undefined) return []
  if (tile === undefined || night === undefined)
    throw misuse('A tile needs --tile and --night, the last night it was observed (YYYYMMDD)')
  return kinds.flatMap((kind) =>
    wholeNumbers(petals ?? '0-9', '--petals').map((petal): ArchiveFile => {
      const file = desiTileFile(tile, night, petal, kind, release)
      // Tiles may lack a petal that was out of order.
      return petals === undefined ? { ...file, optional: true } : file
    }),
  )
}
