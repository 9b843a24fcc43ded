import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Column, Spectra, SpectraMeta } from '@astrolabel/spectra'
import { RandomStream, makeSpectra, makeTable, wavelengths } from '@astrolabel/spectra'
import type { NpyArray } from '@astrolabel/surveys'
import { writeNpz } from '@astrolabel/surveys'
import { afterAll } from 'vitest'

/** A folder of its own for a test file, gone afterwards. */
export function scratchFolder(): (...names: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'astrolabel-pipeline-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (...names) => join(folder, ...names)
}

export interface StarOptions {
  readonly n?: number
  readonly nPix?: number
  readonly seed?: number
  readonly meta?: Partial<SpectraMeta>
  readonly columns?: readonly Column[]
}

/** Normalised spectra whose lines deepen with temperature and metallicity, with noise of 0.01 and the labels they have. */
export function makeStars({ n = 40, nPix = 60, seed = 3, meta = {}, columns = [] }: StarOptions = {}): Spectra {
  const random = RandomStream.fromSeed(seed)
  const teff = Float64Array.from({ length: n }, () => 4500 + 1500 * random.uniform())
  const feH = Float64Array.from({ length: n }, () => -1 + 1.4 * random.uniform())
  const flux = new Float32Array(n * nPix)
  for (let i = 0; i < n; i++) {
    const [t, f] = [(teff[i]! - 5250) / 750, (feH[i]! + 0.3) / 0.7]
    for (let p = 0; p < nPix; p++) {
      flux[i * nPix + p] =
        0.8 +
        0.05 * Math.sin(p) * t +
        0.04 * Math.cos(2 * p) * f +
        0.01 * Math.sin(3 * p) * t * f +
        0.01 * random.normal()
    }
  }
  return makeSpectra({
    meta: {
      wavelength: { kind: 'linear', start: 5000, step: 2, length: nPix, medium: 'vacuum' },
      frame: 'rest',
      stage: 'raw',
      survey: 'npz',
      release: 'x',
      noise: 'measured',
      history: [],
      version: '1',
      ...meta,
    },
    starId: Array.from({ length: n }, (_, i) => `s${i}`),
    ra: Float64Array.from({ length: n }, (_, i) => 10 + i * 0.01),
    dec: Float64Array.from({ length: n }, (_, i) => -5 + i * 0.01),
    flux,
    ivar: new Float32Array(n * nPix).fill(1e4),
    catalog: makeTable(
      [{ name: 'teff', values: teff, unit: 'K' }, { name: 'fe_h', values: feH, unit: 'dex' }, ...columns],
      n,
    ),
  })
}

/** The same spectra with another catalogue column in place of the one of that name. */
export function withColumn(spectra: Spectra, column: Column): Spectra {
  return { ...spectra, catalog: { n: spectra.n, columns: new Map(spectra.catalog.columns).set(column.name, column) } }
}

/** Spectra as a user would save them with numpy: wavelength, flux, ivar, star_id and one array a catalogue column. */
export async function writeStars(path: string, spectra: Spectra): Promise<void> {
  const { n, nPix, meta } = spectra
  if (meta.wavelength.kind === 'segmented') throw new Error('one grid only')
  const arrays = new Map<string, NpyArray>([
    ['wavelength', { shape: [nPix], data: Float64Array.from(wavelengths(meta.wavelength)) }],
    ['flux', { shape: [n, nPix], data: spectra.flux }],
    ['ivar', { shape: [n, nPix], data: spectra.ivar }],
    ['star_id', { shape: [n], data: spectra.starId }],
    ['ra', { shape: [n], data: spectra.ra }],
    ['dec', { shape: [n], data: spectra.dec }],
    ...[...spectra.catalog.columns.values()].map(({ name, values }): [string, NpyArray] => [
      name,
      { shape: [n], data: values as Float64Array },
    ]),
  ])
  await writeFile(path, writeNpz(arrays))
}
