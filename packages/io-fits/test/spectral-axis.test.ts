import { expect, test } from 'vitest'
import type { SpectralAxisOptions } from '@astrolabel/io-fits'
import { axisWavelengths, FitsError, Header, encodeFits, openFits, spectralAxis } from '@astrolabel/io-fits'

type Cards = Record<string, string | number | boolean>

const headerOf = (cards: Cards): Header =>
  new Header(Object.entries({ NAXIS: 1, NAXIS1: 101, ...cards }).map(([key, value]) => ({ key, value, comment: '' })))

/** Wavelengths of the first pixel, the one in the middle and the last. */
function three(cards: Cards, options?: SpectralAxisOptions): number[] {
  const values = axisWavelengths(spectralAxis(headerOf(cards), options))
  return [values[0]!, values[50]!, values[100]!]
}

/** The largest relative difference. */
function worst(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((value, i) => Math.abs(value / wanted[i]! - 1)))
}

// Answers of astropy 5.2 (wcslib 7.12), in Å.
test.each<[string, Cards, number[]]>([
  ['linear', { CTYPE1: 'WAVE', CUNIT1: 'Angstrom', CRVAL1: 4000, CRPIX1: 3, CDELT1: 1.25 }, [3997.5, 4060, 4122.5]],
  ['metres where no unit is given', { CTYPE1: 'WAVE', CRVAL1: 5e-7, CRPIX1: 1, CDELT1: 1e-10 }, [5000, 5050, 5100]],
  ['nm in air, no CRPIX', { CTYPE1: 'AWAV', CUNIT1: 'nm', CRVAL1: 656.28, CDELT1: 0.1 }, [6563.8, 6613.8, 6663.8]],
  [
    'logarithmic',
    { CTYPE1: 'WAVE-LOG', CUNIT1: 'Angstrom', CRVAL1: 3621.6, CRPIX1: 1, CDELT1: 0.8339 },
    [3621.6, 3663.5359382420293, 3705.957469292828],
  ],
  [
    'logarithmic in µm by CD',
    { CTYPE1: 'AWAV-LOG', CUNIT1: 'um', CRVAL1: 1.51, CRPIX1: 10, CD1_1: 2e-5 },
    [15098.200107280503, 15108.20222689315, 15118.210972619903],
  ],
  [
    'CDELT with PC',
    { CTYPE1: 'WAVE', CUNIT1: 'Angstrom', CRVAL1: 4000, CRPIX1: 1, CDELT1: 2, PC1_1: 0.5 },
    [4000, 4050, 4100],
  ],
])('%s, as wcslib has it', (_, cards, wanted) => {
  expect(worst(three(cards), wanted)).toBeLessThan(1e-13)
})

test.each<[string, Cards, number[]]>([
  ['apStar', { CTYPE1: 'LOG-LINEAR', CRVAL1: 4.179, CDELT1: 6e-6, CRPIX1: 1, 'DC-FLAG': 1 }, [4.179, 6e-6]],
  ['SDSS spec', { WFITTYPE: 'LOG-LINEAR', COEFF0: 3.5785, COEFF1: 1e-4, VACUUM: true }, [3.5785, 1e-4]],
  ['LAMOST', { CTYPE1: 'LINEAR', CRVAL1: 3.5682, CD1_1: 1e-4, CRPIX1: 1, 'DC-FLAG': 1 }, [3.5682, 1e-4]],
  ['by its unit', { CUNIT1: 'log(nm)', CRVAL1: 2.5, CDELT1: 1e-4 }, [3.5, 1e-4]],
])('log10 of wavelengths: %s', (_, cards, [start, step]) => {
  const axis = spectralAxis(headerOf(cards))
  expect(axis).toMatchObject({ axis: 1, scale: 'log10', step, length: 101 })
  expect(axis.start).toBeCloseTo(start!, 14)
  expect(worst(three(cards), [10 ** start!, 10 ** (start! + 50 * step!), 10 ** (start! + 100 * step!)])).toBeLessThan(
    1e-13,
  )
})

test('linear without a CTYPE (MILES), by IRAF (units in WAT), and by a unit that tells', () => {
  expect(worst(three({ CRVAL1: 3540.5, CDELT1: 0.9, CRPIX1: 1 }), [3540.5, 3585.5, 3630.5])).toBeLessThan(1e-13)
  const iraf = { CTYPE1: 'LINEAR', CRVAL1: 400, CD1_1: 0.1, WAT1_001: 'wtype=linear label=Wavelength units=nanometers' }
  expect(worst(three(iraf), [4000, 4050, 4100])).toBeLessThan(1e-13)
  expect(worst(three({ CRVAL1: 1.5, CDELT1: 0.001, CUNIT1: 'micron' }), [15000, 15500, 16000])).toBeLessThan(1e-13)
})

test('vacuum and air are told apart, and the frame is told', () => {
  const at = { CRVAL1: 5000, CDELT1: 1 }
  const medium = (cards: Cards, options?: SpectralAxisOptions): unknown =>
    spectralAxis(headerOf({ ...at, ...cards }), options).medium
  expect(medium({ CTYPE1: 'WAVE' })).toBe('vacuum')
  expect(medium({ CTYPE1: 'AWAV' })).toBe('air')
  expect(medium({ CTYPE1: 'WAVE', AIRORVAC: 'air' })).toBe('air')
  expect(medium({ VACUUM: true })).toBe('vacuum')
  expect(medium({ VACUUM: false })).toBe('air')
  expect(medium({ AIRORVAC: 'vac' })).toBe('vacuum')
  expect(medium({})).toBeUndefined()
  expect(medium({}, { medium: 'air' })).toBe('air')
  expect(spectralAxis(headerOf({ ...at, SPECSYS: 'BARYCENT' })).frame).toBe('BARYCENT')
})

