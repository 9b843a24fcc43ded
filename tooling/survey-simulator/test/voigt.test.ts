import { expect, test } from 'vitest'
import { voigt } from '../src/voigt.ts'

test('agrees with scipy.special.wofz', () => {
  // The wing beyond v = 10 is a series in 1 / v², good to 1e-4 for the a < 0.5 of stellar lines. Real part of wofz(v + 1j * a).
  const table = [
    [0.001, 0, 0.9988726201],
    [0.001, 0.7, 0.6123044864],
    [0.001, 1.9, 0.02730816193],
    [0.001, 4, 3.936208051e-5],
    [0.001, 9.9, 5.846880412e-6],
    [0.001, 10.1, 5.614119076e-6],
    [0.001, 60, 1.567846738e-7],
    [0.03, 0, 0.967028712],
    [0.03, 0.7, 0.6029839644],
    [0.03, 1.9, 0.03459536593],
    [0.03, 4, 0.00117750726],
    [0.03, 9.9, 0.0001754047429],
    [0.03, 10.1, 0.0001684220345],
    [0.03, 60, 4.703539039e-6],
    [0.5, 0, 0.6156903442],
    [0.5, 0.7, 0.4661266851],
    [0.5, 1.9, 0.1172333218],
    [0.5, 4, 0.01922494552],
    [0.5, 9.9, 0.002915723534],
    [0.5, 10.1, 0.002799950456],
    [0.5, 60, 7.83868881e-5],
  ] as const
  for (const [a, v, expected] of table) expect(Math.abs(voigt(a, v) / expected - 1)).toBeLessThan(1e-4)
})

test('is a Gaussian without damping', () => {
  for (const v of [0, 0.5, 1, 2]) expect(voigt(0, v)).toBeCloseTo(Math.exp(-v * v), 6)
})
