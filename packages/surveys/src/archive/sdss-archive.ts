import { AstrolabelError } from '@astrolabel/spectra'
import type { ArchiveFile } from './archive-file.js'
import { numberPart, oneOf, pathPart } from './archive-file.js'
import { sasChecksums } from './sas.js'

/** Releases with single `spec-*` files whose layout is known, newest first. */
export const SDSS_RELEASES = ['dr17', 'dr16', 'dr15', 'dr14', 'dr13', 'dr12', 'dr11', 'dr10', 'dr9'] as const
export type SdssRelease = (typeof SDSS_RELEASES)[number]

/** `lite`: the coadd alone; `full`: with the single exposures. */
export const SDSS_FORMS = ['lite', 'full'] as const
export type SdssForm = (typeof SDSS_FORMS)[number]

/** Catalogues of a release. */
export const SDSS_PRODUCTS = ['specObj', 'plates', 'ssppOut'] as const
export type SdssProduct = (typeof SDSS_PRODUCTS)[number]

/** A spectrum as the archive files it. */
export interface SdssSpectrum {
  readonly plate: string | number
  readonly mjd: string | number
  readonly fiber: string | number
  /** RUN2D of the reduction, such as `26` or `v5_13_2`; tried by the number of the plate when not given. */
  readonly run2d?: string | number | undefined
}

/** Reductions of the SDSS-I and -II spectrograph; 26 are its own plates, 103 and 104 those of star clusters and SEGUE-2. */
const LEGACY = ['26', '103', '104'] as const

/** The first plate of the BOSS spectrograph. */
const FIRST_BOSS_PLATE = 3510

/** Reductions of the BOSS spectrograph in each release, the usual one first. */
const BOSS_RUNS: Record<SdssRelease, readonly string[]> = {
  dr17: ['v5_13_2'],
  dr16: ['v5_13_0'],
  dr15: ['v5_10_0'],
  dr14: ['v5_10_0'],
  dr13: ['v5_9_0'],
  dr12: ['v5_7_0', 'v5_7_2'],
  dr11: ['v5_6_5'],
  dr10: ['v5_5_12'],
  dr9: ['v5_4_45'],
}

/**
 * The file of an optical spectrum, `spec-PLATE-MJD-FIBER.fits`.
 *
 * Layout: the page "Optical Spectra Data Access API" of SDSS (`sdss`, `boss` up to DR12, `eboss` from DR13, plate and fibre
 * of four digits) and the `spec` page of its data model. Without RUN2D the reductions that may have the plate are tried in
 * turn; `full` files lie in `spectra/full` from DR16 on and beside `lite` before.
 *
 * @throws `archive/bad-identifier`.
 */
export function sdssSpecFile(
  spectrum: SdssSpectrum,
  form: SdssForm = 'lite',
  release: SdssRelease = 'dr17',
): ArchiveFile {
  const plate = numberPart(spectrum.plate, 'PLATE', 4, 1)
  const mjd = numberPart(spectrum.mjd, 'MJD', 5, 50_000)
  const fiber = numberPart(spectrum.fiber, 'FIBERID', 4, 1)
  const given = spectrum.run2d === undefined ? '' : String(spectrum.run2d).trim()
  const runs =
    given !== '' ? [pathPart(given, 'RUN2D')] : Number(plate) < FIRST_BOSS_PLATE ? LEGACY : BOSS_RUNS[release]
  const folders = runs.flatMap((run) => foldersOf(run, form, release))
  return folders
    .map((folder) => ({
      path: `${folder}/${plate}/spec-${plate}-${mjd}-${fiber}.fits`,
      checksums: sasChecksums(`${folder}/${plate}`),
    }))
    .reduceRight<ArchiveFile | undefined>(
      (rest, file) => (rest === undefined ? file : { ...file, otherwise: rest }),
      undefined,
    )!
}

/** A catalogue of a release. */
export function sdssProductFile(product: SdssProduct, release: SdssRelease = 'dr17'): ArchiveFile {
  // SSPP was last run for DR9 and released anew with DR12; later releases carry that file.
  if (product === 'ssppOut' && Number(release.slice(2)) < 12)
    throw new AstrolabelError('archive/no-product', `The layout of ssppOut in ${release} is not known`, {
      expected: 'dr12 or later',
      remedy: 'Take another release: it is the same catalogue',
    })
  const folder = product === 'ssppOut' ? `${release}/sdss/sspp` : `${release}/sdss/spectro/redux`
  const name = product === 'ssppOut' ? 'ssppOut-dr12.fits' : `${product}-${release}.fits`
  return { path: `${folder}/${name}`, checksums: sasChecksums(folder) }
}

/** Fibres, plates and nights written as `0266-51602-0031`. @throws `archive/bad-identifier`. */
export function parseSdssId(text: string): SdssSpectrum {
  const parts = /^(?:spec-)?(\d{1,5})-(\d{5})-(\d{1,4})(?:\.fits)?$/.exec(text.trim())
  if (parts === null)
    throw new AstrolabelError('archive/bad-identifier', 'This is no spectrum of the archive', {
      got: JSON.stringify(text),
      expected: 'PLATE-MJD-FIBER, such as 0266-51602-0031',
    })
  return { plate: parts[1]!, mjd: parts[2]!, fiber: parts[3]! }
}

function foldersOf(run: string, form: SdssForm, release: SdssRelease): string[] {
  const number = Number(release.slice(2))
  const legacy = (LEGACY as readonly string[]).includes(run)
  const root = `${release}/${legacy ? 'sdss' : number <= 12 ? 'boss' : 'eboss'}/spectro/redux/${run}/spectra`
  if (oneOf(form, SDSS_FORMS, 'form') === 'lite') return [`${root}/lite`]
  // Of the oldest reductions it is not documented which of the two folders a release uses.
  return number >= 16 ? (legacy ? [`${root}/full`, root] : [`${root}/full`]) : [root]
}
