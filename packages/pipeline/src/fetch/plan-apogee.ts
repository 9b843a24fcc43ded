import type { ApogeeKind, ApogeeRelease, ArchiveFile } from '@astrolabel/surveys'
import {
  APOGEE_KINDS,
  APOGEE_PRODUCTS,
  APOGEE_RELEASES,
  SDSS_BASE,
  apogeeFieldFolder,
  apogeeProductFile,
  apogeeStarFile,
  apogeeVisitFile,
} from '@astrolabel/surveys'
import type { CatalogRows } from './catalog-rows.js'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWord, knownWords, misuse, wholeNumbers, words } from './fetch-selection.js'
import { planMwm } from './plan-mwm.js'

const IDENTIFYING = ['APOGEE_ID', 'TELESCOPE', 'FIELD', 'LOCATION_ID', 'FILE', 'PLATE', 'MJD', 'FIBERID']

/** Releases up to this one file the stars of the 2.5 m telescope by the number of their location. */
const BY_LOCATION: ReadonlySet<ApogeeRelease> = new Set(['dr14', 'dr13', 'dr12'])

/** What LOCATION_ID says of stars that the 1 m telescope saw. */
const ONE_METRE = '1'

type StarKind = Exclude<ApogeeKind, 'apVisit'>

/** Files of APOGEE: catalogues by name, stars of fields, by identifier, by the rows of allStar, visits by those of allVisit. */
export async function planApogee(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const release = knownWord(selection.release ?? APOGEE_RELEASES[0], [...APOGEE_RELEASES, 'dr19' as const], '--release')
  if (release === 'dr19') return planMwm(selection, sources)
  const kinds = knownWords(selection.kind ?? 'apStar', APOGEE_KINDS, '--kind')
  const products = selection.product === undefined ? [] : knownWords(selection.product, APOGEE_PRODUCTS, '--product')
  const files: ArchiveFile[] = products.map((product) => apogeeProductFile(product, release))
  const { catalog, field, ids, plate } = selection
  if (catalog !== undefined) files.push(...(await ofCatalog(selection, kinds, release, sources)))
  else if (plate !== undefined) files.push(...ofPlate(selection, kinds, release))
  else if (field !== undefined) files.push(...(await ofFields(selection, kinds, release, sources)))
  else if (ids !== undefined || products.length === 0)
    throw misuse('APOGEE files stars by field, and none is given', {
      expected: '--field with or without --ids, --catalog, --plate, or --product',
      remedy: 'allStar tells the field of each star: astrolabel fetch apogee --product allStar',
    })
  return { base: SDSS_BASE, files }
}

async function ofFields(
  { field = '', ids, telescope = 'apo25m' }: FetchSelection,
  kinds: readonly ApogeeKind[],
  release: ApogeeRelease,
  sources: PlanSources,
): Promise<ArchiveFile[]> {
  const fields = words(field, '--field')
  const files: ArchiveFile[] = []
  for (const kind of starKinds(kinds, '--field'))
    for (const place of fields) {
      if (ids !== undefined) {
        if (fields.length > 1) throw misuse('--ids needs the one field that the stars are in', { got: fields })
        for (const id of words(ids, '--ids')) files.push(apogeeStarFile({ id, telescope, field: place }, kind, release))
        continue
      }
      const folder = apogeeFieldFolder(telescope, place, kind, release)
      for (const name of await sources.list(SDSS_BASE, folder))
        files.push({
          path: folder.path + name,
          ...(folder.checksums === undefined ? {} : { checksums: folder.checksums }),
        })
    }
  return files
}

function ofPlate(
  { plate = '', mjd, fibers, field, telescope = 'apo25m' }: FetchSelection,
  kinds: readonly ApogeeKind[],
  release: ApogeeRelease,
): ArchiveFile[] {
  if (kinds.some((kind) => kind !== 'apVisit'))
    throw misuse('APOGEE files only visits by plate', { got: `--kind ${kinds.join(',')}`, expected: '--kind apVisit' })
  if (mjd === undefined || fibers === undefined) throw misuse('--plate needs --mjd and --fibers')
  return wholeNumbers(fibers, '--fibers').map((fiber) =>
    apogeeVisitFile({ plate, mjd, fiber, telescope, field }, release),
  )
}

async function ofCatalog(
  { ids, field, telescope }: FetchSelection,
  kinds: readonly ApogeeKind[],
  release: ApogeeRelease,
  sources: PlanSources,
): Promise<ArchiveFile[]> {
  const rows = await sources.rows(...IDENTIFYING)
  const wanted = ids === undefined ? undefined : new Set(words(ids, '--ids'))
  const fields = field === undefined ? undefined : new Set(words(field, '--field'))
  const files: ArchiveFile[] = []
  for (const kind of kinds) {
    const fileOf = kind === 'apVisit' ? visitOfRow(rows, release) : starOfRow(rows, kind, release)
    for (let row = 0; row < rows.n; row++) {
      if (wanted !== undefined && !wanted.has(rows.cell(row, 'APOGEE_ID'))) continue
      if (fields !== undefined && !fields.has(rows.cell(row, 'FIELD')) && !fields.has(rows.cell(row, 'LOCATION_ID')))
        continue
      if (telescope !== undefined && telescopeOf(rows, row) !== telescope) continue
      const file = sources.ofRow(() => fileOf(row))
      if (file !== undefined) files.push(file)
    }
  }
  return files
}

function starOfRow(rows: CatalogRows, kind: StarKind, release: ApogeeRelease): (row: number) => ArchiveFile {
  const byLocation = BY_LOCATION.has(release)
  rows.need('APOGEE_ID')
  if (byLocation) rows.need('LOCATION_ID')
  else rows.need('FIELD')
  return (row) => {
    const telescope = telescopeOf(rows, row)
    const field = byLocation && telescope !== 'apo1m' ? rows.cell(row, 'LOCATION_ID') : rows.cell(row, 'FIELD')
    // Stars of commissioning have a suffix to their names that only FILE tells.
    const named = /^a[ps]Star-[^-]+-(.+)\.fits$/.exec(rows.cell(row, 'FILE'))?.[1]
    return apogeeStarFile({ id: named ?? rows.cell(row, 'APOGEE_ID'), telescope, field }, kind, release)
  }
}

function visitOfRow(rows: CatalogRows, release: ApogeeRelease): (row: number) => ArchiveFile {
  for (const name of ['PLATE', 'MJD', 'FIBERID']) rows.need(name)
  return (row) =>
    apogeeVisitFile(
      {
        plate: rows.cell(row, 'PLATE'),
        mjd: rows.cell(row, 'MJD'),
        fiber: rows.cell(row, 'FIBERID'),
        telescope: telescopeOf(rows, row),
        field: rows.cell(row, 'FIELD'),
      },
      release,
    )
}

function telescopeOf(rows: CatalogRows, row: number): string {
  const told = rows.cell(row, 'TELESCOPE')
  if (told !== '') return told
  return rows.cell(row, 'LOCATION_ID') === ONE_METRE ? 'apo1m' : 'apo25m'
}

function starKinds(kinds: readonly ApogeeKind[], option: string): StarKind[] {
  return kinds.map((kind) => {
    if (kind === 'apVisit')
      throw misuse(`Visits are not chosen by ${option}`, {
        expected: '--plate, --mjd and --fibers, or --catalog allVisit',
      })
    return kind
  })
}
