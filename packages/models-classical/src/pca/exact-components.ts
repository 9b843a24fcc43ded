import { AstrolabelError } from '@astrolabel/spectra'
import { PCA } from 'ml-pca'
import type { PrincipalComponents } from './principal-components.js'
import { checkRows, unit } from './principal-components.js'

/** Numbers of which a full decomposition takes a few seconds. */
const MOST_NUMBERS = 250_000

/**
 * {@link principalComponents} by a full singular value decomposition (ml-pca) in double precision: exact, for small data
 * and as a reference.
 *
 * @throws as principalComponents, and `pca/data` for more than 250 000 numbers. Cost: n × width × min(n, width), some
 * hundred times what principalComponents takes.
 */
export function exactComponents(x: Float32Array, n: number, width: number, count: number): PrincipalComponents {
  checkRows(x, n, width, count)
  if (x.length > MOST_NUMBERS)
    throw new AstrolabelError('pca/data', 'The rows are too many for a full decomposition', {
      got: `${n} × ${width}`,
      expected: `${MOST_NUMBERS} numbers at most`,
      remedy: 'Take principalComponents, with a larger subspace if need be',
    })
  const rows = Array.from({ length: n }, (_, row) => Array.from(x.subarray(row * width, (row + 1) * width)))
  const decomposed = new PCA(rows)
  const values = decomposed.getEigenvalues()
  const vectors = decomposed.getEigenvectors()
  const components = new Float32Array(count * width)
  for (let c = 0; c < count; c++) {
    const row = components.subarray(c * width, (c + 1) * width)
    for (let pixel = 0; pixel < width; pixel++) row[pixel] = vectors.get(pixel, c)
    unit(row, true)
  }
  const total = values.reduce((sum, value) => sum + value, 0)
  const variance = Float64Array.from(values.slice(0, count))
  const mean = new Float64Array(width)
  for (let i = 0; i < x.length; i++) mean[i % width]! += x[i]! / n
  return {
    width,
    count,
    mean,
    components,
    variance,
    explained: variance.map((value) => (total > 0 ? value / total : 0)),
  }
}
