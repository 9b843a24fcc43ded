import { stitchSegments } from '@astrolabel/preprocess'
import type { Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { RandomStream } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { desiMeta, linearMeta, spectraOf } from './spectra-of.js'

/** Two arms of 1 Å: b at 5000 … 5000 + nB - 1, r from `first`. */
function twoArms(
  flux: readonly number[],
  ivar: readonly number[],
  { nB, first, step = 1, mask }: { nB: number; first: number; step?: number; mask?: readonly number[] },
): Spectra {
  const grid = (start: number, length: number, by: number): WavelengthGrid => ({
    kind: 'linear',
    start,
    step: by,
    length,
    medium: 'vacuum',
  })
  const meta = linearMeta(0, {
    wavelength: { kind: 'segmented', medium: 'vacuum' },
    segments: [
      { name: 'r', start: 0, end: flux.length - nB, wavelength: grid(first, flux.length - nB, step) },
      { name: 'b', start: flux.length - nB, end: flux.length, wavelength: grid(5000, nB, 1) },
    ],
  })
  return spectraOf([flux], { ivar: [ivar], meta, ...(mask === undefined ? {} : { mask: Uint32Array.from(mask) }) })
}

test('overlaps are averaged by ivar, gaps are bad, and a bad pixel does not count', () => {
  // r: 5002 5003 5004, b: 5000 … 5003.
  const stitched = stitchSegments(
    twoArms([20, 30, 40, 1, 2, 10, 60], [1, 0, 5, 1, 0, 3, 2], { nB: 4, first: 5002, mask: [1, 2, 4, 8, 16, 32, 64] }),
    { overlap: 'ivar' },
  )
  expect(stitched.meta.wavelength).toEqual({ kind: 'linear', start: 5000, step: 1, length: 5, medium: 'vacuum' })
  expect([...stitched.flux]).toEqual([1, 2, 12.5, 60, 40])
  expect([...stitched.ivar]).toEqual([1, 0, 4, 2, 5])
  // The bits of pixels that count; of those that are there where none counts.
  expect([...stitched.mask!]).toEqual([8, 16, 33, 64, 4])
  const gap = stitchSegments(twoArms([3, 3, 2, 2], [1, 1, 1, 1], { nB: 2, first: 5003 }), { overlap: 'ivar' })
  expect([...gap.flux]).toEqual([2, 2, 0, 3, 3])
  expect([...gap.ivar]).toEqual([1, 1, 0, 1, 1])
})

test('spectra of unknown noise are averaged evenly and keep ivar 1', () => {
  const spectra = twoArms([4, 4, 2, 2], [1, 1, 1, 1], { nB: 2, first: 5001 })
  const stitched = stitchSegments({ ...spectra, meta: { ...spectra.meta, noise: 'unknown' } }, { overlap: 'ivar' })
  expect([...stitched.flux]).toEqual([2, 3, 4])
  expect([...stitched.ivar]).toEqual([1, 1, 1])
})

test("DESI's arms meet pixel on pixel: 7781 of them, and the average is that of every pair", () => {
  const random = RandomStream.fromSeed(2)
  const flux = Float32Array.from({ length: 7958 }, () => 10 + random.normal())
  const ivar = Float32Array.from({ length: 7958 }, () => (random.uniform() < 0.1 ? 0 : 0.5 + random.uniform()))
  const stitched = stitchSegments(spectraOf([flux], { ivar: [ivar], meta: desiMeta }), { overlap: 'ivar' })
  expect(stitched.meta.wavelength).toEqual({ kind: 'linear', start: 3600, step: 0.8, length: 7781, medium: 'vacuum' })
  const sum = new Float64Array(7781)
  const weight = new Float64Array(7781)
  for (const { start, end, wavelength } of desiMeta.segments!) {
    const at = Math.round(((wavelength as { start: number }).start - 3600) / 0.8)
    for (let i = start; i < end; i++) {
      sum[at + i - start]! += flux[i]! * ivar[i]!
      weight[at + i - start]! += ivar[i]!
    }
  }
  for (let j = 0; j < 7781; j++) {
    expect(stitched.ivar[j]).toBe(Math.fround(weight[j]!))
    if (weight[j]! > 0) expect(stitched.flux[j]).toBe(Math.fround(sum[j]! / weight[j]!))
  }
})

test('arms of different lattices are refused, and resampled first when a grid is given', () => {
  const flux = [5, 5, 5, 5, 5, 5, 5, 5]
  const arms = twoArms(
    flux,
    flux.map(() => 2),
    { nB: 4, first: 5002.3, step: 0.5 },
  )
  expect(() => stitchSegments(arms, { overlap: 'ivar' })).toThrow(
    /not on one lattice: got r linear by 0.5, b linear by 1, expected arms whose pixels coincide/,
  )
  const stitched = stitchSegments(arms, {
    overlap: 'ivar',
    wavelength: { kind: 'linear', from: 5000, to: 5004, step: 1 },
    kind: 'flux-conserving',
  })
  expect([...stitched.flux]).toEqual([5, 5, 5, 5, 0])
  // r holds 5002.05 to 5004.05 Å: of the pixels here only 5003 wholly, by 0.05, 0.5 and 0.45 of it.
  const ofR = 2 / (0.05 ** 2 + 0.5 ** 2 + 0.45 ** 2)
  const expected = [2, 2, 2, 2 + ofR, 0]
  for (let j = 0; j < 5; j++) expect(stitched.ivar[j]).toBeCloseTo(expected[j]!, 4)
})

test('arms of another flux scale are brought to that of the middle one by their overlap', () => {
  const random = RandomStream.fromSeed(4)
  const spectrum = (w: number): number => 10 + 3 * Math.sin(w / 7)
  const flux: number[] = []
  const ivar: number[] = []
  for (const { start, end, wavelength, name } of desiMeta.segments!) {
    const scale = { B: 1.1, R: 1, Z: 0.8 }[name]!
    for (let i = start; i < end; i++) {
      const w = (wavelength as { start: number }).start + 0.8 * (i - start)
      flux.push(scale * (spectrum(w) + 0.1 * random.normal()))
      ivar.push(100 / scale ** 2)
    }
  }
  const arms = spectraOf([flux], { ivar: [ivar], meta: desiMeta })
  const stitched = stitchSegments(arms, { overlap: 'ivar', matchFlux: true })
  // 26 pixels of 1 % fix the scale to 0.3 %; 0.1 / 10 is the noise of a pixel.
  const level = (from: number, to: number): number => {
    let ratio = 0
    for (let j = from; j < to; j++) ratio += stitched.flux[j]! / spectrum(3600 + 0.8 * j) / (to - from)
    return ratio
  }
  expect(Math.abs(level(0, 2700) - 1)).toBeLessThan(0.015)
  expect(Math.abs(level(3000, 4500) - 1)).toBeLessThan(0.002)
  expect(Math.abs(level(5200, 7781) - 1)).toBeLessThan(0.01)
  expect(Math.abs(stitched.ivar[100]! / 100 - 1)).toBeLessThan(0.03)
  const asIs = stitchSegments(arms, { overlap: 'ivar' })
  expect(asIs.flux[100]).toBe(Math.fround(flux[100]!))
  expect(asIs.meta.history[0]!.options).toEqual({ overlap: 'ivar', matchFlux: false })
})

test('options of the other way of stitching are refused', () => {
  const arms = twoArms([1, 1, 1, 1], [1, 1, 1, 1], { nB: 2, first: 5002 })
  expect(() => stitchSegments(arms, { overlap: 'ivar', trims: [] })).toThrow(/trims does not go with overlap ivar/)
  expect(() => stitchSegments(arms, { matchFlux: true })).toThrow(/matchFlux does not go with overlap trim/)
})
