import type { HistoryEntry } from '@astrolabel/spectra'
import { basename } from 'node:path'
import type { ColumnSummary } from './column-summary.js'
import type {
  FitsInspection,
  Inspection,
  LabelsInspection,
  ModelInspection,
  NpzInspection,
  RunInspection,
  SpectraInspection,
  TableInspection,
} from './inspection.js'
import { textTable } from './text-table.js'

/** More columns than these are counted, not listed: the catalogues of surveys have hundreds. */
const LISTED = 40

/** An inspection as text for a person: a line that says what the file is, then aligned tables. */
export function formatInspection(inspection: Inspection): string {
  switch (inspection.format) {
    case 'fits':
      return formatFits(inspection)
    case 'npz':
      return formatNpz(inspection)
    case 'run':
      return formatRun(inspection)
    case 'yaml':
      return `${title(inspection, inspection.kind === 'recipe' ? 'recipe' : 'YAML')}\n\n${inspection.text.trimEnd()}`
    case 'csv':
    case 'parquet':
    case 'votable':
    case 'hdf5':
      return formatTable(inspection)
    case 'arrow':
      if (inspection.kind === 'spectra') return formatSpectra(inspection)
      if (inspection.kind === 'labels') return formatLabels(inspection)
      return inspection.kind === 'model' ? formatModel(inspection) : formatTable(inspection)
  }
}

