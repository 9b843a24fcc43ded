import { RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const draw = (stream: RandomStream, n: number): number[] => Array.from({ length: n }, () => stream.uniform())
const normals = (stream: RandomStream, n: number): number[] => Array.from({ length: n }, () => stream.normal())
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** xoroshiro128+ as Blackman and Vigna publish it (2018 constants), low 32 bits of each output. */
function* published(seed: number): Generator<bigint> {
  const mask = (1n << 64n) - 1n
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (64n - k))) & mask
  let s0 = (0xffffffffn << 32n) | BigInt(~seed >>> 0)
  let s1 = BigInt(seed >>> 0) << 32n
  for (;;) {
    yield (s0 + s1) & 0xffffffffn
    s1 ^= s0
    s0 = rotate(s0, 24n) ^ s1 ^ ((s1 << 16n) & mask)
    s1 = rotate(s1, 37n)
  }
}

test('numbers are those of the published generator after 32 that are dropped', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const generator = published(seed)
      for (let i = 0; i < 32; i++) generator.next()
      const stream = RandomStream.fromSeed(seed)
      for (let i = 0; i < 4; i++) {
        const high = (generator.next().value as bigint) >> 6n
        const low = (generator.next().value as bigint) >> 5n
        expect(stream.uniform()).toBe(Number((high << 27n) | low) / 2 ** 53)
      }
    }),
  )
})

test('the first numbers never change: results of old runs hang on them', () => {
  const stream = RandomStream.fromSeed(42)
  expect(draw(stream, 3)).toEqual([0.8122404708611664, 0.686562837462481, 0.79447593312991])
  expect(normals(stream, 3)).toEqual([0.7133224044360509, 0.22531677903879552, -0.44019891247807713])
  expect([...stream.permutation(8)]).toEqual([4, 0, 3, 7, 5, 1, 6, 2])
  expect(draw(RandomStream.fromSeed(42).jumped(), 2)).toEqual([0.8737350704915137, 0.2234195647398498])
})

test('the same seed gives the same stream, another seed another', () => {
  expect(draw(RandomStream.fromSeed(7), 20)).toEqual(draw(RandomStream.fromSeed(7), 20))
  const firsts = Array.from({ length: 1000 }, (_, seed) => RandomStream.fromSeed(seed).uniform())
  expect(new Set(firsts).size).toBe(1000)
  // Neighbouring seeds must not give neighbouring numbers: uniform to 4 σ of the mean of 1000.
  expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 1000))
})

test('uniform: mean, variance and Kolmogorov distance of 20000', () => {
  const n = 20000
  const values = draw(RandomStream.fromSeed(1), n)
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...values)).toBeLessThan(1)
  expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n))
  expect(Math.abs(mean(values.map((v) => (v - 0.5) ** 2)) - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n))
  expect(kolmogorov(values, (x) => x)).toBeLessThan(1.95 / Math.sqrt(n))
})

test('uniform has 53 bits, all of which vary', () => {
  const bits = draw(RandomStream.fromSeed(3), 200).map((v) => BigInt(v * 2 ** 53))
  for (let bit = 0n; bit < 53n; bit++) {
    const ones = bits.filter((b) => ((b >> bit) & 1n) === 1n).length
    expect(ones).toBeGreaterThan(60)
    expect(ones).toBeLessThan(140)
  }
})

test('normal: moments to 4 σ and Kolmogorov distance to 0.1 % of 20000', () => {
  const n = 20000
  const values = normals(RandomStream.fromSeed(2), n)
  const moment = (k: number) => mean(values.map((v) => v ** k))
  expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n))
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n))
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n))
  expect(kolmogorov(values, normalCdf)).toBeLessThan(1.95 / Math.sqrt(n))
  // Both numbers of a polar pair: neighbours are not correlated.
  expect(Math.abs(mean(values.slice(1).map((v, i) => v * values[i]!)))).toBeLessThan(4 / Math.sqrt(n))
})

test('independent streams: the i-th is the seed’s jumped i times, and they are not correlated', () => {
  const n = 5000
  const streams = RandomStream.independent(9, 4)
  const base = RandomStream.fromSeed(9)
  const jumped = [base, base.jumped(), base.jumped().jumped(), base.jumped().jumped().jumped()]
  const values = streams.map((stream) => draw(stream, n))
  expect(jumped.map((stream) => draw(stream, 5))).toEqual(values.map((list) => list.slice(0, 5)))
  expect(new Set(values.flat()).size).toBe(4 * n)
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < a; b++) {
      const covariance = mean(values[a]!.map((v, i) => (v - 0.5) * (values[b]![i]! - 0.5)))
      expect(Math.abs(covariance)).toBeLessThan((4 * (1 / 12)) / Math.sqrt(n))
    }
  }
})

test('streams do not touch each other: who draws first is no matter', () => {
  const [a, b] = RandomStream.independent(5, 2) as [RandomStream, RandomStream]
  const [c, d] = RandomStream.independent(5, 2) as [RandomStream, RandomStream]
  const first = [draw(a, 10), draw(b, 10)]
  const second = [draw(d, 10), draw(c, 10)].toReversed()
  expect(first).toEqual(second)
})

test('jumping leaves the stream where it is and takes no half of a normal pair along', () => {
  const stream = RandomStream.fromSeed(11)
  const other = RandomStream.fromSeed(11)
  stream.normal()
  other.normal()
  const ahead = stream.jumped()
  expect(stream.normal()).toBe(other.normal())
  const again = RandomStream.fromSeed(11)
  again.normal()
  expect(ahead.normal()).toBe(again.jumped().normal())
  expect(ahead.normal()).not.toBe(stream.normal())
})

test('integers fill their range evenly', () => {
  const counts = new Array<number>(6).fill(0)
  const stream = RandomStream.fromSeed(4)
  for (let i = 0; i < 12000; i++) counts[stream.integer(6)]!++
  // χ² of 5 degrees of freedom: 20.5 is the 0.1 % point.
  expect(counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(20.5)
})

test('a permutation holds each index once, and each index is as likely at each place', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(200), (seed, n) => {
      const sorted = RandomStream.fromSeed(seed).permutation(n).toSorted()
      expect([...sorted]).toEqual(Array.from({ length: n }, (_, i) => i))
    }),
  )
  const stream = RandomStream.fromSeed(6)
  const counts = new Array<number>(16).fill(0)
  for (let i = 0; i < 4000; i++) stream.permutation(4).forEach((value, place) => counts[place * 4 + value]!++)
  // χ² of 9 degrees of freedom: 27.9 is the 0.1 % point.
  expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9)
})

/** Largest distance between the empirical and a continuous distribution; 1.95 / √n is exceeded once in a thousand. */
function kolmogorov(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted.reduce((worst, value, i) => {
    const p = cdf(value)
    return Math.max(worst, p - i / sorted.length, (i + 1) / sorted.length - p)
  }, 0)
}

/** Abramowitz and Stegun 26.2.17, to 7.5e-8. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x))
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series
  return x > 0 ? 1 - tail : tail
}
