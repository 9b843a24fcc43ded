import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GrownTree, TreeTask } from '@astrolabel/kernels'
import { gemmF64, growTree } from '@astrolabel/kernels'

interface Group {
  readonly rows: number[]
  readonly depth: number
}

/** Explained sum of squares of rows, label by label. */
function explained({ sums, stride, shared }: TreeTask, rows: readonly number[]): number {
  const total = new Float64Array(stride)
  for (const row of rows) for (let k = 0; k < stride; k++) total[k]! += sums[row * stride + k]!
  let score = 0
  if (shared) for (let k = 1; k < stride; k++) score += total[k]! ** 2 / total[0]!
  else for (let k = 2; k < stride; k += 2) if (total[k]! > 0) score += total[k + 1]! ** 2 / total[k]!
  return score
}

const weightOf = ({ sums, stride }: TreeTask, rows: readonly number[]): number =>
  rows.reduce((sum, row) => sum + sums[row * stride]!, 0)

/** What the best of all splits of a group explains, by trying each; undefined when none may be made. */
function bestByTrying(task: TreeTask, { rows }: Group): number | undefined {
  let best: number | undefined
  for (let feature = 0; feature < task.width; feature++) {
    for (const bin of new Set(rows.map((row) => task.features[feature * task.n + row]!))) {
      const isLeft = (row: number): boolean => task.features[feature * task.n + row]! <= bin
      const sides = [rows.filter(isLeft), rows.filter((row) => !isLeft(row))]
      if (sides.some((side) => side.length === 0 || weightOf(task, side) < task.minLeaf)) continue
      const score = explained(task, sides[0]!) + explained(task, sides[1]!)
      if (best === undefined || score > best) best = score
    }
  }
  return best
}

/** Goes down the tree with its rows and checks every node against trying all splits; returns how many it has seen. */
function checkTree(task: TreeTask, tree: GrownTree): number {
  const groups: Group[] = []
  groups[0] = { rows: [...task.rows], depth: 0 }
  for (let node = 0; node < tree.nodes; node++) {
    const group = groups[node]!
    for (let k = 0; k < task.stride; k++)
      expect(tree.totals[node * task.stride + k]).toBeCloseTo(
        group.rows.reduce((sum, row) => sum + task.sums[row * task.stride + k]!, 0),
        9,
      )
    const base = explained(task, group.rows)
    const best = bestByTrying(task, group)
    const feature = tree.feature[node]!
    if (feature < 0) {
      const mayStop = group.depth >= task.maxDepth || weightOf(task, group.rows) < 2 * task.minLeaf
      if (!mayStop && best !== undefined) expect(best - base).toBeLessThanOrEqual(1e-9 * Math.abs(base) + 1e-12)
      continue
    }
    // Splits are compared in single precision, so one that is as good to seven digits may have been taken.
    expect(best! - base - tree.gain[node]!).toBeLessThan(1e-5 * Math.abs(best!) + 1e-9)
    const left = group.rows.filter((row) => task.features[feature * task.n + row]! <= tree.bin[node]!)
    const right = group.rows.filter((row) => task.features[feature * task.n + row]! > tree.bin[node]!)
    expect(explained(task, left) + explained(task, right) - base).toBeCloseTo(tree.gain[node]!, 8)
    expect(tree.next[node]).toBe(Math.min(...right.map((row) => task.features[feature * task.n + row]!)))
    groups[tree.left[node]!] = { rows: left, depth: group.depth + 1 }
    groups[tree.left[node]! + 1] = { rows: right, depth: group.depth + 1 }
  }
  return groups.length
}

const taskArb = fc
  .record({
    n: fc.integer({ min: 1, max: 24 }),
    width: fc.integer({ min: 1, max: 11 }),
    labels: fc.integer({ min: 1, max: 9 }),
    shared: fc.boolean(),
    bins: fc.constantFrom(2, 5, 256),
    maxDepth: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
    minLeaf: fc.constantFrom(1, 2, 5),
  })
  .chain(({ n, width, labels, shared, bins, maxDepth, minLeaf }) =>
    fc
      .record({
        codes: fc.uint8Array({ minLength: n * width, maxLength: n * width, max: bins - 1 }),
        y: fc.array(fc.integer({ min: -40, max: 40 }), { minLength: n * labels, maxLength: n * labels }),
        weights: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: n * labels, maxLength: n * labels }),
        rows: fc.subarray(
          Array.from({ length: n }, (_, row) => row),
          { minLength: 1 },
        ),
      })
      .map(({ codes, y, weights, rows }): TreeTask => {
        const stride = shared ? labels + 1 + ((labels + 1) % 2) : 2 * labels + 2
        const sums = new Float64Array(n * stride)
        for (let row = 0; row < n; row++) {
          sums[row * stride] = 1 + (row % 2)
          for (let l = 0; l < labels; l++) {
            const value = y[row * labels + l]! / 8
            if (shared) sums[row * stride + 1 + l] = (1 + (row % 2)) * value
            else {
              sums[row * stride + 2 + 2 * l] = weights[row * labels + l]!
              sums[row * stride + 3 + 2 * l] = weights[row * labels + l]! * value
            }
          }
        }
        return {
          n,
          width,
          features: codes,
          stride,
          sums,
          shared,
          rows: Uint32Array.from(rows),
          maxDepth,
          minLeaf,
          maxFeatures: width,
          seed: [1, 2],
        }
      }),
  )

