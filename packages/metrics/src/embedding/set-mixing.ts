import type { RandomStream, RunOptions } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Points } from './check-points.js'
import { nearestNeighbours } from './nearest-neighbours.js'

/** How two or more sets of points lie among each other, such as synthetic and observed spectra. */
export interface SetMixing {
  /** Neighbours that each point was asked about. */
  readonly k: number
  readonly sets: readonly {
    readonly name: string
    readonly n: number
    /** Part of the neighbours of its points that are of another set, and what it would be if sets meant nothing. */
    readonly others: number
    readonly expected: number
  }[]
  /** Observed over expected, over all points: 1 when the sets are one cloud, 0 when none has a neighbour of another. */
  readonly mixing: number
  /** Part of shuffles of the set names that mix as little: small when the sets do differ. */
  readonly p: number
  readonly verdict: 'mixed' | 'partly' | 'apart'
  readonly text: string
}

/** From here on the sets count as one cloud even where many points let a smaller difference be seen. */
const MIXED = 0.9
const APART = 0.5

/**
 * The synthetic gap as a number: how often the neighbours of a point are of another set than the point itself.
 *
 * @param points Spectra, or better their principal components: the space in which a model tells them apart.
 * @param set (n) name of the set of each point. @throws `embedding/sets` for fewer than two sets, `embedding/data`,
 * `embedding/neighbours`. Cost: n² width + shuffles n k.
 */
export function setMixing(
  points: Points,
  set: readonly string[],
  options: RunOptions & { readonly k?: number; readonly shuffles?: number; readonly random: RandomStream },
): SetMixing {
  const { k = 12, shuffles = 200, random } = options
  const { n } = points
  const names = [...new Set(set)]
  if (names.length < 2 || set.length !== n)
    throw new AstrolabelError('embedding/sets', 'A gap lies between two sets or more', {
      got: `${names.length} sets of ${set.length} points`,
      expected: `2 or more sets of ${n} points`,
      remedy: 'Give spectra of two kinds, such as synthetic and observed',
    })
  const code = Int32Array.from(set, (name) => names.indexOf(name))
  const { index } = nearestNeighbours(points, k, options)
  const size = new Int32Array(names.length)
  for (const one of code) size[one]++
  const expected = Float64Array.from(size, (count) => (n - count) / (n - 1))
  const seen = new Float64Array(names.length)
  const count = (codes: Int32Array, into: Float64Array): number => {
    into.fill(0)
    for (let at = 0; at < index.length; at++) {
      const own = codes[Math.floor(at / k)]
      if (codes[index[at]] !== own) into[own]++
    }
    return into.reduce((sum, value) => sum + value, 0)
  }
  const observed = count(code, seen)
  const shuffled = new Float64Array(names.length)
  let asLittle = 0
  for (let s = 0; s < shuffles; s++) {
    const order = random.permutation(n)
    if (
      count(
        Int32Array.from(order, (row) => code[row]),
        shuffled,
      ) <= observed
    )
      asLittle++
  }
  const whole = size.reduce((sum, many, one) => sum + many * k * expected[one], 0)
  const mixing = observed / whole
  const p = (1 + asLittle) / (1 + shuffles)
  const verdict = mixing >= MIXED || p > 0.05 ? 'mixed' : mixing >= APART ? 'partly' : 'apart'
  const sets = names.map((name, one) => ({
    name,
    n: size[one],
    others: seen[one] / (size[one] * k),
    expected: expected[one],
  }))
  return { k, sets, mixing, p, verdict, text: say(sets, verdict, mixing) }
}

function say(sets: SetMixing['sets'], verdict: SetMixing['verdict'], mixing: number): string {
  const percent = (part: number): string => `${(100 * part).toFixed(0)} %`
  const facts = sets.map(
    ({ name, others, expected }) =>
      `${percent(others)} of the neighbours of ${name} are of another set (${percent(expected)} if there were no gap)`,
  )
  const meaning = {
    mixed: 'The sets lie in one cloud: no gap is seen',
    partly: 'The sets overlap in part: a model trained on one works on the other with a bias that has to be checked',
    apart: 'The sets lie apart: a model trained on one is not to be trusted on the other',
  }[verdict]
  return `${meaning} (mixing ${mixing.toFixed(2)}). ${facts.join('; ')}.`
}
