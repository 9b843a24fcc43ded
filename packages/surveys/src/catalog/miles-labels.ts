import { makeTable } from '@astrolabel/spectra'
import type { Table } from '@astrolabel/spectra'
import type { ReadOptions } from '../ingest.js'

/** What MILES writes for an unknown parameter. */
const MISSING = new Set(['99999', '9999', '--', ''])

interface MilesRow {
  readonly number: string
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
}

/** True for the text of `MILES_params.db`. */
export function isMilesParams(text: string): boolean {
  return /^#\s*MILES\b/.test(text)
}

/** True for the text of `paramsMILES_v9.1.txt`. */
export function isMilesNames(text: string): boolean {
  return /^Name\s+MILES\b/.test(text)
}

/**
 * Read `MILES_params.db`: number of the star, Teff (K), log g, [Fe/H]; 9999 and 99999 are missing.
 *
 * A row that does not hold a number of four digits and three values gets the warning `surveys/miles-row`, naming it, and
 * is left out.
 *
 * @returns Columns `number` (four digits), `teff`, `logg`, `fe_h`.
 */
export function parseMilesParams(text: string, source: string, options: ReadOptions = {}): Table {
  const rows: MilesRow[] = []
  eachLine(text, (line, lineNumber) => {
    if (line.startsWith('#')) return
    const [number = '', ...labels] = line.trim().split(/\s+/)
    const row = { number, name: '', type: '', labels }
    if (checkRow(row, line, lineNumber, source, options)) rows.push(row)
  })
  return labelTable(rows, false)
}

/**
 * Read `paramsMILES_v9.1.txt`: names and spectral types besides the labels, in columns of fixed width, because names
 * hold blanks and types may be empty; `--` is missing. Bad rows as in {@link parseMilesParams}.
 *
 * @returns Columns `number`, `name`, `spectral_type`, `teff`, `logg`, `fe_h`.
 */
export function parseMilesNames(text: string, source: string, options: ReadOptions = {}): Table {
  const rows: MilesRow[] = []
  eachLine(text, (line, lineNumber) => {
    if (/^Name\s+MILES/.test(line) || /^\s*s\?+/.test(line) || /^[\s-]+$/.test(line)) return
    const cut = (start: number, end: number): string => line.slice(start, end).trim()
    const row = {
      number: cut(21, 28),
      name: cut(0, 18).replace(/\s+/g, ' '),
      type: cut(34, 50),
      labels: [cut(50, 57), cut(57, 65), cut(65, 73)],
    }
    if (checkRow(row, line, lineNumber, source, options)) rows.push(row)
  })
  return labelTable(rows, true)
}

function eachLine(text: string, visit: (line: string, number: number) => void): void {
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    if (line.trim() !== '') visit(line, i + 1)
  })
}

function checkRow(
  row: MilesRow,
  line: string,
  lineNumber: number,
  source: string,
  { onWarning }: ReadOptions,
): boolean {
  if (
    /^\d{4}$/.test(row.number) &&
    row.labels.length === 3 &&
    row.labels.every((label) => MISSING.has(label) || Number.isFinite(Number(label)))
  )
    return true
  onWarning?.({
    code: 'surveys/miles-row',
    source,
    message: `${source} line ${lineNumber}: row ${JSON.stringify(row.number)} is left out, for it does not give the four digits of a star and three values: ${line.trim().replace(/\s+/g, ' ')}`,
  })
  return false
}

function labelTable(rows: readonly MilesRow[], names: boolean): Table {
  const label = (
    name: string,
    unit: string,
    j: number,
  ): { name: string; unit: string; values: Float64Array; valid?: Uint8Array } => {
    const values = Float64Array.from(rows, (row) => (MISSING.has(row.labels[j]!) ? Number.NaN : Number(row.labels[j])))
    return values.some(Number.isNaN)
      ? { name, unit, values, valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)) }
      : { name, unit, values }
  }
  return makeTable(
    [
      { name: 'number', values: rows.map((row) => row.number) },
      ...(names
        ? [
            { name: 'name', values: rows.map((row) => row.name) },
            { name: 'spectral_type', values: rows.map((row) => row.type) },
          ]
        : []),
      label('teff', 'K', 0),
      label('logg', 'dex(cm s-2)', 1),
      label('fe_h', 'dex', 2),
    ],
    rows.length,
  )
}
