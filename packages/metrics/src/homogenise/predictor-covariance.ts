import type { Labels } from '@astrolabel/spectra'

/**
 * Covariance of some labels of one star, (J × J) into `out`: from the errors, and between labels from the covariances
 * where the labels have them; 0 where an error is not known.
 *
 * @param columns (J) positions of the labels.
 */
export function predictorCovariance(labels: Labels, row: number, columns: readonly number[], out: Float64Array): void {
  const width = labels.labels.length
  const count = columns.length
  const known = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : 0)
  for (let j = 0; j < count; j++)
    for (let k = 0; k < count; k++)
      out[j * count + k] =
        j === k
          ? known(labels.errors[row * width + columns[j]]) ** 2
          : known(labels.covariance?.[(row * width + columns[j]) * width + columns[k]])
}
