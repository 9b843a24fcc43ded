import { createKernelPool } from '@astrolabel/kernels/node'
import { predictForest, principalComponents, trainForest } from '@astrolabel/models-classical'
import {
  forestGrower,
  predictForestParallel,
  principalComponentsParallel,
  trainForestParallel,
} from '@astrolabel/models-classical/node'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

const random = RandomStream.fromSeed(8)
const [n, width] = [200, 6]
const x = Float32Array.from({ length: n * width }, () => random.normal())
const y = Float64Array.from(
  { length: 2 * n },
  (_, i) => x[Math.floor(i / 2) * width + (i % 2)]! + 0.1 * random.normal(),
)
const data = { n, x, width, y, labels: 2 }

test.each(['forest', 'extra'] as const)('%s: three threads grow and ask the forest that one does', async (splits) => {
  const seen: number[] = []
  const options = { trees: 12, splits, seed: 4, onProgress: (done: number) => void seen.push(done) }
  const one = trainForest(data, options)
  seen.length = 0
  const three = await trainForestParallel(data, { ...options, threads: 3 })
  expect(three).toEqual(one)
  expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  const pool = createKernelPool({ threads: 2 })
  try {
    expect(await predictForestParallel(three, x, n, pool)).toEqual(predictForest(one, x, n))
  } finally {
    await pool.close()
  }
})

test.each(['forest', 'extra'] as const)(
  '%s: a crew grows the forest that one thread does, and is waited for',
  (splits) => {
    const [rows, features] = [1500, 60]
    const many = Float32Array.from({ length: rows * features }, () => random.normal())
    const own = {
      n: rows,
      x: many,
      width: features,
      y: many.filter((_, i) => i % features === 0 || i % features === 1),
      labels: 2,
    }
    const large = { ...own, y: Float64Array.from(own.y) }
    const options = { trees: 250, splits, minLeaf: 4, seed: 2 }
    expect(forestGrower(3)(large, options)).toEqual(trainForest(large, options))
    expect(() => forestGrower(3)(large, { ...options, minLeaf: 0 })).toThrow(/smallest leaf: got 0/)
    expect(() => forestGrower(0)).toThrow(/threads: got 0/)
  },
)

test('labels that are missing in places, on threads', async () => {
  const gaps = trainForest({ ...data, y: y.map((label, i) => (i % 5 === 1 ? Number.NaN : label)) }, { trees: 5 })
  const pool = createKernelPool({ threads: 2 })
  try {
    expect(await predictForestParallel(gaps, x, n, pool)).toEqual(predictForest(gaps, x, n))
  } finally {
    await pool.close()
  }
})

test('a stopped forest rejects with the reason', async () => {
  const control = new AbortController()
  const stop = new Error('enough')
  const options = { trees: 500, threads: 2, signal: control.signal, onProgress: () => control.abort(stop) }
  await expect(trainForestParallel(data, options)).rejects.toBe(stop)
})

test.each([
  [40, 90],
  [90, 40],
])('components of %i rows of %i on three threads are those of one', async (rows, pixels) => {
  const spectra = Float32Array.from({ length: rows * pixels }, (_, i) => random.normal() * (1 + 5 / (1 + (i % pixels))))
  const one = principalComponents(spectra, rows, pixels, 4)
  const three = await principalComponentsParallel(spectra, rows, pixels, 4, { threads: 3 })
  three.variance.forEach((value, c) => expect(value / one.variance[c]!).toBeCloseTo(1, 5))
  three.components.forEach((value, i) => expect(value).toBeCloseTo(one.components[i]!, 4))
  expect(await principalComponentsParallel(spectra, rows, pixels, 4, { threads: 3 })).toEqual(three)
  await expect(principalComponentsParallel(spectra, rows, pixels, 4, { threads: 0 })).rejects.toThrow(/threads: got 0/)
})
