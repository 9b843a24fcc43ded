import {
  addVelocities,
  crossCorrelate,
  encodeTemplates,
  preprocess,
  toRestFrame,
  velocityFlags,
} from '@astrolabel/preprocess'
import type { CrossCorrelationOptions, PreprocessStep, TemplateSet } from '@astrolabel/preprocess'
import {
  FlagSet,
  RandomStream,
  columnNumbers,
  makeSpectra,
  makeTable,
  pixelWavelengths,
  requireColumn,
  vacuumToAir,
  wavelengths,
} from '@astrolabel/spectra'
import type { Spectra, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { desiMeta, linearMeta } from './spectra-of.js'

const LIGHT = 299_792.458
const SDSS = { kind: 'log10', start: 3.6, step: 1e-4, length: 1500, medium: 'vacuum' } as const
const PIXEL = 1e-4 * Math.LN10 * LIGHT
const flags = new FlagSet(velocityFlags)

/** A star of Gaussian lines of 80 km/s as a function of rest wavelength. */
function starOf(seed: number, [low, high]: readonly [number, number]): (wave: number) => number {
  const random = RandomStream.fromSeed(seed)
  const lines = Array.from({ length: 150 }, () => ({
    at: Math.log(low) + random.uniform() * Math.log(high / low),
    depth: 0.05 + 0.5 * random.uniform() ** 2,
  }))
  return (wave) => {
    let flux = 1
    for (const { at, depth } of lines) {
      const z = ((Math.log(wave) - at) * LIGHT) / 80
      if (Math.abs(z) < 7) flux -= depth * Math.exp((-z * z) / 2)
    }
    return flux
  }
}

const RANGE = [3900, 5700] as const
const star = starOf(5, RANGE)
const other = starOf(9, RANGE)

function templatesOf(
  stars: Readonly<Record<string, (wave: number) => number>>,
  wavelength: WavelengthGrid = { ...SDSS, start: 3.595, length: 1600 },
): TemplateSet {
  const wave = wavelengths(wavelength)
  return encodeTemplates(
    makeSpectra({
      meta: linearMeta(0, { wavelength, frame: 'rest' }),
      starId: Object.keys(stars),
      flux: Float32Array.from(Object.values(stars).flatMap((flux) => Array.from(wave, flux))),
      ivar: new Float32Array(wave.length * Object.keys(stars).length).fill(1),
    }),
  )
}

const templates = templatesOf({ other, star })

/** Noisy spectra of the star at these velocities: a sloping continuum, uneven errors, every tenth pixel bad garbage. */
function observe(
  velocities: ArrayLike<number>,
  {
    snr = 20,
    seed = 1,
    bad = 0.1,
    meta = linearMeta(0, { wavelength: SDSS }),
    flux = star,
  }: {
    snr?: number
    seed?: number
    bad?: number
    meta?: SpectraMeta
    flux?: (wave: number) => number
  } = {},
): Spectra {
  const random = RandomStream.fromSeed(seed)
  const wave = pixelWavelengths(meta)
  const out = { flux: [] as number[], ivar: [] as number[] }
  for (const v of Array.from(velocities)) {
    wave.forEach((w, i) => {
      const continuum = 3 + Math.sin(w / 500)
      const sigma = (continuum / snr) * (1 + 0.5 * Math.sin(i))
      const isBad = random.uniform() < bad
      const value = continuum * flux(w / (1 + v / LIGHT)) + sigma * random.normal()
      out.flux.push(isBad ? 1e4 : value)
      out.ivar.push(isBad ? 0 : 1 / sigma ** 2)
    })
  }
  return makeSpectra({
    meta,
    starId: Array.from(velocities, (_, i) => `s${i}`),
    flux: Float32Array.from(out.flux),
    ivar: Float32Array.from(out.ivar),
  })
}

function randomVelocities(n: number, seed: number, width = 600): number[] {
  const random = RandomStream.fromSeed(seed)
  return Array.from({ length: n }, () => (random.uniform() - 0.5) * width)
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length
const rms = (values: ArrayLike<number>): number => Math.sqrt(mean(Array.from(values, (x) => x * x)))

test('velocities come back with pulls of width 1, by the right template, whatever is on bad pixels', () => {
  const v = randomVelocities(300, 2)
  const found = crossCorrelate(observe(v), templates)
  const pulls = Array.from(found.velocity, (value, i) => (value - v[i]!) / found.error[i]!)
  // Of 300 draws the mean is known to 0.06 and the width to 0.04.
  expect(Math.abs(mean(pulls))).toBeLessThan(0.25)
  expect(rms(pulls)).toBeGreaterThan(0.85)
  expect(rms(pulls)).toBeLessThan(1.15)
  expect(new Set(found.template)).toEqual(new Set(['star']))
  expect([...found.flags].every((bits) => bits === 0)).toBe(true)
  expect(Math.min(...found.r)).toBeGreaterThan(10)
  expect(Math.abs(mean(found.chi2) - 1)).toBeLessThan(0.05)
})

test('between pixels the velocity is not drawn to them: bias below 0.02 pixels at every phase', () => {
  const v = Array.from({ length: 21 }, (_, i) => (i / 10) * PIXEL)
  const found = crossCorrelate(observe(v, { snr: 1e5, bad: 0 }), templates)
  const bias = Array.from(found.velocity, (value, i) => Math.abs(value - v[i]!) / PIXEL)
  expect(Math.max(...bias)).toBeLessThan(0.02)
})

test('errors are the Cramér–Rao bound, and fall as 1 / (S/N)', () => {
  const wave = wavelengths(SDSS)
  const bound = (snr: number): number => {
    // The velocity's Fisher information, with amplitude and offset free.
    const step = 1e-3
    const derivative = Array.from(wave, (w) => (star(w / (1 + step / LIGHT)) - star(w)) / step)
    const lines = Array.from(wave, (w) => star(w) - 1)
    let [ww, wl, wd, ll, ld, dd] = [0, 0, 0, 0, 0, 0]
    wave.forEach((_, i) => {
      const iv = (snr / (1 + 0.5 * Math.sin(i))) ** 2
      const [l, d] = [lines[i]!, derivative[i]!]
      ww += iv
      wl += iv * l
      wd += iv * d
      ll += iv * l * l
      ld += iv * l * d
      dd += iv * d * d
    })
    const free = ll - (wl * wl) / ww
    return 1 / Math.sqrt(dd - (wd * wd) / ww - (ld - (wl * wd) / ww) ** 2 / free)
  }
  const errors = [10, 40].map((snr) =>
    mean(crossCorrelate(observe(randomVelocities(60, 3), { snr, bad: 0 }), templates).error),
  )
  expect(errors[0]! / bound(10)).toBeGreaterThan(0.97)
  expect(errors[0]! / bound(10)).toBeLessThan(1.1)
  expect(errors[0]! / errors[1]!).toBeGreaterThan(3.7)
  expect(errors[0]! / errors[1]!).toBeLessThan(4.3)
})

test('garbage on bad pixels changes no bit', () => {
  const clean = observe([123], { bad: 0.2 })
  const garbage = { ...clean, flux: clean.flux.map((f, i) => (clean.ivar[i] === 0 ? -1e6 : f)) }
  expect(crossCorrelate(garbage, templates)).toEqual(crossCorrelate(clean, templates))
})

test('how stars are put together does not matter', () => {
  const v = randomVelocities(5, 6)
  const all = crossCorrelate(observe(v, { bad: 0 }), templates)
  const spectra = observe(v, { bad: 0 })
  const alone = v.map((_, i) => {
    const nPix = spectra.nPix
    const one = {
      ...spectra,
      n: 1,
      starId: ['x'],
      flux: spectra.flux.slice(i * nPix, (i + 1) * nPix),
      ivar: spectra.ivar.slice(i * nPix, (i + 1) * nPix),
    }
    return crossCorrelate(one, templates).velocity[0]
  })
  expect([...all.velocity]).toEqual(alone)
})

test('linear grids, arms, air, wavelengths of their own and templates of another sampling give the same velocity', () => {
  const v = [137.3]
  const near = (meta: SpectraMeta, set: TemplateSet, spectra = observe(v, { meta, snr: 500, bad: 0 })): void => {
    const found = crossCorrelate(spectra, set)
    expect(Math.abs(found.velocity[0]! - v[0]!)).toBeLessThan(1)
  }
  const linear = { kind: 'linear', start: 4000, step: 0.8, length: 1900, medium: 'vacuum' } as const
  near(linearMeta(0, { wavelength: linear }), templates)
  near(
    linearMeta(0, { wavelength: SDSS }),
    templatesOf({ star }, { kind: 'linear', start: 3930, step: 0.31, length: 5600, medium: 'vacuum' }),
  )
  const arm = (name: string, start: number, first: number, length: number) => ({
    name,
    start,
    end: start + length,
    wavelength: { kind: 'linear' as const, start: first, step: 0.8, length, medium: 'vacuum' as const },
  })
  near(
    linearMeta(0, {
      wavelength: { kind: 'segmented', medium: 'vacuum' },
      segments: [arm('b', 0, 4000, 1000), arm('r', 1000, 4700, 1000)],
    }),
    templates,
  )
  const vacuum = wavelengths(linear)
  const air = { kind: 'explicit', values: [...vacuumToAir(vacuum)], medium: 'air' } as const
  const inVacuum = observe(v, { meta: linearMeta(0, { wavelength: linear }), snr: 500, bad: 0 })
  near(inVacuum.meta, templates, { ...inVacuum, meta: linearMeta(0, { wavelength: air }) })
  const first = linearMeta(0, {
    wavelength: { kind: 'explicit', values: [...vacuum].map((w) => w * 1.0001), medium: 'vacuum' },
  })
  near(first, templates, { ...inVacuum, meta: first, wave: vacuum })
})

test('arms of DESI are searched together', () => {
  const wide = starOf(11, [3500, 9900])
  const set = templatesOf({ wide }, { kind: 'linear', start: 3560, step: 0.8, length: 7900, medium: 'vacuum' })
  const v = [-80.4, 250.2]
  const found = crossCorrelate(observe(v, { meta: desiMeta, snr: 30, flux: wide }), set, { range: [-500, 500] })
  found.velocity.forEach((value, i) => expect(Math.abs(value - v[i]!) / found.error[i]!).toBeLessThan(4))
})

test('the relativistic formula gives the velocity that it shifts by', () => {
  const shifted = observe([1500], { snr: 500, bad: 0 })
  const options: CrossCorrelationOptions = { range: [0, 3000], formula: 'relativistic' }
  const v = crossCorrelate(shifted, templates, options).velocity[0]!
  expect(LIGHT * (Math.sqrt((1 + v / LIGHT) / (1 - v / LIGHT)) - 1)).toBeCloseTo(1500, 0)
})

test('what cannot be measured is missing and flagged, what is doubtful is flagged', () => {
  const spectra = observe([330, 0, 0], { bad: 0 })
  const { nPix } = spectra
  spectra.ivar.fill(0, nPix, 2 * nPix)
  const random = RandomStream.fromSeed(12)
  for (let i = 2 * nPix; i < 3 * nPix; i++) spectra.flux[i] = 1 + 0.1 * random.normal()
  const found = crossCorrelate(spectra, templates, { range: [-300, 300] })
  expect(flags.names(found.flags[0]!)).toEqual(['EDGE'])
  expect(flags.names(found.flags[1]!)).toEqual(['NO_DATA'])
  expect(flags.names(found.flags[2]!)).toContain('LOW_R')
  expect([found.velocity[0], found.velocity[1], found.template[0]]).toEqual([Number.NaN, Number.NaN, ''])
})

test('spectra of unknown noise get their error from the scatter about the template', () => {
  const noisy = observe(randomVelocities(40, 8), { bad: 0 })
  const flat = { ...noisy, ivar: noisy.ivar.map(() => 1), meta: { ...noisy.meta, noise: 'unknown' as const } }
  const v = randomVelocities(40, 8)
  const found = crossCorrelate(flat, templates)
  const pulls = Array.from(found.velocity, (value, i) => (value - v[i]!) / found.error[i]!)
  expect(rms(pulls)).toBeGreaterThan(0.6)
  expect(rms(pulls)).toBeLessThan(1.5)
})

test('the step fills in what the catalogue lacks, for the rest step to use, and replays bit for bit', () => {
  const spectra = observe([100, -50], { snr: 200, bad: 0 })
  const valued = {
    ...spectra,
    catalog: makeTable([
      { name: 'VRAD', values: Float64Array.of(Number.NaN, -48), valid: Uint8Array.of(0, 1), unit: 'km/s' },
      { name: 'teff', values: Float64Array.of(5000, 6000) },
    ]),
  }
  const chain: PreprocessStep[] = [
    { step: 'velocity', templates },
    { step: 'rest', kind: 'sinc' },
  ]
  const done = preprocess(valued, chain)
  const v = columnNumbers(requireColumn(done.catalog, 'v_rad'))
  expect(Math.abs(v[0]! - 100)).toBeLessThan(1)
  expect(v[1]).toBe(-48)
  expect([...done.catalog.columns.keys()]).toEqual([
    'VRAD',
    'teff',
    'v_rad',
    'v_rad_err',
    'ccf_r',
    'ccf_chi2',
    'ccf_template',
    'ccf_flags',
  ])
  expect(requireColumn(done.catalog, 'ccf_template').values).toEqual(['star', ''])
  expect(done.meta).toMatchObject({
    frame: 'rest',
    history: [
      { step: 'velocity', options: { stars: 'missing' } },
      { step: 'rest', options: { velocity: 'v_rad' } },
    ],
  })
  const replay = (JSON.parse(JSON.stringify(done.meta.history)) as { step: string; options: object }[]).map(
    ({ step, options }) => ({ step, ...options }) as PreprocessStep,
  )
  const again = preprocess(valued, replay)
  expect(again.flux).toEqual(done.flux)
  expect(again.meta.history).toEqual(done.meta.history)
  const all = addVelocities(valued, { templates, stars: 'all' })
  expect(Math.abs(columnNumbers(requireColumn(all.catalog, 'v_rad'))[1]! + 50)).toBeLessThan(1)
})

test('many stars go through the chain in blocks, each with its own velocity', () => {
  const v = randomVelocities(200, 14)
  const done = preprocess(observe(v, { snr: 50, bad: 0 }), [{ step: 'velocity', templates }])
  const found = columnNumbers(requireColumn(done.catalog, 'v_rad'))
  expect(Math.max(...found.map((value, i) => Math.abs(value - v[i]!)))).toBeLessThan(3)
})

test('velocities of observed spectra are in the observed frame, and the rest step knows them', () => {
  const spectra = observe([40], { snr: 200, bad: 0, meta: linearMeta(0, { wavelength: SDSS, frame: 'observed' }) })
  const measured = addVelocities(spectra, { templates })
  expect(measured.catalog.columns.has('v_rad')).toBe(false)
  expect(toRestFrame(measured).meta.history.at(-1)!.options).toMatchObject({ velocity: 'v_observed' })
  expect(() => addVelocities({ ...spectra, meta: { ...spectra.meta, frame: 'rest' } }, { templates })).toThrow(
    expect.objectContaining({ code: 'preprocess/already-rest' }),
  )
})

test('templates that are none, or elsewhere, and ranges that are none are refused', () => {
  const spectra = observe([0], { bad: 0 })
  expect(() => encodeTemplates(spectra)).toThrow(
    /got spectra in the barycentric frame, expected spectra in the rest frame/,
  )
  expect(() => crossCorrelate(spectra, { ...templates, flux: templates.flux.slice(0, 400) })).toThrow(
    /got 75 values, expected 2 templates × 1600 pixels/,
  )
  expect(() => crossCorrelate(spectra, { ...templates, flux: '!' })).toThrow(/text that is not base64/)
  expect(() => preprocess(spectra, [{ step: 'velocity', templates: 'file.arrow' as never }])).toThrow(/got file.arrow/)
  expect(() => preprocess(spectra, [{ step: 'velocity' } as never])).toThrow(/needs templates/)
  const infrared = templatesOf({ star }, { ...SDSS, start: 4.2 })
  expect(() => crossCorrelate(spectra, infrared)).toThrow(expect.objectContaining({ code: 'preprocess/no-overlap' }))
  expect(() => crossCorrelate(spectra, templates, { range: [100, -100] })).toThrow(/got 100 to -100/)
  expect(() => crossCorrelate(spectra, templates, { continuum: -1 })).toThrow(/window of the continuum/)
})
