/**
 * Mask bits that make a pixel bad unless a chain says otherwise, by survey.
 *
 * - `apogee`: bits 0–7 and 14, jobovy's BADPIXMASK and NOT_ENOUGH_PSF; the others mark pixels that are only less certain,
 *   which their ivar says.
 * - `sdss`: none, as what is very bad has ivar 0 (SPPIXMASK, DR9 and later).
 *
 * Every bit for all other surveys: in DESI's specmask a pixel that is not 0 is bad.
 */
const SURVEY_BITS: Readonly<Record<string, readonly string[] | 'none'>> = {
  apogee: ['BADPIX', 'CRPIX', 'SATPIX', 'UNFIXABLE', 'BADDARK', 'BADFLAT', 'BADERR', 'NOSKY', 'NOT_ENOUGH_PSF'],
  sdss: 'none',
}

/** The bits that a survey itself would leave out; `any` where nothing else is known. */
export function surveyBits(survey: string): readonly string[] | 'any' | 'none' {
  return Object.hasOwn(SURVEY_BITS, survey) ? SURVEY_BITS[survey]! : 'any'
}
