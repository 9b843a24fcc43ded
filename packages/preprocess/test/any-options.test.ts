import type { PreprocessStep } from '@astrolabel/preprocess'
import { checkSteps, encodeTemplates, preprocess, stepDescriptions } from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

/** Two stars of 60 pixels with some bad ones; in two arms that overlap by five pixels. */
function stars(segmented: boolean): Spectra {
  const random = RandomStream.fromSeed(4)
  const row = (): number[] => Array.from({ length: 60 }, (_, i) => 3 + 0.1 * random.normal() - (i % 17 === 5 ? 1 : 0))
  const ivar = Array.from({ length: 60 }, (_, i) => (i % 23 === 4 ? 0 : 100))
  const arm = (name: string, start: number, first: number): object => ({
    name,
    start,
    end: start + 30,
    wavelength: { kind: 'linear', start: first, step: 0.8, length: 30, medium: 'vacuum' },
  })
  const meta = segmented
    ? linearMeta(0, {
        wavelength: { kind: 'segmented', medium: 'vacuum' },
        segments: [arm('B', 0, 4000), arm('R', 30, 4020)] as never,
      })
    : linearMeta(60)
  return spectraOf([row(), row()], { meta, ivar: [ivar, ivar], velocities: [12, Number.NaN] })
}

const single = stars(false)
const arms = stars(true)
const templates = encodeTemplates(spectraOf([single.flux.slice(0, 60)], { meta: linearMeta(60, { frame: 'rest' }) }))
const grid = { kind: 'linear', from: 4005, to: 4040, step: 1.1 }

/** What a step needs besides the option that is tried. */
const LEAST: Readonly<Record<string, object>> = {
  windows: { ranges: [[4010, 4020]] },
  velocity: { templates },
  resample: { wavelength: grid },
  gaussian: { to: 1000, from: 3000 },
  rotation: { vsini: 30 },
  macroturbulence: { zeta: 30 },
  table: { wave: [4000], offset: [-1, 0, 1], kernels: [[0, 1, 0]] },
}

/** Every option of every step and variant. */
const OPTIONS = Object.entries(stepDescriptions).flatMap(([step, { options, variants }]) => {
  const all = (known: object, more: object): { base: object; name: string }[] =>
    [...Object.keys(known), 'nonsense'].map((name) => ({ base: { step, ...more }, name }))
  if (variants === undefined) return all(options, LEAST[step] ?? {})
  return Object.entries(variants.options).flatMap(([variant, own]) =>
    all({ [variants.by]: 0, ...options, ...own }, { [variants.by]: variant, ...LEAST[variant] }),
  )
})

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.integer({ min: -3, max: 200 }),
  fc.constantFrom(1e-300, 1e300, 2 ** 31, 2 ** 53, -0, 1e9, 4010.5),
  fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 4050 })), { maxLength: 4 }),
  fc.array(fc.tuple(fc.integer({ min: 3990, max: 4050 }), fc.integer({ min: 3990, max: 4050 })), { maxLength: 3 }),
  fc.constantFrom('v_rad', 'ivar', 'linear', 'sinc', 'desi', 'none', 'all', 'angstrom', 'km/s', 'sharp', ''),
  fc.constantFrom<unknown>(
    grid,
    { ...grid, step: 1e-12 },
    { kind: 'linear', start: 1, step: 1, length: 1e300, medium: 'air' },
    { kind: 'explicit', values: [4010, 4010, 4000], medium: 'air' },
    { kind: 'explicit', values: [4010], medium: 'vacuum' },
    { grid: 'desi', from: 4000 },
    { like: 'file.arrow' },
    { r: 1000 },
    { sigma: { wave: [4000, 4100], values: [1, 2] } },
    { sigma: { wave: [], values: [] } },
    { column: 'v_rad' },
    [{ segment: 'B', end: 5 }],
    [{ segment: 'B', end: 1e300 }],
  ),
)

function holds(spectra: Spectra, steps: readonly PreprocessStep[]): void {
  let done: Spectra
  try {
    done = preprocess(spectra, steps)
  } catch (error) {
    if (!(error instanceof AstrolabelError)) throw error
    return
  }
  expect(done.flux.length).toBe(done.n * done.nPix)
  expect(done.flux.every((value) => Number.isFinite(value))).toBe(true)
  expect(done.ivar.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)).toBe(true)
  // What the history keeps replays to the same bytes.
  const history = done.meta.history.map(({ step, options }) => ({ step, ...options }) as unknown as PreprocessStep)
  const again = preprocess(spectra, JSON.parse(JSON.stringify(history)) as PreprocessStep[])
  expect(again.flux).toEqual(done.flux)
  expect(again.ivar).toEqual(done.ivar)
}

test.each(OPTIONS)('$base $name: any value runs, or is refused in words', ({ base, name }) => {
  const property = fc.property(odd, fc.boolean(), (value, segmented) => {
    holds(segmented ? arms : single, [{ ...base, [name]: value } as unknown as PreprocessStep])
  })
  const { failed, counterexample, errorInstance } = fc.check(property, { numRuns: 60 })
  expect(failed, `${JSON.stringify(counterexample)} ${String(errorInstance)}`).toBe(false)
})

test('any JSON in place of a chain is refused in words', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      try {
        checkSteps(value as unknown as PreprocessStep[])
      } catch (error) {
        expect(error).toBeInstanceOf(AstrolabelError)
      }
    }),
  )
})

test.each([
  [
    { step: 'stitch', trims: { b: [0, 25] } },
    'The option trims of stitch, step 1 of the chain, does not fit: got {"b":[0,25]}, expected a list, each {segment, start?, end?}. Such as trims: [{segment: B, end: 25}]',
  ],
  [
    { step: 'clip', above: '6' },
    'The option above of clip, step 1 of the chain, does not fit: got "6", expected a number',
  ],
  [
    { step: 'mask', bits: 'BADPIX' },
    'The option bits of mask, step 1 of the chain, does not fit: got "BADPIX", expected any | none | survey, or a list, each a bit. Such as bits: [BADPIX, CRPIX]',
  ],
  [
    { step: 'windows', ranges: [6866, 6962] },
    'The option ranges of windows, step 1 of the chain, does not fit: got [6866,6962], expected a list, each [from, to] in Å. Such as ranges: [[6866, 6962], [7592, 7705]]',
  ],
  [null, 'Unknown preprocessing step, step 1 of the chain: got null, expected mask, windows'],
])('%j is refused saying what to write', (step, message) => {
  expect(() => checkSteps([step as unknown as PreprocessStep])).toThrow(message)
})
