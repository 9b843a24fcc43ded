import type { ArchiveFile, SdssSpectrum } from '@astrolabel/surveys'
import {
  SDSS_BASE,
  SDSS_FORMS,
  SDSS_PRODUCTS,
  SDSS_RELEASES,
  parseSdssId,
  sdssProductFile,
  sdssSpecFile,
} from '@astrolabel/surveys'
import type { FetchPlan, PlanSources } from './fetch-plan.js'
import type { FetchSelection } from './fetch-selection.js'
import { knownWord, knownWords, misuse, wholeNumbers, words } from './fetch-selection.js'

/** Files of SDSS, BOSS and eBOSS: catalogues by name, spectra by plate, night and fibre, or by the rows of a catalogue. */
export async function planSdss(selection: FetchSelection, sources: PlanSources): Promise<FetchPlan> {
  const release = knownWord(selection.release ?? SDSS_RELEASES[0], SDSS_RELEASES, '--release')
  const forms = knownWords(selection.kind ?? 'lite', SDSS_FORMS, '--kind')
  const products = selection.product === undefined ? [] : knownWords(selection.product, SDSS_PRODUCTS, '--product')
  const spectra = await spectraOf(selection, sources)
  if (spectra.length === 0 && products.length === 0 && selection.catalog === undefined)
    throw misuse('Nothing is selected', { expected: '--plate, --mjd and --fibers, --ids, --catalog or --product' })
  const files: ArchiveFile[] = products.map((product) => sdssProductFile(product, release))
  for (const form of forms) for (const spectrum of spectra) files.push(sdssSpecFile(spectrum, form, release))
  return { base: SDSS_BASE, files }
}

async function spectraOf(selection: FetchSelection, sources: PlanSources): Promise<SdssSpectrum[]> {
  const { catalog, ids, plate, mjd, fibers, run2d } = selection
  const out: SdssSpectrum[] = ids === undefined ? [] : words(ids, '--ids').map((id) => ({ ...parseSdssId(id), run2d }))
  if (plate !== undefined || mjd !== undefined || fibers !== undefined) {
    if (plate === undefined || mjd === undefined || fibers === undefined)
      throw misuse('A spectrum is found by --plate, --mjd and --fibers together')
    for (const fiber of wholeNumbers(fibers, '--fibers')) out.push({ plate, mjd, fiber, run2d })
  }
  if (catalog === undefined) return out
  const rows = await sources.rows('PLATE', 'MJD', 'FIBERID', 'FIBER', 'RUN2D')
  rows.need('PLATE')
  rows.need('MJD')
  rows.need('FIBERID', 'FIBER')
  for (let row = 0; row < rows.n; row++) {
    const spectrum = {
      plate: rows.cell(row, 'PLATE'),
      mjd: rows.cell(row, 'MJD'),
      fiber: rows.cell(row, 'FIBERID', 'FIBER'),
      run2d: run2d ?? rows.cell(row, 'RUN2D'),
    }
    if (sources.ofRow(() => sdssSpecFile(spectrum)) !== undefined) out.push(spectrum)
  }
  return out
}
