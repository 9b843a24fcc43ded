import {
  describeTree,
  growReadableTree,
  impurityImportance,
  labelErrors,
  permutationImportance,
  predictForest,
  predictOutOfBag,
  principalComponents,
  project,
  trainForest,
  wavelengthImportance,
} from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const [n, pixels] = [400, 30]

/** Spectra with two lines of depths that vary, at pixels 5 to 7 and 20, and noise; the label is the first depth. */
function spectra(seed: number): { x: Float32Array; y: Float64Array } {
  const random = RandomStream.fromSeed(seed)
  const x = new Float32Array(n * pixels)
  const y = new Float64Array(n)
  for (let row = 0; row < n; row++) {
    const [first, second] = [random.normal(), random.normal()]
    y[row] = first
    for (let i = 0; i < pixels; i++) {
      const line = i >= 5 && i <= 7 ? first : i === 20 ? 4 * second : 0
      x[row * pixels + i] = 1 - 0.1 * line + 0.01 * random.normal()
    }
  }
  return { x, y }
}

const train = spectra(1)
const fresh = spectra(2)
const forest = trainForest({ n, x: train.x, width: pixels, y: train.y, labels: 1 }, { minLeaf: 2 })

test('the out-of-bag error is that of rows never seen, and not that of training', () => {
  const outside = labelErrors(predictOutOfBag(forest, train.x, n), train.y, 1)[0]!
  const unseen = labelErrors(predictForest(forest, fresh.x, n), fresh.y, 1)[0]!
  const inside = labelErrors(predictForest(forest, train.x, n), train.y, 1)[0]!
  expect(outside / unseen).toBeGreaterThan(0.8)
  expect(outside / unseen).toBeLessThan(1.25)
  expect(inside).toBeLessThan(0.7 * outside)
})

test('errors count rows by weight, and leave out what is missing', () => {
  const errors = labelErrors(
    Float64Array.of(1, 0, 3, 5),
    Float64Array.of(0, 0, 0, Number.NaN),
    1,
    Float64Array.of(3, 0, 1, 9),
  )
  expect(errors[0]).toBeCloseTo(Math.sqrt((3 * 1 + 9) / 4), 12)
})

test('shuffling a line that tells the label costs, out of bag and held out; shuffling the rest does not', () => {
  const groups = [[5, 6, 7], [20], [0, 1, 2]]
  const data = { n, width: pixels, labels: 1, ...train }
  const bag = permutationImportance((x, rows) => predictOutOfBag(forest, x, rows), data, { groups, seed: 5 })
  const held = permutationImportance((x, rows) => predictForest(forest, x, rows), { ...data, ...fresh }, { groups })
  for (const { rise, riseErr, base } of [bag, held]) {
    expect(rise[0]).toBeGreaterThan(0.8)
    expect(riseErr[0]).toBeLessThan(0.1)
    expect(Math.abs(rise[1]!)).toBeLessThan(0.1 * base[0]!)
    expect(Math.abs(rise[2]!)).toBeLessThan(0.1 * base[0]!)
  }
  const again = permutationImportance((x, rows) => predictOutOfBag(forest, x, rows), data, { groups, seed: 5 })
  expect(again).toEqual(bag)
})

test('importance of components goes back to the pixels that they are made of', () => {
  const pca = principalComponents(train.x, n, pixels, 5)
  const scores = project(pca, train.x, n)
  const onScores = trainForest({ n, x: scores, width: 5, y: train.y, labels: 1 }, { minLeaf: 2 })
  const pixel = wavelengthImportance(pca, impurityImportance(onScores))
  expect(pixel.reduce((sum, part) => sum + part, 0)).toBeCloseTo(1, 5)
  expect(pixel[5]! + pixel[6]! + pixel[7]!).toBeGreaterThan(0.9)
  expect(pixel[20]).toBeLessThan(0.05)
  // The same by shuffling windows of pixels before the projection.
  const { rise } = permutationImportance(
    (x, rows) => predictForest(onScores, project(pca, x, rows), rows),
    { n, width: pixels, labels: 1, ...fresh },
    { groups: [[5, 6, 7], [20]], repeats: 2 },
  )
  expect(rise[0]).toBeGreaterThan(0.8)
  expect(Math.abs(rise[1]!)).toBeLessThan(0.1)
  expect(() => wavelengthImportance(pca, new Float64Array(4))).toThrow(/got 4, expected 5/)
})

test('groups that are none, or no repeats: an error in words', () => {
  const data = { n, width: pixels, labels: 1, ...train }
  const predict = (): Float64Array => new Float64Array(n)
  expect(() => permutationImportance(predict, data, { groups: [[30]] })).toThrow(
    /column in a group: got 30, expected 0 to 29/,
  )
  expect(() => permutationImportance(predict, data, { repeats: 0 })).toThrow(/number of shuffles: got 0/)
})

test('a single tree can be read', () => {
  // A giant below 5000 K if the line is shallow, else by the second line.
  const x = Float32Array.of(0.9, 1, 0.8, 2, 0.85, 3, 0.4, 1, 0.3, 2, 0.35, 7, 0.2, 8, 0.25, 9)
  const y = Float64Array.of(4000, 4000, 4000, 5000, 5000, 6000, 6000, 6000)
  const tree = growReadableTree({ n: 8, x, width: 2, y }, { smallest: 1 })
  const words = {
    feature: (i: number) => (i === 0 ? 'flux at 5167.3 Å' : 'flux at 6562.8 Å'),
    value: (k: number) => `${k} K`,
  }
  expect(describeTree(tree, words)).toBe(
    [
      'flux at 5167.3 Å < 0.6:',
      '  flux at 6562.8 Å < 4.5 → 5000 K (2 rows)',
      '  flux at 6562.8 Å ≥ 4.5 → 6000 K (3 rows)',
      'flux at 5167.3 Å ≥ 0.6 → 4000 K (3 rows)',
    ].join('\n'),
  )
  expect(JSON.parse(JSON.stringify(tree))).toEqual(tree)
  expect(tree.rows).toBe(8)
  const gaps = growReadableTree({ n: 8, x, width: 2, y: y.with(0, Number.NaN) }, { maxDepth: 1 })
  expect(gaps.rows).toBe(7)
  expect(describeTree({ rows: 1, value: 3 })).toBe('3 (1 row)')
  expect(() => growReadableTree({ n: 2, x, width: 2, y })).toThrow(/do not fit the rows: got 16 and 8/)
})
