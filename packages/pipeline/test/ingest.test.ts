import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import type { ColumnInput } from '@astrolabel/io-fits'
import { encodeFits } from '@astrolabel/io-fits'
import { VERSION, ingest, silent } from '@astrolabel/pipeline'
import type { IngestRequest } from '@astrolabel/pipeline'
import type { Spectra } from '@astrolabel/spectra'
import { concatSpectra, pixelWavelengths } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { expect, test } from 'vitest'
// Threads are started from the file beside what starts them, so it has to be the built one.
import { WarningLog } from '../dist/ingest/warning-log.js'
import { parseRecipe } from '../dist/recipe/load-recipe.js'
import { RunFolder } from '../dist/run/run-folder.js'
import { ingestStage } from '../dist/stages/ingest-stage.js'
import { StageContext } from '../dist/stages/stage-context.js'
import { scratchFolder } from './stars.js'

const scratch = scratchFolder()

/** A spec file whose pixel i lies at lattice pixel first + i and has flux first + i. */
function writeSpec(folder: string, fiber: number, first: number, n: number, release = 'v5'): string {
  mkdirSync(scratch(folder), { recursive: true })
  const numbers = (of: (i: number) => number): Float32Array => Float32Array.from({ length: n }, (_, i) => of(i))
  const columns: ColumnInput[] = [
    { name: 'flux', values: numbers((i) => first + i) },
    { name: 'loglam', values: numbers((i) => (first + i) * 1e-4) },
    { name: 'ivar', values: numbers(() => 4) },
    { name: 'and_mask', values: new Int32Array(n).fill(1) },
  ]
  const path = scratch(folder, `spec-0266-51602-${String(fiber).padStart(4, '0')}.fits`)
  const header = { PLATEID: 266, MJD: 51_602, FIBERID: fiber, RUN2D: release }
  writeFileSync(
    path,
    encodeFits([
      { kind: 'image', header },
      { kind: 'table', name: 'COADD', columns },
    ]),
  )
  return path
}

async function spectraIn(path: string): Promise<Spectra> {
  const batches: Spectra[] = []
  for await (const batch of readSpectraFile(path)) batches.push(batch)
  return concatSpectra(batches)
}

const sdss = (folder: string, options: Partial<IngestRequest> = {}): IngestRequest => ({
  survey: 'sdss',
  paths: [scratch(folder)],
  ...options,
})

test('files with different ends are padded to the union of all, by any number of threads, as readSurvey pads them', async () => {
  for (let i = 0; i < 200; i++) writeSpec('lattice', i, 36_000 - (i % 7) * 3, 20 + (i % 5), i < 100 ? 'v5' : '26')
  writeFileSync(scratch('lattice', 'spec-0266-51602-0150.fits'), 'hello')
  const bytes: Buffer[] = []
  const seen: string[] = []
  for (const threads of [1, 2, 3]) {
    const out = scratch(`lattice-${threads}.arrow`)
    const summary = await ingest(sdss('lattice'), out, silent, {
      threads,
      onProgress: (done, total, detail) => seen.push(`${done} of ${total}: ${detail}`),
    })
    expect(summary).toMatchObject({ stars: 199, failed: 1, read: 200 })
    bytes.push(readFileSync(out))
  }
  expect(bytes[1]!.equals(bytes[0]!)).toBe(true)
  expect(bytes[2]!.equals(bytes[0]!)).toBe(true)
  expect(seen.at(-1)).toMatch(/^200 of 200: 200\/200 files, 199 stars, \S+ files\/s$/)

  const spectra = await spectraIn(scratch('lattice-2.arrow'))
  const whole: Spectra[] = []
  for await (const batch of readSurvey('sdss', [scratch('lattice')])) whole.push(batch)
  const alone = concatSpectra(whole)
  expect(spectra.starId).toEqual(alone.starId)
  expect(spectra.flux).toEqual(alone.flux)
  expect(spectra.ivar).toEqual(alone.ivar)
  expect(spectra.mask).toEqual(alone.mask)
  expect(spectra.snr).toEqual(alone.snr)
  const { source_file: _, ...columns } = Object.fromEntries(spectra.catalog.columns)
  expect(columns).toEqual(Object.fromEntries(alone.catalog.columns))
  expect({ ...spectra.meta }).toEqual({ ...alone.meta })
  expect(spectra.meta).toMatchObject({ release: '26 v5', wavelength: { start: 3.5982, length: 42 } })
})

