/** Points and weights of a rule of integration. */
export interface Rule {
  /** (K), ascending. */
  readonly points: Float64Array
  /** (K) */
  readonly weights: Float64Array
}

const known = new Map<number, Rule>()

/** Points and weights of Gauss and Legendre on -1 … 1, kept, because each star of a batch asks for the same. */
export function gaussLegendre(count: number): Rule {
  let rule = known.get(count)
  if (rule === undefined) known.set(count, (rule = findGaussLegendre(count)))
  return rule
}

/** By Newton's method on the polynomial. Cost count². */
function findGaussLegendre(count: number): Rule {
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5))
    let slope = 1
    for (let turn = 0; turn < 8; turn++) {
      let before = 1
      let value = x
      for (let n = 2; n <= count; n++) {
        const next = ((2 * n - 1) * x * value - (n - 1) * before) / n
        before = value
        value = next
      }
      slope = (count * (x * value - before)) / (x * x - 1)
      const step = value / slope
      x -= step
      if (Math.abs(step) < 1e-15) break
    }
    points[i] = x
    weights[i] = 2 / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}
