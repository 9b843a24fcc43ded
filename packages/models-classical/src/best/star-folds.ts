import { RandomStream } from '@astrolabel/spectra'

/** The fold of each of `n` rows, all rows of a star in one: stars drawn in an order of the seed and dealt out in turn. */
export function foldsOfStars(groups: Int32Array | undefined, n: number, folds: number, seed: number): Int32Array {
  const stars = [...new Set(groups ?? Int32Array.from({ length: n }, (_, row) => row))]
  const random = RandomStream.fromSeed(seed)
  for (let i = 0; i < stars.length; i++) {
    const j = i + random.integer(stars.length - i)
    ;[stars[i], stars[j]] = [stars[j]!, stars[i]!]
  }
  const foldOf = new Map(stars.map((star, at) => [star, at % folds]))
  return Int32Array.from({ length: n }, (_, row) => foldOf.get(groups?.[row] ?? row)!)
}
