import type { FitsArray } from '../dtype.js'
import { putNumbers } from './tile-bytes.js'
import type { Tile } from './tile-index.js'

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
