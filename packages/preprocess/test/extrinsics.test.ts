import type { ExtrinsicOptions } from '@astrolabel/preprocess'
import { Extrinsics, broadenSpectra, withExtrinsics } from '@astrolabel/preprocess'
import type { ForwardModel, WavelengthGrid } from '@astrolabel/spectra'
import { RandomStream, labelInfo, wavelengths } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const C = 299_792.458
const line = (centre: number, sigma: number) => (lambda: number) => Math.exp(-0.5 * ((lambda - centre) / sigma) ** 2)
const spectrum = (lambda: number): number =>
  1 - 0.6 * line(5010, 0.3)(lambda) - 0.4 * line(5017.3, 0.5)(lambda) - 0.2 * line(5023, 0.25)(lambda)

const log: WavelengthGrid = { kind: 'log10', start: Math.log10(4995), step: 1.1e-5, length: 320, medium: 'vacuum' }
const linear: WavelengthGrid = { kind: 'linear', start: 4995, step: 0.12, length: 330, medium: 'vacuum' }
const listed: WavelengthGrid = {
  kind: 'explicit',
  values: Array.from({ length: 330 }, (_, i) => 4995 + 0.12 * i + 0.15 * Math.sin(i / 40)),
  medium: 'vacuum',
}
/** Two chips of a log grid with a gap of 6 Å between them. */
const chips: WavelengthGrid = {
  kind: 'explicit',
  values: Array.from({ length: 340 }, (_, i) => 10 ** (Math.log10(4995) + 1.1e-5 * (i < 200 ? i : i + 40))),
  medium: 'vacuum',
}

test('velocity and line spread of an analytic spectrum are what they should be, on every grid', () => {
  for (const model of [log, linear, listed]) {
    for (const target of [log, linear]) {
      const extrinsics = new Extrinsics(model, { wavelength: target })
      const [v, sigma] = [37, 11]
      const flux = extrinsics.at({ vRad: v, sigmaLsf: sigma }).apply(wavelengths(model).map(spectrum))
      wavelengths(target).forEach((lambda, i) => {
        if (lambda < 5004 || lambda > 5029) return
        const rest = lambda / (1 + v / C)
        const wide = (centre: number, width: number): number => {
          const total = Math.hypot(width, (sigma / C) * rest)
          return (width / total) * line(centre, total)(rest)
        }
        const expected = 1 - 0.6 * wide(5010, 0.3) - 0.4 * wide(5017.3, 0.5) - 0.2 * wide(5023, 0.25)
        expect(Math.abs(flux[i]! - expected)).toBeLessThan(1e-4)
      })
    }
  }
})

test('rotation is that of the broaden step', () => {
  for (const grid of [log, linear]) {
    const source = wavelengths(grid).map(spectrum)
    const meta = linearMeta(0, { wavelength: grid })
    const step = broadenSpectra(spectraOf([Float32Array.from(source)], { meta }), { kind: 'rotation', vsini: 25 })
    const flux = new Extrinsics(grid).at({ vSini: 25 }).apply(source)
    for (let i = 40; i < flux.length - 40; i++) expect(Math.abs(flux[i]! - step.flux[i]!)).toBeLessThan(1e-4)
  }
})

test('nothing to do leaves the spectrum as it is', () => {
  for (const grid of [log, linear, listed, chips]) {
    const source = wavelengths(grid).map(spectrum)
    const flux = new Extrinsics(grid).at({ vRad: 0, vSini: 0 }).apply(source)
    flux.forEach((value, i) => expect(Math.abs(value - source[i]!)).toBeLessThan(1e-9))
  }
})

test('chips do not see one another', () => {
  const source = wavelengths(chips).map((_, i) => (i < 200 ? 1 : 3))
  const flux = new Extrinsics(chips).at({ vRad: 30, vSini: 30, sigmaLsf: 10 }).apply(source)
  flux.forEach((value, i) => expect(value).toBeCloseTo(i < 200 ? 1 : 3, 9))
})

/** A spectrum of two labels: the depth of one line and the width of another. */
function toy(wavelength: WavelengthGrid): ForwardModel {
  const wave = wavelengths(wavelength)
  return {
    labels: [labelInfo('fe_h'), labelInfo('logg')],
    wavelength,
    evaluate(labels, out) {
      wave.forEach((w, i) => {
        out[i] = 1 - 0.4 * Math.exp(labels[0]!) * line(5010, 0.35)(w) - 0.3 * line(5018, 0.2 + 0.1 * labels[1]!)(w)
      })
    },
    jacobian(labels, out) {
      wave.forEach((w, i) => {
        const width = 0.2 + 0.1 * labels[1]!
        out[2 * i] = -0.4 * Math.exp(labels[0]!) * line(5010, 0.35)(w)
        out[2 * i + 1] = (-0.3 * line(5018, width)(w) * (w - 5018) ** 2 * 0.1) / width ** 3
      })
    },
  }
}

