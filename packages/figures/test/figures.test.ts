import {
  coefficientSpectrum,
  coveragePlot,
  kielDiagram,
  palette,
  predictedVersusTruth,
  pullHistogram,
  residualsVersus,
  sequenceColor,
  skyMap,
  spectrumPlot,
} from '@astrolabel/figures'
import { RandomStream, labelInfo } from '@astrolabel/spectra'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsOf, parse, pointCounts, textOf } from './well-formed.ts'

const teff = labelInfo('teff')
const feH = labelInfo('fe_h')

function stars(n: number): { truth: Float64Array; predicted: Float64Array; error: Float64Array; snr: Float64Array } {
  const random = RandomStream.fromSeed(5)
  const truth = Float64Array.from({ length: n }, () => 4000 + 2000 * random.uniform())
  return {
    truth,
    predicted: truth.map((t) => t + 60 * random.normal()),
    error: truth.map(() => 60),
    snr: truth.map(() => 10 + 200 * random.uniform()),
  }
}

function spectrum(n: number): { wave: Float64Array; flux: Float64Array; model: Float64Array; ivar: Float64Array } {
  const random = RandomStream.fromSeed(6)
  const wave = Float64Array.from({ length: n }, (_, i) => 4000 + i)
  const model = wave.map((w) => 1 - 0.5 * Math.exp(-0.5 * ((w - 4200) / 5) ** 2))
  return { wave, model, flux: model.map((m) => m + 0.01 * random.normal()), ivar: wave.map(() => 1e4) }
}

const { truth, predicted, error, snr } = stars(80)
const s = spectrum(400)
const z = predicted.map((p, i) => (p - truth[i]!) / 60)
const hostile = '<b>&"\'\u0001]]>'
const all: Record<string, (title?: string) => string> = {
  predictedVersusTruth: (title = 't') =>
    predictedVersusTruth([{ label: { ...teff, symbol: title }, truth, predicted, error, color: snr }], {
      title,
      colorLabel: title,
    }),
  residualsVersus: (title = 't') =>
    residualsVersus(
      { label: title, values: snr, log: true },
      [{ label: { name: title, unit: title, symbol: title }, residual: z }],
      { title },
    ),
  kielDiagram: (title = 't') => kielDiagram({ teff: truth, logg: z, fe_h: z }, { title }),
  spectrumPlot: (title = 't') =>
    spectrumPlot({ ...s, bad: s.wave.map((w) => (w === 4100 ? 1 : 0)) }, { title, rows: 2, fluxLabel: title }),
  pullHistogram: (title = 't') => pullHistogram([{ label: { ...feH, symbol: title }, z }], { title }),
  coveragePlot: (title = 't') => coveragePlot([{ label: { ...feH, symbol: title }, z }], { title }),
  coefficientSpectrum: (title = 't') =>
    coefficientSpectrum(s.wave, [{ name: title, values: s.model }], s.flux, { title }),
  skyMap: (title = 't') =>
    skyMap({ ra: truth.map((t) => t % 360), dec: z.map((v) => 20 * v), color: snr }, { title, colorLabel: title }),
}

for (const [name, draw] of Object.entries(all)) {
  test(`${name} is one well-formed SVG document, the same bytes each time`, () => {
    const svg = draw()
    expect(elementsOf(svg)[0]).toBe('svg')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 [\d.]+ [\d.]+"/)
    expect(draw()).toBe(svg)
  })

  test(`${name} shows markup in its texts instead of obeying it`, () => {
    const svg = draw(hostile)
    expect(elementsOf(svg)).not.toContain('b')
    expect(parse(svg).querySelector('b')).toBeNull()
    expect(svg).toContain('&lt;b&gt;&amp;&quot;&#39;')
  })

  test(`${name} keeps its text inside the figure`, () => {
    const svg = parse(draw()).querySelector('svg')!
    const [, , width, height] = svg.getAttribute('viewBox')!.split(' ').map(Number)
    for (const text of svg.querySelectorAll(':scope > text, :scope > g[font-variant] > text')) {
      const x = Number(text.getAttribute('x') ?? 0)
      const room = ((text.textContent ?? '').length * 6.3) / 2
      const anchor = text.getAttribute('text-anchor')
      if (text.getAttribute('x') === null) continue
      expect(x - (anchor === 'middle' ? room : anchor === 'end' ? 2 * room : 0)).toBeGreaterThanOrEqual(-1)
      expect(x + (anchor === 'middle' ? room : anchor === 'end' ? 0 : 2 * room)).toBeLessThanOrEqual(width! + 1)
      expect(Number(text.getAttribute('y'))).toBeLessThanOrEqual(height!)
    }
  })
}

