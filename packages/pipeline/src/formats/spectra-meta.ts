import type { Column, Segment, Spectra, SpectraMeta, Table, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, SPECTRA_FORMAT_VERSION } from '@astrolabel/spectra'

/**
 * The metadata of spectra as one line of ASCII, for formats that have no place of their own for them. Listed wavelengths
 * are left out: the file holds them once, as numbers.
 */
export function packMeta(meta: SpectraMeta): string {
  const bare = <G extends SpectraMeta['wavelength']>(grid: G): G =>
    grid.kind === 'explicit' ? { ...grid, values: [] } : grid
  const packed = {
    formatVersion: SPECTRA_FORMAT_VERSION,
    ...meta,
    wavelength: bare(meta.wavelength),
    ...(meta.segments === undefined
      ? {}
      : { segments: meta.segments.map((segment) => ({ ...segment, wavelength: bare(segment.wavelength) })) }),
  }
  return JSON.stringify(packed).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * What {@link packMeta} packed, with the wavelengths of the file.
 *
 * @param wave (nPix) Å. @throws `spectra/newer-format`, `spectra/damaged`.
 */
export function unpackMeta(text: string, wave: Float64Array, source: string): SpectraMeta {
  let parsed: SpectraMeta & { formatVersion?: string }
  try {
    parsed = JSON.parse(text) as SpectraMeta
  } catch (cause) {
    throw new AstrolabelError('spectra/damaged', `The metadata of the spectra in ${source} are damaged`, {
      got: text.slice(0, 80),
      remedy: 'Convert the original again',
      cause,
    })
  }
  const { formatVersion, ...meta } = parsed
  if (formatVersion !== SPECTRA_FORMAT_VERSION) {
    throw new AstrolabelError(
      'spectra/newer-format',
      `The spectra in ${source} were written in another format version`,
      {
        got: formatVersion,
        expected: SPECTRA_FORMAT_VERSION,
        remedy: 'Use the version of astrolabel that wrote them, or a newer one',
      },
    )
  }
  const fill = <G extends SpectraMeta['wavelength'] | WavelengthGrid>(grid: G, start: number, end: number): G =>
    grid.kind === 'explicit' ? { ...grid, values: Array.from(wave.subarray(start, end)) } : grid
  return {
    ...meta,
    wavelength: fill(meta.wavelength, 0, wave.length),
    ...(meta.segments === undefined
      ? {}
      : {
          segments: meta.segments.map((segment): Segment => ({
            ...segment,
            wavelength: fill(segment.wavelength, segment.start, segment.end),
          })),
        }),
  }
}

/**
 * The spectra with their catalogue under names that do not meet a file's own, case ignored: `_catalog` is put after those
 * that would.
 */
export function freeCatalogNames(spectra: Spectra, own: readonly string[]): Table {
  const taken = new Set(own.map((name) => name.toLowerCase()))
  const columns = [...spectra.catalog.columns.values()].map((column): Column =>
    taken.has(column.name.toLowerCase()) ? { ...column, name: `${column.name}_catalog` } : column,
  )
  return { n: spectra.n, columns: new Map(columns.map((column) => [column.name, column])) }
}
