import { plausibility, type ComparedLabel } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mulberry } from './fields.ts'

const values = (n: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(NaN)), { minLength: n, maxLength: n })
    .map((numbers) => Float64Array.from(numbers))

/** True pairs that differ by their errors, every tenth replaced by a stranger's labels. */
function surveys(n: number): { separation: Float64Array; labels: ComparedLabel[]; impostors: number[] } {
  const random = mulberry(5)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const impostors = Array.from({ length: n }, (_, i) => i).filter((i) => i % 10 === 3)
  const spread = { teff: 600, logg: 1, fe_h: 0.4 }
  const labels = Object.entries(spread).map(([name, sigma]): ComparedLabel => {
    const b = Float64Array.from({ length: n }, () => sigma * normal())
    // A stranger is 4 sigma off in everything.
    const a = b.map((value, i) => value + (i % 10 === 3 ? 4 * sigma : 0.05 * sigma * normal()))
    return { name, a, b, weight: name === 'fe_h' ? 2 : 1 }
  })
  return { separation: Float64Array.from({ length: n }, () => 0.5 * random()), labels, impostors }
}

test.each(['std', 'mad'] as const)('planted impostors go and true pairs stay, scaled by %s', (spread) => {
  const { separation, labels, impostors } = surveys(1000)
  const { removed, kept, parts, distance } = plausibility(separation, labels, { spread })
  expect([...removed]).toEqual(impostors)
  expect(kept).toHaveLength(900)
  expect(parts.map(({ name }) => name)).toEqual(['teff', 'logg', 'fe_h', 'separation'])
  expect(parts[0]!.sigma).toBeCloseTo(600, -2)
  expect(Math.min(...removed.map((i) => distance[i]!))).toBeGreaterThanOrEqual(4.5)
})

test('the distance is that of the formula, computed by hand', () => {
  // Spread of b: std of (4000, 5000, 6000) = 816.4966, of (0, -1, -2) = 0.8164966.
  const labels = [
    { name: 'teff', a: Float64Array.of(4100, NaN, 6000), b: Float64Array.of(4000, 5000, 6000) },
    { name: 'fe_h', a: Float64Array.of(0.5, -1, -2), b: Float64Array.of(0, -1, -2), weight: 2 },
  ]
  const sigma = Math.sqrt(2 / 3)
  const { distance, parts, removed } = plausibility(Float64Array.of(0.3, 2, NaN), labels)
  expect(distance[0]).toBeCloseTo(0.1 / sigma + (2 * 0.5) / sigma + 0.6, 12)
  // A missing label is one sigma, a missing separation one arcsec, each with its weight.
  expect(distance[1]).toBeCloseTo(1 + 0 + 4, 12)
  expect(distance[2]).toBeCloseTo(0 + 0 + 2, 12)
  expect(parts.map(({ missing }) => missing)).toEqual([1, 0, 1])
  expect([...removed]).toEqual([1])
})

test('a pair at the threshold is removed, one before it stays', () => {
  const separation = Float64Array.of(2, 2 - 1e-12)
  expect([...plausibility(separation, [], { maxDistance: 4 }).removed]).toEqual([0])
})

test('outliers do not blow up the robust scale', () => {
  const b = Float64Array.from({ length: 101 }, (_, i) => (i < 10 ? 1e6 : i % 11))
  const label = { name: 'teff', a: b, b }
  const { parts } = plausibility(new Float64Array(101), [label], { spread: 'mad' })
  expect(parts[0]!.sigma).toBeLessThan(6)
  expect(plausibility(new Float64Array(101), [label]).parts[0]!.sigma).toBeGreaterThan(1e5)
})

test('a label without a spread counts as missing everywhere, and an empty list gives nothing', () => {
  const same = new Float64Array(3).fill(5000)
  const { parts, distance } = plausibility(new Float64Array(3), [{ name: 'teff', a: same, b: same }], { missing: 0.5 })
  expect(parts[0]).toMatchObject({ sigma: NaN, missing: 3 })
  expect([...distance]).toEqual([0.5, 0.5, 0.5])
  const none = new Float64Array(0)
  expect(plausibility(none, [{ name: 'teff', a: none, b: none }])).toMatchObject({ kept: new Int32Array(0) })
})

test('kept and removed share out the pairs, and parts add up to the distance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }).chain((n) => fc.tuple(values(n), values(n), values(n), values(n))),
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.constantFrom<'a' | 'b'>('a', 'b'),
      ([separation, a, b, c], maxDistance, reference) => {
        const labels = [
          { name: 'teff', a, b },
          { name: 'logg', a: c, b: a, weight: 3 },
        ]
        const result = plausibility(separation.map(Math.abs), labels, { maxDistance, reference })
        expect([...result.kept, ...result.removed].toSorted((p, q) => p - q)).toEqual(
          Array.from(separation, (_, i) => i),
        )
        for (let i = 0; i < separation.length; i++) {
          const sum = result.parts.reduce((total, { part }) => total + part[i]!, 0)
          expect(result.distance[i]).toBeCloseTo(sum, 12)
          expect(result.removed.includes(i)).toBe(sum >= maxDistance)
        }
      },
    ),
    { seed: 6 },
  )
})

test('columns of another length and weights that are none are refused', () => {
  const two = new Float64Array(2)
  expect(() => plausibility(two, [{ name: 'teff', a: two, b: new Float64Array(3) }])).toThrow(
    'Label teff of catalogue b needs one value a pair: got 3 values for 2 pairs',
  )
  expect(() => plausibility(two, [{ name: 'teff', a: two, b: two, weight: -1 }])).toThrow('weight of teff')
  expect(() => plausibility(two, [], { maxDistance: NaN })).toThrow('maxDistance of the plausibility cut')
})
