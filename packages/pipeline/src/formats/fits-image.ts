import type { Header, ImageHdu } from '@astrolabel/io-fits'
import { writeFitsFile } from '@astrolabel/io-fits/node'
import type { ColumnValues, RunOptions, Table } from '@astrolabel/spectra'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { NpyArray } from '@astrolabel/surveys'
import { writeNpz } from '@astrolabel/surveys'
import { writeAside } from '../run/write-aside.js'
import type { FileFormat } from './file-format.js'
import { fitsControl } from './fits-table.js'
import { alignMissing } from './table-parts.js'

/**
 * Write a FITS image in another format: one axis as a table of `wavelength` and `flux` when the header says where pixels
 * lie, else of `pixel` and `value`; any number of axes as an archive of numpy.
 *
 * @returns Rows and columns written. @throws `formats/image` for an image without data, and for images of more axes than
 * a table has.
 */
export async function convertImage(
  hdu: ImageHdu,
  output: string,
  format: FileFormat,
  writeTable: (table: Table) => Promise<number>,
  options: RunOptions = {},
): Promise<{ rows: number; columns: number }> {
  if (hdu.shape.length === 0)
    throw new AstrolabelError('formats/image', `HDU ${hdu.index} has no data`, {
      remedy: 'Choose another HDU; `astrolabel inspect` lists them',
    })
  const rows = hdu.shape[0]!
  const wave = pixelPositions(hdu.header, hdu.shape.at(-1)!)
  const image = await hdu.read(fitsControl(options))
  if (format === 'fits') {
    await writeFitsFile(
      output,
      [
        {
          kind: 'image',
          header: hdu.header,
          shape: image.shape,
          data: image.data,
          ...(image.valid === undefined ? {} : { valid: image.valid }),
        },
      ],
      fitsControl(options),
    )
  } else if (format === 'npz') {
    const data: NpyArray = { shape: image.shape, data: image.data }
    const position: [string, NpyArray][] =
      wave === undefined ? [] : [['wavelength', { shape: [wave.length], data: wave }]]
    // Of several rows some may be errors or wavelengths (LAMOST): only a single one is flux for sure.
    const name = wave !== undefined && image.shape.length === 1 ? 'flux' : 'data'
    await writeAside(output, writeNpz(new Map([...position, [name, data]])))
  } else if (hdu.shape.length === 1) {
    const values = { values: image.data as ColumnValues, ...(image.valid === undefined ? {} : { valid: image.valid }) }
    const unit = hdu.header.getString('BUNIT')
    const position =
      wave === undefined
        ? { name: 'pixel', values: Int32Array.from({ length: rows }, (_, i) => i) }
        : { name: 'wavelength', values: wave, unit: 'Angstrom' }
    const flux = { name: wave === undefined ? 'value' : 'flux', ...values, ...(unit === undefined ? {} : { unit }) }
    await writeTable(alignMissing(makeTable([position, flux])))
    return { rows, columns: 2 }
  } else {
    throw new AstrolabelError(
      'formats/image',
      `HDU ${hdu.index} is an image of ${hdu.shape.length} axes, which is no table`,
      { got: hdu.shape.join(' × '), remedy: 'Convert it to .npz' },
    )
  }
  return { rows, columns: hdu.shape[1] ?? 1 }
}

/**
 * Wavelengths of the pixels of the fastest axis, Å, by the keywords of a spectrum: COEFF0 and COEFF1 (SDSS), or CRVAL1
 * and CDELT1 or CD1_1 with CRPIX1, in log10 when DC-FLAG is 1 or CTYPE1 says LOG, in natural logarithm for WAVE-LOG
 * (Greisen et al. 2006, eq. 5).
 */
function pixelPositions(header: Header, n: number): Float64Array | undefined {
  const spectral = /^(?:WAVE|AWAV|LAMBDA|WAVELENGTH|LINEAR|LOG|MULTISPE)/i.test(
    header.getString('CTYPE1')?.trim() ?? 'LINEAR',
  )
  const start = header.getNumber('CRVAL1') ?? header.getNumber('COEFF0')
  const step = header.getNumber('CD1_1') ?? header.getNumber('CDELT1') ?? header.getNumber('COEFF1')
  if (start === undefined || step === undefined || step === 0 || !spectral) return undefined
  const unit = UNITS.get((header.getString('CUNIT1') ?? 'Angstrom').trim().toLowerCase())
  if (unit === undefined) return undefined
  const reference = header.getNumber('CRPIX1') ?? 1
  const type = header.getString('CTYPE1') ?? ''
  const natural = /-LOG$/i.test(type.trim())
  const decadic =
    !natural && (header.getNumber('DC-FLAG') === 1 || header.getNumber('CRVAL1') === undefined || /LOG/i.test(type))
  return Float64Array.from({ length: n }, (_, i) => {
    const offset = (i + 1 - reference) * step
    if (natural) return unit * start * Math.exp(offset / start)
    return decadic ? 10 ** (start + offset) : unit * (start + offset)
  })
}

/** Å in a unit of CUNIT1. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['angstrom', 1],
  ['angstroms', 1],
  ['a', 1],
  ['0.1nm', 1],
  ['nm', 10],
  ['um', 1e4],
  ['micron', 1e4],
  ['m', 1e10],
])