const nothing: Record<string, string> = {
  'predictedVersusTruth without stars': predictedVersusTruth([{ label: teff, truth: [], predicted: [] }]),
  'predictedVersusTruth without pairs': predictedVersusTruth([
    { label: teff, truth: [NaN, 1], predicted: [2, NaN], error: [1, 1] },
  ]),
  'predictedVersusTruth without labels': predictedVersusTruth([]),
  'residualsVersus without stars': residualsVersus({ label: 'S/N', values: [], log: true }, [
    { label: teff, residual: [] },
  ]),
  'residualsVersus without labels': residualsVersus({ label: 'S/N', values: [1] }, []),
  'kielDiagram without pairs': kielDiagram({ teff: [NaN], logg: [1] }),
  'spectrumPlot without pixels': spectrumPlot({ wave: [], flux: [] }),
  'spectrumPlot with bad pixels only': spectrumPlot({ wave: [1, 2], flux: [1, 1], ivar: [0, 0], model: [1, 1] }),
  'pullHistogram without pulls': pullHistogram([{ label: teff, z: [NaN] }]),
  'pullHistogram without labels': pullHistogram([]),
  'coveragePlot without pulls': coveragePlot([{ label: teff, z: [] }]),
  'coefficientSpectrum without terms': coefficientSpectrum([1, 2], []),
  'skyMap without positions': skyMap({ ra: [NaN], dec: [NaN] }),
}
for (const [name, svg] of Object.entries(nothing)) {
  test(`${name} says "no data"`, () => {
    expect(elementsOf(svg)[0]).toBe('svg')
    expect(textOf(svg)).toContain('no data')
  })
}

test('arrays of different lengths are refused by every figure, naming the one', () => {
  const wrong = [
    () => predictedVersusTruth([{ label: teff, truth: [1, 2], predicted: [1] }]),
    () => residualsVersus({ label: 'S/N', values: [1] }, [{ label: teff, residual: [1, 2] }]),
    () => kielDiagram({ teff: [1], logg: [] }),
    () => spectrumPlot({ wave: [1], flux: [] }),
    () => coefficientSpectrum([1, 2], [{ name: 'Teff', values: [1] }]),
    () => skyMap({ ra: [1], dec: [] }),
  ]
  for (const draw of wrong) expect(draw).toThrow(expect.objectContaining({ code: 'figures/length' }))
  expect(wrong[4]).toThrow("coefficient Teff has another length than the rest of the figure's data: got 1, expected 2")
})

test('every pair is drawn twice, in the panel and the strip, and missing ones are not', () => {
  const missing = Float64Array.from(predicted, (p, i) => (i < 10 ? NaN : p))
  const { inside, beyond } = pointCounts(predictedVersusTruth([{ label: teff, truth, predicted: missing }]))
  expect(inside + beyond).toBe(140)
  const colored = pointCounts(
    predictedVersusTruth([{ label: teff, truth, predicted: missing, color: snr.map((v, i) => (i === 20 ? NaN : v)) }]),
  )
  expect(colored.inside + colored.beyond).toBe(140)
})

test('a wild prediction is a triangle at the edge and does not stretch the axes', () => {
  const wild = Float64Array.from(predicted, (p, i) => (i === 3 ? 1e6 : p))
  const svg = predictedVersusTruth([{ label: teff, truth, predicted: wild }])
  expect(pointCounts(svg)).toEqual({ inside: 158, beyond: 2 })
  expect(textOf(svg)).toContain('5000')
})

test('a panel states the statistics', () => {
  const text = textOf(predictedVersusTruth([{ label: feH, truth: [0, 0, 0, 0.1], predicted: [0.1, 0.2, 0.3, 0.7] }]))
  expect(text).toContain('n 4')
  expect(text).toContain('bias 0.300 · rmse 0.354 · MAD 0.148')
})

