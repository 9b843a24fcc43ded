import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { Fourier, powerOfTwo } from '../src/velocities/fourier.js'

test.each([1, 2, 4, 8, 16, 32, 64, 128, 512])(
  'the transform of %d values is the sum it is defined as, and comes back',
  (n) => {
    const random = RandomStream.fromSeed(n)
    const x = Array.from({ length: n }, () => [random.normal(), random.normal()] as const)
    const re = Float64Array.from(x, ([r]) => r)
    const im = Float64Array.from(x, ([, i]) => i)
    const fourier = new Fourier(n)
    fourier.forward(re, im)
    const bits = Math.log2(n)
    const reversed = (k: number): number => {
      let out = 0
      for (let b = 0; b < bits; b++) out |= ((k >> b) & 1) << (bits - 1 - b)
      return out
    }
    for (let k = 0; k < n; k++) {
      let sumRe = 0
      let sumIm = 0
      x.forEach(([r, i], j) => {
        const angle = (-2 * Math.PI * ((j * k) % n)) / n
        sumRe += r * Math.cos(angle) - i * Math.sin(angle)
        sumIm += r * Math.sin(angle) + i * Math.cos(angle)
      })
      expect(re[reversed(k)]).toBeCloseTo(sumRe, 9)
      expect(im[reversed(k)]).toBeCloseTo(sumIm, 9)
      expect(fourier.mirror[reversed(k)]).toBe(reversed((n - k) % n))
    }
    fourier.inverse(re, im)
    x.forEach(([r, i], j) => {
      expect(re[j]! / n).toBeCloseTo(r, 12)
      expect(im[j]! / n).toBeCloseTo(i, 12)
    })
  },
)

test('sizes are rounded up to powers of 2', () => {
  expect([1, 2, 3, 1024, 1025].map(powerOfTwo)).toEqual([1, 2, 4, 1024, 2048])
})
