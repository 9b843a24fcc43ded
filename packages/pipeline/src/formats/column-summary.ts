import type { Column, ColumnValues, Table } from '@astrolabel/spectra'

/** A column in a few words. */
export interface ColumnSummary {
  readonly name: string
  /** `f4`, `f8`, `i8`, `u4`, …, `bool`, `str`. */
  readonly dtype: string
  /** Of one cell: `[]` for a single value. */
  readonly shape: readonly number[]
  readonly unit: string | null
  /** Rows without a value; null when they were not counted. */
  readonly missing: number | null
  /** Of the values there are; null for strings, truth values and vectors. Integers beyond 2^53 are decimal text, exact. */
  readonly min: number | string | null
  readonly max: number | string | null
}

const DTYPES: readonly (readonly [new () => ColumnValues, string])[] = [
  [Float64Array, 'f8'],
  [Float32Array, 'f4'],
  [BigInt64Array, 'i8'],
  [BigUint64Array, 'u8'],
  [Int32Array, 'i4'],
  [Uint32Array, 'u4'],
  [Int16Array, 'i2'],
  [Uint16Array, 'u2'],
  [Int8Array, 'i1'],
  [Uint8Array, 'u1'],
]

/** Type of an array in numpy's short form. */
export function dtypeOfValues(values: ColumnValues, boolean = false): string {
  return boolean ? 'bool' : (DTYPES.find(([array]) => values instanceof array)?.[1] ?? 'str')
}

type Extreme = number | bigint

function told(value: Extreme): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

/** Sums up the columns of tables that come one after another. */
export class TableSummary {
  readonly #columns = new Map<
    string,
    { name: string; dtype: string; shape: number[]; unit: string | null; missing: number; min: Extreme; max: Extreme }
  >()
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  add(table: Table): void {
    this.#rows += table.n
    for (const column of table.columns.values()) this.#addColumn(column)
  }

  /** The columns in their order. */
  columns(): ColumnSummary[] {
    return Array.from(this.#columns.values(), ({ min, max, ...rest }) => ({
      ...rest,
      min: told(min),
      max: told(max),
    }))
  }

  #addColumn(column: Column): void {
    const { name, values, valid, width = 1, unit, boolean } = column
    let sum = this.#columns.get(name)
    if (sum === undefined) {
      sum = {
        name,
        dtype: dtypeOfValues(values, boolean),
        shape: width === 1 ? [] : [width],
        unit: unit ?? null,
        missing: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
      }
      this.#columns.set(name, sum)
    }
    const rows = values.length / width
    const numeric = width === 1 && boolean !== true && !Array.isArray(values)
    for (let row = 0; row < rows; row++) {
      const value = numeric ? (values[row] as number | bigint) : 0
      if (valid?.[row] === 0 || Number.isNaN(value)) {
        sum.missing++
        continue
      }
      if (!numeric) continue
      if (value < sum.min) sum.min = value
      if (value > sum.max) sum.max = value
    }
  }
}
