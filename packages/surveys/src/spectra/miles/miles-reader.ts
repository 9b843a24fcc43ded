import { openFits } from '@astrolabel/io-fits'
import type { ByteSource, FitsFile, Header } from '@astrolabel/io-fits'
import { AstrolabelError, findColumn, findLabel, makeSpectra, makeTable, pixelCount } from '@astrolabel/spectra'
import type { LinearGrid, Log10Grid, Spectra, SpectraMeta, SurveyReader, Table } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { indexCatalog, joinCatalog } from '../../catalog/join-catalog.js'
import type { CatalogIndex } from '../../catalog/join-catalog.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { stemOf } from '../file-stem.js'
import { requireSamePixels } from '../same-pixels.js'
import { VERSION } from '../../version.js'

/** Options of the reader of MILES. */
export interface MilesReadOptions extends ReadOptions {
  /** Labels by `number`, from parseMilesParams; or any catalogue with `star_id`. None is needed to read spectra. */
  readonly labels?: Table | undefined
  /** Names and spectral types by `number`, from parseMilesNames. */
  readonly names?: Table | undefined
  /** Release, such as `v9.1`. */
  readonly release?: string | undefined
}

interface Row {
  readonly starId: string
  readonly number: string
  readonly flux: ArrayLike<number | bigint>
}

interface Lookups {
  readonly labels: CatalogIndex | undefined
  readonly names: CatalogIndex | undefined
}

/**
 * Reads the MILES library: one-dimensional FITS images, one a star, linear in air wavelengths at rest.
 *
 * MILES has no errors: ivar is 1 where flux is finite and above 0, else 0 (its gaps are exact zeros, and a calibrated
 * flux is never below). Each star gets `number` and `star_group`, by which a split keeps observations of one star
 * together: its name where known, else its identifier.
 */
export const milesReader: SurveyReader<readonly FileSource[], MilesReadOptions> = {
  survey: 'miles',
  async *read(sources, options) {
    const step = batchRowsOf(options)
    const lookups = lookupsOf(options)
    let first: { name: string; meta: SpectraMeta } | undefined
    let rows: Row[] = []
    let missing = 0
    let n = 0
    for await (const { name, flux, grid } of eachFile(sources, options, (bytes, source) =>
      readImage(bytes, source, options),
    )) {
      const meta: SpectraMeta = {
        wavelength: grid,
        frame: 'rest',
        stage: 'raw',
        survey: 'miles',
        release: options.release ?? '',
        noise: 'unknown',
        history: [],
        version: VERSION,
      }
      if (first !== undefined) requireSamePixels(first, { name, meta })
      first ??= { name, meta }
      const { starId, number } = identify(name)
      rows.push({ flux, starId, number })
      n++
      if (
        lookups.labels !== undefined &&
        !lookups.labels.rowOf.has(lookups.labels.idColumn === 'number' ? number : starId)
      )
        missing++
      if (rows.length === step) {
        yield batch(rows, first.meta, sources.length, lookups)
        rows = []
      }
    }
    if (first !== undefined && rows.length > 0) yield batch(rows, first.meta, sources.length, lookups)
    if (missing > 0)
      options.onWarning?.({
        code: 'surveys/not-in-catalog',
        source: 'the catalogue of labels',
        message: `${missing} of ${n} stars are not in the catalogue (matched by ${lookups.labels!.idColumn})`,
      })
  },
}

async function* readImage(
  bytes: ByteSource,
  source: FileSource,
  options: ReadOptions,
): AsyncGenerator<{ name: string; flux: Row['flux']; grid: LinearGrid | Log10Grid }> {
  const file = await openFits(bytes)
  const hdu = file.image(imageIndex(file))
  if (hdu.shape.length === 0 || hdu.shape.slice(0, -1).some((axis) => axis !== 1)) {
    throw new AstrolabelError('surveys/not-a-spectrum', `${source.name} holds no single spectrum`, {
      got: `an image of ${hdu.shape.join(' × ') || 'no pixels'}`,
      expected: 'one row of pixels',
    })
  }
  const grid = headerGrid(hdu.header, hdu.shape.at(-1)!, source.name)
  const { data } = await hdu.read(readControl(options))
  yield { name: source.name, flux: data, grid }
}

