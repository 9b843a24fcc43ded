import { AstrolabelError } from '@astrolabel/spectra'

/** Points in a space: (n × width) row-major, such as spectra, their principal components or a map. */
export interface Points {
  readonly n: number
  readonly width: number
  readonly values: Float32Array | Float64Array
}

/** @throws `embedding/data` when the points have another size than they say, or a value that is no number. */
export function checkPoints({ n, width, values }: Points): void {
  if (values.length !== n * width)
    throw new AstrolabelError('embedding/data', 'The points do not have the size that was said', {
      got: values.length,
      expected: `${n} × ${width}`,
    })
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new AstrolabelError(
      'embedding/data',
      `Value ${bad % width} of point ${Math.floor(bad / width)} is not a number`,
      { got: values[bad], remedy: 'Fill bad pixels before embedding' },
    )
}

/** @throws `embedding/neighbours` unless 1 ≤ k < n. */
export function checkNeighbours(k: number, n: number): void {
  if (!Number.isInteger(k) || k < 1 || k >= n)
    throw new AstrolabelError('embedding/neighbours', 'A point cannot have so many neighbours', {
      got: k,
      expected: `1 to ${n - 1} of ${n} points`,
      remedy: 'Ask for fewer neighbours (or a lower perplexity), or give more points',
    })
}
