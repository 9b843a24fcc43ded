import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFitsFile } from '@astrolabel/io-fits/node'
import { simulateSurvey } from '@astrolabel/survey-simulator'
import type { SimulatedSurvey } from '@astrolabel/survey-simulator'
import { RandomStream } from '@astrolabel/spectra'
import { drawAllStar } from '../src/all-star.ts'
import { separation } from '../src/sky-position.ts'
import { drawPopulation } from '../src/star-population.ts'

let root: string
let survey: SimulatedSurvey

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'survey-simulator-'))
  survey = await simulateSurvey(join(root, 'a'), { stars: 10, seed: 3, starsPerFile: 6 })
})
afterAll(() => rm(root, { recursive: true }))

async function digests(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ),
  )
}

const paths = ({ desi, allStar, truth }: SimulatedSurvey) => [...desi, allStar, truth]

/** A Python that has astropy, if there is one. */
const python = ['python3', '/usr/bin/python3'].find((command) => {
  try {
    execFileSync(command, ['-c', 'import astropy.io.fits'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

describe('files', () => {
  test('the same seed gives the same bytes, another seed others', async () => {
    const again = await simulateSurvey(join(root, 'b'), { stars: 10, seed: 3, starsPerFile: 6 })
    expect(await digests(paths(again))).toEqual(await digests(paths(survey)))
    const other = await simulateSurvey(join(root, 'c'), { stars: 10, seed: 4, starsPerFile: 6 })
    const before = await digests(paths(survey))
    for (const [i, digest] of (await digests(paths(other))).entries()) expect(digest).not.toBe(before[i])
    expect((await readdir(join(root, 'b'))).toSorted()).toEqual([
      'allStar-sim.fits',
      'coadd-sim-0.fits',
      'coadd-sim-1.fits',
      'truth.csv',
    ])
  })

  test('a coadd has the HDUs, types and shapes of DESI’s', async () => {
    const file = await openFitsFile(survey.desi[0]!)
    const shapes = { B: 2751, R: 2326, Z: 2881 }
    expect(file.hdus.map((hdu) => hdu.name)).toEqual([
      'PRIMARY',
      'FIBERMAP',
      ...['B', 'R', 'Z'].flatMap((arm) => ['WAVELENGTH', 'FLUX', 'IVAR', 'MASK'].map((what) => `${arm}_${what}`)),
      'SCORES',
    ])
    for (const [arm, pixels] of Object.entries(shapes)) {
      expect(file.image(`${arm}_WAVELENGTH`)).toMatchObject({ dtype: 'f8', shape: [pixels] })
      expect(file.image(`${arm}_FLUX`)).toMatchObject({ dtype: 'f4', shape: [6, pixels] })
      expect(file.image(`${arm}_IVAR`)).toMatchObject({ dtype: 'f4', shape: [6, pixels] })
      expect(file.image(`${arm}_MASK`)).toMatchObject({ dtype: 'i4', shape: [6, pixels] })
    }
    const { data: wave } = await file.image('Z_WAVELENGTH').read()
    expect(wave[0]).toBe(7520)
    expect(wave[2880]).toBe(9824)
    const { data: ids } = { data: (await file.table('FIBERMAP').read()).column('TARGETID').values as BigInt64Array }
    expect(ids[0]! > 2n ** 53n).toBe(true)
    expect(new Set(ids).size).toBe(6)
    await file.close()
  })

  test('pixels that the mask marks have no weight, and the noise is what ivar says', async () => {
    const file = await openFitsFile(survey.desi[0]!)
    const flux = (await file.image('R_FLUX').read()).data as Float32Array
    const ivar = (await file.image('R_IVAR').read()).data as Float32Array
    const mask = (await file.image('R_MASK').read()).data as Int32Array
    let masked = 0
    for (let i = 0; i < mask.length; i++) {
      expect(Number.isFinite(flux[i]) && Number.isFinite(ivar[i])).toBe(true)
      if (mask[i] === 0) continue
      masked++
      expect(ivar[i]).toBe(0)
    }
    expect(masked).toBeGreaterThan(0)
    // Second differences along the quiet red continuum: their variance is 6 σ². Lines add to it, so up to twice.
    const scaled: number[] = []
    for (let star = 0; star < 6; star++) {
      for (let i = 1100; i < 1700; i++) {
        const k = star * 2326 + i
        if (Math.min(ivar[k - 1]!, ivar[k]!, ivar[k + 1]!) <= 0) continue
        scaled.push(Math.abs(flux[k - 1]! - 2 * flux[k]! + flux[k + 1]!) * Math.sqrt(ivar[k]! / 6))
      }
    }
    const mad = 1.4826 * scaled.toSorted((a, b) => a - b)[scaled.length >> 1]!
    expect(mad).toBeGreaterThan(0.9)
    expect(mad).toBeLessThan(1.4)
    await file.close()
  })

  test('the truth lists the stars of the coadds in order', async () => {
    const lines = (await readFile(survey.truth, 'utf8')).trim().split('\n')
    expect(lines[0]).toBe('TARGETID,APOGEE_ID,ra,dec,teff,logg,fe_h,mg_fe,alpha_fe,v_rad,snr')
    const ids: string[] = []
    for (const path of survey.desi) {
      const file = await openFitsFile(path)
      ids.push(...Array.from((await file.table('FIBERMAP').read()).column('TARGETID').values as BigInt64Array, String))
      await file.close()
    }
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(ids)
  })

  test.skipIf(python === undefined)('astropy opens them without a complaint', () => {
    const script = `
import sys, warnings
warnings.simplefilter('error')
from astropy.io import fits
for path in sys.argv[1:]:
    with fits.open(path) as f:
        f.verify('exception')
        print([h.name for h in f][-1], f[1].data.dtype.names[0], len(f[1].data), f[1].data[0][0])
`
    const out = execFileSync(python!, ['-c', script, survey.desi[0]!, survey.allStar], { encoding: 'utf8' })
    expect(out).toMatch(/^SCORES TARGETID 6 39628400000000001\nALLSTAR APOGEE_ID \d+ 2M/)
  })

  test('an abort leaves no half-written file', async () => {
    const controller = new AbortController()
    const folder = join(root, 'aborted')
    const run = simulateSurvey(folder, {
      stars: 5,
      seed: 1,
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 2) controller.abort()
      },
    })
    await expect(run).rejects.toThrow('aborted')
    expect(await readdir(folder)).toEqual([])
  })

  test('a bad option is refused', async () => {
    await expect(simulateSurvey(root, { seed: 1, stars: 0 })).rejects.toMatchObject({ code: 'simulator/bad-option' })
  })
})

describe('population and catalogue', () => {
  const stars = drawPopulation(RandomStream.fromSeed(11), 600, 200)
  const rows = drawAllStar(RandomStream.fromSeed(12), stars)

  test('labels stay in the range where polynomial models hold', () => {
    for (const { labels, snr } of stars) {
      expect(labels.teff).toBeGreaterThanOrEqual(4200)
      expect(labels.teff).toBeLessThanOrEqual(6800)
      expect(labels.logg).toBeGreaterThanOrEqual(0.8)
      expect(labels.logg).toBeLessThanOrEqual(4.8)
      expect(labels.fe_h).toBeGreaterThanOrEqual(-1.8)
      expect(labels.fe_h).toBeLessThanOrEqual(0.4)
      expect(snr).toBeGreaterThanOrEqual(15)
      expect(snr).toBeLessThanOrEqual(120)
    }
    expect(stars.filter(({ labels }) => labels.logg < 3.5).length).toBeGreaterThan(180)
    expect(stars.filter(({ labels }) => labels.logg > 4).length).toBeGreaterThan(180)
  })

  test('[Mg/Fe] falls as [Fe/H] rises', () => {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const poor = stars.filter(({ labels }) => labels.fe_h < -0.7).map(({ labels }) => labels.mg_fe)
    const rich = stars.filter(({ labels }) => labels.fe_h > 0).map(({ labels }) => labels.mg_fe)
    expect(mean(poor) - mean(rich)).toBeGreaterThan(0.15)
  })

  test('the catalogue has nine in ten of the stars, duplicates, strangers and fills', () => {
    const ids = rows.map((row) => row.apogeeId)
    const listed = new Set(ids)
    const matched = stars.filter((star) => listed.has(star.apogeeId))
    expect(matched.length / stars.length).toBeGreaterThan(0.85)
    expect(matched.length / stars.length).toBeLessThan(0.95)
    const own = new Set(stars.map((star) => star.apogeeId))
    expect(ids.filter((id) => !own.has(id)).length).toBeGreaterThan(100)
    const twice = rows.filter((row) => row.extraTarget === 16)
    expect(twice.length).toBeGreaterThan(10)
    for (const row of twice) {
      const best = rows.find((other) => other.apogeeId === row.apogeeId && other.extraTarget === 0)!
      expect(best.snr).toBeGreaterThan(row.snr)
    }
    expect(rows.filter((row) => row.labels.TEFF[0] === -9999).length).toBeGreaterThan(3)
    expect(rows.some((row) => row.aspcapFlag >= 1n << 32n)).toBe(true)
  })

  test('positions scatter by 0.3 arcsec and some strangers are ambiguous', () => {
    const offsets = stars.map((star) => separation(star.position, star.apogeePosition))
    const rms = Math.sqrt(offsets.reduce((sum, value) => sum + value * value, 0) / offsets.length)
    // The relative error of an rms of 600 Rayleigh values is 2 %.
    expect(Math.abs(rms - 0.3)).toBeLessThan(0.03)
    const own = new Set(stars.map((star) => star.apogeeId))
    const strangers = rows.filter((row) => !own.has(row.apogeeId))
    const close = strangers.filter((row) => stars.some((star) => separation(star.position, row.position) < 3))
    expect(close.length).toBeGreaterThan(5)
  })

  test('the catalogue’s errors are those it states', () => {
    const truth = new Map(stars.map((star) => [star.apogeeId, star.labels]))
    const pulls: number[] = []
    for (const row of rows) {
      const labels = truth.get(row.apogeeId)
      const [value, error] = row.labels.TEFF
      if (labels !== undefined && value !== -9999) pulls.push((value - labels.teff) / error)
    }
    const rms = Math.sqrt(pulls.reduce((sum, value) => sum + value * value, 0) / pulls.length)
    expect(Math.abs(rms - 1)).toBeLessThan(0.12)
  })
})
