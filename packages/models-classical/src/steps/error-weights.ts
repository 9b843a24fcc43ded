import type { TrainingData } from '../pipeline/training-data.js'

/**
 * Weights of labels by their errors, (n × L): s² ⁄ (s² + σ²) with the median σ² of the label for s². A label with the usual
 * error counts half of one without, and none can outweigh all others; a label of unknown error has the usual one.
 */
export function errorWeights({ n, y, labels, errors }: TrainingData): Float64Array | undefined {
  if (errors === undefined || !errors.some((error) => error > 0)) return undefined
  const weights = new Float64Array(n * labels)
  for (let l = 0; l < labels; l++) {
    const known: number[] = []
    for (let row = 0; row < n; row++) if (errors[row * labels + l]! > 0) known.push(errors[row * labels + l]! ** 2)
    known.sort((a, b) => a - b)
    const usual = known[Math.floor(known.length / 2)] ?? 1
    for (let row = 0; row < n; row++) {
      const i = row * labels + l
      const square = errors[i]! >= 0 ? errors[i]! ** 2 : usual
      weights[i] = Number.isNaN(y[i]!) ? 0 : usual / (usual + square)
    }
  }
  return weights
}
