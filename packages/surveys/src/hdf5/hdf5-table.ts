import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, ColumnValues, Table } from '@astrolabel/spectra'
import { parseDocument } from 'yaml'
import { hdf5Arrays } from './hdf5-arrays.js'
import type { HdfArray } from './hdf5-arrays.js'
import type { HdfFile } from './hdf5-engine.js'

/**
 * A table of an HDF5 file: the arrays that have as many rows as most others, vectors included, from datasets, compound
 * datasets (astropy, PyTables) or a frame of pandas. Units from attributes, or from what astropy wrote beside its table.
 *
 * @param group Read only what lies under this path, such as `/catalogue`; all when absent.
 * @throws `hdf5/no-table`, listing what there is.
 */
export function tableFromHdf5(file: HdfFile, source: string, group?: string): Table {
  const under = group?.replace(/^\/+|\/+$/g, '')
  const all = hdf5Arrays(file)
  const arrays = [...all].filter(
    ([name, { path, shape }]) =>
      shape.length >= 1 &&
      shape.length <= 3 &&
      !name.endsWith('__table_column_meta__') &&
      (under === undefined || path === under || path.startsWith(`${under}/`)),
  )
  const n = commonLength(arrays.map(([, array]) => array))
  if (n === undefined)
    throw new AstrolabelError('hdf5/no-table', `${source} has no table`, {
      got: [...all].map(([name, { shape }]) => `${name} (${shape.join(' × ')})`).slice(0, 20),
      expected: under === undefined ? 'columns of one length' : `columns of one length under ${under}`,
      remedy: 'Name the group or dataset that holds them',
    })
  const units = astropyUnits(
    [...all].filter(([name]) => name.endsWith('__table_column_meta__')).map(([, array]) => array),
  )
  return makeTable(
    arrays.filter(([, { shape }]) => shape[0] === n).map(([name, array]) => columnOf(name, array, units.get(name))),
    n,
  )
}

function columnOf(name: string, array: HdfArray, unit: string | undefined): Column {
  const { data, boolean } = array.read()
  const width = array.shape.slice(1).reduce((product, length) => product * length, 1)
  const known = array.unit ?? unit
  const blank = Array.isArray(data) && data.includes('')
  return {
    name,
    values: data as ColumnValues,
    ...(width === 1 ? {} : { width }),
    ...(boolean === true ? { boolean } : {}),
    ...(blank && width === 1 ? { valid: Uint8Array.from(data as string[], (word) => (word === '' ? 0 : 1)) } : {}),
    ...(known === undefined ? {} : { unit: known }),
  }
}

/** The length that most arrays have; of several the greatest. */
function commonLength(arrays: readonly HdfArray[]): number | undefined {
  const counts = new Map<number, number>()
  for (const { shape } of arrays) counts.set(shape[0]!, (counts.get(shape[0]!) ?? 0) + 1)
  return [...counts].sort(([a, x], [b, y]) => y - x || b - a)[0]?.[0]
}

/** Lines of YAML that astropy keeps in a dataset beside a table. What they do not tell is not known. */
function astropyUnits(metas: readonly HdfArray[]): Map<string, string> {
  const units = new Map<string, string>()
  for (const meta of metas) {
    const { data } = meta.read()
    if (!Array.isArray(data)) continue
    const datatype = yamlOf((data as string[]).join('\n'))?.datatype
    if (!Array.isArray(datatype)) continue
    for (const entry of datatype as { name?: unknown; unit?: unknown }[])
      if (typeof entry.name === 'string' && typeof entry.unit === 'string') units.set(entry.name, entry.unit)
  }
  return units
}

function yamlOf(text: string): { datatype?: unknown } | undefined {
  try {
    return parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 100 }) as
      | { datatype?: unknown }
      | undefined
  } catch {
    return undefined
  }
}
