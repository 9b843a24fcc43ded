import type { Column, FlagBit, Labels, Table } from '@astrolabel/spectra'
import {
  AstrolabelError,
  FlagSet,
  columnNumbers,
  columnStrings,
  findColumn,
  labelInfo,
  makeLabels,
  makeTable,
} from '@astrolabel/spectra'
import { ID_COLUMNS } from '@astrolabel/surveys'

/**
 * Labels of stars out of a catalogue with canonical column names: `name`, and `name_err` where there is one.
 *
 * @param starId Star of each row. @param others Columns to keep beside S/N.
 * @throws `labels/no-column`, listing the columns there are.
 */
export function labelsOfTable(
  table: Table,
  starId: readonly string[],
  names: readonly string[],
  others: readonly Column[] = [],
): Labels {
  const n = table.n
  const count = names.length
  const values = new Float64Array(n * count)
  const errors = new Float64Array(n * count).fill(Number.NaN)
  names.forEach((name, l) => {
    const column = table.columns.get(name)
    if (column === undefined) {
      throw new AstrolabelError('labels/no-column', `The catalogue has no label ${name}`, {
        expected: `one of ${[...table.columns.keys()].join(', ') || '(no columns)'}`,
        remedy: 'Name one of these, or give a catalogue that has it',
      })
    }
    const value = columnNumbers(column)
    const error = table.columns.get(`${name}_err`)
    const errorValues = error === undefined ? undefined : columnNumbers(error)
    for (let i = 0; i < n; i++) {
      values[i * count + l] = value[i]!
      if (errorValues !== undefined) errors[i * count + l] = errorValues[i]!
    }
  })
  const snr = findColumn(table, 'snr')
  const flags = findColumn(table, 'flags')
  return makeLabels({
    starId,
    labels: names.map(labelInfo),
    values,
    errors,
    ...(flags === undefined ? {} : readFlags(flags, findColumn(table, 'flag_names'))),
    ...(snr === undefined && others.length === 0
      ? {}
      : { extra: makeTable([...(snr === undefined ? [] : [{ name: 'snr', values: columnNumbers(snr) }]), ...others]) }),
  })
}

/** Flags with the names of their bits, which {@link flagWords} wrote in ascending order of the bits. */
function readFlags(column: Column, words: Column | undefined): { flags: Uint32Array; flagBits: FlagBit[] } {
  const flags = Uint32Array.from(columnNumbers(column), (value) => (Number.isNaN(value) ? 0 : value))
  const names = new Map<number, string>()
  const written = words === undefined ? [] : columnStrings(words)
  written.forEach((text, row) => {
    const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((flags[row]! >>> bit) & 1) === 1)
    text.split(' ').forEach((name, i) => {
      if (name !== '' && set[i] !== undefined) names.set(set[i], name)
    })
  })
  return { flags, flagBits: Array.from(names, ([bit, name]) => ({ bit, name })) }
}

/**
 * Every label that a catalogue with canonical names holds, with the star identifiers it uses, and its other columns of
 * numbers: residuals may depend on them.
 *
 * @param source How messages call it.
 * @throws `labels/no-star-id`, `labels/none`, listing the columns there are.
 */
export function allLabelsOfTable(table: Table, source: string): Labels {
  const columns = [...table.columns.keys()]
  const id = findColumn(table, ...ID_COLUMNS)
  if (id === undefined)
    throw new AstrolabelError('labels/no-star-id', `${source} has no column that names its stars`, {
      got: columns,
      expected: ID_COLUMNS,
      remedy: 'Rename the column of identifiers to star_id',
    })
  const names = columns.filter((name) => labelInfo(name).unit !== '' && !name.endsWith('_err'))
  if (names.length === 0)
    throw new AstrolabelError('labels/none', `${source} has no column that is a label`, {
      got: columns,
      expected: 'teff, logg, fe_h, …',
    })
  const taken = new Set([id.name, 'flags', 'flag_names', ...names, ...names.map((name) => `${name}_err`)])
  const snr = findColumn(table, 'snr')
  const others = [...table.columns.values()].filter(
    (column) =>
      column !== snr && !taken.has(column.name) && (column.width ?? 1) === 1 && ArrayBuffer.isView(column.values),
  )
  return labelsOfTable(table, columnStrings(id), names, others)
}

/** The flags of labels in words, one string a star. */
export function flagWords(labels: Labels): string[] {
  const set = new FlagSet(labels.flagBits)
  return Array.from(labels.flags, (flags) => set.names(flags).join(' '))
}
