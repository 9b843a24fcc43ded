import type { ArchiveFile } from './archive-file.js'
import { numberPart } from './archive-file.js'

/**
 * Base address of single files of the MILES library: the copy that the SDSS collaboration keeps with its MaNGA analysis
 * pipeline (sdss/mangadap on GitHub), at one commit, so that it does not change.
 */
export const MILES_BASE =
  'https://raw.githubusercontent.com/sdss/mangadap/abe6e6f4c85e23316959c8e196482c8e8b9ca92c/mangadap/data/spectral_templates/miles/'

/** Base address of the archives of the whole library at the Instituto de Astrofísica de Canarias. */
export const MILES_LIBRARY_BASE = 'https://research.iac.es/proyecto/miles/media/tarfiles/Stellar_Libraries/'

/** The spectrum of a star by its number, 1 to 985, at 2.5 Å resolution. @throws `archive/bad-identifier`. */
export function milesFile(number: number | string): ArchiveFile {
  const text = String(number)
    .trim()
    .replace(/^[sm](?=\d)/i, '')
  return { path: `MILES_res2.50_star_m${numberPart(text, 'number of a MILES star', 4, 1)}V.fits` }
}

/** Teff, log g and [Fe/H] of the stars of the copy. */
export function milesParametersFile(): ArchiveFile {
  return { path: 'MILES_params.db' }
}

/** The whole library v9.1 as one `.tar.gz`, below {@link MILES_LIBRARY_BASE}. */
export function milesLibraryFile(): ArchiveFile {
  return { path: 'MILES_library_v9.1_FITS.tar.gz' }
}