test('files that widen the union pad the stars that were there', async () => {
  writeSpec('wider', 1, 36_000, 10)
  const out = scratch('wider.arrow')
  await ingest(sdss('wider'), out, silent)
  expect((await spectraIn(out)).nPix).toBe(10)
  writeSpec('wider', 2, 35_990, 30, 'v6')
  expect(await ingest(sdss('wider'), out, silent)).toMatchObject({ stars: 2, read: 1, skipped: 1 })
  const grown = await spectraIn(out)
  await ingest(sdss('wider', { mode: 'fresh' }), scratch('at-once.arrow'), silent)
  const { catalog, ...rest } = await spectraIn(scratch('at-once.arrow'))
  expect(grown).toMatchObject(rest)
  expect([...grown.catalog.columns]).toEqual([...catalog.columns])
  expect(pixelWavelengths(grown.meta)[0]).toBeCloseTo(10 ** 3.599, 9)
  expect([...grown.flux.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 36_000, 36_001])
  expect([...grown.ivar.subarray(0, 30)].filter((value) => value > 0)).toHaveLength(10)
})

test('the output says which file each star came from, and the history how many there were', async () => {
  writeSpec('named', 1, 36_000, 10)
  writeSpec('named', 2, 36_000, 10)
  await ingest(sdss('named'), scratch('named.arrow'), silent)
  const { catalog, meta } = await spectraIn(scratch('named.arrow'))
  expect(catalog.columns.get('source_file')!.values).toEqual(
    [1, 2].map((i) => scratch('named', `spec-0266-51602-000${i}.fits`)),
  )
  expect(meta.history).toEqual([{ step: 'ingest', options: { reader: 'sdss', files: 2, mask: 'and' } }])
  expect(meta.version).toBe(VERSION)
})

test('a run of a signal that is aborted already reads nothing', async () => {
  writeSpec('aborted', 1, 36_000, 10)
  const run = ingest(sdss('aborted'), scratch('aborted.arrow'), silent, { signal: AbortSignal.abort(new Error('no')) })
  await expect(run).rejects.toThrow('no')
})

test('the ingest stage of a recipe gives the same bytes wherever the files lie, by any number of threads', async () => {
  const digests = new Set<string>()
  for (const [place, threads] of [
    ['here', 1],
    ['there', 2],
  ] as const) {
    for (let i = 0; i < 140; i++) writeSpec(`${place}/data`, i, 36_000 + (i % 3), 10)
    utimesSync(scratch(place, 'data', 'spec-0266-51602-0001.fits'), 1e9, threads * 1e9)
    const recipe = parseRecipe(
      `name: r\ndata: ${scratch(place)}\ningest: { survey: sdss, paths: [data] }\ntrain: { model: cannon, labels: [teff], order: 1 }\nevaluate: { folds: 2 }\n`,
      'recipe.yaml',
    )
    const folder = await RunFolder.open(scratch(place, 'run'), recipe)
    const context = new StageContext(recipe, folder, silent, threads)
    const record = await folder.runStage(await ingestStage(context), silent)
    digests.add(record.outputs[0]!.sha256)
    expect(record.text).toBe('140 spectra')
    const again = await folder.runStage(await ingestStage(context), silent)
    expect(again.finished).toBe(record.finished)
    const { values } = (await spectraIn(folder.file('1-ingest', 'spectra.arrow'))).catalog.columns.get('source_file')!
    expect(values[0]).toBe('data/spec-0266-51602-0000.fits')
    rmSync(scratch(place, 'data', 'spec-0266-51602-0139.fits'))
    expect((await folder.runStage(await ingestStage(context), silent)).text).toBe('139 spectra')
  }
  expect(digests.size).toBe(1)
})

test('warnings that count things are added up, of others the first of a kind are shown', () => {
  const said: string[] = []
  const log = new WarningLog({ ...silent, warn: (message) => said.push(message) })
  for (const [n, of] of [
    [100, 500],
    [1, 500],
    [0, 24],
  ])
    log.add({ code: 'a/sky', message: `${n} of ${of} fibres look at the sky` })
  log.add({ code: 'a/sky', message: '5 of the 24 fibres kept are blank' })
  for (let i = 0; i < 1000; i++) log.add({ code: 'a/card', message: `card ${i}` })
  expect(said).toEqual(['card 0', 'card 1', 'card 2'])
  log.end()
  expect(said.slice(3)).toEqual([
    '101 of 1024 fibres look at the sky',
    '5 of 24 fibres kept are blank',
    '997 more warnings like these (a/card)',
  ])
  expect(log.count).toBe(1004)
  expect(log.kinds).toEqual([
    { code: 'a/sky', count: 3, message: '101 of 1024 fibres look at the sky' },
    { code: 'a/sky', count: 1, message: '5 of 24 fibres kept are blank' },
    { code: 'a/card', count: 1000, message: 'card 0' },
  ])
})
