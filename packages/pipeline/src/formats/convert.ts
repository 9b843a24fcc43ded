import type { FitsFile, Hdu, ImageHdu } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import type { Labels, RunOptions, Spectra, Table } from '@astrolabel/spectra'
import { AstrolabelError, labelsFromRecordBatch } from '@astrolabel/spectra'
import { readIpcFile, readSpectraFile, writeSpectraFile } from '@astrolabel/spectra/node'
import type { IngestWarning } from '@astrolabel/surveys'
import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { arrowKind, watchedSpectra } from './arrow-table.js'
import type { FileFormat } from './file-format.js'
import { formatToRead, formatToWrite, requireFile } from './file-format.js'
import { convertImage } from './fits-image.js'
import { readFitsSpectra, spectraTable, writeFitsSpectra } from './fits-spectra.js'
import { hduKey, withFits } from './fits-table.js'
import { readNpzSpectra, writeNpzSpectra } from './npz-spectra.js'
import { readNpzTable } from './npz-table.js'
import { readTable } from './read-table.js'
import { alignMissing, pickColumns } from './table-parts.js'
import { writeLabels, writeTable } from './write-table.js'

/** Options of {@link convertFile}. */
export interface ConvertOptions extends RunOptions {
  /** HDU of a FITS file by index or EXTNAME; the first table, else the first image with data when undefined. */
  readonly hdu?: number | string | undefined
  /** Columns to keep, in this order. Of spectra: with `flux` they stay spectra, without it is a table. */
  readonly columns?: readonly string[] | undefined
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
}

/** What was written. */
export interface Conversion {
  readonly rows: number
  readonly columns: number
  readonly kind: 'spectra' | 'table' | 'image'
}

/**
 * Convert a file into the format of the output's extension: .fits, .arrow, .parquet, .csv and .npz in any direction.
 *
 * Names and values stay as they are. Spectra go from and to .arrow, .npz and .fits and read back the same; a FITS image
 * becomes an archive of numpy, or a table when it has one axis. The output is written aside and renamed.
 *
 * @throws `formats/no-file`, `formats/unknown`, `formats/spectra` for spectra to .csv or .parquet, `formats/model`,
 * `formats/image`, and what reading and writing throw.
 */
export async function convertFile(input: string, output: string, options: ConvertOptions = {}): Promise<Conversion> {
  await requireFile(input)
  const from = formatToRead(input)
  const to = formatToWrite(output)
  await mkdir(dirname(output), { recursive: true })
  if (from === 'fits') return withFits(input, (file) => convertFits(file, input, output, to, options))
  if (from === 'arrow') {
    const kind = await arrowKind(input)
    if (kind === 'spectra') return convertSpectra(readSpectraFile(input), input, output, to, options)
    if (kind === 'labels' && options.columns === undefined && to !== 'npz') return convertLabels(input, output, options)
  }
  if (from === 'npz') {
    const spectra = await readNpzSpectra(input, options)
    if (spectra !== undefined) return convertSpectra(spectra, input, output, to, options)
    const arrays = alignMissing(await readNpzTable(input, { matrices: true, onWarning: options.onWarning }))
    return convertTable(
      options.columns === undefined ? arrays : pickColumns(arrays, options.columns, input),
      output,
      options,
    )
  }
  return convertTable(await readTable(input, { ...options, onProgress: undefined, canonical: false }), output, options)
}

async function convertFits(
  file: FitsFile,
  input: string,
  output: string,
  to: FileFormat,
  options: ConvertOptions,
): Promise<Conversion> {
  const spectra = options.hdu === undefined ? spectraTable(file) : undefined
  if (spectra !== undefined)
    return convertSpectra(readFitsSpectra(file, spectra, input, options), input, output, to, options)
  const hdu = chosenHdu(file, input, options)
  if (hdu.type !== 'image')
    return convertTable(
      await readTable(input, { ...options, onProgress: undefined, hdu: hdu.index, canonical: false }),
      output,
      options,
    )
  const size = await convertImage(hdu, output, to, (table) => writeTable(output, table, options), options)
  return { ...size, kind: 'image' }
}

/** The HDU that is meant: a table is what people want of a file that has one. */
function chosenHdu(file: FitsFile, input: string, { hdu, onWarning }: ConvertOptions): Hdu {
  if (hdu !== undefined) return file.hdu(hduKey(hdu))
  const hasData = (one: Hdu): one is ImageHdu => one.type === 'image' && one.shape.length > 0
  const choices = file.hdus.filter((one) => isTableHdu(one) || hasData(one))
  const chosen = choices.find(isTableHdu) ?? choices[0]
  if (chosen === undefined)
    throw new AstrolabelError('formats/nothing', `${input} has no table and no image`, {
      got: file.hdus.map((one) => `${one.index} ${one.name} (${one.type})`),
    })
  if (choices.length > 1)
    onWarning?.({
      code: 'formats/one-hdu',
      source: input,
      message: `${basename(input)} has ${choices.length} tables and images; HDU ${chosen.index} ${chosen.name} is converted, choose another with --hdu: ${choices.map((one) => `${one.index} ${one.name}`.trim()).join(', ')}`,
    })
  return chosen
}

async function convertTable(table: Table, output: string, options: ConvertOptions): Promise<Conversion> {
  return { rows: await writeTable(output, table, options), columns: table.columns.size, kind: 'table' }
}

async function convertSpectra(
  batches: AsyncIterable<Spectra>,
  input: string,
  output: string,
  to: FileFormat,
  options: ConvertOptions,
): Promise<Conversion> {
  if (options.columns !== undefined && !options.columns.some((name) => name.toLowerCase() === 'flux')) {
    return convertTable(
      await readTable(input, { ...options, onProgress: undefined, hdu: undefined, canonical: false }),
      output,
      options,
    )
  }
  if (to === 'csv' || to === 'parquet') {
    throw new AstrolabelError('formats/spectra', `Spectra do not go into a .${to} file`, {
      expected: '.npz, .arrow or .fits',
      remedy: 'Write one of these, or choose columns without flux: --columns star_id,ra,dec,snr',
    })
  }
  let columns = 0
  async function* chosen(): AsyncGenerator<Spectra> {
    for await (const batch of watchedSpectra(batches, options)) {
      const catalog =
        options.columns === undefined
          ? batch.catalog
          : pickColumns(
              batch.catalog,
              options.columns.filter((name) => !OWN.has(name.toLowerCase())),
              input,
            )
      columns = catalog.columns.size + 6 + (batch.mask === undefined ? 0 : 1) + (batch.wave === undefined ? 0 : 1)
      yield { ...batch, catalog }
    }
  }
  const write = {
    arrow: writeSpectraFile,
    npz: writeNpzSpectra,
    fits: (path: string, source: AsyncIterable<Spectra>) => writeFitsSpectra(path, source, options),
  }[to]
  return { rows: await write(output, chosen()), columns, kind: 'spectra' }
}

/** Columns that spectra have in any case. */
const OWN = new Set(['star_id', 'ra', 'dec', 'flux', 'ivar', 'mask', 'wave', 'snr', 'wavelength'])

async function convertLabels(input: string, output: string, options: ConvertOptions): Promise<Conversion> {
  let columns = 0
  async function* labels(): AsyncGenerator<Labels> {
    for await (const batch of readIpcFile(input)) {
      const part = labelsFromRecordBatch(batch)
      columns = 2 + 2 * part.labels.length + (part.extra?.columns.size ?? 0)
      yield part
    }
  }
  return { rows: await writeLabels(output, labels(), options), columns, kind: 'table' }
}
