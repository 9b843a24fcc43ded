import { stitchSegments } from '@astrolabel/preprocess'
import { wavelengths } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { desiMeta, linearMeta, spectraOf } from './spectra-of.js'

const ramp = spectraOf([Float32Array.from({ length: 7958 }, (_, i) => i)], { meta: desiMeta })

test('the arms of DESI make one grid of 7781 pixels, from 3600 to 9824 Å, without a seam', () => {
  const stitched = stitchSegments(ramp)
  expect(stitched.nPix).toBe(7781)
  expect(stitched.meta.wavelength).toEqual({ kind: 'linear', start: 3600, step: 0.8, length: 7781, medium: 'vacuum' })
  expect(stitched.meta.segments).toBeUndefined()
  const wave = wavelengths(stitched.meta.wavelength as Parameters<typeof wavelengths>[0])
  expect(wave[7780]).toBeCloseTo(9824, 9)
  const seamB = 2751 - 25
  const seamR = seamB + 2326 - 26 - 63
  expect([wave[seamB - 1], wave[seamB], wave[seamR - 1], wave[seamR]].map((w) => Number(w!.toFixed(4)))).toEqual([
    5780, 5780.8, 7569.6, 7570.4,
  ])
  expect([stitched.flux[seamB - 1], stitched.flux[seamB], stitched.flux[seamR - 1], stitched.flux[seamR]]).toEqual([
    2725, 2777, 5013, 5140,
  ])
})

test('a wrong trim is refused with the gap it leaves', () => {
  const trims = [
    { segment: 'B', end: 24 },
    { segment: 'R', start: 26, end: 63 },
    { segment: 'Z', start: 63 },
  ]
  expect(() => stitchSegments(ramp, { trims })).toThrow(
    /B ends at 5780.8 Å and R begins at 5780.8 Å, a gap of 0 Å, expected one step of 0.8 Å\. They overlap: trim 1 pixels more/,
  )
  expect(() => stitchSegments(ramp, { trims })).toThrow(expect.objectContaining({ code: 'preprocess/seam' }))
  expect(() => stitchSegments(ramp, { trims: [{ segment: 'B', end: 35 }] })).toThrow(/a gap of -12 Å/)
  expect(() => stitchSegments(ramp, { trims: [{ segment: 'B', end: 60 }] })).toThrow(
    /a gap of 8 Å.*trim 9 pixels fewer/,
  )
})

test('trims must name arms and leave pixels; spectra on one grid have nothing to stitch', () => {
  expect(() => stitchSegments(ramp, { trims: [{ segment: 'X', end: 1 }] })).toThrow(/got X, expected B, R, Z/)
  expect(() => stitchSegments(ramp, { trims: [{ segment: 'B', start: 2000, end: 751 }] })).toThrow(
    expect.objectContaining({ code: 'preprocess/trim' }),
  )
  expect(() => stitchSegments(spectraOf([[1, 2]]))).toThrow(expect.objectContaining({ code: 'preprocess/no-segments' }))
})

test('arms on a log grid join, whatever their order in the row', () => {
  const part = (name: string, start: number, first: number) => ({
    name,
    start,
    end: start + 50,
    wavelength: {
      kind: 'log10' as const,
      start: 3.6 + first * 1e-4,
      step: 1e-4,
      length: 50,
      medium: 'vacuum' as const,
    },
  })
  const meta = linearMeta(0, {
    wavelength: { kind: 'segmented', medium: 'vacuum' },
    segments: [part('red', 0, 50), part('blue', 50, 0)],
  })
  const flux = Float32Array.from({ length: 100 }, (_, i) => i)
  const stitched = stitchSegments(spectraOf([flux], { meta }))
  expect(stitched.meta.wavelength).toMatchObject({ kind: 'log10', start: 3.6, length: 100 })
  expect([...stitched.flux.subarray(48, 52)]).toEqual([98, 99, 0, 1])
})
