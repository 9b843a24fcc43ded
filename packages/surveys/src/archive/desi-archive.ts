import { AstrolabelError } from '@astrolabel/spectra'
import type { ArchiveFile, ChecksumList } from './archive-file.js'
import { numberPart, oneOf } from './archive-file.js'

/** Base address of DESI's public releases, below which each has a folder. */
export const DESI_BASE = 'https://data.desi.lbl.gov/public/'

/** Releases, newest first. */
export const DESI_RELEASES = ['dr1', 'edr'] as const
export type DesiRelease = (typeof DESI_RELEASES)[number]

export const DESI_SURVEYS = ['main', 'sv1', 'sv2', 'sv3', 'special', 'cmx'] as const
export const DESI_PROGRAMS = ['bright', 'dark', 'backup', 'other'] as const

/** Spectra of targets, spectra of exposures, redshifts, and stellar labels by RVSpecFit. */
export const DESI_KINDS = ['coadd', 'spectra', 'redrock', 'rvtab'] as const
export type DesiKind = (typeof DESI_KINDS)[number]

/** Catalogues of a release: all redshifts, stellar labels of the Milky Way Survey, and which pixels and tiles there are. */
export const DESI_PRODUCTS = ['zall-pix', 'mwsall-pix', 'tilepix', 'tiles'] as const
export type DesiProduct = (typeof DESI_PRODUCTS)[number]

/** NSIDE of the pixels by which spectra are filed, in nested order. */
export const DESI_NSIDE = 64

const REDUCTION: Record<DesiRelease, string> = { dr1: 'iron', edr: 'fuji' }

/** Pixels share a folder by the hundred. */
const GROUP = 100

/** Petals of the focal plane, 500 fibres each. */
const PETALS = 10

/**
 * The file of a pixel of the sky, all tiles taken together.
 *
 * Layout: desidatamodel, `DESI_SPECTRO_REDUX/SPECPROD/healpix/SURVEY/PROGRAM/PIXGROUP/PIXNUM`. A pixel that a survey and
 * program did not reach has no file. `rvtab` are those of the Milky Way Survey's value-added
 * catalogue v1.0 of DR1.
 *
 * @throws `archive/bad-identifier`, `archive/unknown`, `archive/no-product` for `rvtab` of EDR.
 */
export function desiHealpixFile(
  pixel: number | string,
  survey: string,
  program: string,
  kind: DesiKind = 'coadd',
  release: DesiRelease = 'dr1',
): ArchiveFile {
  const number = Number(numberPart(pixel, 'HEALPix pixel'))
  if (number >= 12 * DESI_NSIDE ** 2)
    throw new AstrolabelError('archive/bad-identifier', `This is no pixel of NSIDE ${DESI_NSIDE}`, {
      got: number,
      expected: `0 to ${12 * DESI_NSIDE ** 2 - 1}`,
    })
  const group = oneOf(survey, DESI_SURVEYS, 'survey of DESI')
  const condition = oneOf(program, DESI_PROGRAMS, 'program of DESI')
  const place = `healpix/${group}/${condition}/${Math.floor(number / GROUP)}/${number}`
  if (kind === 'rvtab') {
    if (release !== 'dr1')
      throw new AstrolabelError('archive/no-product', `The layout of rvtab files in ${release} is not known`, {
        expected: 'dr1',
        remedy: 'Take the catalogue mwsall-pix instead',
      })
    const folder = `${milkyWayFolder(release)}/rv_output/240520/${place}`
    return { path: `${folder}/rvtab_coadd-${group}-${condition}-${number}.fits` }
  }
  const folder = `${reductionFolder(release)}/${place}`
  return {
    path: `${folder}/${kind}-${group}-${condition}-${number}.fits`,
    checksums: desiChecksums(folder),
  }
}

/**
 * The file of a petal of a tile, all its nights up to `night` taken together (`tiles/cumulative`, as in desidatamodel).
 *
 * @throws `archive/bad-identifier`, `archive/no-product` for kinds that tiles do not have.
 */
export function desiTileFile(
  tile: number | string,
  night: number | string,
  petal: number | string,
  kind: DesiKind = 'coadd',
  release: DesiRelease = 'dr1',
): ArchiveFile {
  if (kind === 'rvtab')
    throw new AstrolabelError('archive/no-product', 'Labels of RVSpecFit are taken by pixel of the sky, not by tile')
  const number = numberPart(tile, 'tile', 1, 1)
  const last = numberPart(night, 'night (YYYYMMDD)', 8, 20_190_101)
  const part = Number(numberPart(petal, 'petal'))
  if (part >= PETALS)
    throw new AstrolabelError('archive/bad-identifier', 'This is no petal', { got: part, expected: '0 to 9' })
  const folder = `${reductionFolder(release)}/tiles/cumulative/${number}/${last}`
  return {
    path: `${folder}/${kind}-${part}-${number}-thru${last}.fits`,
    checksums: desiChecksums(folder),
  }
}

/** A catalogue of a release. */
export function desiProductFile(product: DesiProduct, release: DesiRelease = 'dr1'): ArchiveFile {
  const reduction = REDUCTION[release]
  const root = reductionFolder(release)
  switch (product) {
    case 'zall-pix':
      return inFolder(release === 'dr1' ? `${root}/zcatalog/v1` : `${root}/zcatalog`, `zall-pix-${reduction}.fits`)
    case 'mwsall-pix':
      return inFolder(milkyWayFolder(release), `mwsall-pix-${reduction}.fits`)
    case 'tilepix':
      return inFolder(`${root}/healpix`, 'tilepix.fits')
    case 'tiles':
      return inFolder(root, `tiles-${reduction}.fits`)
  }
}

function inFolder(folder: string, name: string): ArchiveFile {
  return { path: `${folder}/${name}`, checksums: desiChecksums(folder) }
}

function reductionFolder(release: DesiRelease): string {
  return `${release}/spectro/redux/${REDUCTION[release]}`
}

function milkyWayFolder(release: DesiRelease): string {
  return `${release}/vac/${release}/mws/${REDUCTION[release]}/v1.0`
}

/**
 * The list of SHA-256 digests of a folder: it lies in the folder and is named after its path from `redux` on, such as
 * `redux_iron_healpix_main_dark_100_10000.sha256sum`, or from the release on for value-added catalogues.
 */
function desiChecksums(folder: string): ChecksumList {
  const parts = folder.split('/')
  return {
    path: `${folder}/${parts.slice(Math.max(0, parts.indexOf('redux'))).join('_')}.sha256sum`,
    algorithm: 'sha256',
  }
}
