import { crossmatch, matchChain } from '@astrolabel/crossmatch'
import { expect, test } from 'vitest'
import { clusteredSky } from './fields.ts'
import { sky } from './positions.ts'

test('one row a star of the first, whatever the others hold', () => {
  const arcsec = (x: number): [number, number] => [120 + x / 3600, 0]
  const first = sky(arcsec(0), arcsec(100), [NaN, 0], arcsec(200))
  const chain = matchChain(first, [
    { positions: sky(arcsec(200.5), arcsec(0.5), arcsec(-0.2)), radiusArcsec: 1 },
    { positions: sky(arcsec(103), arcsec(203), [1, NaN]), radiusArcsec: Float64Array.of(1, 5, 5, 5) },
  ])
  expect(chain.matches.map(({ index }) => [...index])).toEqual([
    [2, -1, -1, 0],
    [-1, 0, -1, 1],
  ])
  expect([...chain.matches[0]!.candidates]).toEqual([2, 0, 0, 1])
  expect(chain.matches[1]!.separationArcsec[0]).toBeNaN()
  expect(chain.matches[1]!.separationArcsec[3]).toBeCloseTo(3, 9)
  expect(chain.matches.map(({ n, withoutPosition }) => [n, withoutPosition])).toEqual([
    [2, 0],
    [2, 1],
  ])
  expect([...chain.found]).toEqual([1, 1, 0, 2])
  expect([...chain.inAll]).toEqual([3])
  expect(chain.withoutPosition).toBe(1)
})

test('each link is the crossmatch with it alone, whatever their order, and progress covers all', () => {
  const { a, b } = clusteredSky(300, 800, 61)
  const { a: c } = clusteredSky(500, 0, 62)
  const links = [
    { positions: b, radiusArcsec: 100 },
    { positions: c, radiusArcsec: 3000, oneToOne: true },
  ]
  const calls: number[][] = []
  const chain = matchChain(a, links, { onProgress: (done, total) => calls.push([done, total]) })
  const backwards = matchChain(a, links.toReversed())
  expect(backwards.matches.toReversed()).toEqual(chain.matches)
  for (const [k, { positions, ...options }] of links.entries()) {
    const match = crossmatch(a, positions, options)
    const index = new Int32Array(300).fill(-1)
    for (const [i, row] of match.indexA.entries()) index[row] = match.indexB[i]!
    expect(chain.matches[k]!.index).toEqual(index)
    expect(chain.matches[k]!.separationArcsec.filter((s) => !Number.isNaN(s))).toEqual(match.separationArcsec)
    expect(match.n).toBeGreaterThan(80)
  }
  expect(calls).toEqual([
    [300, 600],
    [600, 600],
  ])
})

test('no links find nothing, and every star is in all of none', () => {
  const chain = matchChain(sky([1, 1], [2, 2]), [])
  expect(chain.matches).toEqual([])
  expect([...chain.inAll]).toEqual([0, 1])
})
