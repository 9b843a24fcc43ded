import { readFileSync } from 'node:fs'
import { dopplerFactors, resampleSpectra, toRestFrame } from '@astrolabel/preprocess'
import type { BadStar } from '@astrolabel/preprocess'
import { RandomStream, detectGrid, makeTable, vacuumToAir } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, relativeError, rowsOf, spectraOf } from './spectra-of.js'

const golden = (
  JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as {
    rest: { filled: number[][]; v: number[]; rest: number[][] }
  }
).rest
const line = (at: number, n = 400): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => 1 - 0.5 * Math.exp(-0.5 * ((4000 + 0.8 * i - at) / 4) ** 2))

test('the shift is numpy.interp(wave, wave / (1 + v/c), flux), its ends too', () => {
  const rest = toRestFrame(spectraOf(golden.filled, { velocities: golden.v }))
  expect(relativeError(rest.flux, golden.rest.flat())).toBeLessThan(1e-6)
  expect(rest.meta).toMatchObject({ frame: 'rest', stage: 'rest' })
})

test('a receding star comes back to shorter wavelengths, and its ends have no weight', () => {
  const v = 300
  const rest = toRestFrame(spectraOf([line(4160 * (1 + v / 299792.458))], { velocities: [v] }))
  const deepest = rest.flux.indexOf(Math.min(...rest.flux))
  expect(4000 + 0.8 * deepest).toBe(4160)
  expect(rest.ivar[0]).toBeGreaterThan(0)
  expect(rest.ivar[399]).toBe(0)
})

test('there and back again leaves a smooth spectrum as it was', () => {
  const v = 87.3
  const there = toRestFrame(spectraOf([line(4160)], { velocities: [v] }))
  const back = toRestFrame({
    ...there,
    meta: { ...there.meta, frame: 'barycentric' },
    catalog: makeTable([{ name: 'VHELIO_AVG', values: Float64Array.of(299792.458 * (1 / (1 + v / 299792.458) - 1)) }]),
  })
  for (let i = 2; i < 398; i++) expect(Math.abs(back.flux[i]! - line(4160)[i]!)).toBeLessThan(6e-3)
})

test('relativistic and classical factors differ by 0.15 km/s at 300 km/s', () => {
  const v = Float64Array.of(300, Number.NaN, 4e5)
  const classical = dopplerFactors(v, 'classical')
  const relativistic = dopplerFactors(v, 'relativistic')
  expect((relativistic[0]! - classical[0]!) * 299792.458).toBeCloseTo(0.15, 2)
  expect([classical[1], relativistic[2]]).toEqual([Number.NaN, Number.NaN])
})

test('a star without a velocity is given up and told of', () => {
  const bad: BadStar[] = []
  const rest = toRestFrame(
    spectraOf([line(4100), line(4100)], { velocities: [Number.NaN, 0] }),
    {},
    { onBadStar: (star) => bad.push(star) },
  )
  expect(bad).toEqual([{ row: 0, starId: 'star-0', step: 'rest', reason: 'no-velocity' }])
  expect(rest.ivar.subarray(0, 400).every((iv) => iv === 0)).toBe(true)
  expect(rest.flux.every(Number.isFinite)).toBe(true)
  expect([...rest.flux.subarray(400)]).toEqual([...line(4100)])
})

test('refuses a second shift and a catalogue without a velocity', () => {
  const once = toRestFrame(spectraOf([line(4100)]))
  expect(() => toRestFrame(once)).toThrow(expect.objectContaining({ code: 'preprocess/already-rest' }))
  const bare = { ...spectraOf([line(4100)]), catalog: makeTable([{ name: 'TEFF', values: Float64Array.of(5000) }]) }
  expect(() => toRestFrame(bare)).toThrow(/got TEFF, expected v_rad/)
  expect(() => toRestFrame(bare, { velocity: 'VHELIO' })).toThrow(expect.objectContaining({ code: 'table/no-column' }))
})

