import type { FitsArray } from '../dtype.js'
import { putNumbers } from './tile-bytes.js'
import type { Tile } from './tile-index.js'

/**
 * Where in `out` the values of a tile lie one after another, so that they can be decoded to that place; undefined where
 * the tile has not all columns or not all its rows are wanted.
 */
export function tileSpan(
  { start, shape }: Pick<Tile, 'start' | 'shape'>,
  out: FitsArray,
  outShape: readonly number[],
  firstRow: number,
): FitsArray | undefined {
  const row = (start[0] as number) - firstRow
  if (row < 0 || row + (shape[0] as number) > (outShape[0] as number)) return undefined
  // One row of the slowest axis may be in parts, of the next axis too, and so on: then all after that must be whole.
  let axis = 0
  let from = row
  for (; axis < shape.length - 1 && shape[axis] === 1; axis++) {
    from = from * (outShape[axis + 1] as number) + (start[axis + 1] as number)
  }
  let length = shape[axis] as number
  for (let next = axis + 1; next < shape.length; next++) {
    if (shape[next] !== outShape[next]) return undefined
    from *= shape[next] as number
    length *= shape[next] as number
  }
  return out.subarray(from, from + length)
}

/**
 * Puts the values of a tile where they belong in `out`, which has the image's rows from `firstRow` on and the shape
 * `outShape` (slowest first); what lies in other rows is left out.
 */
export function placeTile(
  values: FitsArray,
  { start, shape }: Pick<Tile, 'start' | 'shape'>,
  out: FitsArray,
  outShape: readonly number[],
  firstRow: number,
): void {
  // Axes from `run` on are covered whole by the tile: values there lie side by side in both.
  let run = shape.length - 1
  while (run > 0 && shape[run] === outShape[run]) run--
  let inner = 1
  for (let axis = shape.length - 1; axis > run; axis--) inner *= shape[axis] as number
  const runLength = (shape[run] as number) * inner
  if (run === 0) {
    const from = Math.max(0, firstRow - (start[0] as number))
    const to = Math.min(shape[0] as number, firstRow + (outShape[0] as number) - (start[0] as number))
    putNumbers(values, from * inner, (to - from) * inner, out, ((start[0] as number) + from - firstRow) * inner)
    return
  }
  const index = new Array<number>(run).fill(0)
  let size = 1
  for (let axis = 0; axis <= run; axis++) size *= axis === run ? 1 : (shape[axis] as number)
  for (let n = 0; n < size; n++) {
    const row = (start[0] as number) + (index[0] as number) - firstRow
    if (row >= 0 && row < (outShape[0] as number)) {
      let at = row
      for (let axis = 1; axis < run; axis++) {
        at = at * (outShape[axis] as number) + (start[axis] as number) + (index[axis] as number)
      }
      at = (at * (outShape[run] as number) + (start[run] as number)) * inner
      putNumbers(values, n * runLength, runLength, out, at)
    }
    for (let axis = run - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      index[axis] = 0
    }
  }
}
