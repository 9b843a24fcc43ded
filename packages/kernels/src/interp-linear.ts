import { checkAscending, checkLength } from './checks.js'
import { KernelError } from './kernel-error.js'

/** Index i with x[i] <= at < x[i + 1], for x[0] <= at < x[last]: looked for near `guess`, then by bisection. */
function intervalOf(x: Float64Array, at: number, guess: number): number {
  let low = guess
  if (x[low]! <= at) {
    if (at < x[low + 1]!) return low
    low++
    if (low + 1 < x.length && at < x[low + 1]!) return low
  } else {
    low = 0
  }
  let high = x.length - 1
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (x[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

/**
 * Piecewise linear interpolation of (x, y) at `xNew`, value for value as numpy.interp: the end values outside, NaN for
 * NaN. `x` ascends strictly, `y` has its length; `xNew` may be in any order, `out` has its length and may be `xNew`.
 * Throws KernelError when `x` is empty or does not ascend, or lengths differ. Cost linear for ordered `xNew`, a
 * bisection a point otherwise. Plain TypeScript: copying to the memory of WebAssembly would cost as much as the work.
 */
export function interpLinear(
  xNew: Float64Array,
  x: Float64Array,
  y: Float32Array | Float64Array,
  out: Float32Array | Float64Array,
): void {
  checkLength('interpLinear', 'y', y.length, x.length, 'as x')
  checkLength('interpLinear', 'out', out.length, xNew.length, 'as xNew')
  if (x.length === 0) {
    throw new KernelError('bad-size', {
      what: 'interpLinear: length of x',
      got: '0',
      expected: '1 or more points',
      remedy: 'There is nothing to interpolate: leave the star out.',
    })
  }
  checkAscending('interpLinear', 'x', x)
  const last = x.length - 1
  let i = 0
  for (let j = 0; j < xNew.length; j++) {
    const at = xNew[j]!
    if (at >= x[last]!) out[j] = y[last]!
    else if (at < x[0]!) out[j] = y[0]!
    else if (at !== at) out[j] = NaN
    else {
      i = intervalOf(x, at, i)
      const left = x[i]!
      const y0 = y[i]!
      out[j] = at === left ? y0 : ((y[i + 1]! - y0) / (x[i + 1]! - left)) * (at - left) + y0
    }
  }
}
