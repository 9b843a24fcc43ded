import { readFileSync } from 'node:fs'
import { crossmatch } from '@astrolabel/crossmatch'
import { expect, test } from 'vitest'

interface Case {
  readonly name: string
  readonly radiusArcsec: number
  readonly a: { readonly ra: number[]; readonly dec: number[] }
  readonly b: { readonly ra: number[]; readonly dec: number[] }
  readonly nearest: number[]
  readonly separationArcsec: number[]
  readonly candidates: number[]
}

const oracle = JSON.parse(readFileSync(new URL('oracle/astropy-match.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}
const positions = (p: Case['a']): { ra: Float64Array; dec: Float64Array } => ({
  ra: Float64Array.from(p.ra),
  dec: Float64Array.from(p.dec),
})

test.each(oracle.cases)(
  'as astropy matches: $name',
  ({ a, b, radiusArcsec, nearest, separationArcsec, candidates }) => {
    const everything = crossmatch(positions(a), positions(b), { radiusArcsec: 648_000 })
    expect([...everything.nearestOfA]).toEqual(nearest)
    for (const [i, separation] of separationArcsec.entries()) {
      expect(Math.abs(everything.separationArcsec[i]! - separation)).toBeLessThan(2e-9)
    }

    const match = crossmatch(positions(a), positions(b), { radiusArcsec })
    const inside = separationArcsec.flatMap((separation, i) => (separation <= radiusArcsec ? [i] : []))
    expect([...match.indexA]).toEqual(inside)
    expect([...match.ambiguous.candidates]).toEqual(inside.map((i) => candidates[i]))
    expect([...match.ambiguous.a]).toEqual(inside.filter((i) => candidates[i]! > 1))
  },
)
