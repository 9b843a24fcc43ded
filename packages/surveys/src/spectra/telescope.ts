import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'

/** Files that look like those of another survey: whose they are stands in TELESCOP. */
const TELESCOPES: Readonly<Record<'sdss' | 'lamost', RegExp>> = { sdss: /^\s*SDSS/i, lamost: /^\s*LAMOST/i }

/**
 * Refuse a file of SDSS as one of LAMOST, and the other way round: images of both have rows of one number that mean
 * something else, so that a file would be read without complaint and wrong.
 *
 * @throws `surveys/other-survey`, naming the reader to take.
 */
export function refuseOther(file: FitsFile, source: string, survey: 'sdss' | 'lamost'): void {
  const other = survey === 'sdss' ? 'lamost' : 'sdss'
  const telescope = file.hdus[0]?.header.getString('TELESCOP') ?? ''
  if (!TELESCOPES[other].test(telescope)) return
  throw new AstrolabelError('surveys/other-survey', `${source} is no file of ${survey.toUpperCase()}`, {
    got: `TELESCOP ${telescope.trim()}`,
    remedy: `Read it as ${other}`,
  })
}
