import { readFileSync } from 'node:fs'
import {
  componentsWithGaps,
  exactComponents,
  incrementalComponents,
  principalComponents,
  project,
  projectWithGaps,
} from '@astrolabel/models-classical'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

interface Golden {
  readonly pca: { rows: number[]; mean: number[]; variance: number[]; explained: number[]; components: number[] }
}

const { pca: golden } = JSON.parse(readFileSync(new URL('golden/boosting.json', import.meta.url), 'utf8')) as Golden
const rows = Float32Array.from(golden.rows)
const [n, width] = [90, 40]

test('incremental components are scikit-learn’s, batch by batch', () => {
  const growing = incrementalComponents(width, 4)
  for (const [from, to] of [
    [0, 30],
    [30, 50],
    [50, 90],
  ] as const)
    growing.add(rows.subarray(from * width, to * width), to - from)
  const pca = growing.finish()
  expect(growing.n).toBe(n)
  pca.mean.forEach((value, i) => expect(value).toBeCloseTo(golden.mean[i]!, 5))
  pca.variance.forEach((value, c) => expect(value / golden.variance[c]!).toBeCloseTo(1, 5))
  pca.explained.forEach((value, c) => expect(value).toBeCloseTo(golden.explained[c]!, 6))
  for (let c = 0; c < 4; c++) {
    let along = 0
    for (let i = 0; i < width; i++) along += pca.components[c * width + i]! * golden.components[c * width + i]!
    expect(Math.abs(along)).toBeCloseTo(1, 5)
  }
})

test('batches of a few rows wait for each other, and more may come after the components were asked for', () => {
  const growing = incrementalComponents(width, 4)
  for (let row = 0; row < 7; row++) growing.add(rows.subarray(row * width, (row + 1) * width), 1)
  expect(growing.finish().variance).toHaveLength(4)
  for (let row = 7; row < n; row++) growing.add(rows.subarray(row * width, (row + 1) * width), 1)
  const whole = principalComponents(rows, n, width, 4)
  // Each batch of four loses what lies outside its own four directions.
  growing.finish().variance.forEach((value, c) => expect(value / whole.variance[c]!).toBeCloseTo(1, 1))
})

test('a full decomposition says the same as the Krylov space', () => {
  const exact = exactComponents(rows, n, width, 5)
  const quick = principalComponents(rows, n, width, 5)
  quick.variance.forEach((value, c) => expect(value / exact.variance[c]!).toBeCloseTo(1, 5))
  quick.explained.forEach((value, c) => expect(value).toBeCloseTo(exact.explained[c]!, 6))
  quick.components.forEach((value, i) => expect(value).toBeCloseTo(exact.components[i]!, 4))
  expect(() => exactComponents(new Float32Array(600_000), 600, 1000, 3)).toThrow(/600 × 1000.*principalComponents/)
})

test('gaps are filled by what the other pixels say', () => {
  const random = RandomStream.fromSeed(3)
  const [stars, pixels] = [300, 40]
  const directions = Float64Array.from({ length: 2 * pixels }, () => random.normal())
  const clean = new Float32Array(stars * pixels)
  for (let row = 0; row < stars; row++) {
    const [a, b] = [3 * random.normal(), random.normal()]
    for (let i = 0; i < pixels; i++)
      clean[row * pixels + i] = 5 + a * directions[i]! + b * directions[pixels + i]! + 0.01 * random.normal()
  }
  const ivar = Float32Array.from(clean, () => (random.uniform() < 0.2 ? 0 : 1e4))
  const spoilt = clean.map((value, i) => (ivar[i] === 0 ? 1e4 : value))
  const whole = principalComponents(clean, stars, pixels, 2)
  const gaps = componentsWithGaps(spoilt, ivar, stars, pixels, 2)
  for (let c = 0; c < 2; c++) {
    let along = 0
    for (let i = 0; i < pixels; i++) along += whole.components[c * pixels + i]! * gaps.components[c * pixels + i]!
    expect(along).toBeCloseTo(1, 3)
    expect(gaps.variance[c]! / whole.variance[c]!).toBeCloseTo(1, 1)
  }
  const scores = projectWithGaps(whole, spoilt, ivar, stars)
  const wanted = project(whole, clean, stars)
  scores.forEach((score, i) => expect(Math.abs(score - wanted[i]!)).toBeLessThan(0.05))
})

test('rows that cannot be: errors in words', () => {
  const growing = incrementalComponents(3, 2)
  expect(() => growing.add(new Float32Array(4), 1)).toThrow(/got 4, expected 1 × 3/)
  expect(() => growing.add(Float32Array.of(1, Number.NaN, 1), 1)).toThrow(/Pixel 1 of row 0 is not a number/)
  growing.add(Float32Array.of(1, 2, 3, 4, 5, 6), 2)
  expect(() => growing.finish()).toThrow(/got 2, expected fewer than the 2 rows/)
  expect(() => incrementalComponents(3, 4)).toThrow(/got 4, expected 1 to 3/)
})
