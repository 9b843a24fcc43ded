import type { Column, Table } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn } from '@astrolabel/spectra'
import { canonicalName } from '@astrolabel/surveys'
import { nearestWord } from '../recipe/nearest-word.js'

/**
 * A column that the user named; a label goes by any of its names, since reading gives it the canonical one.
 *
 * @param whose How messages call the table: `catalogue A`.
 * @throws `table/no-column` with the nearest name, listing the columns there are.
 */
export function namedColumn(table: Table, name: string, whose: string): Column {
  const label = canonicalName(name)
  const column = findColumn(table, name) ?? (label === undefined ? undefined : findColumn(table, label))
  if (column !== undefined) return column
  const all = [...table.columns.keys()]
  const near = nearestWord(name, all)
  throw new AstrolabelError('table/no-column', `There is no column '${name}' in ${whose}`, {
    expected: `one of ${all.slice(0, 40).join(', ') || '(no columns)'}${all.length > 40 ? `, … (${all.length})` : ''}`,
    remedy: near === undefined ? 'Name one of these columns' : `Did you mean '${near}'?`,
  })
}

/** Units of angles in arcsec. */
const ARCSEC: Readonly<Record<string, number>> = { mas: 1e-3, arcsec: 1, '"': 1, arcmin: 60, deg: 3600, degree: 3600 }

/** A column of angles in arcsec, which it is in when it has no unit. @throws `table/unit` for a unit that is no angle. */
export function columnArcsec(column: Column): Float64Array {
  const unit = (column.unit ?? '').trim().toLowerCase()
  const factor = unit === '' ? 1 : ARCSEC[unit]
  if (factor === undefined) {
    throw new AstrolabelError('table/unit', `Column ${column.name} is not an angle`, {
      got: column.unit,
      expected: Object.keys(ARCSEC).join(', '),
    })
  }
  return columnNumbers(column).map((value) => value * factor)
}
