import type { Column, Table } from '@astrolabel/spectra'
import { columnStrings, findColumn, makeTable, takeRows } from '@astrolabel/spectra'
import { ID_COLUMNS } from '@astrolabel/surveys'
import type { Pairs } from './find-pairs.js'
import type { MatchOptions } from './match-options.js'
import { namedColumn } from './named-column.js'

/** Columns of a table, named so that none repeats: on a clash with an earlier one they end in `_` and the table's letter. */
export function withoutClash(taken: ReadonlySet<string>, columns: Iterable<Column>, letter: string): Column[] {
  const names = new Set(taken)
  return Array.from(columns, (column) => {
    let name = column.name
    while (names.has(name)) name = `${name}_${letter}`
    names.add(name)
    return name === column.name ? column : { ...column, name }
  })
}

/**
 * One row a pair: `star_id`, `index_a`, `index_b`, the separation, what else is known of the pair, the columns of the
 * first catalogue that are to be kept, then those of the second, with `_b` where a name is taken.
 */
export function matchTable(a: Table, b: Table, pairs: Pairs, keepA: MatchOptions['keepA']): Table {
  const columns: Column[] = [
    { name: 'star_id', values: starIds(a, pairs.indexA) },
    { name: 'index_a', values: pairs.indexA },
    { name: 'index_b', values: pairs.indexB },
    { name: 'separation', values: pairs.separation, unit: 'arcsec' },
    ...pairs.columns,
  ]
  const own = new Set(columns.map((column) => column.name))
  columns.push(...withoutClash(own, takeRows(keptColumns(a, keepA), pairs.indexA).columns.values(), 'a'))
  for (const { name } of columns) own.add(name)
  columns.push(...withoutClash(own, takeRows(b, pairs.indexB).columns.values(), 'b'))
  return makeTable(columns, pairs.indexA.length)
}

/** The columns of the first catalogue to write, without its identifier, which is there already. @throws `table/no-column`. */
export function keptColumns(a: Table, keep: MatchOptions['keepA']): Table {
  const kept =
    keep === 'all' ? [...a.columns.values()] : (keep ?? []).map((name) => namedColumn(a, name, 'catalogue A'))
  return {
    n: a.n,
    columns: new Map(kept.filter(({ name }) => name !== 'star_id').map((column) => [column.name, column])),
  }
}

/** Pairs with a row for each star of a that has none: `index_b` -1, the rest missing. Rows of a stay in order. */
export function withUnmatched(pairs: Pairs, nA: number): Pairs {
  const matched = new Uint8Array(nA)
  for (const row of pairs.indexA) matched[row] = 1
  const order: number[] = []
  const indexA: number[] = []
  let at = 0
  for (let row = 0; row < nA; row++) {
    if (matched[row] === 0) {
      order.push(-1)
      indexA.push(row)
    }
    for (; at < pairs.indexA.length && pairs.indexA[at] === row; at++) {
      order.push(at)
      indexA.push(row)
    }
  }
  const separation = pairs.separation
  return {
    ...pairs,
    indexA: Int32Array.from(indexA),
    indexB: Int32Array.from(order, (place) => (place < 0 ? -1 : pairs.indexB[place]!)),
    separation: Float64Array.from(order, (place) => (place < 0 ? Number.NaN : separation[place]!)),
    columns: [...takeRows(makeTable(pairs.columns, pairs.indexA.length), order).columns.values()],
  }
}

/** Some of the pairs. */
export function takePairs(pairs: Pairs, places: Int32Array): Pairs {
  const separation = pairs.separation
  return {
    ...pairs,
    indexA: places.map((place) => pairs.indexA[place]!),
    indexB: places.map((place) => pairs.indexB[place]!),
    separation: Float64Array.from(places, (place) => separation[place]!),
    columns: [...takeRows(makeTable(pairs.columns, pairs.indexA.length), places).columns.values()],
  }
}

/** Identifiers of some stars: a column of names, else the row numbers. */
export function starIds(table: Table, rows: Int32Array): string[] {
  return columnStrings(takeRows({ n: table.n, columns: new Map([['id', idColumn(table)]]) }, rows).columns.get('id')!)
}

/** The identifiers of a list of stars: a column of names, else the row numbers. */
function idColumn(table: Table): Column {
  const rows = Int32Array.from({ length: table.n }, (_, i) => i)
  return findColumn(table, ...ID_COLUMNS) ?? { name: 'row', values: rows }
}
