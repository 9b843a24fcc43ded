import { readFileSync } from 'node:fs'
import type { BroadenOptions } from '@astrolabel/preprocess'
import { broadenSpectra, preprocess, sigmaOfResolution } from '@astrolabel/preprocess'
import type { Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { detectGrid, pixelWavelengths, takeSpectra } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const C = 299_792.458
const FWHM = 2 * Math.sqrt(2 * Math.LN2)

interface Golden {
  readonly lines: readonly (readonly [number, number, number])[]
  readonly grids: Readonly<Record<string, readonly number[]>>
  readonly cases: readonly {
    readonly grid: string
    readonly options: BroadenOptions
    readonly pixels: readonly number[]
    readonly flux: readonly number[]
  }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/broadening.json', import.meta.url), 'utf8')) as Golden

function onGrid(wavelength: WavelengthGrid, flux: (lambda: number) => number): Spectra {
  const meta = linearMeta(0, { wavelength })
  return spectraOf([Float32Array.from(pixelWavelengths(meta), flux)], { meta })
}

const log = (from: number, step: number, length: number): WavelengthGrid => ({
  kind: 'log10',
  start: Math.log10(from),
  step,
  length,
  medium: 'vacuum',
})
const linear = (start: number, step: number, length: number): WavelengthGrid => ({
  kind: 'linear',
  start,
  step,
  length,
  medium: 'vacuum',
})
const line = (centre: number, sigma: number) => (lambda: number) => Math.exp(-0.5 * ((lambda - centre) / sigma) ** 2)

test.each(golden.cases.map((one) => [`${one.options.kind} on a ${one.grid} grid`, one] as const))(
  '%s is what scipy integrates',
  (_, { grid, options, pixels, flux }) => {
    const spectrum = (lambda: number): number =>
      1 +
      2e-3 * (lambda - 5000) -
      golden.lines.reduce((sum, [centre, depth, sigma]) => sum + depth * line(centre, sigma)(lambda), 0)
    const source = onGrid(detectGrid(golden.grids[grid]!, 'vacuum', 1e-9), spectrum)
    const out = broadenSpectra(source, options)
    pixels.forEach((pixel, k) => {
      expect(out.ivar[pixel]).toBeGreaterThan(0)
      expect(Math.abs(out.flux[pixel]! - flux[k]!)).toBeLessThan(1e-4)
    })
  },
)

test('a Gaussian broadened by a Gaussian has the quadrature sum of their widths, on every grid', () => {
  for (const grid of [linear(4990, 0.1, 401), log(4990, 9e-6, 401), linear(4990, 0.25, 161)]) {
    const sigma = 0.5
    const kernel = 0.6
    const total = Math.hypot(sigma, kernel)
    const out = broadenSpectra(onGrid(grid, line(5010, sigma)), {
      kind: 'gaussian',
      from: { sigma },
      to: { sigma: total },
    })
    const wave = pixelWavelengths(out.meta)
    out.flux.forEach((flux, i) => {
      expect(Math.abs(flux - (sigma / total) * line(5010, total)(wave[i]!))).toBeLessThan(1e-4)
    })
  }
})

test('a kernel narrower than a pixel broadens by what it should', () => {
  const grid = linear(4990, 0.2, 201)
  const [sigma, total] = [0.5, Math.hypot(0.5, 0.08)]
  const out = broadenSpectra(onGrid(grid, line(5010, sigma)), {
    kind: 'gaussian',
    from: { sigma },
    to: { sigma: total },
  })
  const wave = pixelWavelengths(out.meta)
  out.flux.forEach((flux, i) => {
    expect(Math.abs(flux - (sigma / total) * line(5010, total)(wave[i]!))).toBeLessThan(1e-4)
  })
})

test('a line of one pixel becomes the profile of rotation of Gray', () => {
  for (const limbDarkening of [0, 0.6, 1]) {
    const grid = log(5000, 1e-8, 6001)
    const wave = pixelWavelengths(linearMeta(0, { wavelength: grid }))
    const spectra = onGrid(grid, (lambda) => (Math.abs(lambda - wave[3000]!) < 1e-5 ? 0 : 1))
    const vsini = 10
    const out = broadenSpectra(spectra, { kind: 'rotation', vsini, limbDarkening })
    const step = (wave[3001]! - wave[2999]!) / 2
    const depth = Float64Array.from(out.flux, (flux) => 1 - flux)
    const peak = (C / vsini / wave[3000]!) * step * profile(0, limbDarkening)
    for (let i = 0; i < depth.length; i++) {
      const x = ((wave[i]! / wave[3000]! - 1) * C) / vsini
      if (Math.abs(Math.abs(x) - 1) < 0.01) continue
      expect(Math.abs(depth[i]! / peak - profile(x, limbDarkening) / profile(0, limbDarkening))).toBeLessThan(1e-3)
    }
  }
})

function profile(x: number, epsilon: number): number {
  const y = Math.max(0, 1 - x * x)
  return (2 * (1 - epsilon) * Math.sqrt(y) + 0.5 * Math.PI * epsilon * y) / (Math.PI * (1 - epsilon / 3))
}

/** ∫ f dλ by cells. */
function area(spectra: Spectra): number {
  const wave = pixelWavelengths(spectra.meta)
  const last = wave.length - 1
  return spectra.flux.reduce(
    (sum, flux, i) => sum + (flux * (wave[Math.min(last, i + 1)]! - wave[Math.max(0, i - 1)]!)) / 2,
    0,
  )
}

test('every kind keeps equivalent widths to 1e-6, on linear, log and listed grids', () => {
  const listed = Float64Array.from({ length: 500 }, (_, i) => 4975 + 0.14 * i + 0.2 * Math.sin((2 * Math.PI * i) / 250))
  const kinds: BroadenOptions[] = [
    { kind: 'rotation', vsini: 35 },
    { kind: 'macroturbulence', zeta: 20 },
    { kind: 'macroturbulence', zeta: 20, profile: 'gaussian' },
    { kind: 'gaussian', from: 20_000, to: 8000 },
    {
      kind: 'table',
      wave: [5000, 5020],
      offset: [-0.7, -0.2, 0.3, 0.5],
      kernels: [
        [0, 2, 3, 0],
        [0, 2, 3, 0],
      ],
    },
  ]
  for (const grid of [linear(4975, 0.14, 500), log(4975, 1.2e-5, 500), detectGrid(listed, 'vacuum', 1e-9)])
    for (const options of kinds) {
      const source = onGrid(grid, line(5009, 0.7))
      const out = broadenSpectra(source, options)
      expect(Math.max(...out.flux)).toBeLessThan(0.98)
      expect(Math.abs(area(out) / area(source) - 1)).toBeLessThan(1e-6)
    }
})

test('going by way of a middle resolution is going there at once', () => {
  const source = onGrid(
    log(5000, 1e-5, 900),
    (lambda) => 1 - 0.7 * line(5050, 0.12)(lambda) - 0.4 * line(5053, 0.3)(lambda),
  )
  const straight = preprocess(source, [{ step: 'broaden', kind: 'gaussian', from: 20_000, to: 3000 }])
  const byWay = preprocess(source, [
    { step: 'broaden', kind: 'gaussian', from: 20_000, to: 7000 },
    { step: 'broaden', kind: 'gaussian', to: 3000 },
  ])
  for (let i = 150; i < 750; i++) expect(Math.abs(straight.flux[i]! - byWay.flux[i]!)).toBeLessThan(1e-4)
  expect(byWay.meta.history[1]!.options).toMatchObject({ from: 7000, to: 3000 })
})

test('a continuum stays where it is, and a star at rest in every way is untouched', () => {
  const source = onGrid(log(5000, 1e-4, 400), () => 1)
  for (const options of [
    { kind: 'rotation', vsini: 300 },
    { kind: 'gaussian', from: 'sharp', to: 300 },
  ] as const) {
    const { flux } = broadenSpectra(source, options)
    for (const value of flux) expect(Math.abs(value - 1)).toBeLessThan(2e-7)
  }
  const lines = onGrid(log(5000, 1e-4, 400), (lambda) => 1 - 0.5 * line(5100, 2)(lambda))
  expect(broadenSpectra(lines, { kind: 'rotation', vsini: 0 }).flux).toEqual(lines.flux)
  const same = broadenSpectra(lines, { kind: 'gaussian', from: 2000, to: 2000 })
  expect(same.flux).toEqual(lines.flux)
  expect(same.ivar).toEqual(lines.ivar)
})

test('errors go through the kernel: white noise comes out as wide as ivar says', () => {
  const n = 40
  const nPix = 400
  let state = 1
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const sigma = Float32Array.from({ length: nPix }, (_, i) => 0.5 + (i % 7) / 3)
  const source = spectraOf(
    Array.from({ length: n }, () => Float32Array.from(sigma, (s) => 10 + s * normal())),
    { ivar: Array.from({ length: n }, () => sigma.map((s) => 1 / (s * s))) },
  )
  const out = broadenSpectra(source, { kind: 'gaussian', from: 'sharp', to: { sigma: 1.6 } })
  let sum = 0
  let count = 0
  out.flux.forEach((flux, i) => {
    if (!(out.ivar[i]! > 0)) return
    sum += (flux - 10) ** 2 * out.ivar[i]!
    count++
  })
  expect(count).toBeGreaterThan(n * 390)
  expect(Math.sqrt(sum / count)).toBeCloseTo(1, 1)
  expect(Math.abs(Math.sqrt(sum / count) - 1)).toBeLessThan(0.03)
})

test('bad pixels never change a good one, and leave bad what hangs on them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 79 }), { minLength: 1, maxLength: 12 }),
      fc.constantFrom<BroadenOptions>(
        { kind: 'gaussian', from: 'sharp', to: { sigma: 1.3 } },
        { kind: 'gaussian', from: 'sharp', to: { sigma: 0.3 } },
        { kind: 'rotation', vsini: 120 },
      ),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      (bad, options, garbage) => {
        const flux = Float32Array.from({ length: 80 }, (_, i) => 3 + Math.sin(i / 4))
        const ivar = new Float32Array(80).fill(4)
        for (const i of bad) ivar[i] = 0
        const spoiled = flux.slice()
        for (const i of bad) spoiled[i] = garbage
        const honest = broadenSpectra(spectraOf([flux], { ivar: [ivar] }), options)
        const other = broadenSpectra(spectraOf([spoiled], { ivar: [ivar] }), options)
        expect(other.ivar).toEqual(honest.ivar)
        honest.ivar.forEach((weight, i) => {
          if (weight > 0) expect(other.flux[i]).toBe(honest.flux[i])
        })
        const centre = bad[0]!
        if (options.kind === 'gaussian' && 'sigma' in Object(options.to) && (options.to as { sigma: number }).sigma < 1)
          expect(honest.ivar[centre]).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

test('where too little of a kernel falls on good pixels the result is bad, as at the ends', () => {
  const ivar = new Float32Array(200).fill(1)
  ivar.fill(0, 100, 110)
  const source = spectraOf([new Float32Array(200).fill(2)], { ivar: [ivar] })
  const out = broadenSpectra(source, { kind: 'gaussian', from: 'sharp', to: { sigma: 2.4 } })
  const bad = [...out.ivar.keys()].filter((i) => out.ivar[i] === 0)
  // σ is 3 pixels: a kernel cut at 0.67 σ from its middle keeps three quarters.
  expect(bad).toEqual([0, 1, ...Array.from({ length: 14 }, (_, i) => 98 + i), 198, 199])
  const lenient = broadenSpectra(source, { kind: 'gaussian', from: 'sharp', to: { sigma: 2.4 }, minWeight: 0.01 })
  expect(lenient.ivar.filter((weight) => weight === 0).length).toBeLessThan(6)
  out.flux.forEach((flux, i) => {
    if (out.ivar[i]! > 0) expect(flux).toBeCloseTo(2, 5)
  })
})

test('a resolution tabulated by wavelength, in any unit, is read between its entries', () => {
  const wave = Float64Array.of(4000, 5000, 6000, 9000)
  const close = (a: Float64Array, b: readonly number[]): void =>
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 9))
  close(
    sigmaOfResolution(2000, wave),
    [...wave].map((w) => w / 2000 / FWHM),
  )
  close(
    sigmaOfResolution({ fwhm: 2.5 }, wave),
    [2.5, 2.5, 2.5, 2.5].map((w) => w / FWHM),
  )
  close(
    sigmaOfResolution({ sigmaVelocity: 69 }, wave),
    [...wave].map((w) => (w * 69) / C),
  )
  close(
    sigmaOfResolution({ fwhmVelocity: 69 }, wave),
    [...wave].map((w) => (w * 69) / C / FWHM),
  )
  close(sigmaOfResolution({ sigma: { wave: [5000, 7000], values: [1, 2] } }, wave), [1, 1, 1.5, 2])
  expect(() => sigmaOfResolution({ fwhm: -1 }, wave)).toThrow('got -1')
  expect(() => sigmaOfResolution({ sigma: { wave: [2, 1], values: [1, 2] } }, wave)).toThrow('ascending')
})

test('a target sharper than the source is refused, saying what can be had', () => {
  const source = onGrid(log(5000, 1e-4, 100), () => 1)
  expect(() => broadenSpectra(source, { kind: 'gaussian', from: 1800, to: 2000 })).toThrow(
    expect.objectContaining({
      code: 'preprocess/sharper-target',
      message: expect.stringContaining(
        'got a target of R = 2000 for spectra of R = 1800, expected at most R = 1800',
      ) as string,
    }),
  )
  expect(() => broadenSpectra(source, { kind: 'gaussian', to: 1000 })).toThrow(
    expect.objectContaining({ code: 'preprocess/no-resolution' }),
  )
})

test("SDSS's wdisp, one σ in pixels a star and pixel, is taken into account", () => {
  const grid = log(5000, 1e-4, 300)
  const wave = pixelWavelengths(linearMeta(0, { wavelength: grid }))
  const pixel = wave.map((w) => w * Math.LN10 * 1e-4)
  const widths = [1.1, 1.6]
  const rows = widths.map((w) =>
    Float32Array.from(wave, (lambda) => 0.3 * w * line(wave[150]!, w * pixel[150]!)(lambda)),
  )
  const meta = linearMeta(0, { wavelength: grid })
  const source = spectraOf(rows, { meta })
  const values = Float32Array.from({ length: 600 }, (_, i) => widths[Math.floor(i / 300)]!)
  const columns = new Map(source.catalog.columns).set('wdisp', { name: 'wdisp', values, width: 300 })
  const out = broadenSpectra(
    { ...source, catalog: { n: 2, columns } },
    { kind: 'gaussian', from: { column: 'wdisp', unit: 'pixel' }, to: 900 },
  )
  // Both lines end with the width of the target, whatever they had.
  const target = wave[150]! / 900 / FWHM / pixel[150]!
  for (const [row, w] of widths.entries()) expect(out.flux[row * 300 + 150]! / (0.3 * w)).toBeCloseTo(w / target, 3)
})

test('a star without a velocity of its own is bad and told, the others are broadened', () => {
  const rows = [0, 1, 2].map(() => Float32Array.from({ length: 60 }, (_, i) => 1 - 0.5 * line(30, 2)(i)))
  const source = spectraOf(rows, { velocities: [30, Number.NaN, 80] })
  const told: string[] = []
  const out = broadenSpectra(
    source,
    { kind: 'rotation', vsini: 'v_rad' },
    { onBadStar: ({ starId, reason }) => told.push(`${starId} ${reason}`) },
  )
  expect(told).toEqual(['star-1 no-width'])
  expect(out.ivar.subarray(60, 120).every((weight) => weight === 0)).toBe(true)
  expect(out.flux[30]).toBeLessThan(out.flux[150]!)
})

test('spectra without errors keep the weight 1 on good pixels', () => {
  const source = spectraOf([new Float32Array(50).fill(1)], { meta: linearMeta(50, { noise: 'unknown' }) })
  const { ivar } = broadenSpectra(source, { kind: 'rotation', vsini: 100 })
  expect(new Set(ivar)).toEqual(new Set([0, 1]))
})

test('steps of a chain are checked before anything is computed', () => {
  const source = spectraOf([[1, 1, 1]])
  const run = (step: object) => () => preprocess(source, [{ step: 'broaden', ...step } as never])
  expect(run({ kind: 'blur' })).toThrow('got blur, expected gaussian, rotation, macroturbulence, table, matrix')
  expect(run({ kind: 'rotation' })).toThrow('lacks vsini')
  expect(run({ kind: 'rotation', vsini: 3, zeta: 4 })).toThrow('no such option')
  expect(run({ kind: 'macroturbulence', zeta: 3, profile: 'flat' })).toThrow('radial-tangential')
})

test('what travels of the line spread is the same in blocks as star by star', () => {
  const [n, nPix] = [100, 3000]
  const source = spectraOf(
    Array.from({ length: n }, (_, row) =>
      Float32Array.from({ length: nPix }, (_unused, i) => 1 - 0.3 * line(1500, 2 + (row % 3))(i)),
    ),
    { velocities: Array.from({ length: n }, (_, row) => 3 * row - 150) },
  )
  const values = Float32Array.from({ length: n * nPix }, (_, i) => 0.8 + 0.001 * Math.floor(i / nPix))
  const columns = new Map(source.catalog.columns).set('lsf_sigma', { name: 'lsf_sigma', values, width: nPix })
  const spectra = { ...source, catalog: { n, columns } }
  const shorter = [{ step: 'crop', from: 4100 }, { step: 'rest' }] as const
  const whole = preprocess(spectra, shorter)
  const broad = preprocess(whole, [{ step: 'broaden', kind: 'gaussian', to: { sigma: 2 } }])
  expect(whole.catalog.columns.get('lsf_sigma')!.width).toBe(whole.nPix)
  expect([...broad.catalog.columns.keys()]).toEqual(['v_rad'])
  for (const row of [0, 42, 99]) {
    const one = preprocess(takeSpectra(spectra, [row]), shorter)
    const range = [row * one.nPix, (row + 1) * one.nPix] as const
    expect(one.catalog.columns.get('lsf_sigma')!.values).toEqual(
      (whole.catalog.columns.get('lsf_sigma')!.values as Float32Array).subarray(...range),
    )
    const alone = preprocess(one, [{ step: 'broaden', kind: 'gaussian', to: { sigma: 2 } }])
    expect(alone.flux).toEqual(broad.flux.subarray(...range))
  }
})
