import { describeGrid, detectGrid, gridLength, sameGrid, sliceGrid, wavelengths } from '@astrolabel/spectra'
import type { LinearGrid, Log10Grid, WavelengthGrid } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from './caught.js'

const apogee: Log10Grid = { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' }
const miles: LinearGrid = { kind: 'linear', start: 3540.5, step: 0.9, length: 4300, medium: 'air' }
const ends = (wave: Float64Array): string[] => [wave[0]!.toFixed(2), wave.at(-1)!.toFixed(2)]

test('the APOGEE grid ends at the published wavelengths', () => {
  const wave = wavelengths(apogee)
  expect(wave).toHaveLength(8575)
  expect(ends(wave)).toEqual(['15100.80', '16999.81'])
  const kmPerPixel = Math.log(wave[1]! / wave[0]!) * 299792.458
  expect(kmPerPixel).toBeCloseTo(4.1418, 4)
})

// [release, windows of 8575, published ends of the chips, pixels together]
test.each([
  [
    'DR12',
    [
      [322, 3242],
      [3648, 6048],
      [6412, 8306],
    ],
    ['15168.13', '15792.32', '15881.37', '16416.55', '16499.55', '16936.75'],
    7214,
  ],
  [
    'DR13',
    [
      [246, 3274],
      [3585, 6080],
      [6344, 8335],
    ],
    ['15152.21', '15799.31', '15867.55', '16423.81', '16484.05', '16943.53'],
    7514,
  ],
] as const)('slices of the APOGEE grid are the chips of %s', (_, windows, published, total) => {
  const chips = windows.map(([start, end]) => sliceGrid(apogee, start, end))
  expect(chips.flatMap((chip) => ends(wavelengths(chip)))).toEqual(published)
  expect(chips.reduce((sum, chip) => sum + gridLength(chip), 0)).toBe(total)
})

test.each([
  ['B', 3600, 2751, 5800],
  ['R', 5760, 2326, 7620],
  ['Z', 7520, 2881, 9824],
  ['all arms, stitched', 3600, 7781, 9824],
])('DESI %s: stored wavelengths are found to be linear', (_, start, length, end) => {
  const stored = Float64Array.from({ length }, (__, i) => start + 0.8 * i)
  const grid = detectGrid(stored, 'vacuum')
  expect(grid).toEqual({ kind: 'linear', start, step: 0.8, length, medium: 'vacuum' })
  expect(wavelengths(grid).at(-1)).toBeCloseTo(end, 9)
})

test.each([
  ['APOGEE', apogee],
  ['MILES', miles],
  ['SDSS', { kind: 'log10', start: 3.5797, step: 1e-4, length: 3842, medium: 'vacuum' }],
  ['LAMOST', { kind: 'log10', start: 3.5682, step: 1e-4, length: 3909, medium: 'vacuum' }],
] as const)('%s: its wavelengths are found to lie on its grid', (_, grid) => {
  expect(detectGrid(wavelengths(grid), grid.medium)).toEqual(grid)
})

test('wavelengths rounded to 1e-5 Å, as text files do, still lie on their grid; rounded to 0.01 Å they are listed', () => {
  const round = (digits: number) => wavelengths(apogee).map((w) => Number(w.toFixed(digits)))
  const fine = detectGrid(round(5), 'vacuum')
  expect(fine.kind).toBe('log10')
  expect(sameGrid(fine, apogee)).toBe(true)
  expect(detectGrid(round(2), 'vacuum')).toEqual({ kind: 'explicit', values: [...round(2)], medium: 'vacuum' })
})

test('one pixel moved by a tenth of a step is not smoothed over', () => {
  const wave = wavelengths(miles)
  wave[2000]! += 0.09
  const grid = detectGrid(wave, 'air')
  expect(grid.kind).toBe('explicit')
  expect(wavelengths(grid)).toEqual(wave)
})

test('a grid that is found lies within the tolerance of the wavelengths it was found from', () => {
  const ascending = fc
    .tuple(
      fc.double({ min: 1000, max: 20000, noNaN: true }),
      fc.array(fc.double({ min: 1e-3, max: 5, noNaN: true }), { maxLength: 40 }),
    )
    .map(([first, steps]) => {
      let wave = first
      return [first, ...steps.map((step) => (wave += step))]
    })
  fc.assert(
    fc.property(ascending, (wave) => {
      const grid = detectGrid(wave, 'vacuum')
      expect(gridLength(grid)).toBe(wave.length)
      wavelengths(grid).forEach((w, i) => expect(Math.abs(w - wave[i]!)).toBeLessThanOrEqual(2e-5))
    }),
  )
})

test.each([
  ['falling', [3, 2, 1]],
  ['repeated', [1, 2, 2, 3]],
  ['not a number', [1, Number.NaN, 3]],
  ['infinite', [1, 2, Number.POSITIVE_INFINITY]],
])('%s wavelengths are refused', (_, values) => {
  expect(caught(() => detectGrid(values, 'vacuum')).code).toBe('wavelength/not-ascending')
})

test('pixels numbered from 0 are linear; what has no logarithm is never taken for log10', () => {
  expect(detectGrid([0, 1, 2], 'vacuum')).toEqual({ kind: 'linear', start: 0, step: 1, length: 3, medium: 'vacuum' })
  for (const values of [
    [0, 1, 2.5],
    [-1, 0.5, 3],
  ]) {
    expect(detectGrid(values, 'vacuum')).toEqual({ kind: 'explicit', values, medium: 'vacuum' })
  }
})

test('the message names the pixel and its neighbour', () => {
  expect(caught(() => detectGrid([4000, 4001, 3999], 'vacuum')).message).toBe(
    'Wavelengths must be finite and ascend, pixel 2 does not: got 4001 then 3999. ' +
      'Sort the pixels by wavelength or drop the bad ones',
  )
})

test('grids of no pixels and of one', () => {
  expect(detectGrid([], 'air')).toEqual({ kind: 'explicit', values: [], medium: 'air' })
  expect(detectGrid([5000], 'air')).toEqual({ kind: 'explicit', values: [5000], medium: 'air' })
  expect(wavelengths({ ...miles, length: 0 })).toHaveLength(0)
  expect(describeGrid({ kind: 'explicit', values: [], medium: 'air' })).toBe('no pixels, air')
})

const explicit: WavelengthGrid = { kind: 'explicit', values: [4000, 4000.5, 4002, 4010], medium: 'vacuum' }

test.each([apogee, miles, explicit])('a slice has the wavelengths of the whole: $kind', (grid) => {
  const start = 1
  const end = gridLength(grid) - 1
  const slice = wavelengths(sliceGrid(grid, start, end))
  const whole = wavelengths(grid).subarray(start, end)
  expect(slice).toHaveLength(whole.length)
  slice.forEach((w, i) => expect(Math.abs(w - whole[i]!)).toBeLessThan(1e-9))
  expect(gridLength(sliceGrid(grid, 2, 2))).toBe(0)
})

test.each([
  [-1, 2],
  [3, 2],
  [0, 5],
  [Number.NaN, 2],
])('a slice from %d to %d of 4 pixels is refused', (start, end) => {
  for (const grid of [explicit, { ...miles, length: 4 }]) {
    const error = caught(() => sliceGrid(grid, start, end))
    expect(error.code).toBe('wavelength/out-of-range')
    expect(error.message).toContain(`got ${start} to ${end}, expected a range within 0 to 4`)
  }
})

test('grids are the same when their pixels and medium are, however they are written', () => {
  const listed: WavelengthGrid = { kind: 'explicit', values: [...wavelengths(miles)], medium: 'air' }
  expect(sameGrid(miles, listed)).toBe(true)
  expect(sameGrid(listed, miles)).toBe(true)
  expect(sameGrid(miles, { ...miles })).toBe(true)
  expect(sameGrid(miles, { ...miles, medium: 'vacuum' })).toBe(false)
  expect(sameGrid(miles, { ...miles, length: 4299 })).toBe(false)
  expect(sameGrid(miles, { ...miles, start: 3540.50009 })).toBe(true)
  expect(sameGrid(miles, { ...miles, start: 3540.5002 })).toBe(false)
  expect(sameGrid(miles, { ...miles, step: 0.9001 })).toBe(false)
  expect(sameGrid(apogee, { ...miles, length: 8575, medium: 'vacuum' })).toBe(false)
})

test('grids in words', () => {
  expect(describeGrid({ kind: 'linear', start: 3600, step: 0.8, length: 7781, medium: 'vacuum' })).toBe(
    '7781 pixels, 3600–9824 Å by 0.8 Å, vacuum',
  )
  expect(describeGrid(apogee)).toBe('8575 pixels, 15100.8–16999.81 Å by 0.000006 in log10, vacuum')
  expect(describeGrid(explicit)).toBe('4 pixels, 4000–4010 Å, listed, vacuum')
})
