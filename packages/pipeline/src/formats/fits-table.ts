import type { ColumnInput, FitsFile } from '@astrolabel/io-fits'
import { openFitsFile, writeFitsFile } from '@astrolabel/io-fits/node'
import type { Column, RunOptions, Table } from '@astrolabel/spectra'
import { inFile } from '@astrolabel/spectra'

type Integers = Exclude<Column['values'], readonly string[] | Float32Array | Float64Array>

/** Open a FITS file, use it, close it. @throws what io-fits says. */
export async function withFits<T>(path: string, use: (file: FitsFile) => Promise<T>): Promise<T> {
  let file: FitsFile | undefined
  try {
    file = await openFitsFile(path)
    return await use(file)
  } catch (cause) {
    throw inFile(path, cause)
  } finally {
    await file?.close()
  }
}

/** An HDU as a person gives it: `1`, `"1"` or an EXTNAME. */
export function hduKey(hdu: number | string): number | string {
  return typeof hdu === 'string' && /^\d+$/.test(hdu) ? Number(hdu) : hdu
}

/**
 * Write a table as a FITS binary table in HDU 1, `TABLE`.
 *
 * Missing floats are NaN, missing integers TNULL, missing truth values 0; a missing string is an empty one, which is all
 * that FITS has.
 *
 * @returns Rows written. @throws `fits/bad-input` for strings outside printable ASCII, naming the column.
 */
export async function writeFitsTable(path: string, table: Table, options: RunOptions = {}): Promise<number> {
  await writeFitsFile(
    path,
    [{ kind: 'table', name: 'TABLE', rows: table.n, columns: fitsColumns(table) }],
    fitsControl(options),
  )
  return table.n
}

/** Columns of a table as io-fits takes them. */
export function fitsColumns(table: Table): ColumnInput[] {
  return Array.from(table.columns.values(), fitsColumn)
}

/** The part of RunOptions that io-fits' writer takes. */
export function fitsControl({ signal }: RunOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function fitsColumn(column: Column): ColumnInput {
  const { name, unit, width = 1, boolean, valid } = column
  const shape = width === 1 ? {} : { shape: [width] }
  const base = {
    name,
    ...shape,
    ...(unit === undefined ? {} : { unit }),
    ...(boolean === true ? { dtype: 'bool' as const } : {}),
  }
  const mask =
    valid?.includes(0) === true
      ? {
          valid:
            width === 1
              ? valid
              : Uint8Array.from(column.values as ArrayLike<number>, (_, i) => valid[Math.floor(i / width)]!),
        }
      : {}
  const { values } = column
  if (
    mask.valid === undefined ||
    boolean === true ||
    Array.isArray(values) ||
    values instanceof Float64Array ||
    values instanceof Float32Array
  )
    return { ...base, ...mask, values }
  const { values: integers, empty } = withNullValue(values as Integers, mask.valid)
  return { ...base, ...mask, values: integers, null: empty }
}

const UNSIGNED_OFFSET = new Map<unknown, bigint>([
  [Int8Array, -128n],
  [Uint16Array, 2n ** 15n],
  [Uint32Array, 2n ** 31n],
  [BigUint64Array, 2n ** 63n],
])
const LOWEST = new Map<unknown, bigint>([
  [Int8Array, -128n],
  [Int16Array, -(2n ** 15n)],
  [Int32Array, -(2n ** 31n)],
  [BigInt64Array, -(2n ** 63n)],
])

/** Integers with a stored value that none of them has, for TNULL; bytes of which every value is taken are widened. */
function withNullValue(values: Integers, valid: Uint8Array): { values: Integers; empty: number | bigint } {
  const used = new Set<bigint>()
  for (let i = 0; i < values.length; i++) if (valid[i] === 1) used.add(BigInt(values[i]!))
  let free = LOWEST.get(values.constructor) ?? 0n
  while (used.has(free)) free++
  if (values.BYTES_PER_ELEMENT === 1 && used.size === 256)
    return { values: Int16Array.from(values as Uint8Array), empty: -(2 ** 15) }
  const stored = free - (UNSIGNED_OFFSET.get(values.constructor) ?? 0n)
  return { values, empty: values.BYTES_PER_ELEMENT === 8 ? stored : Number(stored) }
}
