import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, throwIfAborted } from '@astrolabel/spectra'
import type { Affinities } from './affinities.js'
import { affinities } from './affinities.js'
import type { Points } from './check-points.js'
import { checkNeighbours, checkPoints } from './check-points.js'
import { nearestNeighbours } from './nearest-neighbours.js'
import { principalMap } from './principal-map.js'
import { QuadTree } from './quad-tree.js'

/** How a t-SNE map is made; the defaults are scikit-learn's. */
export interface TsneOptions extends RunOptions {
  /** How many neighbours a point feels: 30; smoother maps for more. */
  readonly perplexity?: number
  /** Steps of the descent: 1000, of which the first quarter is with exaggerated attraction. */
  readonly iterations?: number
  /** How much stronger attraction is at first: 12. */
  readonly exaggeration?: number
  /** n / exaggeration / 4, at least 50. */
  readonly learningRate?: number
  /** Size of a far group, as seen from a point, that repels as one: 0.5; up to 0.7, exact towards 0. */
  readonly angle?: number
  /** Seed of the search for the principal axes that the map starts from. */
  readonly seed?: number
}

/** A map of points in a plane. */
export interface TsneMap {
  /** (n × 2), x and y of each point in turn. */
  readonly map: Float64Array
  /** Kullback–Leibler divergence of the map from the data, nats, with the repulsion of the descent. */
  readonly divergence: number
  /** Steps made: fewer than asked when nothing improved any more. */
  readonly iterations: number
}

const EXPLORATION = 250
const EARLY_MOMENTUM = 0.5
const MOMENTUM = 0.8
const SMALLEST_GAIN = 0.01
/** Steps between looks at the divergence, and how long it may fail to improve. */
const CHECK = 50
const PATIENCE = 300
const SMALLEST_GRADIENT = 1e-7
/** Spread of the starting map: small, so that points can pass each other. */
const START_SPREAD = 1e-4

/**
 * t-distributed stochastic neighbour embedding in two dimensions (van der Maaten & Hinton 2008) by Barnes–Hut
 * repulsion (van der Maaten 2014), from the first two principal components.
 *
 * Distances between far groups in such a map mean nothing; who is whose neighbour does.
 *
 * @param points (n × width), n above 3 × perplexity. @throws `embedding/data`, `embedding/neighbours`,
 * `embedding/options`. The same points and seed give the same bytes. Cost: n² width once, n log n a step.
 */
export function tsne(points: Points, options: TsneOptions = {}): TsneMap {
  const { perplexity = 30, iterations = 1000, exaggeration = 12, angle = 0.5 } = options
  checkOptions(perplexity, iterations, exaggeration, angle)
  const { n } = points
  const pairs = pairAffinities(points, perplexity, options)
  const descent = new Descent(pairs, startMap(points, options.seed ?? 1), angle)
  const rate = options.learningRate ?? Math.max(n / exaggeration / 4, 50)
  const early = Math.min(EXPLORATION, iterations)
  let done = descent.run(0, early, { exaggeration, momentum: EARLY_MOMENTUM, rate, total: iterations }, options)
  done = descent.run(done, iterations, { exaggeration: 1, momentum: MOMENTUM, rate, total: iterations }, options)
  return { map: descent.map, divergence: descent.gradient(1), iterations: done }
}

/** Affinities of points to three times as many neighbours as the perplexity: farther ones weigh next to nothing. */
export function pairAffinities(points: Points, perplexity: number, options: RunOptions = {}): Affinities {
  checkPoints(points)
  const k = Math.floor(3 * perplexity + 1)
  checkNeighbours(k, points.n)
  return affinities(nearestNeighbours(points, k, { signal: options.signal }), points.n, perplexity)
}

/** One stage of the descent. */
interface Stage {
  readonly exaggeration: number
  readonly momentum: number
  readonly rate: number
  readonly total: number
}

/** Gradient descent with momentum and a gain for each coordinate. */
class Descent {
  readonly map: Float64Array
  readonly #pairs: Affinities
  readonly #tree: QuadTree
  readonly #gradient: Float64Array
  readonly #repulsion: Float64Array
  readonly #step: Float64Array
  readonly #gains: Float64Array

  constructor(pairs: Affinities, map: Float64Array, angle: number) {
    this.map = map
    this.#pairs = pairs
    this.#tree = new QuadTree(pairs.n, angle)
    this.#gradient = new Float64Array(2 * pairs.n)
    this.#repulsion = new Float64Array(2 * pairs.n)
    this.#step = new Float64Array(2 * pairs.n)
    this.#gains = new Float64Array(2 * pairs.n)
  }

