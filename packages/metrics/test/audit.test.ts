import {
  auditSplit,
  crossTalk,
  decorrelatedAudit,
  depthChanges,
  forwardChanges,
  gradientWindows,
  permutedLabelNull,
} from '@astrolabel/metrics'
import type { Labels, Spectra } from '@astrolabel/spectra'
import { RandomStream, makeTable, takeSpectra } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { NAMES, PIXELS, SPREADS, forward, freely, learn, locked, loosely, toyStars } from './toy-world.ts'

const free = toyStars(150, 1, freely)
const tied = toyStars(150, 2, locked)
const unseen = toyStars(300, 3, loosely)
const honest = learn(free.spectra, free.values)
const guesser = learn(tied.spectra, tied.values)

test('cross-talk by a forward model: the identity for an honest model, a guess is called one', () => {
  const stars = toyStars(40, 4, freely)
  const changes = forwardChanges(forward, stars.values, SPREADS)
  const good = crossTalk(stars.spectra, changes, honest, SPREADS)
  expect(good.verdict).toBe('clean')
  expect(good.text).toBe(
    'Each of the 3 labels answers to its own change, and to no other by more than 0.3 of a spread.',
  )
  good.response.forEach((row, y) =>
    row.forEach((value, x) => expect(Math.abs(value - (x === y ? 1 : 0))).toBeLessThan(0.15)),
  )
  const bad = crossTalk(stars.spectra, changes, guesser, SPREADS)
  expect(bad.verdict).toBe('entangled')
  expect(bad.text).toContain('mg_fe')
  const [, , magnesium] = bad.findings
  expect(magnesium).toMatchObject({ label: 'mg_fe', other: 'fe_h' })
  expect(magnesium!.verdict).not.toBe('measured')
  expect(magnesium!.own).toBeLessThan(0.7)
  expect(magnesium!.otherResponse).toBeLessThan(-0.3)
  expect(magnesium!.text).toMatch(
    /^(mg_fe is entangled with fe_h|The model does not see mg_fe): raised by one spread it is seen to rise by/,
  )
  expect(bad.findings[0]!.verdict).toBe('measured')
})

test('cross-talk by pixels: lines of magnesium move iron in a model that learnt the two together', () => {
  const stars = toyStars(40, 4, freely)
  const windows = gradientWindows(forward, Float64Array.of(5000, -0.3, 0.1), PIXELS, SPREADS)
  expect(Array.from(windows.get('fe_h')!)).toEqual(Array.from({ length: 20 }, (_, p) => p))
  expect(Array.from(windows.get('mg_fe')!)).toEqual(Array.from({ length: 10 }, (_, p) => 20 + p))
  for (const changes of [
    forwardChanges(forward, stars.values, SPREADS, windows),
    depthChanges(stars.spectra, new Map([...windows].filter(([label]) => label !== 'teff')), SPREADS),
  ]) {
    const good = crossTalk(stars.spectra, changes, honest, SPREADS)
    expect([good.kind, good.verdict]).toEqual(['pixels', 'clean'])
    const bad = crossTalk(stars.spectra, changes, guesser, SPREADS)
    const magnesium = bad.findings.find(({ label }) => label === 'mg_fe')!
    expect(Math.abs(magnesium.otherResponse)).toBeGreaterThan(0.8 * Math.abs(magnesium.own))
    expect(magnesium.other).toBe('fe_h')
  }
})

test('cross-talk by pixels: lines that move no label speak neither for nor against it', () => {
  const stars = toyStars(20, 4, freely)
  const deaf = (spectra: Spectra): Labels => honest({ ...spectra, flux: stars.spectra.flux })
  const windows = new Map([['fe_h', Int32Array.of(1, 2)]])
  const found = crossTalk(stars.spectra, depthChanges(stars.spectra, windows, SPREADS), deaf, SPREADS)
  expect([found.verdict, found.findings.map(({ verdict }) => verdict)]).toEqual(['clean', ['silent']])
  expect(found.findings[0]!.text).toBe('The lines of fe_h are too few to tell: they move no label by more than 0.05.')
})

