import type { TrainingData } from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'

/** Rows whose first half of features depends on two labels in [-1, 1], with noise everywhere. */
export function lineSpectra({
  n,
  width,
  seed,
  noise = 0.02,
}: {
  readonly n: number
  readonly width: number
  readonly seed: number
  readonly noise?: number
}): TrainingData {
  const random = RandomStream.fromSeed(seed)
  const x = new Float32Array(n * width)
  const y = new Float64Array(2 * n)
  for (let row = 0; row < n; row++) {
    const [a, b] = [2 * random.uniform() - 1, 2 * random.uniform() - 1]
    y[2 * row] = a
    y[2 * row + 1] = b
    for (let i = 0; i < width; i++) {
      const line =
        i < width / 2 ? 0.2 * Math.sin(i) * a + 0.2 * Math.cos(2 * i) * b + 0.05 * Math.sin(3 * i) * a * b : 0
      x[row * width + i] = 1 + line + noise * random.normal()
    }
  }
  return { n, x, width, y, labels: 2 }
}
