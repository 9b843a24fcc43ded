import { AstrolabelError } from '@astrolabel/spectra'
import type { ArchiveFile, ArchiveFolder, ChecksumList } from './archive-file.js'
import { numberPart, oneOf, pathPart } from './archive-file.js'
import { sasChecksums } from './sas.js'

/** Releases of APOGEE whose layout is known, newest first. */
export const APOGEE_RELEASES = ['dr17', 'dr16', 'dr14', 'dr13', 'dr12'] as const
export type ApogeeRelease = (typeof APOGEE_RELEASES)[number]

/** Combined spectra, normalised combined spectra, and single visits. */
export const APOGEE_KINDS = ['apStar', 'aspcapStar', 'apVisit'] as const
export type ApogeeKind = (typeof APOGEE_KINDS)[number]

/** Catalogues of a release. */
export const APOGEE_PRODUCTS = ['allStar', 'allStarLite', 'allVisit'] as const
export type ApogeeProduct = (typeof APOGEE_PRODUCTS)[number]

/** A star as the archive files it. */
export interface ApogeeStar {
  /** APOGEE_ID, such as `2M00005143+5615568`. */
  readonly id: string
  /** `apo25m`, `apo1m` or `lco25m`. */
  readonly telescope: string
  /** FIELD such as `N7789`; up to DR14 for the 2.5 m telescope LOCATION_ID such as `4264`. */
  readonly field: string | number
}

/** A visit as the archive files it. */
export interface ApogeeVisit {
  readonly plate: string | number
  readonly mjd: string | number
  readonly fiber: string | number
  readonly telescope: string
  /** FIELD; folders have it from DR16 on. */
  readonly field?: string | number | undefined
}

/** Versions that name the folders and files of a release. */
interface Layout {
  /** Of the reduction. */
  readonly apred: string
  /** Folder of the aspcapStar files below `apogee/spectro/`. */
  readonly aspcap: string
  /** What comes before the identifier in the name of an aspcapStar file. */
  readonly aspcapPrefix: string
  /** True when folders are named after fields and telescopes, from DR16 on. */
  readonly byField: boolean
  readonly products: Partial<Record<ApogeeProduct, string>>
}

const LAYOUTS: Record<ApogeeRelease, Layout> = {
  dr17: {
    apred: 'dr17',
    aspcap: 'aspcap/dr17/synspec_rev1',
    aspcapPrefix: 'aspcapStar-dr17',
    byField: true,
    products: {
      allStar: 'aspcap/dr17/synspec_rev1/allStar-dr17-synspec_rev1.fits',
      allStarLite: 'aspcap/dr17/synspec_rev1/allStarLite-dr17-synspec_rev1.fits',
      allVisit: 'aspcap/dr17/synspec_rev1/allVisit-dr17-synspec_rev1.fits',
    },
  },
  dr16: {
    apred: 'r12',
    aspcap: 'aspcap/r12/l33',
    aspcapPrefix: 'aspcapStar-r12',
    byField: true,
    products: {
      allStar: 'aspcap/r12/l33/allStar-r12-l33.fits',
      allVisit: 'aspcap/r12/l33/allVisit-r12-l33.fits',
    },
  },
  dr14: {
    apred: 'r8',
    aspcap: 'redux/r8/stars/l31c/l31c.2',
    aspcapPrefix: 'aspcapStar-r8-l31c.2',
    byField: false,
    products: {
      allStar: 'redux/r8/stars/l31c/l31c.2/allStar-l31c.2.fits',
      allVisit: 'redux/r8/allVisit-l31c.2.fits',
    },
  },
  dr13: {
    apred: 'r6',
    aspcap: 'redux/r6/stars/l30e/l30e.2',
    aspcapPrefix: 'aspcapStar-r6-l30e.2',
    byField: false,
    products: {
      allStar: 'redux/r6/stars/l30e/l30e.2/allStar-l30e.2.fits',
      allVisit: 'redux/r6/allVisit-l30e.2.fits',
    },
  },
  dr12: {
    apred: 'r5',
    aspcap: 'redux/r5/stars/l25_6d/v603',
    aspcapPrefix: 'aspcapStar-r5-v603',
    byField: false,
    products: { allStar: 'redux/r5/stars/l25_6d/v603/allStar-v603.fits' },
  },
}

const TELESCOPES = ['apo25m', 'apo1m', 'lco25m'] as const