test('derivatives are those of finite differences to 1e-5, by every label, on every grid', () => {
  const cases: { readonly grid: WavelengthGrid; readonly options: ExtrinsicOptions }[] = [
    { grid: log, options: {} },
    { grid: log, options: { wavelength: linear, resolution: 9000 } },
    { grid: linear, options: { resolution: { fwhm: 0.4 }, limbDarkening: 0.2 } },
    { grid: listed, options: { wavelength: log } },
    { grid: chips, options: {} },
  ]
  for (const { grid, options } of cases) {
    const model = withExtrinsics(toy(grid), { ...options, velocity: true, rotation: true, lineSpread: true })
    expect(model.labels.map(({ name }) => name)).toEqual(['fe_h', 'logg', 'v_rad', 'v_sini', 'sigma_lsf'])
    const nPix = wavelengths(model.wavelength).length
    const at = Float64Array.of(-0.2, 1.5, 23, 14, 8)
    const jacobian = new Float64Array(nPix * 5)
    model.jacobian(at, jacobian)
    const [low, high] = [new Float64Array(nPix), new Float64Array(nPix)]
    for (const [label, h] of [1e-4, 1e-4, 3e-3, 3e-3, 3e-3].entries()) {
      model.evaluate(at.with(label, at[label]! - h), low)
      model.evaluate(at.with(label, at[label]! + h), high)
      const scale = jacobian.reduce((most, value, i) => (i % 5 === label ? Math.max(most, Math.abs(value)) : most), 0)
      expect(scale).toBeGreaterThan(1e-4)
      let worst = 0
      for (let i = 0; i < nPix; i++)
        worst = Math.max(worst, Math.abs((high[i]! - low[i]!) / (2 * h) - jacobian[5 * i + label]!) / scale)
      expect(worst).toBeLessThan(1e-5)
    }
  }
})

test('pixels that a model says nothing about do not change what it says of others', () => {
  const source = wavelengths(log).map(spectrum)
  const unmodelled = [0, 1, 70, 71, 72, 318, 319]
  const holes = source.map((flux, i) => (unmodelled.includes(i) ? 0 : flux))
  const at = { vRad: 12, vSini: 10, sigmaLsf: 5 }
  const whole = new Extrinsics(log).at(at).apply(source)
  const filled = new Extrinsics(log, { unmodelled }).at(at)
  filled.apply(holes).forEach((flux, i) => {
    // There is continuum around the hole, and mirrored continuum at the ends.
    if (i > 8 && i < 310) expect(Math.abs(flux - whole[i]!)).toBeLessThan(1e-3)
  })
  expect(Math.min(...filled.apply(holes))).toBeGreaterThan(0.3)
  expect(filled.derivatives(holes).flux).toEqual(filled.apply(holes))
})

test('only the labels asked for are added, and none twice', () => {
  const model = withExtrinsics(toy(log), { velocity: true })
  expect(model.labels.map(({ name }) => name)).toEqual(['fe_h', 'logg', 'v_rad'])
  expect(() => withExtrinsics(model, { velocity: true })).toThrow(
    expect.objectContaining({ code: 'preprocess/label-taken' }),
  )
  expect(() => new Extrinsics(log, { wavelength: { ...log, medium: 'air' } })).toThrow('medium')
})

test('v sin i of either sign is the same, and 0 has no slope', () => {
  const extrinsics = new Extrinsics(log)
  const source = wavelengths(log).map(spectrum)
  const [left, right] = [extrinsics.at({ vSini: -12 }).apply(source), extrinsics.at({ vSini: 12 }).apply(source)]
  left.forEach((value, i) => expect(value).toBeCloseTo(right[i]!, 12))
  const { vSini, sigmaLsf } = extrinsics.at({ vSini: 0 }).derivatives(source)
  expect(Math.max(...vSini.map(Math.abs), ...sigmaLsf.map(Math.abs))).toBeLessThan(1e-12)
})

test('a fit finds velocity, rotation and labels of a noisy spectrum within their errors', () => {
  const model = withExtrinsics(toy(log), { velocity: true, rotation: true })
  const nPix = wavelengths(log).length
  const random = RandomStream.fromSeed(4)
  const truth = Float64Array.of(-0.1, 1.2, 31, 22)
  const sigma = 0.003
  const data = new Float64Array(nPix)
  model.evaluate(truth, data)
  for (let i = 0; i < nPix; i++) data[i]! += sigma * random.normal()
  const at = Float64Array.of(0, 1.5, 25, 15)
  const [flux, jacobian] = [new Float64Array(nPix), new Float64Array(nPix * 4)]
  let normal: number[][] = []
  for (let turn = 0; turn < 12; turn++) {
    model.evaluate(at, flux)
    model.jacobian(at, jacobian)
    normal = Array.from({ length: 4 }, () => new Array<number>(5).fill(0))
    for (let i = 40; i < nPix - 40; i++)
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b < 4; b++) normal[a]![b]! += jacobian[4 * i + a]! * jacobian[4 * i + b]!
        normal[a]![4]! += jacobian[4 * i + a]! * (data[i]! - flux[i]!)
      }
    const step = solved(normal)
    for (let a = 0; a < 4; a++) at[a]! += step[a]!
  }
  for (let a = 0; a < 4; a++) {
    const unit = normal.map((row, k) => [...row.slice(0, 4), k === a ? 1 : 0])
    const error = sigma * Math.sqrt(solved(unit)[a]!)
    expect(Math.abs(at[a]! - truth[a]!)).toBeLessThan(3.5 * error)
    expect(error).toBeLessThan(a < 2 ? 0.1 : 2)
  }
})

/** Gauss and Jordan's elimination on rows of a matrix with its right-hand side. */
function solved(rows: readonly (readonly number[])[]): number[] {
  const m = rows.map((row) => [...row])
  for (let k = 0; k < m.length; k++)
    for (let r = 0; r < m.length; r++) {
      if (r === k) continue
      const factor = m[r]![k]! / m[k]![k]!
      for (let c = k; c <= m.length; c++) m[r]![c]! -= factor * m[k]![c]!
    }
  return m.map((row, k) => row[m.length]! / row[k]!)
}