/** Bytes in words: `12.3 MB`. */
function sizeWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`
}

function title({ file, bytes }: { readonly file: string; readonly bytes: number }, what: string): string {
  return `${basename(file)}: ${what}, ${sizeWords(bytes)}`
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

function shapeWords(shape: readonly number[]): string {
  return shape.join(' × ')
}

function formatFits(inspection: FitsInspection): string {
  const verified = inspection.hdus.some(({ sums }) => sums !== undefined)
  const hdus = textTable(
    [
      { title: 'HDU', align: 'right' },
      { title: 'name' },
      { title: 'type' },
      { title: 'shape' },
      { title: 'dtype' },
      { title: 'columns', align: 'right' },
      ...(verified ? [{ title: 'checksum' }, { title: 'datasum' }] : []),
    ],
    inspection.hdus.map((hdu) => [
      String(hdu.index),
      hdu.name,
      hdu.compression === null ? hdu.type : `${hdu.type} (${hdu.compression})`,
      hdu.rows === null ? shapeWords(hdu.shape) : count(hdu.rows, 'row'),
      hdu.dtype ?? '',
      hdu.columns.length === 0 ? '' : String(hdu.columns.length),
      ...(verified ? [hdu.sums?.checksum ?? 'cut short', hdu.sums?.datasum ?? 'cut short'] : []),
    ]),
  )
  const tables = inspection.hdus.flatMap((hdu) => {
    if (hdu.columns.length === 0) return []
    const rows = hdu.columns
      .slice(0, LISTED)
      .map((column) => [column.name, column.format, column.dtype, shapeWords(column.shape), column.unit ?? ''])
    const table = textTable(
      [{ title: 'column' }, { title: 'format' }, { title: 'dtype' }, { title: 'shape' }, { title: 'unit' }],
      rows,
    )
    return [`HDU ${hdu.index} ${hdu.name}`.trimEnd() + '\n' + table + more(hdu.columns.length)]
  })
  const warnings = inspection.warnings.map((warning) => `warning: ${warning}`)
  return [
    title(inspection, `FITS, ${count(inspection.hdus.length, 'HDU')}`),
    ...(warnings.length === 0 ? [] : [warnings.join('\n')]),
    hdus,
    ...tables,
  ].join('\n\n')
}

function more(n: number): string {
  return n > LISTED ? `\n… and ${n - LISTED} more (--json lists all)` : ''
}

function columnTable(columns: readonly ColumnSummary[], rows: number): string {
  const counted = columns.some((column) => column.missing !== null)
  const known = (column: ColumnSummary): string => (column.missing === null ? '' : String(rows - column.missing))
  const table = textTable(
    [
      { title: 'column' },
      { title: 'dtype' },
      { title: 'shape' },
      { title: 'unit' },
      ...(counted
        ? ([
            { title: 'known', align: 'right' },
            { title: 'min', align: 'right' },
            { title: 'max', align: 'right' },
          ] as const)
        : []),
    ],
    columns
      .slice(0, LISTED)
      .map((column) => [
        column.name,
        column.dtype,
        shapeWords(column.shape),
        column.unit ?? '',
        ...(counted ? [known(column), numberWords(column.min), numberWords(column.max)] : []),
      ]),
  )
  return table + more(columns.length)
}

function numberWords(value: number | string | null): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}

function formatTable(inspection: TableInspection): string {
  const name = {
    arrow: 'Arrow table',
    parquet: 'Parquet table',
    csv: 'table of text',
    votable: 'VOTable',
    hdf5: 'HDF5 table',
  }[inspection.format]
  return `${title(inspection, `${name}, ${count(inspection.rows, 'row')}, ${count(inspection.columns.length, 'column')}`)}\n\n${columnTable(inspection.columns, inspection.rows)}`
}

function formatNpz(inspection: NpzInspection): string {
  const rows = inspection.arrays.map((array) => [array.name, array.dtype, shapeWords(array.shape)])
  return `${title(inspection, `numpy archive of ${inspection.kind === 'spectra' ? 'spectra' : count(inspection.arrays.length, 'array')}`)}\n\n${textTable([{ title: 'array' }, { title: 'dtype' }, { title: 'shape' }], rows)}`
}

/** Facts as two aligned columns without titles; those without a value are left out. */
function facts(pairs: readonly (readonly [string, string])[]): string {
  const shown = pairs.filter(([, value]) => value !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

function stepWords(history: readonly HistoryEntry[]): string {
  return history.map(({ step }) => step).join(' → ')
}

function formatSpectra(inspection: SpectraInspection): string {
  const lines = facts([
    ['wavelength', inspection.wavelength],
    ...inspection.segments.map(
      ({ name, start, end, wavelength }) => [`  ${name}`, `${wavelength} (pixels ${start}–${end - 1})`] as const,
    ),
    ['frame', inspection.frame],
    ['stage', inspection.stage],
    ['survey', [inspection.survey, inspection.release].filter((text) => text !== '').join(' ')],
    ['flux unit', inspection.flux_unit ?? ''],
    ['noise', inspection.noise],
    ['good pixels', `${(100 * inspection.good_pixels).toFixed(1)} %`],
    ['labels', inspection.labels.join(', ')],
    ['history', stepWords(inspection.history)],
  ])
  return [
    title(inspection, `spectra of ${count(inspection.rows, 'star')} × ${inspection.pixels} pixels`),
    lines,
    columnTable(inspection.columns, inspection.rows),
  ].join('\n\n')
}

function formatLabels(inspection: LabelsInspection): string {
  const flags = Object.entries(inspection.flags).map(([name, n]) => `${name} ${n}`)
  const lines = facts([
    ['labels', inspection.labels.map(({ symbol, unit }) => (unit === '' ? symbol : `${symbol} (${unit})`)).join(', ')],
    ['flags', flags.join(', ')],
  ])
  return [
    title(inspection, `labels of ${count(inspection.rows, 'star')}`),
    lines,
    columnTable(inspection.columns, inspection.rows),
  ].join('\n\n')
}

function formatModel(inspection: ModelInspection): string {
  const scalars = Object.entries(inspection.training).filter(([, value]) => value === null || typeof value !== 'object')
  const lines = facts([
    ['model', inspection.model],
    ['labels', inspection.labels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)).join(', ')],
    ['order', inspection.order === null ? '' : String(inspection.order)],
    ['wavelength', inspection.wavelength ?? ''],
    ['survey', inspection.survey ?? ''],
    ['takes', stepWords(inspection.preprocessing)],
    ...scalars.map(
      ([name, value]) =>
        [name, typeof value === 'string' ? value : value === null ? 'none' : JSON.stringify(value)] as const,
    ),
  ])
  const arrays = textTable(
    [{ title: 'array' }, { title: 'shape' }],
    inspection.arrays.map(({ name, shape }) => [name, shapeWords(shape)]),
  )
  const texts = (inspection.text ?? []).map((text, l) => `${inspection.labels[l]!.name}:\n${text}`)
  return [title(inspection, 'model'), lines, ...texts, arrays].join('\n\n')
}

function formatRun(inspection: RunInspection): string {
  const stages = textTable(
    [{ title: 'stage' }, { title: 'seconds', align: 'right' }, { title: 'finished' }, { title: 'result' }],
    inspection.stages.map(({ name, seconds, finished, text }) => [name, seconds.toFixed(1), finished, text]),
  )
  return `${basename(inspection.file)}: run of ${count(inspection.stages.length, 'stage')}, astrolabel ${inspection.astrolabel}\n\n${stages}`
}
