import type { ChecksumList } from './archive-file.js'

/** Base address of the Science Archive Server of SDSS, below which each release has a folder. */
export const SDSS_BASE = 'https://data.sdss.org/sas/'

/** How many parts of a folder's path name its list of digests. */
const NAMED_PARTS = 4

/**
 * The list of SHA-1 digests of a folder of the SDSS archive: it lies in the folder and is named after the last four parts
 * of its path, such as `r8_stars_apo25m_4264.sha1sum` (as astroNN's downloader uses them for DR13 and DR14). A downloader
 * should look at the folder's page when it is not there.
 */
export function sasChecksums(folder: string): ChecksumList {
  return { path: `${folder}/${folder.split('/').slice(-NAMED_PARTS).join('_')}.sha1sum`, algorithm: 'sha1' }
}