test('the axis of wavelengths of a cube, another description, and pixels that the header does not count', () => {
  const cube = { NAXIS: 3, NAXIS3: 7, CTYPE1: 'RA---TAN', CTYPE2: 'DEC--TAN', CTYPE3: 'WAVE' }
  const cards = { ...cube, CUNIT3: 'Angstrom', CRVAL3: 4000, CRPIX3: 1, CDELT3: 2, CD1_2: 0.1 }
  expect(spectralAxis(headerOf(cards))).toMatchObject({ axis: 3, start: 4000, step: 2, length: 7 })
  const both = { CTYPE1: 'FREQ', CTYPE1A: 'AWAV', CUNIT1A: 'nm', CRVAL1A: 500, CRPIX1A: 1, CDELT1A: 1 }
  expect(spectralAxis(headerOf(both), { alternate: 'a', length: 3 })).toMatchObject({
    start: 5000,
    step: 10,
    length: 3,
  })
})

test.each<[string, Cards, SpectralAxisOptions, string, RegExp]>([
  ['no CRVAL', {}, {}, 'fits/bad-header', /axis 1 has no wavelengths: got CRVAL1 absent/],
  ['log or not', { CRVAL1: 4.179, CDELT1: 6e-6 }, {}, 'fits/bad-header', /does not tell.*option scale/],
  ['frequency', { CTYPE1: 'FREQ', CRVAL1: 1e9, CDELT1: 1 }, {}, 'fits/unsupported', /got CTYPE FREQ/],
  ['sky', { CTYPE1: 'RA---TAN', CRVAL1: 10, CDELT1: 1 }, {}, 'fits/unsupported', /not one of wavelengths/],
  ['grism', { CTYPE1: 'WAVE-GRI', CRVAL1: 5e3, CDELT1: 1 }, {}, 'fits/unsupported', /got CTYPE WAVE-GRI/],
  ['tied', { CRVAL1: 5e3, CD1_1: 1, CD1_2: 0.5, NAXIS: 2 }, {}, 'fits/unsupported', /CD1_2 ties axis 1/],
  ['unit', { CRVAL1: 5e3, CDELT1: 1, CUNIT1: 'furlong' }, {}, 'fits/unsupported', /got "furlong"/],
  ['below 0', { CRVAL1: 5e3, CDELT1: -100 }, {}, 'fits/bad-header', /impossible: got linear from 5000 to -5000/],
  ['infinite', { CRVAL1: 5e3, CDELT1: 1, 'DC-FLAG': 1 }, {}, 'fits/bad-header', /impossible/],
  ['10^12 pixels', { CRVAL1: 5e3, CDELT1: 1e-9, NAXIS1: 1e12 }, {}, 'fits/bad-header', /impossible.*in 1000000000000/],
  ['no step', { CRVAL1: 5e3, CDELT1: 0 }, {}, 'fits/bad-header', /step 0/],
])('refuses %s', (_, cards, options, code, message) => {
  let thrown: unknown
  try {
    spectralAxis(headerOf(cards), options)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(FitsError)
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(message) as string })
})

test('scale and unit may be said where the header does not', () => {
  expect(worst(three({ CRVAL1: 4, CDELT1: 1e-4 }, { scale: 'log10' }), [1e4, 10 ** 4.005, 10 ** 4.01])).toBeLessThan(
    1e-13,
  )
  expect(worst(three({ CRVAL1: 4, CDELT1: 1 }, { scale: 'linear', unit: 'nm' }), [40, 540, 1040])).toBeLessThan(1e-13)
})

test('an extension inherits what it asks for, and its own cards go first', async () => {
  const primary = { OBJECT: 'Vega', CRVAL1: 5000, CDELT1: 2, EXTNAME: 'MAIN', HISTORY: 'made', TELESCOP: 'APO' }
  const image = (name: string, header: Cards) => ({ kind: 'image' as const, name, header, data: new Float32Array(5) })
  const file = await openFits(
    encodeFits([
      { kind: 'image', header: primary },
      image('YES', { INHERIT: true, OBJECT: 'Deneb' }),
      image('NO', { INHERIT: false }),
    ]),
  )
  const header = file.inheritedHeader('YES')
  expect([header.get('OBJECT'), header.get('TELESCOP'), header.get('EXTNAME')]).toEqual(['Deneb', 'APO', 'YES'])
  expect([header.get('NAXIS1'), header.get('BITPIX'), header.history, header.all('OBJECT').length]).toEqual([
    5,
    -32,
    [],
    1,
  ])
  expect(spectralAxis(header)).toMatchObject({ start: 5000, step: 2, length: 5 })
  expect(file.hdu('YES').header.has('TELESCOP')).toBe(false)
  expect(file.inheritedHeader('NO').has('TELESCOP')).toBe(false)
  expect(file.inheritedHeader(0)).toBe(file.hdu(0).header)
})
