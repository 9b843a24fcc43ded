import { readFileSync } from 'node:fs'
import { levenbergMarquardt, residualCost } from '@astrolabel/inference'
import { expect, test } from 'vitest'
import { decay, line, residual } from './models.ts'

interface Case {
  readonly name: string
  readonly model: 'decay' | 'line'
  readonly x: number[]
  readonly y: number[]
  readonly ivar: number[]
  readonly start: number[]
  readonly lower: number[] | null
  readonly upper: number[] | null
  readonly params: number[]
  readonly chi2: number
  readonly covariance: number[]
  readonly atBound: number[]
}

const oracle = JSON.parse(readFileSync(new URL('oracle/scipy-least-squares.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}
const curves = { decay, line }

test.each(oracle.cases)('as scipy fits: $name', (golden) => {
  const [x, y, ivar, start] = [golden.x, golden.y, golden.ivar, golden.start].map((v) => Float64Array.from(v))
  const cost = residualCost(residual(curves[golden.model], x!, y!, ivar!))
  const fit = levenbergMarquardt(cost, start!, {
    tolerance: 1e-14,
    ...(golden.lower && { lower: Float64Array.from(golden.lower) }),
    ...(golden.upper && { upper: Float64Array.from(golden.upper) }),
  })
  expect(fit.converged).toBe(true)
  expect(fit.iterations).toBeLessThan(30)
  expect([...fit.atBound]).toEqual(golden.atBound)
  expect(Math.abs(fit.chi2 / golden.chi2 - 1)).toBeLessThan(1e-10)
  const size = golden.params.length
  const errors = golden.params.map((_, i) => Math.sqrt(golden.covariance[i * (size + 1)]!))
  for (const [i, value] of golden.params.entries()) {
    expect(Math.abs(fit.params[i]! - value)).toBeLessThanOrEqual(1e-6 * errors[i]!)
  }
  for (const [k, value] of golden.covariance.entries()) {
    const product = errors[k % size]! * errors[Math.floor(k / size)]!
    expect(Math.abs(fit.covariance[k]! - value)).toBeLessThanOrEqual(1e-6 * product)
  }
})