  /** Steps from `done` to `end`, or until nothing improves. @returns how far it came. */
  run(done: number, end: number, stage: Stage, options: RunOptions): number {
    this.#step.fill(0)
    this.#gains.fill(1)
    let best = Number.POSITIVE_INFINITY
    let bestAt = done
    for (let at = done; at < end; at++) {
      throwIfAborted(options)
      const looked = (at + 1) % CHECK === 0
      const divergence = this.gradient(stage.exaggeration, looked)
      const square = this.#move(stage)
      options.onProgress?.(at + 1, stage.total)
      if (!looked) continue
      if (divergence < best) {
        best = divergence
        bestAt = at
      } else if (at - bestAt > PATIENCE) return at + 1
      if (Math.sqrt(square) <= SMALLEST_GRADIENT) return at + 1
    }
    return end
  }

  /** The gradient at the map, into its array. @returns the divergence, when it is asked for, else NaN. */
  gradient(exaggeration: number, divergence = true): number {
    const { n, start, other, p } = this.#pairs
    const map = this.map
    const gradient = this.#gradient
    const repulsion = this.#repulsion
    this.#tree.build(map)
    const total = this.#tree.repulsion(repulsion)
    const share = 1 / total
    for (let at = 0; at < gradient.length; at++) gradient[at] = -repulsion[at] * share
    for (let i = 0; i < n; i++) {
      const x = map[2 * i]
      const y = map[2 * i + 1]
      let sumX = 0
      let sumY = 0
      const end = start[i + 1]
      for (let at = start[i]; at < end; at++) {
        const j = 2 * other[at]
        const dx = x - map[j]
        const dy = y - map[j + 1]
        const pull = (exaggeration * p[at]) / (1 + dx * dx + dy * dy)
        sumX += pull * dx
        sumY += pull * dy
        gradient[j] -= pull * dx
        gradient[j + 1] -= pull * dy
      }
      gradient[2 * i] += sumX
      gradient[2 * i + 1] += sumY
    }
    return divergence ? pairDivergence(this.#pairs, map, total, exaggeration) : Number.NaN
  }

  /** One step down. @returns the squared length of the gradient. */
  #move({ momentum, rate }: Stage): number {
    const [map, gradient, step, gains] = [this.map, this.#gradient, this.#step, this.#gains]
    let square = 0
    for (let at = 0; at < map.length; at++) {
      const slope = 4 * gradient[at]
      square += slope * slope
      const gain = Math.max(SMALLEST_GAIN, step[at] * slope < 0 ? gains[at] + 0.2 : gains[at] * 0.8)
      gains[at] = gain
      const move = momentum * step[at] - rate * gain * slope
      step[at] = move
      map[at] += move
    }
    return square
  }
}

/**
 * Σ p log (p / q) over pairs with an affinity, each counted both ways.
 *
 * @param total Σ over all pairs i ≠ j of 1 / (1 + |y_i − y_j|²).
 */
export function pairDivergence(
  { n, start, other, p }: Affinities,
  map: Float64Array,
  total: number,
  exaggeration: number,
): number {
  let sum = 0
  for (let i = 0; i < n; i++) {
    for (let at = start[i]; at < start[i + 1]; at++) {
      const j = 2 * other[at]
      const q = 1 / (1 + (map[2 * i] - map[j]) ** 2 + (map[2 * i + 1] - map[j + 1]) ** 2) / total
      const joint = exaggeration * p[at]
      if (joint > 0) sum += joint * Math.log(joint / q)
    }
  }
  return 2 * sum
}

function startMap(points: Points, seed: number): Float64Array {
  const map = principalMap(points, 2, { seed }).scores
  let square = 0
  for (let at = 0; at < map.length; at += 2) square += map[at] ** 2
  const scale = square > 0 ? START_SPREAD / Math.sqrt(square / points.n) : 0
  return map.map((value) => value * scale)
}

function checkOptions(perplexity: number, iterations: number, exaggeration: number, angle: number): void {
  const wrong = (what: string, got: number, expected: string): AstrolabelError =>
    new AstrolabelError('embedding/options', `Bad ${what} for t-SNE`, { got, expected })
  if (!(perplexity >= 1)) throw wrong('perplexity', perplexity, '1 or more, such as 30')
  if (!Number.isInteger(iterations) || iterations < 1) throw wrong('number of steps', iterations, '1 or more')
  if (!(exaggeration >= 1)) throw wrong('exaggeration', exaggeration, '1 or more, such as 12')
  // From 1/√2 on a cell could repel a point that lies in it as if it were another.
  if (!(angle > 0 && angle <= 0.7)) throw wrong('angle', angle, 'above 0 up to 0.7')
}
