import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { TEST_DATA, astrolabel, json, jsonAlone, listing, scratchFolder } from './cli.js'

const scratch = scratchFolder()
const COADD = `${TEST_DATA}coadd-sim-0.fits`
const ALL_STAR = `${TEST_DATA}allStar-sim.fits`
const TRUTH = `${TEST_DATA}truth.csv`
/** Two labels and a plane: what 23 stars suffice for. */
const SMALL = ['--labels', 'teff,fe_h', '--set', 'order=1', '--set', 'errorFolds=0']

interface Match {
  readonly n: number
  readonly a: number
  readonly b: number
  readonly ambiguous: number
}

let ingested: { stars: number; warnings: number; match: Match }
beforeAll(async () => {
  ingested = await jsonAlone('ingest', 'desi', COADD, '--catalog', ALL_STAR, '-o', scratch('spectra.arrow'))
  await jsonAlone('preprocess', scratch('spectra.arrow'), '--recipe', 'desi', '-o', scratch('processed.arrow'))
  await jsonAlone('train', 'cannon', scratch('processed.arrow'), ...SMALL, '-o', scratch('model.arrow'))
  await jsonAlone('label', scratch('model.arrow'), scratch('processed.arrow'), '-o', scratch('labels.csv'))
})

test('ingest matches a catalogue on the sky and tells of it', () => {
  // 22 of the stars are in allStar, and one of the strangers lies within 3 arcsec of a star that is not.
  expect(ingested).toMatchObject({
    out: scratch('spectra.arrow'),
    stars: 23,
    warnings: 1,
    match: { n: 23, a: 24, b: 32, radius_arcsec: 3, one_to_one: true },
  })
  expect(listing(scratch()).filter((name) => name.includes('unmatched') || name.endsWith('.part'))).toEqual([])
})

test('continuum-pixels lists pixels of processed spectra and of a model, for a chain that normalises by them', async () => {
  const of = (input: string, ...more: string[]): Promise<{ source: string; pixels: number; of: number }> =>
    json('continuum-pixels', scratch(input), ...more, '-o', scratch('pixels.json'))
  expect(await of('model.arrow')).toMatchObject({ source: 'model', of: 7781 })
  const { pixels, of: all } = await of(
    'processed.arrow',
    '--fraction',
    '0.05',
    '--per-bin',
    '2',
    '--splits',
    '5780,7560',
  )
  expect(pixels / all).toBeCloseTo(0.05, 2)
  const steps = `- { step: continuum, method: chebyshev, order: 4, pixels: ${JSON.stringify(scratch('pixels.json'))} }`
  writeFileSync(scratch('second.yaml'), steps)
  expect(
    await json(
      'preprocess',
      scratch('processed.arrow'),
      '--recipe',
      scratch('second.yaml'),
      '-o',
      scratch('second.arrow'),
    ),
  ).toMatchObject({ stars: 23 })
  const refused = await astrolabel(['continuum-pixels', scratch('spectra.arrow'), '-o', scratch('none.json')])
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('found in normalised spectra: got stage raw') as string,
  })
})

test('inspect tells the HDUs of a FITS file, shapes with the slowest axis first', async () => {
  const { hdus } = await json<{
    hdus: {
      index: number
      name: string
      type: string
      shape: number[]
      dtype: string | null
      rows: number
      columns: { name: string; format: string; dtype: string; shape: number[]; unit: string | null }[]
    }[]
  }>('inspect', COADD)
  expect(hdus.map(({ index }) => index)).toEqual(hdus.map((_, i) => i))
  const byName = Object.fromEntries(hdus.map((hdu) => [hdu.name, hdu]))
  expect(byName['B_FLUX']).toMatchObject({ type: 'image', dtype: 'f4' })
  expect(byName['B_FLUX']!.shape[0]).toBe(24)
  expect(byName['B_FLUX']!.shape[1]).toBe(byName['B_WAVELENGTH']!.shape[0])
  expect(byName['FIBERMAP']).toMatchObject({ type: 'bintable', rows: 24 })
  expect(byName['FIBERMAP']!.columns.find(({ name }) => name === 'TARGETID')).toMatchObject({
    format: '1K',
    dtype: 'i8',
  })
})

