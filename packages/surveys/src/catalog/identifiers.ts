import type { Table } from '@astrolabel/spectra'
import { columnStrings, findColumn } from '@astrolabel/spectra'

/** Columns that name a star, by preference; case does not matter. The last four mean something in one file only. */
export const ID_COLUMNS: readonly string[] = [
  'star_id',
  'TARGETID',
  'APOGEE_ID',
  'SPECOBJID',
  'sdss_id',
  'sdss4_apogee_id',
  'source_id',
  'obsid',
  'number',
  'id',
  'name',
]

/** Names under which arrays hold identifiers, by preference, in lower case: those of columns, and plurals. */
export const ID_ARRAYS: readonly string[] = [
  ...ID_COLUMNS.map((name) => name.toLowerCase()),
  'target_id',
  'ids',
  'names',
]

/** What stars of a table are called under one kind of identifier. */
export interface StarKey {
  /** The column, or `PLATE-MJD-FIBER` for the three that only together name a spectrum. */
  readonly name: string
  /** One a row, every digit kept; empty where there is none. */
  readonly values: readonly string[]
}

/** Parts of an identifier, each by the names that it goes by. */
type KeyParts = readonly (readonly string[])[]

/** The name of the identifier that three columns make together. */
export const PLATE_KEY = 'PLATE-MJD-FIBER'

/** Identifiers that mean the same in every file, by preference: SPECOBJID was counted anew after DR7, plates were not. */
const KEYS: readonly (readonly [name: string, parts: KeyParts])[] = [
  [PLATE_KEY, [['PLATE'], ['MJD'], ['FIBERID', 'FIBER']]],
  ['SPECOBJID', [['SPECOBJID']]],
  ['TARGETID', [['TARGETID']]],
  ['APOGEE_ID', [['APOGEE_ID', 'sdss4_apogee_id']]],
  ['sdss_id', [['sdss_id']]],
  ['source_id', [['source_id']]],
  ['obsid', [['obsid']]],
]

/** The names of the identifiers that mean the same in every file, by preference. */
export const SURVEY_KEYS: readonly string[] = KEYS.map(([name]) => name)

/** Columns that only together name a spectrum. */
export const KEY_PARTS: readonly string[] = ['PLATE', 'MJD', 'FIBERID', 'FIBER']

/** An identifier that two tables share, with its values in both. */
export interface SharedKey {
  readonly name: string
  readonly a: StarKey
  readonly b: StarKey
  /** Rows of `a` whose value `b` has. */
  readonly common: number
}

/**
 * The identifiers that mean the same in both tables, the one to prefer first: plate, MJD and fibre together, then
 * SPECOBJID, TARGETID, APOGEE_ID (`sdss4_apogee_id` of DR19), sdss_id, source_id, obsid.
 *
 * Columns that are called `id` or `star_id` in both are not among them: each file counts in its own way.
 */
export function sharedKeys(a: Table, b: Table): SharedKey[] {
  return KEYS.flatMap(([name, parts]) => {
    const left = keyOf(a, name, parts)
    const right = left === undefined ? undefined : keyOf(b, name, parts)
    if (left === undefined || right === undefined) return []
    const known = new Set(right.values)
    const common = left.values.reduce((count, value) => count + (value !== '' && known.has(value) ? 1 : 0), 0)
    return [{ name, a: left, b: right, common }]
  })
}

/** The values of an identifier that {@link sharedKeys} knows by this name; undefined when the table lacks it. */
export function surveyKey(table: Table, name: string): StarKey | undefined {
  const parts = KEYS.find(([known]) => known === name)?.[1]
  return parts === undefined ? undefined : keyOf(table, name, parts)
}

/** Rows by identifier; of rows with the same one the first counts. */
export function indexKey({ values }: StarKey): Map<string, number> {
  const rowOf = new Map<string, number>()
  values.forEach((value, row) => {
    if (value !== '' && !rowOf.has(value)) rowOf.set(value, row)
  })
  return rowOf
}

/** The values of an identifier; undefined when the table lacks a part of it. */
function keyOf(table: Table, name: string, parts: KeyParts): StarKey | undefined {
  const found = parts.map((names) => scalarStrings(table, names))
  if (!found.every((values) => values !== undefined)) return undefined
  const [first, ...others] = found
  if (others.length === 0) return { name, values: first! }
  return {
    name,
    values: first!.map((_, row) => {
      const numbers = found.map((values) => values[row]!)
      // As numbers, so that 0266 and 266 are the same plate.
      return numbers.every((text) => /^\d+$/.test(text)) ? numbers.map(Number).join('-') : ''
    }),
  }
}

function scalarStrings(table: Table, names: readonly string[]): string[] | undefined {
  const column = findColumn(table, ...names)
  return column === undefined || (column.width ?? 1) !== 1 ? undefined : columnStrings(column)
}
