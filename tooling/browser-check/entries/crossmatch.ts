import { crossmatch, separationArcsec } from '@astrolabel/crossmatch'

export function run(): unknown {
  const a = { ra: new Float64Array([10, 359.9999, 200]), dec: new Float64Array([0, 0, 45]) }
  const b = { ra: new Float64Array([0.0001, 10.0005]), dec: new Float64Array([0, 0]) }
  const { n, indexA, indexB } = crossmatch(a, b, { radiusArcsec: 3 })
  return { n, indexA: [...indexA], indexB: [...indexB], acrossThePole: separationArcsec(0, 89, 180, 89) }
}

export const expected = { n: 2, indexA: [0, 1], indexB: [1, 0], acrossThePole: 7200 }