/** Leaves no zero in the memory that kernels share, as calls before would. */
function spoilMemory(): void {
  const ones = new Float64Array(128 * 128).fill(1e3)
  gemmF64(128, 128, 128, ones, ones, new Float64Array(128 * 128))
}

test('property: every node has the best of all splits, and every leaf a reason', () => {
  fc.assert(
    fc.property(taskArb, (task) => {
      spoilMemory()
      const tree = growTree(task)
      expect(checkTree(task, tree)).toBe(tree.nodes)
    }),
    { numRuns: 300 },
  )
})

test('property: with random thresholds and some of the features the tree is sound, and the seed alone decides', () => {
  fc.assert(
    fc.property(taskArb, fc.nat(), (task, seed) => {
      const { n, width } = task
      const values = Float32Array.from(
        { length: n * width },
        (_, i) => task.features[(i % width) * n + Math.floor(i / width)]!,
      )
      const maxFeatures = seed % 2 === 0 ? width : 1
      const random: TreeTask = { ...task, features: values, maxFeatures, seed: [seed, 7], maxDepth: 50 }
      const tree = growTree(random)
      expect(growTree(random)).toEqual(tree)
      for (let row = 0; row < n; row++) {
        let node = 0
        for (let asked = tree.feature[0]!; asked >= 0; asked = tree.feature[node]!)
          node = tree.left[node]! + (values[row * width + asked]! > tree.threshold[node]! ? 1 : 0)
        expect(tree.leaf[row]).toBe(task.rows.includes(row) ? node : -1)
      }
      for (let node = 0; node < tree.nodes; node++) {
        if (tree.feature[node]! < 0) continue
        expect(tree.gain[node]).toBeGreaterThan(0)
        for (const child of [tree.left[node]!, tree.left[node]! + 1]) {
          expect(child).toBeGreaterThan(node)
          expect(tree.totals[child * task.stride]).toBeGreaterThanOrEqual(task.minLeaf)
        }
      }
    }),
  )
})

test('more rows than lists are made of: the same splits, by histograms first', () => {
  const n = 17_000
  const random = (i: number): number => Math.imul(i + 1, 2_654_435_761) >>> 16
  const features = Uint8Array.from({ length: 2 * n }, (_, i) => random(i) % 12)
  const sums = new Float64Array(2 * n)
  for (let row = 0; row < n; row++) {
    sums[2 * row] = 1
    sums[2 * row + 1] = (features[row]! - 6) * features[n + row]! + (random(3 * row) % 5)
  }
  const rows = Uint32Array.from({ length: n }, (_, row) => row)
  const task = { n, width: 2, features, stride: 2, sums, shared: true, rows, maxDepth: 2, minLeaf: 1, maxFeatures: 2 }
  expect(checkTree({ ...task, seed: [1, 1] }, growTree({ ...task, seed: [1, 1] }))).toBe(7)
})

test('a step in the third of three features is found, between its bins', () => {
  const n = 200
  const codes = Uint8Array.from({ length: 3 * n }, (_, i) => (i * 37) % 256)
  const sums = new Float64Array(2 * n)
  for (let row = 0; row < n; row++) {
    sums[2 * row] = 1
    sums[2 * row + 1] = codes[2 * n + row]! > 99 ? 5 : -5
  }
  const tree = growTree({
    n,
    width: 3,
    features: codes,
    stride: 2,
    sums,
    shared: true,
    rows: Uint32Array.from({ length: n }, (_, row) => row),
    maxDepth: 9,
    minLeaf: 1,
    maxFeatures: 3,
    seed: [0, 0],
  })
  expect(tree.nodes).toBe(3)
  expect(tree.feature[0]).toBe(2)
  expect(tree.bin[0]).toBeLessThanOrEqual(99)
  expect(Math.min(...[...codes.subarray(2 * n)].filter((bin) => bin > tree.bin[0]!))).toBeGreaterThan(99)
  expect([tree.totals[3]! / tree.totals[2]!, tree.totals[5]! / tree.totals[4]!]).toEqual([-5, 5])
})

test.each<[string, Partial<TreeTask>, RegExp]>([
  [
    'rows outside the training set',
    { rows: Uint32Array.of(0, 4) },
    /rows.*got row 4, expected some of the rows 0 to 3/,
  ],
  ['no rows', { rows: new Uint32Array(0) }, /rows.*got none/],
  ['features of another size', { features: new Uint8Array(3) }, /length of features.*got 3, expected 4 \(width x n\)/],
  ['an odd stride', { stride: 3, sums: new Float64Array(12) }, /stride.*got 3, expected an even number/],
])('%s: an error in words', (_, part, message) => {
  const task: TreeTask = {
    n: 4,
    width: 1,
    features: new Uint8Array(4),
    stride: 2,
    sums: new Float64Array(8),
    shared: true,
    rows: Uint32Array.of(0, 1, 2, 3),
    maxDepth: 3,
    minLeaf: 1,
    maxFeatures: 1,
    seed: [0, 0],
  }
  expect(() => growTree({ ...task, ...part })).toThrow(message)
})
