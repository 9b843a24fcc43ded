/** Arrays that hold the rows of a matrix. */
export type RowArray = Float32Array | Float64Array | Uint32Array

/** The rows `rows` of a row-major matrix (n × width), in that order. */
export function takeMatrixRows<T extends RowArray>(matrix: T, width: number, rows: ArrayLike<number>): T {
  const out = new (matrix.constructor as new (length: number) => T)(rows.length * width)
  for (let i = 0; i < rows.length; i++) out.set(matrix.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
  return out
}

/** Matrices of one width, one under another. */
export function stackMatrices<T extends RowArray>(parts: readonly T[]): T {
  const out = new (parts[0]!.constructor as new (length: number) => T)(
    parts.reduce((sum, part) => sum + part.length, 0),
  )
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Position of the first index that is no row of `n`, −1 when all are. */
export function firstBadRow(rows: ArrayLike<number>, n: number): number {
  for (let i = 0; i < rows.length; i++) if (!(rows[i]! >= 0 && rows[i]! < n)) return i
  return -1
}