test('inspect knows spectra, labels, models and run recipes', async () => {
  expect(await jsonAlone('inspect', scratch('spectra.arrow'))).toMatchObject({ format: 'arrow', kind: 'spectra' })
  expect(await json('inspect', scratch('model.arrow'))).toMatchObject({
    kind: 'model',
    model: 'cannon',
    labels: [{ name: 'teff', unit: 'K' }, { name: 'fe_h' }],
    survey: 'desi',
  })
  expect(await json('inspect', scratch('labels.csv'))).toMatchObject({ format: 'csv' })
})

test('crossmatch tells the matches, and writes them only when asked', async () => {
  const before = listing(scratch())
  expect(await jsonAlone('crossmatch', scratch('spectra.arrow'), ALL_STAR, '--radius', '3')).toEqual({
    ...ingested.match,
    a: 23,
    unmatched: { a: 0, b: 9 },
  })
  expect(listing(scratch())).toEqual(before)
  await json('crossmatch', scratch('spectra.arrow'), ALL_STAR, '-o', scratch('matches.csv'))
  const rows = readFileSync(scratch('matches.csv'), 'utf8').trim().split('\n')
  expect(rows[0]).toMatch(/^star_id,index_a,index_b,separation,candidates,/)
  expect(rows).toHaveLength(24)
  const narrow = await json<Match>('crossmatch', scratch('spectra.arrow'), ALL_STAR, '--radius', '0.2')
  expect(narrow.n).toBeLessThan(23)
})

