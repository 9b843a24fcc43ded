import type { NpyData } from './npy.js'

/** Values stored with the first axis running fastest, put in the order where the last one does. */
export function reorderFortran(data: NpyData, shape: readonly number[]): NpyData {
  const out = data.slice() as unknown[] | Float64Array
  const source = data as ArrayLike<unknown>
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1))
  const index = shape.map(() => 0)
  for (let i = 0; i < source.length; i++) {
    let from = 0
    for (let axis = 0; axis < shape.length; axis++) from += index[axis]! * strides[axis]!
    ;(out as unknown[])[i] = source[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
  return out as NpyData
}
