import { levenbergMarquardt, residualCost } from '@astrolabel/inference'

/** Fits y = a exp(-b t) to its own values at a = 2, b = 0.5. */
export function run(): unknown {
  const t = Float64Array.from({ length: 20 }, (_, i) => i / 4)
  const cost = residualCost({
    nData: 20,
    nParams: 2,
    y: t.map((time) => 2 * Math.exp(-0.5 * time)),
    ivar: new Float64Array(20).fill(1),
    model: ([a = 0, b = 0], out) => t.forEach((time, i) => (out[i] = a * Math.exp(-b * time))),
    jacobian: ([a = 0, b = 0], out) =>
      t.forEach((time, i) => out.set([Math.exp(-b * time), -a * time * Math.exp(-b * time)], 2 * i)),
  })
  const { params, converged } = levenbergMarquardt(cost, new Float64Array([1, 1]))
  return { params: Array.from(params, (value) => value.toFixed(6)), converged }
}

export const expected = { params: ['2.000000', '0.500000'], converged: true }
