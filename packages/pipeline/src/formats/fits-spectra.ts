import type { FitsFile, HduInput, TableHdu } from '@astrolabel/io-fits'
import { writeFitsFile } from '@astrolabel/io-fits/node'
import type { Column, RunOptions, Spectra } from '@astrolabel/spectra'
import {
  AstrolabelError,
  MAX_BATCH_ROWS,
  columnNumbers,
  columnStrings,
  concatSpectra,
  makeSpectra,
  makeTable,
  pixelWavelengths,
  throwIfAborted,
} from '@astrolabel/spectra'
import { readFitsTable } from '@astrolabel/surveys'
import { fitsColumns, fitsControl } from './fits-table.js'
import { freeCatalogNames, packMeta, unpackMeta } from './spectra-meta.js'
import { alignMissing } from './table-parts.js'

const META_KEY = 'ASTROLBL'
const OWN = ['STAR_ID', 'RA', 'DEC', 'FLUX', 'IVAR', 'MASK', 'WAVE', 'SNR']

/**
 * Write spectra as FITS: the binary table `SPECTRA` (STAR_ID, RA, DEC, FLUX, IVAR, SNR, MASK and WAVE where there are
 * any, then the catalogue), and the image `WAVELENGTH` (nPix, Å). Everything else stands as JSON in the keyword ASTROLBL
 * of the table, from which {@link readFitsSpectra} restores it. All of it is in memory.
 *
 * @returns Stars written. @throws `fits/bad-input` for strings outside printable ASCII, naming the column.
 */
export async function writeFitsSpectra(
  path: string,
  batches: AsyncIterable<Spectra>,
  options: RunOptions = {},
): Promise<number> {
  const all: Spectra[] = []
  for await (const batch of batches) all.push(batch)
  const spectra = concatSpectra(all)
  await writeFitsFile(path, hdusOf(spectra), fitsControl(options))
  return spectra.n
}

function hdusOf(spectra: Spectra): HduInput[] {
  const { n, nPix, meta } = spectra
  const matrix = (name: string, values: Float32Array | Float64Array | Uint32Array, unit?: string): Column => ({
    name,
    values,
    width: nPix,
    ...(unit === undefined ? {} : { unit }),
  })
  const own: Column[] = [
    { name: 'STAR_ID', values: spectra.starId },
    { name: 'RA', values: spectra.ra, unit: 'deg' },
    { name: 'DEC', values: spectra.dec, unit: 'deg' },
    matrix('FLUX', spectra.flux, ascii(meta.fluxUnit)),
    matrix('IVAR', spectra.ivar),
    { name: 'SNR', values: spectra.snr },
  ]
  if (spectra.mask !== undefined) own.push(matrix('MASK', spectra.mask))
  if (spectra.wave !== undefined) own.push(matrix('WAVE', spectra.wave, 'Angstrom'))
  const table = makeTable([...own, ...freeCatalogNames(spectra, OWN).columns.values()], n)
  return [
    {
      kind: 'table',
      name: 'SPECTRA',
      rows: n,
      header: { [META_KEY]: [packMeta(meta), 'metadata'] },
      columns: fitsColumns(table),
    },
    { kind: 'image', name: 'WAVELENGTH', header: { BUNIT: 'Angstrom' }, data: pixelWavelengths(meta) },
  ]
}

/** Units are free text inside, and the metadata keep what a FITS keyword cannot. */
function ascii(text: string | undefined): string | undefined {
  return text !== undefined && /^[\x20-\x7e]*$/.test(text) ? text : undefined
}

/** The table of spectra that {@link writeFitsSpectra} wrote into a file, if it did. */
export function spectraTable(file: FitsFile): TableHdu | undefined {
  return file.hdus.find((hdu): hdu is TableHdu => hdu.type === 'bintable' && hdu.header.has(META_KEY))
}

/** Batches of spectra that {@link writeFitsSpectra} wrote. @throws `spectra/damaged`. */
export async function* readFitsSpectra(
  file: FitsFile,
  hdu: TableHdu,
  source: string,
  options: RunOptions = {},
): AsyncGenerator<Spectra> {
  const wave = await file.image('WAVELENGTH').read()
  const meta = unpackMeta(hdu.header.getString(META_KEY) ?? '', Float64Array.from(wave.data as Float64Array), source)
  for (let start = 0; start === 0 || start < hdu.rows; start += MAX_BATCH_ROWS) {
    throwIfAborted(options)
    const table = alignMissing(
      await readFitsTable(file, {
        hdu: hdu.index,
        rows: [start, Math.min(start + MAX_BATCH_ROWS, hdu.rows)],
        signal: options.signal,
      }),
    )
    const take = (name: string): Column => {
      const column = table.columns.get(name)
      if (column === undefined)
        throw new AstrolabelError('spectra/damaged', `The spectra in ${source} lack column ${name}`, {
          remedy: 'Convert the original again',
        })
      return column
    }
    const values = <T>(name: string): T => take(name).values as T
    yield makeSpectra({
      meta,
      starId: columnStrings(take('STAR_ID')),
      ra: columnNumbers(take('RA')),
      dec: columnNumbers(take('DEC')),
      flux: values<Float32Array>('FLUX'),
      ivar: values<Float32Array>('IVAR'),
      snr: values<Float32Array>('SNR'),
      ...(table.columns.has('MASK') ? { mask: values<Uint32Array>('MASK') } : {}),
      ...(table.columns.has('WAVE') ? { wave: values<Float64Array>('WAVE') } : {}),
      catalog: makeTable(
        [...table.columns.values()].filter((column) => !OWN.includes(column.name)),
        table.n,
      ),
    })
  }
}