/** The primary HDU, else the first image with pixels; that of a file without any is left to fail with what it is. */
function imageIndex(file: FitsFile): number {
  const found = file.hdus.findIndex((hdu) => hdu.type === 'image' && hdu.shape.length > 0)
  return found >= 0 ? found : Math.min(1, file.hdus.length - 1)
}

function headerGrid(header: Header, length: number, source: string): LinearGrid | Log10Grid {
  const value = header.getNumber('CRVAL1')
  const step = header.getNumber('CDELT1') ?? header.getNumber('CD1_1')
  if (value === undefined || step === undefined || !(step > 0)) {
    throw new AstrolabelError('surveys/no-wavelength', `${source} does not say where its pixels lie`, {
      got: `CRVAL1 ${value ?? 'absent'}, CDELT1 ${step ?? 'absent'}`,
      expected: 'CRVAL1 and CDELT1 (or CD1_1), in Å',
      remedy: 'Add them to its header',
    })
  }
  // IRAF marks logarithmic pixels by DC-FLAG; a first wavelength below 10 Å can only be a logarithm.
  const kind = header.getNumber('DC-FLAG') === 1 || value < 10 ? 'log10' : 'linear'
  return { kind, start: value + (1 - (header.getNumber('CRPIX1') ?? 1)) * step, step, length, medium: 'air' }
}

/** `MILES_res2.50_star_m0001V.fits` → m0001V, 0001; a file of another name is called by it. */
function identify(name: string): { starId: string; number: string } {
  const stem = stemOf(name)
  const [, starId = stem, number = ''] = /(?:^|[_-])([ms](\d{4})[A-Z]?)$/i.exec(stem) ?? []
  return { starId, number }
}

function batch(rows: readonly Row[], meta: SpectraMeta, files: number, lookups: Lookups): Spectra {
  const nPix = pixelCount(meta)
  const flux = new Float32Array(rows.length * nPix)
  const ivar = new Float32Array(rows.length * nPix)
  rows.forEach((row, i) => {
    for (let j = 0; j < nPix; j++) {
      const value = Number(row.flux[j])
      if (!Number.isFinite(value)) continue
      flux[i * nPix + j] = value
      ivar[i * nPix + j] = value > 0 ? 1 : 0
    }
  })
  let spectra = makeSpectra({
    meta,
    starId: rows.map((row) => row.starId),
    flux,
    ivar,
    catalog: makeTable([{ name: 'number', values: rows.map((row) => row.number) }]),
  })
  const numbers = rows.map((row) => row.number)
  for (const index of [lookups.names, lookups.labels]) {
    if (index !== undefined)
      spectra = joinCatalog(spectra, index, index.idColumn === 'number' ? numbers : spectra.starId)
  }
  const names = findColumn(spectra.catalog, 'name')
  const groups = spectra.starId.map(
    (id, i) => (names === undefined ? '' : String(names.values[i]).replace(/\s+/g, '').toUpperCase()) || id,
  )
  const columns = new Map(spectra.catalog.columns).set('star_group', { name: 'star_group', values: groups })
  return withIngestStep({ ...spectra, catalog: { n: spectra.n, columns } }, 'miles', files)
}

function lookupsOf(options: MilesReadOptions): Lookups {
  const index = (table: Table | undefined, source: string): CatalogIndex | undefined =>
    table === undefined
      ? undefined
      : indexCatalog(
          table,
          source,
          findColumn(table, 'star_id') === undefined && findColumn(table, 'number') !== undefined
            ? 'number'
            : undefined,
        )
  // A catalogue of labels may be the half to train on, so the labels that come with the names must not fill it up.
  const names =
    options.names !== undefined && options.labels !== undefined ? withoutLabels(options.names) : options.names
  return { labels: index(options.labels, 'the catalogue of labels'), names: index(names, 'the catalogue of names') }
}

function withoutLabels(table: Table): Table {
  return { n: table.n, columns: new Map([...table.columns].filter(([name]) => findLabel(name) === undefined)) }
}
