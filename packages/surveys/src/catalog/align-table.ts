import type { Column, Table } from '@astrolabel/spectra'

/**
 * The table with exactly the columns of `template`, in its order and types, so that all batches of a survey can lie in
 * one file: what is absent is missing in every row, what the template lacks is left out.
 */
export function alignTable(table: Table, template: Table): Table {
  return {
    n: table.n,
    columns: new Map(
      [...template.columns].map(([name, like]) => [name, alignColumn(table.columns.get(name), like, table.n)]),
    ),
  }
}

function alignColumn(column: Column | undefined, like: Column, n: number): Column {
  const width = like.width ?? 1
  const strings = Array.isArray(like.values)
  if (column === undefined || (column.width ?? 1) !== width || Array.isArray(column.values) !== strings) {
    const { valid: _, ...shape } = like
    return { ...shape, values: empty(like, n * width), valid: new Uint8Array(n) }
  }
  if (strings || column.values.constructor === like.values.constructor) return column
  const out = empty(like, n * width) as Float64Array | BigInt64Array
  const big = out instanceof BigInt64Array || out instanceof BigUint64Array
  for (let i = 0; i < out.length; i++) out[i] = (big ? BigInt(column.values[i]!) : Number(column.values[i]!)) as never
  return { ...column, values: out }
}

function empty(like: Column, length: number): Column['values'] {
  if (Array.isArray(like.values)) return Array.from({ length }, () => '')
  const typed = new (like.values.constructor as new (length: number) => Float64Array)(length)
  return like.values instanceof Float64Array || like.values instanceof Float32Array ? typed.fill(Number.NaN) : typed
}