/**
 * The file of a star: `apStar` (combined) or `aspcapStar` (normalised, with labels).
 *
 * Layouts: the SDSS `tree` product (`dr16.cfg`, which DR17 inherits) for DR16 and DR17, its datamodel pages and
 * jobovy/apogee's `path.py` for DR12 to DR14. Files of the southern telescope begin with `as` instead of `ap`.
 *
 * @throws `archive/bad-identifier`, `archive/unknown`.
 */
export function apogeeStarFile(
  star: ApogeeStar,
  kind: 'apStar' | 'aspcapStar' = 'apStar',
  release: ApogeeRelease = 'dr17',
): ArchiveFile {
  const { folder, checksums } = starFolder(star.telescope, star.field, kind, release)
  const id = pathPart(star.id, 'APOGEE_ID')
  const { apred, aspcapPrefix } = LAYOUTS[release]
  const name = kind === 'aspcapStar' ? aspcapPrefix : `${prefixOf(star.telescope)}Star-${apred}`
  return { path: `${folder}/${name}-${id}.fits`, checksums }
}

/** The folder of a field, with all of its stars. @throws as {@link apogeeStarFile}. */
export function apogeeFieldFolder(
  telescope: string,
  field: string | number,
  kind: 'apStar' | 'aspcapStar' = 'apStar',
  release: ApogeeRelease = 'dr17',
): ArchiveFolder {
  const { folder, checksums } = starFolder(telescope, field, kind, release)
  const names = kind === 'apStar' ? /^a[ps]Star-.+\.fits$/ : /^aspcapStar-.+\.fits$/
  return { path: `${folder}/`, checksums, accepts: (name) => names.test(name) }
}

/**
 * The file of one visit, `apVisit`. Layout as in {@link apogeeStarFile}.
 *
 * @throws `archive/bad-identifier`, also when a release files visits by field and none is given; `archive/unknown`.
 */
export function apogeeVisitFile(visit: ApogeeVisit, release: ApogeeRelease = 'dr17'): ArchiveFile {
  const { apred, byField } = LAYOUTS[release]
  const telescope = oneOf(visit.telescope, TELESCOPES, 'telescope')
  const plate = numberPart(visit.plate, 'PLATE')
  const mjd = numberPart(visit.mjd, 'MJD', 5, 50_000)
  const root = `${release}/apogee/spectro/redux/${apred}`
  const folder = byField
    ? `${root}/visit/${telescope}/${pathPart(visit.field ?? '', 'FIELD')}/${plate}/${mjd}`
    : `${root}/${telescope}/${plate}/${mjd}`
  const name = `${prefixOf(telescope)}Visit-${apred}-${plate}-${mjd}-${numberPart(visit.fiber, 'FIBERID', 3, 1)}.fits`
  return { path: `${folder}/${name}`, checksums: sasChecksums(folder) }
}

/** A catalogue of a release. @throws `archive/no-product` listing those that the release has. */
export function apogeeProductFile(product: ApogeeProduct, release: ApogeeRelease = 'dr17'): ArchiveFile {
  const { products } = LAYOUTS[release]
  const path = products[product]
  if (path === undefined)
    throw new AstrolabelError('archive/no-product', `${release} has no ${product} that can be downloaded`, {
      expected: `one of ${Object.keys(products).join(', ')}`,
    })
  const whole = `${release}/apogee/spectro/${path}`
  return { path: whole, checksums: sasChecksums(whole.slice(0, whole.lastIndexOf('/'))) }
}

function starFolder(
  telescope: string,
  field: string | number,
  kind: 'apStar' | 'aspcapStar',
  release: ApogeeRelease,
): { folder: string; checksums: ChecksumList } {
  const { apred, aspcap, byField } = LAYOUTS[release]
  const scope = oneOf(telescope, TELESCOPES, 'telescope')
  const place = pathPart(field, byField ? 'FIELD' : 'LOCATION_ID')
  const root = `${release}/apogee/spectro`
  const folder =
    kind === 'apStar'
      ? `${root}/redux/${apred}/stars/${scope}/${place}`
      : byField
        ? `${root}/${aspcap}/${scope}/${place}`
        : `${root}/${aspcap}/${place}`
  return { folder, checksums: sasChecksums(folder) }
}

function prefixOf(telescope: string): string {
  return telescope.trim().toLowerCase() === 'lco25m' ? 'as' : 'ap'
}
