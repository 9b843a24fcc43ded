import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ingest, preprocessFile, silent } from '@astrolabel/pipeline'
import { recipes } from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { afterAll, expect, test } from 'vitest'

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')
const folder = mkdtempSync(join(tmpdir(), 'survey-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function process(survey: 'apogee' | 'sdss'): Promise<Spectra> {
  const [raw, out] = [join(folder, `${survey}.arrow`), join(folder, `${survey}-normalised.arrow`)]
  await ingest({ survey, paths: [`${data}${survey}`] }, raw, silent)
  const { bad } = await preprocessFile(raw, out, { steps: recipes[survey] }, silent)
  expect(bad).toBe(0)
  for await (const batch of readSpectraFile(out)) return batch
  throw new Error('no spectra')
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const goodFlux = ({ flux, ivar, nPix }: Spectra, row: number): number[] =>
  Array.from(flux.subarray(row * nPix, (row + 1) * nPix)).filter((_, i) => ivar[row * nPix + i]! > 0)

test.skipIf(absent)('apStar files go through the chain for APOGEE, one-visit stars too', async () => {
  const spectra = await process('apogee')
  expect([spectra.n, spectra.nPix, spectra.meta.stage]).toEqual([21, 8575, 'normalised'])
  for (let row = 0; row < spectra.n; row++) {
    expect(goodFlux(spectra, row).length).toBeGreaterThan(7000)
    expect(Math.abs(median(goodFlux(spectra, row)) - 0.95)).toBeLessThan(0.07)
  }
})

test.skipIf(absent)('apStar files cut to the chips go through the chain, too', async () => {
  const [raw, out] = [join(folder, 'chips.arrow'), join(folder, 'chips-normalised.arrow')]
  await ingest({ survey: 'apogee', paths: [`${data}apogee`], options: { chips: 'dr13' } }, raw, silent)
  const { bad } = await preprocessFile(raw, out, { steps: recipes.apogee }, silent)
  expect(bad).toBe(0)
  for await (const spectra of readSpectraFile(out)) {
    expect([spectra.n, spectra.nPix, spectra.meta.segments?.length]).toEqual([21, 7514, 3])
    for (let row = 0; row < spectra.n; row++) expect(Math.abs(median(goodFlux(spectra, row)) - 0.95)).toBeLessThan(0.07)
  }
})

test.skipIf(absent)('SDSS and BOSS files of different ends come out on one grid', async () => {
  const spectra = await process('sdss')
  expect([spectra.n, spectra.meta.stage]).toEqual([8, 'normalised'])
  expect(spectra.meta.wavelength).toMatchObject({ kind: 'log10', length: 3688, medium: 'vacuum' })
  // The fourth is a giant of late M type at a signal to noise of 1.
  const medians = Array.from({ length: 8 }, (_, row) => median(goodFlux(spectra, row)))
  expect(medians.filter((value) => value > 0.75 && value < 1.05)).toHaveLength(7)
})
