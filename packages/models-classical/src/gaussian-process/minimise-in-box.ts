/** Value and gradient of a function at a point. */
export interface Slope {
  readonly value: number
  readonly gradient: Float64Array
}

/** Where the descent ended. */
export interface Minimum {
  readonly point: Float64Array
  readonly value: number
  /** Function calls. */
  readonly calls: number
  /** False when it ran out of steps. */
  readonly converged: boolean
}

/** Steps that the approximate Hessian remembers. */
const MEMORY = 8

/** Part of the decrease that the slope promises with which a step is content (Armijo). */
const SUFFICIENT = 1e-4

/**
 * Least value of a smooth function in a box, by projected L-BFGS: the direction of Nocedal & Wright (2006, algorithm
 * 7.4) in the coordinates that are not held at a bound, with a backtracking search along its projection (Bertsekas 1982).
 * A value that is not finite counts as no decrease.
 *
 * @param gain Ends when two steps running decrease the value by less, or no slope in the box is above it.
 */
export function minimiseInBox(
  evaluate: (point: Float64Array) => Slope,
  start: Float64Array,
  low: Float64Array,
  high: Float64Array,
  { steps, gain }: { readonly steps: number; readonly gain: number },
): Minimum {
  const project = (point: Float64Array): Float64Array =>
    point.map((value, i) => Math.min(Math.max(value, low[i]!), high[i]!))
  let point = project(start)
  let { value, gradient } = evaluate(point)
  let calls = 1
  let idle = 0
  const memory: { readonly s: Float64Array; readonly y: Float64Array; readonly curvature: number }[] = []
  for (let step = 0; step < steps; step++) {
    const here = point
    const slope = gradient
    const free = Uint8Array.from(here, (x, i) =>
      (x <= low[i]! && slope[i]! > 0) || (x >= high[i]! && slope[i]! < 0) ? 0 : 1,
    )
    const held = slope.map((g, i) => (free[i] === 1 ? g : 0))
    if (held.every((g) => Math.abs(g) <= gain)) return { point, value, calls, converged: true }
    let direction = quasiNewton(memory, held, free)
    if (!(dot(direction, held) < 0)) {
      memory.length = 0
      direction = quasiNewton(memory, held, free)
    }
    let length = 1
    let next = here
    let found: Slope | undefined
    for (; length > 1e-10; length /= 2) {
      next = project(here.map((x, i) => x + length * direction[i]!))
      const tried = evaluate(next)
      calls++
      let promised = 0
      for (let i = 0; i < next.length; i++) promised += held[i]! * (next[i]! - here[i]!)
      if (!(tried.value <= value + SUFFICIENT * promised)) continue
      found = tried
      break
    }
    if (found === undefined) {
      if (memory.length === 0) return { point, value, calls, converged: true }
      memory.length = 0
      continue
    }
    const s = next.map((x, i) => x - here[i]!)
    const y = found.gradient.map((g, i) => g - slope[i]!)
    const curvature = dot(s, y)
    if (curvature > 1e-10 * dot(y, y)) {
      memory.push({ s, y, curvature })
      if (memory.length > MEMORY) memory.shift()
    }
    idle = value - found.value < gain ? idle + 1 : 0
    point = next
    ;({ value, gradient } = found)
    if (idle === 2) return { point, value, calls, converged: true }
  }
  return { point, value, calls, converged: false }
}

/** −H g by the two loops of L-BFGS; the first step is no longer than 1. */
function quasiNewton(
  memory: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly curvature: number }[],
  gradient: Float64Array,
  free: Uint8Array,
): Float64Array {
  const q = gradient.slice()
  const factors = memory.map(() => 0)
  for (let m = memory.length - 1; m >= 0; m--) {
    const { s, y, curvature } = memory[m]!
    factors[m] = dot(s, q) / curvature
    for (let i = 0; i < q.length; i++) q[i]! -= factors[m]! * y[i]!
  }
  const last = memory.at(-1)
  const scale =
    last === undefined ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : last.curvature / dot(last.y, last.y)
  for (let i = 0; i < q.length; i++) q[i]! *= scale
  memory.forEach(({ s, y, curvature }, m) => {
    const back = dot(y, q) / curvature
    for (let i = 0; i < q.length; i++) q[i]! += (factors[m]! - back) * s[i]!
  })
  return q.map((value, i) => (free[i] === 1 ? -value : 0))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
