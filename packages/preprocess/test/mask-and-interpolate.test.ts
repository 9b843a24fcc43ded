import { readFileSync } from 'node:fs'
import { applyMask, interpolateBad } from '@astrolabel/preprocess'
import { expect, test } from 'vitest'
import { linearMeta, relativeError, rowsOf, spectraOf } from './spectra-of.js'

const golden = JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as {
  median: { flux: number[][] }
  rest: { mask: number[][]; filled: number[][] }
}
const meta = linearMeta(4, {
  maskBits: [
    { bit: 0, name: 'BADPIX' },
    { bit: 31, name: 'ODD' },
  ],
})

test('named bits, any bit or no bit make pixels bad', () => {
  const spectra = spectraOf([[1, 2, 3, 4]], { meta, mask: Uint32Array.of(0, 1, 2 ** 31, 2) })
  expect([...applyMask(spectra).ivar]).toEqual([1, 0, 0, 0])
  expect([...applyMask(spectra, { bits: ['odd'] }).ivar]).toEqual([1, 1, 0, 1])
  expect([...applyMask(spectra, { bits: ['BADPIX', 'ODD'] }).ivar]).toEqual([1, 0, 0, 1])
  expect([...applyMask(spectra, { bits: 'none' }).ivar]).toEqual([1, 1, 1, 1])
  expect(() => applyMask(spectra, { bits: ['BADPIXEL'] })).toThrow(/Unknown flag: got BADPIXEL, expected BADPIX, ODD/)
  expect(() => applyMask({ ...spectra, meta: linearMeta(4) }, { bits: ['BADPIX'] })).toThrow(
    expect.objectContaining({ code: 'preprocess/unnamed-bits' }),
  )
})

test('what is not a number is bad and 0, with or without a mask', () => {
  const spectra = spectraOf([[Number.NaN, 2, Number.POSITIVE_INFINITY, 4]], { ivar: [[1, Number.NaN, 1, -1]] })
  const masked = applyMask(spectra, { bits: 'none' })
  expect([...masked.flux]).toEqual([0, 2, 0, 4])
  expect([...masked.ivar]).toEqual([0, 0, 0, 0])
})

test('bad pixels are filled as numpy.interp fills them and stay bad', () => {
  const ivar = golden.rest.mask.map((row) => row.map((bit) => 1 - bit))
  const filled = interpolateBad(spectraOf(golden.median.flux, { ivar }))
  expect(relativeError(filled.flux, golden.rest.filled.flat())).toBeLessThan(1e-6)
  expect([...filled.ivar]).toEqual(ivar.flat())
})

test('arms are filled from their own pixels and a star without any good pixel is left alone', () => {
  const arm = (name: string, start: number, first: number) => ({
    name,
    start,
    end: start + 3,
    wavelength: { kind: 'linear' as const, start: first, step: 1, length: 3, medium: 'vacuum' as const },
  })
  const twoArms = linearMeta(0, {
    wavelength: { kind: 'segmented', medium: 'vacuum' },
    segments: [arm('a', 0, 5000), arm('b', 3, 5003)],
  })
  const filled = interpolateBad(
    spectraOf(
      [
        [1, 2, 9, 9, 5, 6],
        [7, 7, 7, 0, 0, 0],
      ],
      {
        meta: twoArms,
        ivar: [
          [1, 1, 0, 0, 1, 1],
          [0, 0, 0, 0, 0, 0],
        ],
      },
    ),
  )
  expect(rowsOf(filled.flux, 2).map((row) => [...row])).toEqual([
    [1, 2, 2, 5, 5, 6],
    [7, 7, 7, 0, 0, 0],
  ])
})