test('few stars get error bars, many one bar of the median error', () => {
  const few = predictedVersusTruth([{ label: teff, truth, predicted, error }])
  expect(few).toContain('class="errors"')
  expect(textOf(few)).not.toContain('median error')
  const many = stars(300)
  const svg = predictedVersusTruth([{ label: teff, truth: many.truth, predicted: many.predicted, error: many.error }])
  expect(svg).not.toContain('class="errors"')
  expect(textOf(svg)).toContain('median error')
})

test('the Kiel diagram is reversed both ways: numbers fall to the right and grow downwards', () => {
  const svg = kielDiagram({ teff: [4000, 6500, 5200], logg: [1, 4.5, 3.4], fe_h: [-1, 0, 0.3] })
  const numbers = [...parse(svg).querySelectorAll('g[font-variant]')[0]!.querySelectorAll('text')].map((t) => ({
    value: Number(t.textContent),
    x: Number(t.getAttribute('x')),
    y: Number(t.getAttribute('y')),
  }))
  const onX = numbers.filter(({ value }) => value > 100)
  const onY = numbers.filter(({ value }) => value <= 100)
  expect(onX.length).toBeGreaterThan(2)
  for (let i = 1; i < onX.length; i++) expect(onX[i]!.x).toBeLessThan(onX[i - 1]!.x)
  for (let i = 1; i < onY.length; i++) expect(onY[i]!.y).toBeGreaterThan(onY[i - 1]!.y)
  expect(pointCounts(svg).inside).toBe(3)
  expect(textOf(svg)).toContain('[Fe/H] (dex)')
})

test('a long spectrum stays small and keeps its extremes', () => {
  const long = spectrum(100_000)
  const spike = long.flux.slice()
  spike[60_000] = 0.2
  const svg = spectrumPlot({ wave: long.wave, flux: spike })
  expect(svg.length).toBeLessThan(60_000)
  const path = parse(svg).querySelector(`path[stroke="${palette.data}"]`)!.getAttribute('d')!
  const depths = yOf(path)
  // The spike is far below the frame's robust range, so it must reach the frame's bottom.
  expect(Math.max(...depths)).toBe(196)
})

/** Heights that a path of M, l and h commands visits. */
function yOf(d: string): number[] {
  const heights: number[] = []
  let y = 0
  for (const [, command, args] of d.matchAll(/([Mlh])([^Mlh]*)/g)) {
    const numbers = args!.match(/-?[\d.]+/g)!.map(Number)
    if (command === 'M') y = numbers[1]!
    else if (command === 'l') y += numbers[1]!
    heights.push(Math.round(y * 10) / 10)
  }
  return heights
}

test('lines break at bad pixels and chip gaps, and bad pixels are shaded', () => {
  const pieces = (svg: string): number =>
    parse(svg).querySelector(`path[stroke="${palette.data}"]`)!.getAttribute('d')!.match(/M/g)!.length
  expect(pieces(spectrumPlot({ wave: s.wave, flux: s.flux }))).toBe(1)
  const ivar = s.ivar.map((v, i) => (i >= 100 && i < 110 ? 0 : v))
  const svg = spectrumPlot({ wave: s.wave, flux: s.flux, ivar })
  expect(pieces(svg)).toBe(2)
  expect(parse(svg).querySelector('path.bad')!.getAttribute('d')!.match(/M/g)).toHaveLength(1)
  expect(pieces(spectrumPlot({ wave: s.wave.map((w) => (w > 4200 ? w + 50 : w)), flux: s.flux }))).toBe(2)
  expect(pieces(spectrumPlot({ wave: s.wave.map((w) => (w > 4200 ? w - 20 : w)), flux: s.flux }))).toBe(2)
})

test('flux is divided by the continuum, and what a bad pixel holds changes nothing', () => {
  const continuum = s.wave.map((w) => w / 10)
  const raw = s.flux.map((f, i) => f * continuum[i]!)
  const normal = spectrumPlot({ wave: s.wave, flux: s.flux, model: s.model })
  expect(spectrumPlot({ wave: s.wave, flux: raw, continuum, model: s.model })).toBe(normal)
  const ivar = s.ivar.map((v, i) => (i === 50 ? 0 : v))
  const draw = (value: number): string =>
    spectrumPlot({ wave: s.wave, flux: s.flux.map((f, i) => (i === 50 ? value : f)), ivar, model: s.model })
  expect(draw(1e9)).toBe(draw(0))
})

