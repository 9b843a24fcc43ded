import { predictForest, trainForest } from '@astrolabel/models-classical'

export function run(): unknown {
  const x = Float32Array.from({ length: 80 }, (_, i) => (i * 37) % 80)
  const y = Float64Array.from({ length: 40 }, (_, row) => (x[2 * row]! > 39 ? 1 : -1))
  const forest = trainForest({ n: 40, x, width: 2, y, labels: 1 }, { trees: 20, minLeaf: 2 })
  return [...predictForest(forest, Float32Array.of(2, 5, 78, 5), 2)].map((label) => label > 0)
}

export const expected = [false, true]