test('decorrelated resample: what was measured survives, what was guessed does not', () => {
  const audit = (model: (stars: Spectra) => Labels): ReturnType<typeof decorrelatedAudit> =>
    decorrelatedAudit(
      { n: 300, names: NAMES, predicted: model(unseen.spectra).values, truth: unseen.values },
      RandomStream.fromSeed(1),
    )
  const good = audit(honest)
  expect(good.map(({ verdict }) => verdict)).toEqual(['measured', 'measured', 'measured'])
  const [, , honestMg] = good
  expect(honestMg!.slope).toBeCloseTo(1, 0)
  expect(honestMg!.decorrelated!.rmse).toBeLessThan(1.4 * honestMg!.rmse)
  expect(honestMg!.decorrelated!.effectiveStars).toBeGreaterThan(15)
  // Without the correlation the other labels say nothing: their error is no less than the spread of the label.
  const { spread, baselineRmse } = honestMg!.decorrelated!
  expect(baselineRmse).toBeGreaterThan(spread)
  expect(honestMg!.baselineRmse).toBeLessThan(0.6 * honestMg!.spread)
  const guessed = decorrelatedAudit(
    {
      n: 300,
      names: NAMES,
      truth: unseen.values,
      predicted: unseen.values.map((value, at) =>
        at % 3 === 2 ? 0.1 - (0.9 * 0.15 * (unseen.values[at - 1]! + 0.3)) / 0.4 : value,
      ),
    },
    RandomStream.fromSeed(1),
  )
  expect(guessed.map(({ verdict }) => verdict)).toEqual(['measured', 'measured', 'correlation'])
  expect(guessed[2]!.text).toMatch(
    /^mg_fe is not measured but guessed from the other labels: of each unit .* sees -?0\.0/,
  )
  const mixed = audit(guesser)[2]!
  expect(['partly', 'correlation']).toContain(mixed.verdict)
})

test('decorrelated resample: errors of the truth do not make a model look as if it guessed', () => {
  const random = RandomStream.fromSeed(12)
  const sigma = 0.06
  const truth = unseen.values.map((value, at) => (at % 3 === 2 ? value + sigma * random.normal() : value))
  const predicted = honest(unseen.spectra).values
  const audit = (truthErrors?: Float64Array): number =>
    decorrelatedAudit(
      { n: 300, names: NAMES, predicted, truth, ...(truthErrors === undefined ? {} : { truthErrors }) },
      RandomStream.fromSeed(1),
    )[2]!.slope
  expect(audit()).toBeLessThan(0.75)
  expect(Math.abs(audit(truth.map((_, at) => (at % 3 === 2 ? sigma : Number.NaN))) - 1)).toBeLessThan(0.15)
})

test('decorrelated resample: errors as large as the spread measure nothing', () => {
  const predicted = unseen.values.map((value, at) => (at % 3 === 0 ? value + (at % 2 === 0 ? 700 : -700) : value))
  const found = decorrelatedAudit({ n: 300, names: NAMES, predicted, truth: unseen.values }, RandomStream.fromSeed(1))
  expect(found.map(({ verdict }) => verdict)).toEqual(['lost', 'measured', 'measured'])
  expect(found[0]!.text).toMatch(/^teff is not measured at all: its error of 700 is no less than its spread of \d+\.$/)
})

test('decorrelated resample: what cannot be told is said', () => {
  const exact = decorrelatedAudit(
    { n: 150, names: NAMES, predicted: guesser(tied.spectra).values, truth: tied.values },
    RandomStream.fromSeed(1),
  )
  expect(exact.map(({ verdict }) => verdict)).toEqual(['measured', 'untestable', 'untestable'])
  expect(exact[2]!.text).toContain('cannot be told: in these stars it follows from the other labels')
  expect(exact[2]!.decorrelated).toBeNull()
  const few = decorrelatedAudit(
    { n: 10, names: NAMES, predicted: tied.values.slice(0, 30), truth: tied.values.slice(0, 30) },
    RandomStream.fromSeed(1),
  )
  expect(few[0]!.text).toBe(
    'Whether teff is measured cannot be told: only 10 test stars have all labels, 30 are needed.',
  )
  expect(() =>
    decorrelatedAudit(
      { n: 1, names: ['teff'], predicted: Float64Array.of(1), truth: Float64Array.of(1) },
      RandomStream.fromSeed(1),
    ),
  ).toThrow(expect.objectContaining({ code: 'audit/labels' }))
})

test('permuted labels: a learner falls back to the mean, a cheat does not', async () => {
  const stars = toyStars(60, 5, freely)
  const tested = toyStars(40, 6, freely)
  const ask = (trainAndPredict: (labels: Float64Array) => Float64Array): ReturnType<typeof permutedLabelNull> =>
    permutedLabelNull({
      names: NAMES,
      train: stars.values,
      test: tested.values,
      trainAndPredict,
      permutations: 9,
      random: RandomStream.fromSeed(1),
    })
  const learnt = await ask((labels) => nearest(stars.spectra, labels, tested.spectra))
  expect(learnt.map(({ verdict }) => verdict)).toEqual(['learns', 'learns', 'learns'])
  expect(learnt[0]!.p).toBeCloseTo(0.1, 12)
  const cheat = await ask(() => tested.values.map((value, at) => value + (at % 2 === 0 ? 0.01 : -0.01)))
  expect(cheat.map(({ verdict }) => verdict)).toEqual(['leak', 'leak', 'leak'])
  expect(cheat[1]!.text).toContain('fe_h reaches the model by another way than the training labels')
  const mean = await ask(() => tested.values.map((_, at) => [5000, -0.3, 0.1][at % 3]!))
  expect(mean.map(({ verdict }) => verdict)).toEqual(['no skill', 'no skill', 'no skill'])
})