test('each row of a spectrum has its own range, a quarter of the widest at least', () => {
  const wave = Float64Array.from({ length: 400 }, (_, i) => 4000 + i)
  const draw = (depth: number): number[] => {
    const flux = wave.map(
      (w) => 1 - (w < 4200 ? 0.8 : depth) * Math.exp(-0.5 * ((w - (w < 4200 ? 4100 : 4300)) / 5) ** 2),
    )
    const heights = [
      ...parse(spectrumPlot({ wave, flux }, { rows: 2 })).querySelectorAll(`path[stroke="${palette.data}"]`),
    ].map((path) => {
      const y = yOf(path.getAttribute('d')!)
      return Math.max(...y) - Math.min(...y)
    })
    return heights
  }
  // A shallow line fills its row as a deep one does, but a ripple stays one: 0.01 of at least 0.8 / 4.
  expect(draw(0.3)[1]).toBeCloseTo(draw(0.3)[0]!, 0)
  expect(draw(0.01)[1]! / draw(0.01)[0]!).toBeCloseTo(0.04 / 0.8, 1)
  expect(draw(0.01)[1]).toBeLessThan(12)
})

test('a row without a good pixel does not widen the others', () => {
  const ivar = s.ivar.map((v, i) => (i < 200 ? v : 0))
  const axis = (rows: number): string[] =>
    textOf(spectrumPlot({ wave: s.wave, flux: s.flux, model: s.model, ivar }, { rows }))
  expect(axis(2)).toContain('0.02')
  expect(axis(2)).not.toContain('−0.2')
})

test('± 1σ is drawn, and told, only where it lies among the residuals', () => {
  const legend = (ivar: number): boolean =>
    textOf(spectrumPlot({ wave: s.wave, flux: s.flux, model: s.model, ivar: s.wave.map(() => ivar) })).includes('±1σ')
  expect([legend(1e4), legend(1)]).toEqual([true, false])
})

test('the scatter of a model is drawn from 0', () => {
  const numbers = textOf(
    coefficientSpectrum(
      s.wave,
      [],
      s.wave.map((w) => 0.02 + 0.01 * Math.sin(w)),
    ),
  )
  expect(numbers).toContain('0.00')
})

test('histogram bars enclose the share of pulls inside ± 5', () => {
  const svg = pullHistogram([{ label: teff, z: [-0.5, 0.5, 0.6, 9, NaN] }])
  expect(textOf(svg)).toContain('median 0.55 · width 0.82 · 1 beyond ±5')
  expect(textOf(svg)).toContain('n 4')
})

test('any finite data make a figure without NaN in it', () => {
  const value = fc.double({ min: -1e8, max: 1e8, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 30 }), (pairs) => {
      const a = pairs.map(([x]) => x)
      const b = pairs.map(([, y]) => y)
      for (const svg of [
        predictedVersusTruth([{ label: teff, truth: a, predicted: b, error: b, color: a }]),
        residualsVersus({ label: 'x', values: a, log: true }, [{ label: teff, residual: b }]),
        kielDiagram({ teff: a, logg: b, fe_h: a }),
        pullHistogram([{ label: teff, z: a }]),
        spectrumPlot({ wave: a.toSorted((x, y) => x - y), flux: b, model: a }),
      ]) {
        expect(elementsOf(svg)[0]).toBe('svg')
      }
    }),
    { numRuns: 60 },
  )
})

test('colours have a contrast of 3 or more with the light and the dark page', () => {
  const luminance = (color: string): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, k) => {
      const c = Number.parseInt(color.slice(1 + 2 * k, 3 + 2 * k), 16) / 255
      return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    }, 0)
  const contrast = (a: string, b: string): number => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high! + 0.05) / (low! + 0.05)
  }
  for (const color of [palette.data, palette.model, palette.good, palette.muted, ...palette.series]) {
    expect(contrast(color, palette.light.page), color).toBeGreaterThan(3)
    expect(contrast(color, palette.dark.page), color).toBeGreaterThan(3)
  }
  for (const scheme of [palette.light, palette.dark]) expect(contrast(scheme.text, scheme.page)).toBeGreaterThan(7)
  expect([sequenceColor(0), sequenceColor(1), sequenceColor(-3), sequenceColor(0.25)]).toEqual([
    '#3a6fd8',
    '#e08a2e',
    '#3a6fd8',
    '#7b5fd0',
  ])
})
