import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  impurityImportance,
  predictForest,
  principalComponents,
  project,
  trainForest,
} from '@astrolabel/models-classical'

interface Golden {
  readonly x: number[]
  readonly y: number[]
  readonly unseen: number[]
  readonly trees: {
    maxDepth: number | null
    minLeaf: number
    nodes: number
    predicted: number[]
    importance: number[]
  }[]
  readonly pca: { x: number[]; variance: number[]; explained: number[]; components: number[]; projected: number[] }
}

const golden = JSON.parse(readFileSync(new URL('golden/sklearn.json', import.meta.url), 'utf8')) as Golden
const data = { n: 120, x: Float32Array.from(golden.x), width: 5, y: Float64Array.from(golden.y), labels: 2 }

test.each(golden.trees)('one tree on all rows is scikit-learn’s: depth $maxDepth, leaves of $minLeaf', (tree) => {
  const forest = trainForest(data, {
    trees: 1,
    bootstrap: false,
    minLeaf: tree.minLeaf,
    ...(tree.maxDepth === null ? {} : { maxDepth: tree.maxDepth }),
  })
  expect(forest.feature).toHaveLength(tree.nodes)
  const predicted = predictForest(forest, Float32Array.from(golden.unseen), 40)
  predicted.forEach((label, i) => expect(label).toBeCloseTo(tree.predicted[i]!, 9))
  impurityImportance(forest).forEach((part, i) => expect(part).toBeCloseTo(tree.importance[i]!, 9))
})

test('principal components are those of a full singular value decomposition', () => {
  const x = Float32Array.from(golden.pca.x)
  const pca = principalComponents(x, 60, 30, 4)
  pca.variance.forEach((value, c) => expect(value / golden.pca.variance[c]!).toBeCloseTo(1, 4))
  pca.explained.forEach((value, c) => expect(value).toBeCloseTo(golden.pca.explained[c]!, 5))
  const projected = project(pca, x.subarray(0, 5 * 30), 5)
  for (let c = 0; c < 4; c++) {
    const ours = pca.components.subarray(30 * c, 30 * (c + 1))
    const theirs = golden.pca.components.slice(30 * c, 30 * (c + 1))
    const along = ours.reduce((sum, value, i) => sum + value * theirs[i]!, 0)
    // The sign of a component is free.
    expect(Math.abs(along)).toBeCloseTo(1, 5)
    for (let row = 0; row < 5; row++)
      expect(projected[row * 4 + c]! * Math.sign(along)).toBeCloseTo(golden.pca.projected[row * 4 + c]!, 3)
  }
})