test('permuted labels stay together for the rows of a star, and an abort ends it', async () => {
  const seen: Float64Array[] = []
  await permutedLabelNull({
    names: ['teff'],
    train: Float64Array.of(1, 1, 2, 3),
    groups: ['a', 'a', 'b', 'c'],
    test: Float64Array.of(1, 2),
    trainAndPredict: (labels) => {
      seen.push(labels)
      return Float64Array.of(0, 0)
    },
    permutations: 6,
    random: RandomStream.fromSeed(2),
  })
  expect(seen.every((labels) => labels[0] === labels[1])).toBe(true)
  expect(new Set(seen.map((labels) => labels.join(' '))).size).toBeGreaterThan(2)
  const request = {
    names: ['teff'],
    train: Float64Array.of(1, 2),
    test: Float64Array.of(1),
    trainAndPredict: () => Float64Array.of(1),
    permutations: 1,
    random: RandomStream.fromSeed(1),
  }
  await expect(permutedLabelNull(request, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  await expect(permutedLabelNull({ ...request, groups: ['a'] })).rejects.toThrow(
    expect.objectContaining({ code: 'audit/labels' }),
  )
})

/** Labels of the five stars with the most similar spectra. */
function nearest(train: Spectra, labels: Float64Array, tested: Spectra): Float64Array {
  const out = new Float64Array(3 * tested.n)
  for (let i = 0; i < tested.n; i++) {
    const order = Array.from({ length: train.n }, (_, j) => {
      let square = 0
      for (let p = 0; p < PIXELS; p++) square += (tested.flux[i * PIXELS + p]! - train.flux[j * PIXELS + p]!) ** 2
      return [square, j] as const
    }).sort((a, b) => a[0] - b[0])
    for (const [, j] of order.slice(0, 5)) for (let l = 0; l < 3; l++) out[3 * i + l]! += labels[3 * j + l]! / 5
  }
  return out
}

test('a split is clean when no star, place or noise is on both sides', () => {
  const { spectra } = toyStars(120, 8, freely)
  const rows = Array.from({ length: 120 }, (_, row) => row)
  const placed: Spectra = {
    ...spectra,
    ra: Float64Array.from(rows, (row) => 3 * row),
    dec: Float64Array.from(rows, (row) => row - 60),
  }
  const split = { train: rows.slice(0, 80), test: rows.slice(80) }
  const clean = auditSplit(placed, split, RandomStream.fromSeed(1))
  expect(clean).toMatchObject({ verdict: 'clean', leaking: 0, leaks: [], withoutPosition: 0, train: 80, test: 40 })
  expect(clean.text).toBe('None of 40 test rows is a training star by id, by position or by its noise.')

  // Row 100 is at row 5's place, 90 the same star as 7 by its group, 110 row 9's spectrum with some noise added.
  const ra = placed.ra.slice()
  const dec = placed.dec.slice()
  ra[100] = ra[5]! + 0.0004
  dec[100] = dec[5]! - 0.0004
  const random = RandomStream.fromSeed(9)
  const flux = placed.flux.slice()
  for (let p = 0; p < PIXELS; p++) flux[110 * PIXELS + p] = flux[9 * PIXELS + p]! + 0.003 * random.normal()
  const group = rows.map((row) => (row === 7 || row === 90 ? 'HD 1' : ''))
  const leaking = auditSplit(
    { ...placed, ra, dec, flux, catalog: makeTable([{ name: 'star_group', values: group }]) },
    split,
    RandomStream.fromSeed(1),
  )
  expect(leaking.leaks.map(({ by, testRow, trainRow }) => [by, testRow, trainRow])).toEqual([
    ['star', 90, 7],
    ['position', 100, 5],
    ['spectrum', 110, 9],
  ])
  expect(leaking.leaks[1]!.value).toBeCloseTo(2.0, 0)
  expect(leaking.leaks[2]!.value).toBeGreaterThan(0.8)
  expect(leaking.verdict).toBe('leak')
  expect(leaking.text).toBe(
    '3 of 40 test rows are trained on: 1 by star id, 1 by position, 1 by the same noise. ' +
      'What they say of accuracy is too good.',
  )
  expect(auditSplit(takeSpectra(spectra, rows), split, RandomStream.fromSeed(1)).text).toContain(
    '40 test rows have no position',
  )
  expect(() => auditSplit(spectra, { train: [], test: [1] }, RandomStream.fromSeed(1))).toThrow(
    expect.objectContaining({ code: 'audit/split' }),
  )
})
