import { rename, writeFile } from 'node:fs/promises'
import { labelFiles, loadChain, preprocessFile, silent, trainFile, velocityFile } from '@astrolabel/pipeline'
import {
  findColumn,
  columnNumbers,
  makeSpectra,
  requireColumn,
  wavelengths,
  makeTable,
  RandomStream,
} from '@astrolabel/spectra'
import type { Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { readLabelsFile, readSpectraFile, writeSpectraFile } from '@astrolabel/spectra/node'
import { beforeAll, expect, test } from 'vitest'
import { chainFiles, inlineChainFiles } from '../src/recipe/chain-files.js'
import { makeStars, scratchFolder } from './stars.js'

const scratch = scratchFolder()
const LIGHT = 299_792.458
const GRID = { kind: 'log10', start: 3.7, step: 1e-4, length: 800, medium: 'vacuum' } as const
const VELOCITIES = Float64Array.from({ length: 30 }, (_, i) => 10 * i - 150)

/** Stars whose lines deepen with temperature, moving at VELOCITIES (or at rest, on a wider grid). */
function moving(atRest: boolean): Spectra {
  const random = RandomStream.fromSeed(4)
  const wavelength: WavelengthGrid = atRest ? { ...GRID, start: 3.69, length: 1000 } : GRID
  const wave = wavelengths(wavelength)
  const teff = VELOCITIES.map((_, i) => 4500 + 50 * ((i * 7) % 30))
  const lines = Array.from({ length: 40 }, (_, k) => ({
    at: 4900 * 1.008 ** (k * 0.9 + 0.3 * Math.sin(k)),
    hot: k % 2 === 0,
  }))
  const flux = Float32Array.from(
    Array.from(VELOCITIES).flatMap((v, i) =>
      Array.from(wave, (w) => {
        const rest = atRest ? w : w / (1 + v / LIGHT)
        const t = (teff[i]! - 5250) / 750
        let f = 1
        for (const { at, hot } of lines) {
          const z = (((rest - at) / at) * LIGHT) / 90
          f -= (0.3 + (hot ? 0.1 : -0.1) * t) * Math.exp(-0.5 * z * z)
        }
        return f + 0.005 * random.normal()
      }),
    ),
  )
  return makeSpectra({
    meta: {
      wavelength,
      frame: atRest ? 'rest' : 'barycentric',
      stage: 'raw',
      survey: 'npz',
      release: '',
      noise: 'measured',
      history: [],
      version: '1',
    },
    starId: Array.from(VELOCITIES, (_, i) => `s${i}`),
    flux,
    ivar: new Float32Array(flux.length).fill(4e4),
    catalog: makeTable([{ name: 'teff', values: teff }]),
  })
}

async function* batches(spectra: Spectra): AsyncGenerator<Spectra> {
  yield spectra
}

beforeAll(async () => {
  await writeSpectraFile(scratch('stars.arrow'), batches(moving(false)))
  await writeSpectraFile(scratch('templates.arrow'), batches(moving(true)))
})

test('a chain in YAML names its templates and grids by file; a model keeps them and labels where they are gone', async () => {
  await writeFile(
    scratch('chain.yaml'),
    `- { step: velocity, templates: ${scratch('templates.arrow')}, range: [-400, 400] }\n- { step: rest, kind: sinc }\n- { step: crop, from: 5060, to: 5900 }\n`,
  )
  const steps = await loadChain(scratch('chain.yaml'))
  expect(chainFiles(steps)).toEqual([scratch('templates.arrow')])
  const train = {
    model: 'cannon',
    labels: ['teff'],
    order: 1,
    transforms: {},
    scatter: 'moments',
    errorFolds: 0,
    margin: 0.25,
  } as const
  await trainFile(scratch('stars.arrow'), scratch('model.arrow'), { train, seed: 1, steps }, silent)
  const request = { model: scratch('model.arrow'), paths: [scratch('stars.arrow')] }
  await rename(scratch('templates.arrow'), scratch('gone.arrow'))
  await labelFiles(request, scratch('labels.arrow'), silent)
  await rename(scratch('gone.arrow'), scratch('templates.arrow'))
  const [labels] = await readLabelsFile(scratch('labels.arrow'))
  const teff = columnNumbers(requireColumn(moving(false).catalog, 'teff'))
  teff.forEach((value, i) => expect(Math.abs(labels!.values[i]! - value)).toBeLessThan(40))
})

test('velocities go into the file, with a summary; the second time nothing is left to measure', async () => {
  const summary = await velocityFile(scratch('stars.arrow'), scratch('v.arrow'), {
    templates: scratch('templates.arrow'),
  })
  expect(summary).toMatchObject({ stars: 30, measured: 30, missing: 0, flags: {} })
  expect(summary.medianError).toBeLessThan(1)
  for await (const batch of readSpectraFile(scratch('v.arrow'))) {
    const v = columnNumbers(requireColumn(batch.catalog, 'v_rad'))
    v.forEach((value, i) => expect(Math.abs(value - VELOCITIES[i]!)).toBeLessThan(5))
    expect(batch.meta.history.map(({ step }) => step)).toEqual(['velocity'])
  }
  expect(
    await velocityFile(scratch('v.arrow'), scratch('again.arrow'), { templates: scratch('templates.arrow') }),
  ).toMatchObject({
    measured: 0,
    missing: 0,
  })
})

test('a grid is that of spectra or of a model, and of nothing else', async () => {
  const [like] = await inlineChainFiles(
    [{ step: 'resample', wavelength: { like: 'templates.arrow' } } as never],
    scratch,
  )
  expect(like).toEqual({ step: 'resample', wavelength: { ...GRID, start: 3.69, length: 1000 } })
  await trainFile(
    scratch('stars.arrow'),
    scratch('plain.arrow'),
    {
      train: {
        model: 'cannon',
        labels: ['teff'],
        order: 1,
        transforms: {},
        scatter: 'moments',
        errorFolds: 0,
        margin: 0.25,
      },
      seed: 1,
      steps: [],
    },
    silent,
  )
  const [ofModel] = await inlineChainFiles([{ step: 'rest', wave: { like: 'plain.arrow' } } as never], scratch)
  expect(ofModel).toEqual({ step: 'rest', wave: GRID })
  await preprocessFile(
    scratch('templates.arrow'),
    scratch('resampled.arrow'),
    { steps: [{ step: 'resample', wavelength: { like: 'stars.arrow' } } as never], locate: scratch },
    silent,
  )
  for await (const batch of readSpectraFile(scratch('resampled.arrow'))) {
    expect(batch.meta.wavelength).toEqual(GRID)
    // 3.69 and 3.7 are on one lattice: copied.
    expect(batch.flux[0]).toBe(moving(true).flux[100])
  }
  const unfit = { step: 'velocity', templates: 'unfit.arrow' } as never
  await writeSpectraFile(scratch('unfit.arrow'), batches(makeStars({ meta: { frame: 'barycentric' } })))
  await expect(inlineChainFiles([unfit], scratch)).rejects.toThrow(/unfit\.arrow.*got spectra in the barycentric frame/)
  expect(findColumn(moving(true).catalog, 'v_rad')).toBeUndefined()
})
