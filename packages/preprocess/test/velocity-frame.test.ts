import { toRestFrame } from '@astrolabel/preprocess'
import type { RestFrameOptions } from '@astrolabel/preprocess'
import type { Frame, Spectra } from '@astrolabel/spectra'
import { makeTable } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const LIGHT = 299_792.458
const line = (at: number): Float32Array =>
  Float32Array.from({ length: 600 }, (_, i) => 1 - 0.5 * Math.exp(-0.5 * ((4000 + 0.8 * i - at) / 4) ** 2))

function star(frame: Frame, at: number, columns: Readonly<Record<string, number>>): Spectra {
  const spectra = spectraOf([line(at)], { meta: linearMeta(600, { frame }) })
  const catalog = makeTable(Object.entries(columns).map(([name, v]) => ({ name, values: Float64Array.of(v) })))
  return { ...spectra, catalog }
}

/** Where the line comes to lie: its centroid, Å. */
function centre(spectra: Spectra, options: RestFrameOptions = {}): number {
  const { flux } = toRestFrame(spectra, options)
  let sum = 0
  let depth = 0
  flux.forEach((f, i) => {
    sum += (1 - f) * (4000 + 0.8 * i)
    depth += 1 - f
  })
  return sum / depth
}

test('a barycentric velocity for spectra in the observed frame is refused, and the message says what helps', () => {
  const spectra = star('observed', 4240, { v_rad: 100 })
  expect(() => toRestFrame(spectra)).toThrow(
    /in another frame than the spectra: got v_rad, barycentric, for spectra in the observed frame, expected velocities in the observed frame.*barycentric/,
  )
  expect(() => toRestFrame(spectra)).toThrow(expect.objectContaining({ code: 'preprocess/velocity-frame' }))
  expect(() => toRestFrame(star('observed', 4240, { VHELIO_AVG: 1 }))).toThrow(/got VHELIO_AVG, heliocentric/)
  expect(() => toRestFrame(star('barycentric', 4240, { v_observed: 1 }), { velocity: 'v_observed' })).toThrow(
    /got v_observed, observed, for spectra in the barycentric frame/,
  )
})

test('with the barycentric correction it is undone: v_observed = v_rad - v_b, to first order', () => {
  const [v, earth] = [100, -25]
  const factor = (1 + v / LIGHT) / (1 + earth / LIGHT)
  const observed = star('observed', 4240 * factor, { v_rad: v, BC: earth })
  expect(centre(observed, { barycentric: 'BC' })).toBeCloseTo(4240, 3)
  expect(toRestFrame(observed, { barycentric: 'BC' }).meta.history[0]!.options).toEqual({
    velocity: 'v_rad',
    formula: 'classical',
    velocityFrame: 'barycentric',
    barycentric: 'BC',
  })
  const seen = (1 + v / LIGHT) * (1 + earth / LIGHT)
  const barycentric = star('barycentric', 4240 * seen, { v_observed: v, BC: earth })
  expect(centre(barycentric, { velocity: 'v_observed', barycentric: 'BC' })).toBeCloseTo(4240, 3)
  expect(
    toRestFrame(star('observed', 4240, { v_rad: 1, BC: Number.NaN }), { barycentric: 'BC' }).ivar.every((w) => w === 0),
  ).toBe(true)
})

test('an observed spectrum takes v_observed of itself, a barycentric one v_rad', () => {
  const columns = { v_rad: 75, v_observed: 100 }
  expect(centre(star('observed', 4240 * (1 + 100 / LIGHT), columns))).toBeCloseTo(4240, 3)
  expect(centre(star('barycentric', 4240 * (1 + 75 / LIGHT), columns))).toBeCloseTo(4240, 3)
})

test('what a column is can be said; a name that tells no frame is believed', () => {
  const spectra = star('observed', 4240 * (1 + 60 / LIGHT), { v_rad: 60, cz: 60 })
  expect(centre(spectra, { velocityFrame: 'observed' })).toBeCloseTo(4240, 3)
  expect(centre(spectra, { velocity: 'cz' })).toBeCloseTo(4240, 3)
})

test('a heliocentric velocity serves barycentric spectra, and the history says so', () => {
  const spectra = star('barycentric', 4240 * (1 + 60 / LIGHT), { VHELIO_AVG: 60 })
  expect(centre(spectra)).toBeCloseTo(4240, 3)
  expect(toRestFrame(spectra).meta.history[0]!.options).toMatchObject({ velocityFrame: 'heliocentric' })
})
