import { augmentSpectra, continuumPixelsOfSpectra } from '@astrolabel/preprocess'
import type { Fittable } from '@astrolabel/spectra'
import { concatSpectra, takePart } from '@astrolabel/spectra'
import { expect, test } from 'vitest'
import { linearMeta, spectraOf } from './spectra-of.js'

const rows = Array.from({ length: 6 }, (_, k) => Array.from({ length: 40 }, (_unused, i) => 1 + 0.001 * ((i * k) % 5)))
const spectra = spectraOf(rows, { meta: linearMeta(40, { stage: 'normalised', frame: 'rest' }) })
const split = { train: [0, 1, 2, 3], test: [4, 5] }
const train = takePart(spectra, split, 'train')
const tested = takePart(spectra, split, 'test')
const both = concatSpectra([train, tested])

async function copies(of: Fittable): Promise<number> {
  let n = 0
  for await (const batch of augmentSpectra(of, { noise: 1 })) n += batch.n
  return n
}

test('copies are made of training stars alone', async () => {
  expect(await copies(train)).toBe(8)
  // @ts-expect-error the compiler sees it too
  await expect(copies(tested)).rejects.toThrow(/^Augmentation cannot be fitted to test stars/)
  await expect(copies(both)).rejects.toMatchObject({ code: 'split/two-parts' })
})

test('continuum pixels are found in training stars alone', async () => {
  expect((await continuumPixelsOfSpectra([train])).pixels.length).toBeGreaterThan(0)
  // @ts-expect-error the compiler sees it too
  await expect(continuumPixelsOfSpectra([tested])).rejects.toMatchObject({ code: 'split/test-part' })
  await expect(continuumPixelsOfSpectra([train, both])).rejects.toMatchObject({ code: 'split/two-parts' })
})
