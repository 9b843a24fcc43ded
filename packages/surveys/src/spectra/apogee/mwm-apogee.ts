import type { FitsFile } from '@astrolabel/io-fits'
import { makeTable } from '@astrolabel/spectra'
import type { SpectraMeta } from '@astrolabel/spectra'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import { APOGEE_PIXMASK } from '../../masks/apogee.js'
import { FLUX_UNIT, apogeeMeta } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import { magnitudes } from './apstar-file.js'
import { mwmGrid, mwmRelease, mwmSpectra } from '../mwm-file.js'
import type { StarRow } from '../star-rows.js'

/** Columns about a spectrum that are carried, where a file has them. */
const SCALARS = 'telescope apred mjd fiber n_visits v_rad e_v_rad std_v_rad spectrum_flags'.split(' ')

/**
 * Metadata of an mwmStar or mwmVisit file of DR19: on APOGEE's logarithmic grid, at rest.
 *
 * @throws `surveys/no-spectrum` when it has no APOGEE spectrum, `surveys/no-wavelength`.
 */
export async function mwmApogeeMeta(file: FitsFile, source: string, options: ApogeeReadOptions): Promise<SpectraMeta> {
  const meta = apogeeMeta(file, source, {
    wavelength: await mwmGrid(file, source, 'APOGEE', options),
    frame: 'rest',
    stage: 'raw',
    fluxUnit: FLUX_UNIT,
    maskBits: APOGEE_PIXMASK.bits,
  })
  return { ...meta, release: mwmRelease(file) }
}

/**
 * The APOGEE spectra of an mwmStar file, one a telescope, or of an mwmVisit file, one a visit. Those of BOSS beside them
 * are left out.
 *
 * @throws `surveys/no-spectrum`, `surveys/not-a-spectrum` when columns do not fit one another.
 */
export async function* mwmApogeeRows(
  file: FitsFile,
  source: string,
  options: ApogeeReadOptions,
): AsyncGenerator<StarRow> {
  const { header } = file.hdus[0]!
  for await (const spectrum of mwmSpectra(file, source, 'APOGEE', SCALARS, options)) {
    const { word, number, ...star } = spectrum
    yield {
      ...star,
      offset: 0,
      catalog: makeTable([
        wordsColumn('sdss_id', [star.starId]),
        wordsColumn('APOGEE_ID', [header.getString('APOGEEID')]),
        wordsColumn('star_group', [star.starId]),
        wordsColumn('TELESCOPE', [word('telescope')]),
        wordsColumn('APRED', [word('apred')]),
        integersColumn('MJD', [number('mjd')]),
        integersColumn('FIBER', [number('fiber')]),
        integersColumn('NVISITS', [number('n_visits')]),
        numbersColumn('v_rad', [number('v_rad')], 'km/s'),
        numbersColumn('v_rad_err', [number('e_v_rad')], 'km/s'),
        numbersColumn('VSCATTER', [number('std_v_rad')], 'km/s'),
        flagsColumn('STARFLAG', [number('spectrum_flags')]),
        ...magnitudes(header, '_MAG'),
      ]),
    }
  }
}
