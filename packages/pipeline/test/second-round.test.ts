import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { CannonModel } from '@astrolabel/cannon'
import { trainCannon } from '@astrolabel/cannon'
import { findContinuumPixels, loadChain, loadModel, parseRecipe, silent, trainFile } from '@astrolabel/pipeline'
import type { ContinuumOptions } from '@astrolabel/preprocess'
import {
  continuumLists,
  continuumPixelsByCoefficients,
  continuumPixelsByModel,
  continuumPixelsOfSpectra,
  normaliseContinuum,
} from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { columnNumbers, labelInfo, makeLabels, requireColumn, takeSpectra } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import { readNpz } from '@astrolabel/surveys'
import { readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
import { makeStars, scratchFolder } from './stars.js'

const scratch = scratchFolder()
const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const giants = `${data}cannon/apogee_kurucz_giants_train.npz`
const names = ['teff', 'logg', 'fe_h', 'mg_fe']

/** (n × 4) labels that came with the spectra. */
function labelsOf(stars: Spectra): Float64Array {
  const columns = names.map((name) => columnNumbers(requireColumn(stars.catalog, name)))
  return Float64Array.from({ length: stars.n * 4 }, (_, k) => columns[k % 4]![k >> 2]!)
}

/** A Cannon of the training stars after a continuum, and its rms errors of the labels of stars it has not seen. */
function judge(
  train: Spectra,
  held: Spectra,
  options: ContinuumOptions,
): { model: CannonModel; first: Spectra; rms: number[] } {
  const first = normaliseContinuum(train, options)
  const truth = labelsOf(held)
  const model = trainCannon(
    first,
    makeLabels({
      starId: train.starId,
      labels: names.map((name) => labelInfo(name)),
      values: labelsOf(train),
      errors: new Float64Array(train.n * 4),
    }),
  )
  const { values } = model.predict(normaliseContinuum(held, options))
  const rms = names.map((_, l) =>
    Math.sqrt(
      Array.from({ length: held.n }, (_star, i) => (values[4 * i + l]! - truth[4 * i + l]!) ** 2).reduce(
        (a, b) => a + b,
      ) / held.n,
    ),
  )
  return { model, first, rms }
}

test.skipIf(!existsSync(giants))(
  'a second round of continuum on pixels found in training stars lowers the errors of held-out giants (needs shared/data)',
  async () => {
    let all: Spectra | undefined
    for await (const batch of readSurvey('npz', [giants])) all ??= batch
    const every = (k: number): Spectra =>
      takeSpectra(
        all!,
        Array.from({ length: 180 }, (_, i) => 5 * i + k),
      )
    const [train, held] = [every(0), every(1)]
    const splits = [15833, 16455]
    const once = judge(train, held, { method: 'polynomial', order: 4, splits })
    const byModel = continuumPixelsByModel(once.model, once.model.trainingLabels(), { splits })
    const bySpectra = await continuumPixelsOfSpectra([once.first], { splits })
    // One pixel in ten, and no stretch of a twentieth of a chip without.
    expect(byModel.pixels.length / all!.nPix).toBeCloseTo(0.1, 1)
    for (const { pixels } of [byModel, bySpectra]) {
      const twice = judge(train, held, { method: 'chebyshev', order: 2, pixels, splits })
      // By a quarter of the variance at least; the labels' own errors (30 K, 0.05, 0.02, 0.02) are in both.
      twice.rms.forEach((rms, l) => expect(rms, names[l]).toBeLessThan(0.87 * once.rms[l]!))
    }
  },
  60_000,
)

test.skipIf(!existsSync(giants))(
  'the coefficients of a published Cannon of real giants give the published continuum pixels (needs shared/data)',
  async () => {
    const array = async (file: string, name: string): Promise<Float64Array> => {
      const arrays = await readNpz(new Uint8Array(readFileSync(`${data}${file}`)))
      return Float64Array.from(arrays.get(name)!.data as ArrayLike<number>, Number)
    }
    const wave = await array('payne/apogee_wavelength.npz', 'wavelength')
    const theta = await array('cannon/apogee_trained_quadratic_7214.npz', 'theta')
    const published = await array('payne/cannon_cont_pixels_apogee.npz', 'pixels_cannon')
    const nPix = wave.length
    // Rows of theta: the baseline, then the slopes by Teff, log g, [Fe/H] and [α/Fe].
    const { pixels, windows } = continuumPixelsByCoefficients(
      {
        wave,
        baseline: theta.subarray(0, nPix),
        slopes: Float64Array.from({ length: 4 * nPix }, (_, k) => theta[(1 + (k % 4)) * nPix + (k >> 2)]!),
        spread: [300, 0.6, 0.3, 0.1],
      },
      { fraction: 529 / nPix, splits: [15833, 16455] },
    )
    // One pixel in fourteen is on the list; by chance 39 of ours would be.
    expect(published.reduce((sum, x) => sum + x, 0)).toBe(529)
    expect(pixels.filter((i) => published[i] === 1).length / pixels.length).toBeGreaterThan(0.8)
    expect(windows.flat().map((w) => Number(w.toFixed(2)))).toEqual(continuumLists['apogee-giants'].flat())
  },
)

test('a list of continuum pixels goes into the chain, so that a model carries it', async () => {
  const stars = makeStars({ n: 30 })
  await writeSpectraFile(scratch('normalised.arrow'), [{ ...stars, meta: { ...stars.meta, stage: 'normalised' } }])
  const summary = await findContinuumPixels(scratch('normalised.arrow'), scratch('pixels.json'), {
    fraction: 0.2,
    depth: 0.2,
  })
  expect(summary).toMatchObject({ source: 'spectra', of: 60 })
  const list = JSON.parse(readFileSync(scratch('pixels.json'), 'utf8')) as { pixels: number[]; windows: number[][] }
  expect(list.pixels.length).toBe(summary.pixels)

  const step = `{ step: continuum, method: chebyshev, order: 1, pixels: ${JSON.stringify(scratch('pixels.json'))} }`
  await writeFile(scratch('chain.yaml'), `- ${step}\n`)
  const chain = await loadChain(scratch('chain.yaml'))
  expect(chain).toEqual([{ step: 'continuum', method: 'chebyshev', order: 1, windows: list.windows }])
  const recipe = `name: r\ningest: { survey: npz }\npreprocess: [${step}]\ntrain: { model: cannon, labels: [teff] }\n`
  expect(parseRecipe(recipe, 'r.yaml').preprocess).toEqual(chain)

  // The list may go: the processing that a model keeps holds the windows.
  await writeSpectraFile(scratch('raw.arrow'), [stars])
  const train = { ...parseRecipe(recipe, 'r.yaml').train, labels: ['teff', 'fe_h'], order: 1, errorFolds: 0 }
  await trainFile(scratch('raw.arrow'), scratch('model.arrow'), { train, seed: 1, steps: chain }, silent)
  const model = await loadModel(scratch('model.arrow'))
  expect(model.source.preprocessing.at(-1)!.options).toMatchObject({ windows: list.windows })

  const again = await findContinuumPixels(scratch('model.arrow'), scratch('again.json'), {})
  expect(again).toMatchObject({ source: 'model', of: 60 })
})

test('what is no list of pixels, and what has none, is refused', async () => {
  const chain = (pixels: string): string => `- { step: continuum, method: chebyshev, pixels: ${pixels} }\n`
  await writeFile(scratch('a.yaml'), chain('nowhere.json'))
  await expect(loadChain(scratch('a.yaml'))).rejects.toThrow(
    expect.objectContaining({
      code: 'recipe/pixel-list',
      message: expect.stringContaining('got no such file') as string,
    }),
  )
  await writeFile(scratch('other.json'), '{"pixels": [1]}')
  await writeFile(scratch('b.yaml'), chain(scratch('other.json')))
  await expect(loadChain(scratch('b.yaml'))).rejects.toThrow(
    /got other content, expected a file that astrolabel continuum-pixels wrote/,
  )
  await writeFile(scratch('named.yaml'), chain('apogee-giants'))
  expect(await loadChain(scratch('named.yaml'))).toMatchObject([{ pixels: 'apogee-giants' }])
  await writeFile(scratch('c.yaml'), '- { step: continuum, method: spline, pixels: 3 }\n')
  await expect(loadChain(scratch('c.yaml'))).rejects.toThrow(/pixels of step 1 of the chain are no list: got 3/)
  await writeSpectraFile(scratch('raw.arrow'), [makeStars()])
  await expect(findContinuumPixels(scratch('raw.arrow'), scratch('none.json'), {})).rejects.toMatchObject({
    code: 'preprocess/not-normalised',
  })
  expect(existsSync(scratch('none.json'))).toBe(false)
})
