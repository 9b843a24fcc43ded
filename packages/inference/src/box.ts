import { InferenceError } from './inference-error.js'

/** Bounds of the parameters and which of them are fixed. */
export interface Box {
  /** (P) smallest allowed values, -Infinity for none. */
  readonly lower: Float64Array | undefined
  /** (P) largest allowed values, Infinity for none. */
  readonly upper: Float64Array | undefined
  /** (P) 1 for a parameter that keeps its start. */
  readonly fixed: Uint8Array | undefined
}

/** Whether a parameter keeps its start: it is fixed, or its bounds leave it no room. */
export function isHeld(box: Box, i: number): boolean {
  return box.fixed?.[i] === 1 || (box.lower !== undefined && box.upper !== undefined && box.lower[i] === box.upper[i])
}

/** Whether a parameter sits on a bound or beyond it: -1 for the lower one, 1 for the upper one, 0 for none. */
export function sideOf(box: Box, params: Float64Array, i: number): -1 | 0 | 1 {
  if (box.lower && params[i]! <= box.lower[i]!) return -1
  return box.upper && params[i]! >= box.upper[i]! ? 1 : 0
}

/**
 * Checks a start against the size of the cost and the bounds.
 *
 * @throws InferenceError for a length other than `size`, a start that is not finite, bounds in the wrong order, a start out of bounds
 */
export function checkStart(start: Float64Array, size: number, box: Box): void {
  const lengths: readonly (readonly [string, number | undefined])[] = [
    ['start', start.length],
    ['lower', box.lower?.length],
    ['upper', box.upper?.length],
    ['fixed', box.fixed?.length],
  ]
  for (const [name, length] of lengths) {
    if (length !== undefined && length !== size) {
      throw new InferenceError('shape-mismatch', `'${name}' needs one value for each parameter of the cost`, {
        got: String(length),
        expected: String(size),
      })
    }
  }
  for (let i = 0; i < size; i++) {
    const value = start[i]!
    if (!Number.isFinite(value)) {
      throw new InferenceError('not-finite', `The start of parameter ${i} is not a number`, {
        got: String(value),
        remedy: 'Start from the middle of the training labels, or leave the star out.',
      })
    }
    const low = box.lower?.[i] ?? -Infinity
    const high = box.upper?.[i] ?? Infinity
    if (!(low <= high)) {
      throw new InferenceError('bad-bounds', `The bounds of parameter ${i} are in the wrong order`, {
        got: `[${low}, ${high}]`,
        expected: 'lower <= upper',
      })
    }
    if (box.fixed?.[i] !== 1 && (value < low || value > high)) {
      throw new InferenceError('bad-bounds', `The start of parameter ${i} is out of its bounds`, {
        got: String(value),
        expected: `a value in [${low}, ${high}]`,
        remedy: 'Move the start inside, or widen the bounds.',
      })
    }
  }
}
