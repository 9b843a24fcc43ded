import { preprocess } from '@astrolabel/preprocess'
import type { PreprocessStep } from '@astrolabel/preprocess'
import { expect, test } from 'vitest'
import { replayProcessing, stepsDone, usualChain } from '../src/operations/processing.js'
import { makeStars } from './stars.js'

const CHAIN: PreprocessStep[] = [
  { step: 'crop', from: 5010, to: 5100 },
  { step: 'interpolate' },
  { step: 'continuum', method: 'running-median', window: 11 },
]
const raw = makeStars({ n: 3, meta: { history: [{ step: 'ingest', options: { reader: 'npz' } }] } })
const whole = preprocess(raw, CHAIN)
const steps = stepsDone(whole)

test('reading is not processing', () => {
  expect(stepsDone(raw)).toEqual([])
  expect(steps.map(({ step }) => step)).toEqual(['crop', 'interpolate', 'continuum'])
})

test.each([0, 1, 2])('spectra that went %i steps of the way go the rest and arrive at the same', (done) => {
  const part = done === 0 ? raw : preprocess(raw, CHAIN.slice(0, done))
  expect(replayProcessing(part, steps)).toEqual(whole)
})

test('spectra that went all the way stay as they are', () => {
  expect(replayProcessing(whole, steps)).toBe(whole)
})

test.each([
  ['another option', [{ step: 'crop', from: 5010, to: 5090 }]],
  ['another step', [{ step: 'interpolate' }]],
  ['one step too many', [...CHAIN, { step: 'interpolate' }]],
] as [string, PreprocessStep[]][])('spectra that went another way are refused: %s', (_, chain) => {
  expect(() => replayProcessing(preprocess(raw, chain), steps)).toThrow(
    expect.objectContaining({
      code: 'label/other-processing',
      message: expect.stringMatching(
        /processed in another way.*got .*expected crop, interpolate, continuum\. Give the raw spectra/,
      ) as string,
    }),
  )
})

test.each([
  [
    'spectra of another kind',
    [{ step: 'stitch', options: {} }],
    /cannot be processed as those the model was trained on: got There are no arms to stitch.*for the steps stitch\. Give raw spectra/,
  ],
  [
    'spectra without a velocity',
    [{ step: 'rest', options: { velocity: 'v_rad' } }],
    /got The table has no column v_rad, expected spectra for the steps rest\. Give a table that has it, by star_id: --catalog/,
  ],
])('what cannot go the model’s way is told: %s', (_, way, message) => {
  expect(() => replayProcessing({ ...raw, meta: { ...raw.meta, frame: 'observed' } }, way)).toThrow(
    expect.objectContaining({ code: 'label/other-spectra', message: expect.stringMatching(message) as string }),
  )
})

test('each survey has its usual chain, and spectra from elsewhere none', () => {
  expect(usualChain('miles').at(-1)).toMatchObject({ step: 'crop' })
  expect(usualChain('npz')).toEqual([])
  expect(usualChain('toString')).toEqual([])
})
