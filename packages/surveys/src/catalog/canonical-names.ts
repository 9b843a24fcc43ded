import { findLabel } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'

const ERROR_FORMS = [/^(.+?)_(?:err|error|unc|sigma)$/i, /^(?:e|err|sigma)_(.+)$/i]

/**
 * The canonical name of a catalogue column that holds a label (`TEFF_ADOP` → `teff`) or its error (`FEH_ERR`,
 * `e_fe_h`, `TEFF_ADOP_UNC` → `fe_h_err`, `teff_err`); undefined when the vocabulary does not have it.
 */
export function canonicalName(name: string): string | undefined {
  const label = findLabel(name)
  if (label !== undefined) return label.name
  for (const form of ERROR_FORMS) {
    const base = form.exec(name.trim())?.[1]
    const info = base === undefined ? undefined : findLabel(base)
    if (info !== undefined) return `${info.name}_err`
  }
  return undefined
}

/**
 * The same catalogue with labels and their errors under canonical names.
 *
 * When two columns mean one label (`TEFF` and `TEFF_SPEC` in DR17), the one that is spelled canonically gets the name,
 * else the first; the others keep theirs. Units are filled in from the vocabulary where the file gives none.
 *
 * @param renames What a survey means by a name, over what the vocabulary says.
 */
export function canonicalColumns(table: Table, renames: ReadonlyMap<string, string> = new Map()): Table {
  const wanted = new Map<string, string>()
  const columns = [...table.columns.values()]
  const taken = new Set<string>()
  const target = (column: Column): string | undefined =>
    renames.get(column.name.toUpperCase()) ?? canonicalName(column.name)
  for (const exact of [true, false]) {
    for (const column of columns) {
      const name = target(column)
      if (
        name === undefined ||
        wanted.has(column.name) ||
        taken.has(name) ||
        (exact && column.name.toLowerCase() !== name)
      )
        continue
      wanted.set(column.name, name)
      taken.add(name)
    }
  }
  return {
    n: table.n,
    columns: new Map(
      columns.map((column) => {
        const name = wanted.get(column.name) ?? column.name
        const unit = column.unit ?? findLabel(name.replace(/_err$/, ''))?.unit
        return [name, wanted.has(column.name) ? { ...column, name, ...(unit === undefined ? {} : { unit }) } : column]
      }),
    ),
  }
}
