import type { ArchiveFile } from './archive-file.js'
import { numberPart } from './archive-file.js'
import { sasChecksums } from './sas.js'

/** The release of SDSS-V whose layout is known, and the version of the analysis in it. */
const RELEASE = 'dr19'
const ASTRA = '0.6.0'

/**
 * The combined spectra of a star of SDSS-V's Milky Way Mapper, `mwmStar`, of APOGEE and BOSS in one file.
 *
 * Layout: the page "Astra output files" of DR19; folders are named after the third and fourth digit from the end of the
 * SDSS_ID, then the last two (`sdss_id_groups` of sdss_access).
 *
 * @throws `archive/bad-identifier`.
 */
export function mwmStarFile(sdssId: number | string | bigint): ArchiveFile {
  const id = numberPart(sdssId, 'SDSS_ID', 1, 1)
  const digits = id.padStart(4, '0')
  const folder = `${RELEASE}/spectro/astra/${ASTRA}/spectra/star/${digits.slice(-4, -2)}/${digits.slice(-2)}`
  return { path: `${folder}/mwmStar-${ASTRA}-${id}.fits`, checksums: sasChecksums(folder) }
}

/** The labels of all stars of DR19 by ASPCAP, which took the place of allStar. */
export function mwmCatalogFile(): ArchiveFile {
  const folder = `${RELEASE}/spectro/astra/${ASTRA}/summary`
  return { path: `${folder}/astraAllStarASPCAP-${ASTRA}.fits.gz`, checksums: sasChecksums(folder) }
}
