import type { FitsFile, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { SpectraMeta } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { flagsColumn, integersColumn, numbersColumn, wordsColumn } from '../../catalog/value-columns.js'
import { APOGEE_PIXMASK } from '../../masks/apogee.js'
import { FLUX_UNIT, apogeeId, apogeeMeta, fluxAndIvar, pixelMask } from './apogee-file.js'
import type { ApogeeReadOptions } from './apogee-file.js'
import { magnitudes } from './apstar-file.js'
import type { StarRow } from '../star-rows.js'

/** Metadata of apVisit files, whose wavelengths are told by their first star's: each star has its own. */
export function apVisitMeta(file: FitsFile, source: string, wave: Float64Array): SpectraMeta {
  return apogeeMeta(file, source, {
    wavelength: { kind: 'explicit', values: [...wave], medium: 'vacuum' },
    frame: 'observed',
    stage: 'raw',
    fluxUnit: FLUX_UNIT,
    maskBits: APOGEE_PIXMASK.bits,
  })
}

/**
 * The star of an apVisit file: HDU 1 flux, 2 error, 3 mask, 4 wavelengths, a chip a row, red first and descending; here
 * they ascend, chip after chip. `v_observed` (VRAD) is the velocity in the frame of the spectrum, VHELIO is corrected
 * for the motion of the Earth.
 *
 * @throws `surveys/not-a-spectrum` when the matrices differ or the wavelengths do not ascend.
 */
export async function apVisitRow(file: FitsFile, source: string, options: ApogeeReadOptions): Promise<StarRow> {
  const hdus = [1, 2, 3, 4].map((index) => file.image(index)) as [ImageHdu, ImageHdu, ImageHdu, ImageHdu]
  const shape = String(hdus[0].shape)
  for (const hdu of hdus) {
    if (String(hdu.shape) === shape) continue
    throw new AstrolabelError('surveys/not-a-spectrum', `The images of ${source} do not fit one another`, {
      got: hdu.shape.join(' × '),
      expected: hdus[0].shape.join(' × '),
      remedy: 'Fetch the file again',
    })
  }
  const [flux, error, mask, wave] = await Promise.all(
    hdus.map(async (hdu) => (await hdu.read(readControl(options))).data as Float64Array),
  )
  const descending = wave![0]! > wave!.at(-1)!
  const ordered = (values: Float64Array): Float64Array => {
    const out = Float64Array.from(values, Number)
    return descending ? out.reverse() : out
  }
  const own = ordered(wave!)
  const wrong = own.findIndex((value, i) => !(value > 0) || (i > 0 && !(value > own[i - 1]!)))
  if (wrong >= 0) {
    throw new AstrolabelError('surveys/not-a-spectrum', `The wavelengths of ${source} are not in order`, {
      got: `pixel ${wrong} at ${own[wrong]} Å`,
      expected: 'three chips one after another, without overlaps',
      remedy: 'Leave the file out',
    })
  }
  const { header } = file.hdus[0]!
  const number = (key: string): number | undefined => header.getNumber(key)
  const starId = apogeeId(header, source)
  return {
    starId,
    ra: number('RA') ?? Number.NaN,
    dec: number('DEC') ?? Number.NaN,
    offset: 0,
    ...fluxAndIvar(ordered(flux!), ordered(error!)),
    mask: pixelMask(ordered(mask!), hdus[2].bitpix),
    wave: own,
    catalog: makeTable([
      wordsColumn('APOGEE_ID', [starId]),
      wordsColumn('star_group', [starId]),
      wordsColumn('PLATE', [header.getString('PLATE') ?? number('PLATE')?.toString()]),
      integersColumn('MJD', [number('MJD5')]),
      integersColumn('FIBER', [number('FIBERID')]),
      wordsColumn('TELESCOPE', [header.getString('TELESCOP')]),
      integersColumn('LOCATION_ID', [number('LOCID')]),
      numbersColumn('v_observed', [number('VRAD')], 'km/s'),
      numbersColumn('v_observed_err', [number('VRADERR')], 'km/s'),
      numbersColumn('VHELIO', [number('VHELIO')], 'km/s'),
      flagsColumn('STARFLAG', [number('STARFLAG')]),
      ...magnitudes(header),
    ]),
  }
}
