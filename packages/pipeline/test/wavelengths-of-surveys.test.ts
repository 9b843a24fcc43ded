import {
  crossCorrelate,
  encodeTemplates,
  latticeOffset,
  resampleSpectra,
  resolveGrid,
  stitchSegments,
  toRestFrame,
} from '@astrolabel/preprocess'
import type { Spectra } from '@astrolabel/spectra'
import {
  columnNumbers,
  concatSpectra,
  pixelWavelengths,
  requireColumn,
  takeSpectra,
  wavelengths,
} from '@astrolabel/spectra'
import type { SurveyName } from '@astrolabel/surveys/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const data = new URL('../../../../shared/data/', import.meta.url)
const here = existsSync(data)
if (!here) console.warn('wavelengths-of-surveys: no ../shared/data here, tests on real files are skipped')

async function read(survey: SurveyName, folder: string, names: RegExp): Promise<Spectra> {
  const at = new URL(`${folder}/`, data)
  const paths = readdirSync(at)
    .filter((name) => names.test(name))
    .map((name) => new URL(name, at).pathname)
  const batches: Spectra[] = []
  for await (const batch of readSurvey(survey, paths)) batches.push(batch)
  return concatSpectra(batches)
}

describe.skipIf(!here)('real files', () => {
  test("DESI's arms are averaged as numpy averages them", async () => {
    const golden = JSON.parse(readFileSync(new URL('golden/desi-overlap.json', import.meta.url), 'utf8')) as {
      n: number
      rows: number[]
      pixels: number[]
      flux: number[][]
      ivar: number[][]
    }
    const batches: Spectra[] = []
    const path = new URL('desi/coadd-5-169-thru20210419.fits', data).pathname
    for await (const batch of readSurvey('desi', [path], { drop: 'none' })) batches.push(batch)
    const stitched = stitchSegments(concatSpectra(batches), { overlap: 'ivar' })
    expect([stitched.n, stitched.nPix]).toEqual([golden.n, 7781])
    golden.rows.forEach((row, r) => {
      golden.pixels.forEach((pixel, p) => {
        const at = row * 7781 + pixel
        expect(Math.abs(stitched.ivar[at]! - golden.ivar[r]![p]!)).toBeLessThanOrEqual(2e-7 * golden.ivar[r]![p]!)
        // Fluxes of opposite signs cancel: judged by their errors.
        if (golden.ivar[r]![p]! > 0)
          expect(Math.abs(stitched.flux[at]! - golden.flux[r]![p]!) * Math.sqrt(golden.ivar[r]![p]!)).toBeLessThan(1e-5)
      })
    })
    const trimmed = stitchSegments(concatSpectra(batches))
    expect(stitched.meta.wavelength).toEqual(trimmed.meta.wavelength)
    expect(stitched.flux.slice(0, 2690)).toEqual(trimmed.flux.slice(0, 2690))
  })

  test("SDSS's files share their lattice with the named one, and are copied to it", async () => {
    const spectra = await read('sdss', 'sdss', /^spec-(0618|1079)/)
    const wavelength = resolveGrid({ grid: 'sdss', from: 3850, to: 9100 })
    const copied = resampleSpectra(spectra, { wavelength: { grid: 'sdss', from: 3850, to: 9100 }, kind: 'sinc' })
    const at = latticeOffset(pixelWavelengths(spectra.meta), wavelengths(wavelength))!
    for (let row = 0; row < 2; row++) {
      const from = row * spectra.nPix + at
      expect(copied.flux.slice(row * copied.nPix, (row + 1) * copied.nPix)).toEqual(
        spectra.flux.slice(from, from + copied.nPix),
      )
      expect(copied.ivar.slice(row * copied.nPix, (row + 1) * copied.nPix)).toEqual(
        spectra.ivar.slice(from, from + copied.nPix),
      )
    }
  })

  test("SDSS stars have the velocities of the survey's pipeline, by templates of MILES", async () => {
    // Half a pixel is 35 km/s; the velocities of the library's own stars are good to some km/s.
    const templates = encodeTemplates(await read('miles', 'miles', /m0(069|083|398|405|475)V/))
    const stars = await read('sdss', 'sdss', /^spec-(0618|1079|4961|7332|7454)/)
    const found = crossCorrelate(stars, templates)
    const survey = columnNumbers(requireColumn(stars.catalog, 'v_rad'))
    found.velocity.forEach((v, i) => {
      expect(Math.abs(v - survey[i]!)).toBeLessThan(8)
      expect(found.error[i]).toBeLessThan(4)
      expect(found.r[i]).toBeGreaterThan(20)
    })
    expect([...found.flags].every((bits) => bits === 0)).toBe(true)
  })

  test('the visits of an APOGEE star differ as its catalogue says, and bring it to rest', async () => {
    const models = await read('npz', 'cannon', /kurucz_giants/)
    // Warm metal-rich giants of high signal to noise; their wavelengths are a few hundred m/s off those of the survey.
    const best = Array.from(models.snr.keys())
      .sort((a, b) => models.snr[b]! - models.snr[a]!)
      .slice(0, 12)
    const templates = encodeTemplates(takeSpectra(models, best))
    const visits = await read('apogee', 'apogee', /^apVisit-r6/)
    expect(visits.meta.frame).toBe('observed')
    const found = crossCorrelate(visits, templates, { range: [-300, 300] })
    const survey = columnNumbers(requireColumn(visits.catalog, 'v_observed'))
    const offsets = Array.from(found.velocity, (v, i) => v - survey[i]!)
    expect(offsets.length).toBe(3)
    // A tenth of a pixel of 4.1 km/s between visits; the zero point is the templates'.
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(0.5)
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(3)
    expect(Math.min(...found.r)).toBeGreaterThan(20)
    expect(() => toRestFrame(visits, { velocity: 'VHELIO', wave: 'apogee' })).toThrow(
      expect.objectContaining({ code: 'preprocess/velocity-frame' }),
    )
    const rest = toRestFrame(visits, { wave: 'apogee', kind: 'flux-conserving' })
    expect(rest.meta.history.at(-1)!.options).toMatchObject({ velocity: 'v_observed' })
    const left = crossCorrelate(rest, templates, { range: [-300, 300] })
    left.velocity.forEach((v, i) => expect(Math.abs(v - offsets[i]!)).toBeLessThan(0.4))
  })
})