test('labels have star_id first, then each label with its error, then flags', () => {
  const rows = readFileSync(scratch('labels.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  expect(rows[0]!.slice(0, 6)).toEqual(['star_id', 'teff', 'teff_err', 'fe_h', 'fe_h_err', 'flags'])
  expect(rows).toHaveLength(24)
  const labelled = rows.slice(1).filter((row) => row[1] !== '')
  expect(labelled).toHaveLength(22)
  for (const row of labelled) expect(Number(row[2])).toBeGreaterThan(0)
  // The broken fibre: no values, and a flag.
  const missing = rows.slice(1).find((row) => row[1] === '')
  expect(missing!.slice(1, 5)).toEqual(['', '', '', ''])
  expect(Number(missing![5])).toBeGreaterThan(0)
})

test('evaluate gives the statistics of each label', async () => {
  const evaluation = await jsonAlone<{ n: number; labels: Record<string, Record<string, number>> }>(
    'evaluate',
    scratch('labels.csv'),
    TRUTH,
  )
  expect(evaluation.n).toBe(23)
  expect(Object.keys(evaluation.labels)).toEqual(['teff', 'fe_h'])
  for (const label of Object.values(evaluation.labels)) {
    for (const name of ['bias', 'rmse', 'mae', 'std', 'mad', 'coverage68'])
      expect(label[name], name).toEqual(expect.any(Number))
    expect(label['rmse']! ** 2).toBeCloseTo(label['bias']! ** 2 + label['std']! ** 2, 6)
  }
  // Trained on these very stars: worse than this is broken.
  expect(evaluation.labels['teff']!['rmse']).toBeLessThan(300)
  const { stdout } = await astrolabel(['evaluate', scratch('labels.csv'), TRUTH])
  expect(stdout).toMatch(/^Errors of 23 stars, predicted minus true\nlabel/)
  expect(stdout).toMatch(/^Teff \(K\) +22 /m)
})

test('raw spectra, processed ones, an archive of them and the coadd itself get the same labels', async () => {
  await json('label', scratch('model.arrow'), scratch('spectra.arrow'), '-o', scratch('raw.csv'))
  await jsonAlone('convert', scratch('processed.arrow'), scratch('processed.npz'))
  await json('label', scratch('model.arrow'), scratch('processed.npz'), '-o', scratch('npz.csv'))
  await json('crossmatch', scratch('spectra.arrow'), ALL_STAR, '-o', scratch('velocities.arrow'))
  await json(
    'label',
    scratch('model.arrow'),
    COADD,
    '--catalog',
    scratch('velocities.arrow'),
    '-o',
    scratch('coadd.csv'),
  )
  const expected = readFileSync(scratch('labels.csv'), 'utf8')
  for (const name of ['raw.csv', 'npz.csv', 'coadd.csv'])
    expect(readFileSync(scratch(name), 'utf8'), name).toBe(expected)
})

test('a model trained on raw spectra goes through the usual chain of their survey', async () => {
  const { code, stdout, stderr } = await astrolabel([
    'train',
    'cannon',
    scratch('spectra.arrow'),
    ...SMALL,
    '-o',
    scratch('model-of-raw.arrow'),
  ])
  expect(code).toBe(0)
  expect(stderr).toContain('processing first: mask, stitch, interpolate, rest, continuum')
  expect(stdout).toBe(`cannon of teff, fe_h trained on 23 stars × 7781 pixels in ${scratch('model-of-raw.arrow')}\n`)
  expect(readFileSync(scratch('model-of-raw.arrow')).equals(readFileSync(scratch('model.arrow')))).toBe(true)
})

test('convert goes from format to format and back', async () => {
  await json('label', scratch('model.arrow'), scratch('processed.arrow'), '-o', scratch('labels.arrow'))
  expect(await json('convert', scratch('labels.arrow'), scratch('labels.parquet'))).toMatchObject({
    rows: 23,
    kind: 'table',
  })
  await json('convert', scratch('labels.parquet'), scratch('again.csv'))
  const columns = (name: string): string[] =>
    readFileSync(scratch(name), 'utf8')
      .split('\n')
      .map((line) => line.split(',').slice(0, 6).join(','))
  expect(columns('again.csv')).toEqual(columns('labels.csv'))
  const picked = await json('convert', ALL_STAR, scratch('picked.csv'), '--hdu', '1', '--columns', 'APOGEE_ID,TEFF')
  expect(picked).toMatchObject({ rows: 33 })
  expect(readFileSync(scratch('picked.csv'), 'utf8')).toMatch(/^APOGEE_ID,TEFF\n/)
})

test('progress is told on stderr and --quiet tells nothing', async () => {
  const out = scratch('quiet.arrow')
  expect(await astrolabel(['ingest', 'desi', COADD, '-o', out, '--quiet'])).toEqual({
    code: 0,
    stdout: `24 spectra in ${out}\n`,
    stderr: '',
  })
  const loud = await astrolabel(['ingest', 'desi', COADD, '-o', out])
  expect(loud.stderr).toBe('ingest        24 spectra\n')
})

test('run takes a recipe with changed keys all the way, and a second time has nothing to do', async () => {
  const recipe = scratch('recipe.yaml')
  writeFileSync(
    recipe,
    'name: small\ningest: { survey: desi, paths: [coadd-sim-0.fits] }\ncrossmatch: { catalog: allStar-sim.fits }\npreprocess: desi\ntrain: { model: cannon, labels: [teff, fe_h] }\nevaluate: { truth: truth.csv, bootstrap: 50 }\n',
  )
  const args = [
    'run',
    recipe,
    '--set',
    `data=${TEST_DATA}`,
    '--set',
    'train.order=1',
    '--set',
    'train.errorFolds=0',
    '--set',
    'evaluate.testFraction=0.25',
    '-o',
    scratch('run'),
  ]
  const first = await jsonAlone<{ n: number; files: Record<string, string>; labels: object }>(...args)
  expect(first).toMatchObject({ folder: scratch('run'), recipe: 'small', n: 6 })
  expect(Object.keys(first.labels)).toEqual(['teff', 'fe_h'])
  for (const file of Object.values(first.files)) expect(readFileSync(file).length).toBeGreaterThan(100)
  const manifest = JSON.parse(readFileSync(first.files['manifest']!, 'utf8')) as { recipe: { train: unknown } }
  expect(manifest.recipe.train).toMatchObject({ order: 1, errorFolds: 0 })

  const again = await astrolabel([...args, '--json'])
  expect(JSON.parse(again.stdout)).toEqual(first)
  const lines = again.stderr.trim().split('\n')
  expect(lines).toHaveLength(7)
  for (const line of lines) expect(line).toMatch(/\(done before\)$/)

  const reseeded = await json<{ labels: object }>(...args, '--seed', '2')
  expect(reseeded.labels).not.toEqual(first.labels)
  expect(await json('inspect', scratch('run'))).toMatchObject({ format: 'run' })
})
