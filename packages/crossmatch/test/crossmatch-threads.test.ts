import { crossmatch, type MatchResult, type SkyPositions } from '@astrolabel/crossmatch'
import { crossmatchThreads } from '@astrolabel/crossmatch/node'
import { expect, test } from 'vitest'
import { clusteredSky } from './fields.ts'
import { sky } from './positions.ts'

const large = clusteredSky(70_000, 30_000, 71)
/** The bytes of a result; comparing arrays this long element by element would take seconds. */
const bytesOf = ({ indexA, indexB, separationArcsec, nearestOfA, ambiguous }: MatchResult): Buffer =>
  Buffer.concat(
    [indexA, indexB, separationArcsec, nearestOfA, ambiguous.a, ambiguous.candidates].map((column) =>
      Buffer.from(column.buffer),
    ),
  )

test.each([false, true])('any number of threads gives the answer of crossmatch, to the last bit', async (oneToOne) => {
  const options = { radiusArcsec: 20, oneToOne }
  const match = crossmatch(large.a, large.b, options)
  expect(match.n).toBeGreaterThan(10_000)
  for (const threads of [1, 2, 5]) {
    const other = await crossmatchThreads(large.a, large.b, { ...options, threads })
    expect(bytesOf(other).equals(bytesOf(match))).toBe(true)
  }
})

test('small and empty catalogues, missing positions and a radius a row are matched on threads too', async () => {
  const pairs: [SkyPositions, SkyPositions][] = [
    [sky(), sky()],
    [sky([1, 1]), sky()],
    [sky(), sky([1, 1])],
    [sky([1, 1], [NaN, 0], [2, 2]), sky([1, 1.001], [2, NaN], [2, 2.001])],
  ]
  for (const [a, b] of pairs) {
    const options = { radiusArcsec: Float64Array.from(a.ra, (_, i) => 10 * (i + 1)) }
    expect(await crossmatchThreads(a, b, { ...options, threads: 2 })).toEqual(crossmatch(a, b, options))
  }
})

test('progress rises to the number of stars, and a signal stops the match', async () => {
  const { a, b } = clusteredSky(140_000, 1000, 72)
  const calls: number[] = []
  await crossmatchThreads(a, b, { radiusArcsec: 1, threads: 2, onProgress: (done) => calls.push(done) })
  expect(calls).toHaveLength(3)
  expect(calls.at(-1)).toBe(140_000)
  const stop = new AbortController()
  const stopped = crossmatchThreads(a, b, {
    radiusArcsec: 1,
    threads: 2,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('stopped by the test')),
  })
  await expect(stopped).rejects.toThrow('stopped by the test')
})

test('misuse is refused as crossmatch refuses it, and a number of threads that is none', async () => {
  const a = sky([1, 1])
  await expect(crossmatchThreads(a, sky([1, 99]), { radiusArcsec: 1, threads: 2 })).rejects.toThrow(
    'Declination of row 0 of catalogue b',
  )
  await expect(crossmatchThreads(sky([1, 99]), a, { radiusArcsec: 1, threads: 2 })).rejects.toThrow(
    'Declination of row 0 of catalogue a',
  )
  await expect(crossmatchThreads(a, a, { radiusArcsec: 1, threads: 0 })).rejects.toThrow(
    'That is not a number of threads: got 0',
  )
})
