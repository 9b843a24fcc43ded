import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { broadenSpectra, preprocess, sigmaOfMatrix } from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import { concatSpectra, makeTable, pixelWavelengths } from '@astrolabel/spectra'
import { readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'

const data = fileURLToPath(new URL('../../../../shared/data/desi/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('shared/data is absent: tests on real files are left out')

interface Answer {
  readonly file: string
  readonly targetid: string
  readonly arm: string
  readonly pixels: readonly number[]
  readonly observed: readonly number[]
  readonly sigma: readonly number[]
}
const answers = JSON.parse(
  readFileSync(new URL('golden/desi-resolution.json', import.meta.url), 'utf8'),
) as readonly Answer[]

async function stars(file: string): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of readSurvey('desi', [`${data}${file}`], { resolution: true })) batches.push(batch)
  return concatSpectra(batches)
}

/** A model on the pixels of the spectra, without noise. */
function modelOn(spectra: Spectra): Spectra {
  const wave = pixelWavelengths(spectra.meta)
  const flux = new Float32Array(spectra.n * spectra.nPix)
  for (let i = 0; i < flux.length; i++) {
    const lambda = wave[i % spectra.nPix]!
    flux[i] = 1 + 0.3 * Math.sin(lambda / 1.3) + 0.001 * (lambda - 6000)
  }
  return { ...spectra, flux, ivar: new Float32Array(flux.length).fill(1) }
}

test.skipIf(absent)('models seen through the matrices of real coadds are what scipy.sparse gives', async () => {
  for (const file of new Set(answers.map((answer) => answer.file))) {
    const spectra = await stars(file)
    const wave = pixelWavelengths(spectra.meta)
    const seen = broadenSpectra(modelOn(spectra), { kind: 'matrix' })
    const column = spectra.catalog.columns.get('resolution')!
    for (const { targetid, arm, pixels, observed, sigma } of answers.filter((answer) => answer.file === file)) {
      const row = spectra.starId.indexOf(targetid)
      const { start } = spectra.meta.segments!.find(({ name }) => name === arm)!
      pixels.forEach((pixel, k) => {
        const value = seen.flux[row * spectra.nPix + start + pixel]!
        expect(Math.abs(value - observed[k]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(observed[k]!)))
      })
      const width = column.width!
      const diagonals = (column.values as Float32Array).subarray(row * width, (row + 1) * width)
      const widths = sigmaOfMatrix({ diagonals, nDiag: width / spectra.nPix }, wave, spectra.meta.segments)
      sigma.forEach((expected, k) => expect(Math.abs(widths[start + pixels[3 + k]!]! - expected)).toBeLessThan(2e-4))
    }
  }
})

test.skipIf(absent)(
  'stitched arms keep the matrices: stitching what was seen is seeing what was stitched',
  async () => {
    const spectra = modelOn(await stars('coadd-4-80613-thru20210324.fits'))
    const before = preprocess(spectra, [{ step: 'broaden', kind: 'matrix' }, { step: 'stitch' }])
    const after = preprocess(spectra, [{ step: 'stitch' }, { step: 'broaden', kind: 'matrix' }])
    expect(after.nPix).toBe(7781)
    after.flux.forEach((flux, i) => expect(Math.abs(flux - before.flux[i]!)).toBeLessThan(1e-5))
    expect(before.catalog.columns.get('resolution')).toEqual(after.catalog.columns.get('resolution'))
  },
)

test.skipIf(absent)('the width goes along to the rest frame, and a lower resolution is reached from it', async () => {
  const one = await stars('coadd-4-80613-thru20210324.fits')
  const velocity = { name: 'v_rad', values: new Float64Array(one.n).fill(120) }
  const spectra = { ...one, catalog: makeTable([...one.catalog.columns.values(), velocity], one.n) }
  const rest = preprocess(spectra, [{ step: 'stitch' }, { step: 'rest', velocity: 'v_rad' }])
  const column = rest.catalog.columns.get('lsf_sigma')!
  expect(rest.catalog.columns.has('resolution')).toBe(false)
  expect(column.width).toBe(7781)
  // 0.7 Å at 5000 Å: R is near 3000.
  const sigma = (column.values as Float32Array)[1750]!
  expect(5000 / sigma / 2.3548).toBeGreaterThan(2500)
  expect(5000 / sigma / 2.3548).toBeLessThan(3500)
  const low = preprocess(rest, [{ step: 'broaden', kind: 'gaussian', to: 1500 }])
  expect(low.meta.history.at(-1)).toEqual({
    step: 'broaden',
    options: { kind: 'gaussian', from: { column: 'lsf_sigma' }, to: 1500, minWeight: 0.75 },
  })
  expect(low.catalog.columns.has('lsf_sigma')).toBe(false)
  expect(() => preprocess(rest, [{ step: 'broaden', kind: 'gaussian', to: 6000 }])).toThrow(
    expect.objectContaining({ code: 'preprocess/sharper-target' }),
  )
})

test.skipIf(absent)(
  'a spectrum of a known line ends at the resolution asked for, whatever the matrix was',
  async () => {
    const spectra = await stars('coadd-4-80613-thru20210324.fits')
    const wave = pixelWavelengths(spectra.meta)
    // Lines 300 Å apart, two pixels wide, seen by the instrument and brought to R = 1200.
    const [width, power] = [1.6, 1200]
    const centres = Array.from({ length: 18 }, (_, k) => 3800 + 300 * k)
    const lines = Float32Array.from(wave, (w) =>
      centres.reduce((sum, centre) => sum + Math.exp(-0.5 * ((w - centre) / width) ** 2), 0),
    )
    const sharp = { ...spectra, flux: lines, ivar: new Float32Array(lines.length).fill(1) }
    const low = preprocess(sharp, [
      { step: 'broaden', kind: 'matrix' },
      { step: 'broaden', kind: 'gaussian', to: power },
    ])
    for (const centre of centres) {
      const pixel = wave.findIndex((w) => Math.abs(w - centre) < 0.41)
      const total = Math.hypot(width, centre / power / 2.3548)
      // Of height and area, so that the sums of the rows, up to 1.03, do not matter; the instrument's line spread is no
      // Gaussian: its width is taken into account, not its wings.
      const area = low.flux.subarray(pixel - 40, pixel + 41).reduce((sum, flux) => sum + 0.8 * flux, 0)
      expect(Math.abs(area / Math.sqrt(2 * Math.PI) / low.flux[pixel]! / total - 1)).toBeLessThan(0.01)
    }
  },
)