test('ivar of the shifted spectra is what the scatter of known noise says', () => {
  const n = 20_000
  const random = RandomStream.fromSeed(5)
  const ivar = Float32Array.of(4, 1, 16)
  const rows = Array.from({ length: n }, () => ivar.map((iv) => 10 + random.normal() / Math.sqrt(iv)))
  const shift = ((0.35 * 0.8) / 4000.8) * 299792.458
  const rest = toRestFrame(spectraOf(rows, { ivar: rows.map(() => ivar), velocities: rows.map(() => shift) }))
  const middle = rowsOf(rest.flux, n).map((row) => row[1]!)
  const mean = middle.reduce((sum, y) => sum + y, 0) / n
  const variance = middle.reduce((sum, y) => sum + (y - mean) ** 2, 0) / (n - 1)
  expect(rest.ivar[1]).toBeCloseTo(1 / (0.65 ** 2 / 1 + 0.35 ** 2 / 16), 2)
  // The variance of 20 000 draws is known to √(2/n) = 1 %: five times that.
  expect(Math.abs(variance * rest.ivar[1]! - 1)).toBeLessThan(0.05)
})

test('a bad pixel makes bad what is read from it, and spectra of unknown noise keep ivar 1', () => {
  const spectra = spectraOf([[1, 1, 1, 1, 1]], { ivar: [[1, 1, 0, 1, 1]], velocities: [30] })
  expect([...toRestFrame(spectra).ivar].map((iv) => iv > 0)).toEqual([true, false, false, true, false])
  const unknown = { ...spectra, meta: linearMeta(5, { noise: 'unknown' }) }
  expect([...toRestFrame(unknown).ivar]).toEqual([1, 0, 0, 1, 0])
})

test('resampling merges arms by the better pixel, and fills the gap between them with bad pixels', () => {
  const arm = (name: string, start: number, first: number) => ({
    name,
    start,
    end: start + 4,
    wavelength: { kind: 'linear' as const, start: first, step: 1, length: 4, medium: 'vacuum' as const },
  })
  const segmented = (second: number) =>
    linearMeta(0, {
      wavelength: { kind: 'segmented', medium: 'vacuum' },
      segments: [arm('a', 0, 5000), arm('b', 4, second)],
    })
  const target = (length: number) => ({
    wavelength: { kind: 'linear' as const, start: 5000, step: 1, length, medium: 'vacuum' as const },
  })
  const overlap = resampleSpectra(
    spectraOf([[1, 1, 1, 1, 2, 2, 2, 2]], { meta: segmented(5002), ivar: [[1, 1, 9, 1, 4, 4, 4, 4]] }),
    target(6),
  )
  expect([...overlap.flux]).toEqual([1, 1, 1, 2, 2, 2])
  expect([...overlap.ivar]).toEqual([1, 1, 9, 4, 4, 4])
  const gap = resampleSpectra(spectraOf([[1, 1, 1, 1, 2, 2, 2, 2]], { meta: segmented(5006) }), target(11))
  expect([...gap.ivar]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0])
  expect(gap.meta.wavelength.kind).toBe('linear')
})

test('spectra with wavelengths of their own, in air, come to one grid in vacuum', () => {
  const vacuum = Array.from({ length: 100 }, (_, i) => 6000 + i)
  const own = [vacuum, vacuum.map((w) => w + 0.5)].map((wave) => vacuumToAir(wave))
  const meta = linearMeta(0, { wavelength: detectGrid(own[0]!, 'air') })
  const spectra = spectraOf([vacuum, vacuum.map((w) => w + 0.5)], {
    meta,
    wave: Float64Array.from(own.flatMap((wave) => [...wave])),
  })
  const common = resampleSpectra(spectra, {
    wavelength: { kind: 'linear', start: 6010, step: 2, length: 40, medium: 'vacuum' },
  })
  expect(common.wave).toBeUndefined()
  for (let i = 0; i < 80; i++) expect(Math.abs(common.flux[i]! - (6010 + 2 * (i % 40)))).toBeLessThan(2e-3)
  expect(() => toRestFrame(spectra)).toThrow(expect.objectContaining({ code: 'preprocess/own-wavelengths' }))
})
