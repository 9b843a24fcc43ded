import { joinIds } from '@astrolabel/crossmatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const lists = (join: ReturnType<typeof joinIds>): Record<string, number[]> => ({
  indexA: [...join.indexA],
  indexB: [...join.indexB],
  unmatchedA: [...join.unmatchedA],
  unmatchedB: [...join.unmatchedB],
  duplicatesA: [...join.duplicates.a],
  duplicatesB: [...join.duplicates.b],
})

test('joins names, and reports what is missing, repeated or without a name', () => {
  const a = ['2M0001', '2M0002', '', '2M0003', '2M0002', null]
  const b = ['2M0003', '2M0002', '2M0009', '2M0003', undefined]
  const join = joinIds(a, b)
  expect(lists(join)).toEqual({
    indexA: [1, 3, 4],
    indexB: [1, 0, 1],
    unmatchedA: [0, 2, 5],
    unmatchedB: [2, 4],
    duplicatesA: [4],
    duplicatesB: [3],
  })
  expect(join.withoutId).toEqual({ a: 2, b: 1 })
  expect(join.n).toBe(3)
})

test('64-bit identifiers that are one float apart or less are told apart', () => {
  const id = 3_650_082_891_710_064_640n
  expect(Number(id)).toBe(Number(id + 100n))
  const join = joinIds(BigInt64Array.of(id, id + 1n, -1n), BigInt64Array.of(id + 1n, id + 100n, -1n))
  expect(lists(join)).toMatchObject({ indexA: [1, 2], indexB: [0, 2], unmatchedA: [0], unmatchedB: [1] })
})

test('numbers join by value whatever array holds them', () => {
  const large = 2n ** 64n - 1n
  const join = joinIds(BigUint64Array.of(large, 7n), BigInt64Array.of(-1n, 7n))
  expect(lists(join)).toMatchObject({ indexA: [1], indexB: [1], unmatchedA: [0], unmatchedB: [0] })
  expect([...joinIds([large, null, -5n], BigUint64Array.of(large)).indexA]).toEqual([0])
  expect([...joinIds(Int32Array.of(-5, 3), [3n, -5n]).indexB]).toEqual([1, 0])
  expect([...joinIds(Uint32Array.of(4_000_000_000), Int32Array.of(-294_967_296)).indexA]).toEqual([])
  const middle = new BigUint64Array(BigUint64Array.of(9n, large, 8n).buffer, 8, 2)
  expect([...joinIds(middle, [8n, large]).indexB]).toEqual([1, 0])
})

test('a join agrees with a full comparison, for names and for numbers of all sizes', () => {
  const integer = fc.oneof(
    fc.bigInt({ min: -4n, max: 4n }),
    fc.constantFrom(2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 32n, 2n ** 53n + 1n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  )
  const name = fc.oneof(fc.constantFrom('a', 'b', 'A', 'a ', '__proto__', 'ä'), fc.string({ maxLength: 2 }))
  const columns = fc.oneof(
    fc.tuple(fc.array(fc.option(integer), { maxLength: 80 }), fc.array(fc.option(integer), { maxLength: 80 })),
    fc.tuple(fc.array(fc.option(name), { maxLength: 80 }), fc.array(fc.option(name), { maxLength: 80 })),
  )
  fc.assert(
    fc.property(columns, ([a, b]: [readonly unknown[], readonly unknown[]]) => {
      const join = joinIds(a as string[], b as string[])
      const has = (id: unknown): boolean => id !== null && id !== ''
      const rows = a.map((id, i) => [i, has(id) ? b.indexOf(id) : -1] as const)
      const repeated = (ids: readonly unknown[]): number[] =>
        ids.flatMap((id, i) => (has(id) && ids.indexOf(id) < i ? [i] : []))
      expect(lists(join)).toEqual({
        indexA: rows.filter(([, j]) => j >= 0).map(([i]) => i),
        indexB: rows.filter(([, j]) => j >= 0).map(([, j]) => j),
        unmatchedA: rows.filter(([, j]) => j < 0).map(([i]) => i),
        unmatchedB: b.flatMap((id, j) => (has(id) && a.includes(id) ? [] : [j])),
        duplicatesA: repeated(a),
        duplicatesB: repeated(b),
      })
      expect(join.withoutId.a).toBe(a.filter((id) => !has(id)).length)
    }),
    { numRuns: 500, seed: 25 },
  )
})

test('a hundred thousand identifiers that differ in few bits join one to one', () => {
  const n = 100_000
  const a = BigInt64Array.from({ length: n }, (_, i) => (BigInt(i) << 40n) + 299_489_676_975_171_584n)
  const join = joinIds(a, a.toReversed())
  expect(join.n).toBe(n)
  expect(join.indexB).toEqual(Int32Array.from({ length: n }, (_, i) => n - 1 - i))
  expect(join.duplicates.a).toHaveLength(0)
})

test('a column without any identifier joins with nothing', () => {
  expect(lists(joinIds(['', null], BigInt64Array.of(1n)))).toMatchObject({
    indexA: [],
    unmatchedA: [0, 1],
    unmatchedB: [0],
  })
  expect(joinIds([], ['a']).unmatchedB).toHaveLength(1)
})

test('names against numbers, floats, mixtures and more than 64 bits are refused', () => {
  expect(() => joinIds(['1'], BigInt64Array.of(1n))).toThrow(
    'Identifiers of the two tables are of different kinds: got strings in a and integers in b',
  )
  expect(() => joinIds(Float64Array.of(1) as unknown as Int32Array, [1n])).toThrow(
    'Identifiers of table a are not all names or all exact integers: got Float64Array, expected strings, bigint',
  )
  expect(() => joinIds(['a'], ['b', 3n] as unknown as string[])).toThrow('got a bigint in row 1')
  expect(() => joinIds([1] as unknown as bigint[], [1n])).toThrow('got a number in row 0')
  expect(() => joinIds([1n], [0n, 2n ** 64n])).toThrow(
    'Identifier of row 1 of table b has more than 64 bits: got 18446744073709551616',
  )
})
