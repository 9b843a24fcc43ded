/** Points in a leaf, where summing over them costs less than another level of the tree. */
const LEAF = 6
/** Levels after which points lie together for all that a double can tell: they stay in one leaf. */
const DEPTH = 40

/**
 * A quadtree over points of a plane for the repulsion of Barnes–Hut t-SNE (van der Maaten 2014). Nodes lie in the order
 * in which a walk meets them, each with where the walk goes on when it does not go in; nothing is allocated after the
 * first time.
 */
export class QuadTree {
  /** Points in the order of the leaves. */
  readonly #order: Int32Array
  readonly #x: Float64Array
  readonly #y: Float64Array
  #nodes = 0
  #meanX: Float64Array
  #meanY: Float64Array
  #mass: Float64Array
  /** Squared side of the cell over angle²: from farther away its points count as one; 0 for a lone point. */
  #reach: Float64Array
  #next: Int32Array
  /** First and last + 1 point of a leaf; 0 and 0 for a node with children. */
  #first: Int32Array
  #last: Int32Array
  readonly #sharpness: number

  /** @param angle Largest size of a cell, as seen from a point, that is taken as one: 0.5; 0 takes none. */
  constructor(n: number, angle: number) {
    this.#order = Int32Array.from({ length: n }, (_, i) => i)
    this.#x = new Float64Array(n)
    this.#y = new Float64Array(n)
    this.#sharpness = 1 / angle ** 2
    const room = 2 * n + 64
    this.#meanX = new Float64Array(room)
    this.#meanY = new Float64Array(room)
    this.#mass = new Float64Array(room)
    this.#reach = new Float64Array(room)
    this.#next = new Int32Array(room)
    this.#first = new Int32Array(room)
    this.#last = new Int32Array(room)
  }

  /** Build the tree of a map, (n × 2). */
  build(map: Float64Array): void {
    const n = this.#order.length
    let left = Number.POSITIVE_INFINITY
    let right = Number.NEGATIVE_INFINITY
    let bottom = Number.POSITIVE_INFINITY
    let top = Number.NEGATIVE_INFINITY
    for (let i = 0; i < n; i++) {
      const x = map[2 * i]
      const y = map[2 * i + 1]
      if (x < left) left = x
      if (x > right) right = x
      if (y < bottom) bottom = y
      if (y > top) top = y
    }
    const half = Math.max(right - left, top - bottom) / 2
    this.#nodes = 0
    this.#split(map, 0, n, (left + right) / 2, (bottom + top) / 2, half, 0)
    for (let at = 0; at < n; at++) {
      this.#x[at] = map[2 * this.#order[at]]
      this.#y[at] = map[2 * this.#order[at] + 1]
    }
  }

  /**
   * Sums over all other points of q² (y_i − y_j) into `force`, (n × 2), with q = 1 / (1 + |y_i − y_j|²).
   *
   * @returns the sum of q over all pairs i ≠ j, both ways.
   */
  repulsion(force: Float64Array): number {
    const [order, xs, ys, nodes] = [this.#order, this.#x, this.#y, this.#nodes]
    const [meanX, meanY, mass, reach] = [this.#meanX, this.#meanY, this.#mass, this.#reach]
    const [next, first, last] = [this.#next, this.#first, this.#last]
    const n = order.length
    let total = 0
    for (let at = 0; at < n; at++) {
      const x = xs[at]
      const y = ys[at]
      let forceX = 0
      let forceY = 0
      let sum = 0
      let node = 0
      while (node < nodes) {
        const dx = x - meanX[node]
        const dy = y - meanY[node]
        const d2 = dx * dx + dy * dy
        if (reach[node] < d2) {
          const q = 1 / (1 + d2)
          const many = mass[node] * q
          sum += many
          forceX += many * q * dx
          forceY += many * q * dy
          node = next[node]
          continue
        }
        const end = last[node]
        if (end === 0) {
          node++
          continue
        }
        for (let other = first[node]; other < end; other++) {
          const ex = x - xs[other]
          const ey = y - ys[other]
          const q = 1 / (1 + ex * ex + ey * ey)
          sum += q
          forceX += q * q * ex
          forceY += q * q * ey
        }
        node = next[node]
      }
      const i = order[at]
      force[2 * i] = forceX
      force[2 * i + 1] = forceY
      total += sum
    }
    // Each point met itself once, with q = 1 and no force.
    return total - n
  }

  #split(map: Float64Array, from: number, to: number, x: number, y: number, half: number, depth: number): void {
    const node = this.#nodes++
    if (node >= this.#next.length) this.#grow()
    const order = this.#order
    let sumX = 0
    let sumY = 0
    for (let at = from; at < to; at++) {
      sumX += map[2 * order[at]]
      sumY += map[2 * order[at] + 1]
    }
    const count = to - from
    this.#mass[node] = count
    this.#meanX[node] = sumX / count
    this.#meanY[node] = sumY / count
    this.#reach[node] = count === 1 ? 0 : 4 * half * half * this.#sharpness
    if (count <= LEAF || depth === DEPTH) {
      this.#first[node] = from
      this.#last[node] = to
    } else {
      this.#first[node] = 0
      this.#last[node] = 0
      const middle = parted(order, map, from, to, 1, y)
      const low = parted(order, map, from, middle, 0, x)
      const high = parted(order, map, middle, to, 0, x)
      const h = half / 2
      if (low > from) this.#split(map, from, low, x - h, y - h, h, depth + 1)
      if (middle > low) this.#split(map, low, middle, x + h, y - h, h, depth + 1)
      if (high > middle) this.#split(map, middle, high, x - h, y + h, h, depth + 1)
      if (to > high) this.#split(map, high, to, x + h, y + h, h, depth + 1)
    }
    this.#next[node] = this.#nodes
  }

  /** Twice the room: long chains of cells with all points in one corner need more nodes than points. */
  #grow(): void {
    const wider = <T extends Float64Array | Int32Array>(from: T): T => {
      const out = new (from.constructor as new (length: number) => T)(2 * from.length)
      out.set(from)
      return out
    }
    this.#meanX = wider(this.#meanX)
    this.#meanY = wider(this.#meanY)
    this.#mass = wider(this.#mass)
    this.#reach = wider(this.#reach)
    this.#next = wider(this.#next)
    this.#first = wider(this.#first)
    this.#last = wider(this.#last)
  }
}

/** Bring the points below `limit` along an axis to the front. @returns where the others begin. */
function parted(order: Int32Array, map: Float64Array, from: number, to: number, axis: 0 | 1, limit: number): number {
  let low = from
  let high = to - 1
  for (;;) {
    while (low <= high && map[2 * order[low] + axis] < limit) low++
    while (low <= high && map[2 * order[high] + axis] >= limit) high--
    if (low >= high) return low
    const swap = order[low]
    order[low++] = order[high]
    order[high--] = swap
  }
}
