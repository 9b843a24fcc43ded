import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { STACK, TEST_DATA, astrolabelWarm, json, listing, scratchFolder } from './cli.js'
import { writeStars } from './npz.js'

const scratch = scratchFolder()
const COADD = `${TEST_DATA}coadd-sim-0.fits`
const SMALL = ['--labels', 'teff,fe_h', '--set', 'order=1', '--set', 'errorFolds=0']

beforeAll(async () => {
  writeStars(scratch('stars.npz'))
  writeStars(scratch('elsewhere.npz'), { start: 8000 })
  writeStars(scratch('constant.npz'), { constantTeff: true })
  writeStars(scratch('one-bad.npz'), { bad: [7] })
  writeStars(scratch('few.npz'), { n: 5 })
  await json('ingest', 'npz', scratch('few.npz'), '-o', scratch('few.arrow'))
  await json('ingest', 'npz', scratch('stars.npz'), '-o', scratch('stars.arrow'))
  await json('ingest', 'npz', scratch('constant.npz'), '-o', scratch('constant.arrow'))
  await json('train', 'cannon', scratch('stars.arrow'), ...SMALL, '-o', scratch('model.arrow'))

  const coadd = readFileSync(COADD)
  writeFileSync(scratch('truncated.fits'), coadd.subarray(0, 1_000_000))
  writeFileSync(scratch('header-only.fits'), coadd.subarray(0, 200))
  writeFileSync(scratch('hello.fits'), 'hello, I am no FITS file\n')
  writeFileSync(scratch('zero.fits'), '')
  writeFileSync(scratch('far.csv'), 'star_id,ra,dec,teff\na,200,70,5000\n')
  writeFileSync(scratch('empty.csv'), 'star_id,ra,dec,teff\n')
  writeFileSync(scratch('zero.csv'), '')
  writeFileSync(scratch('no-position.csv'), 'star_id,teff\na,5000\n')
  writeFileSync(scratch('no-id.csv'), 'teff\n5000\n')
  writeFileSync(scratch('strangers.csv'), 'star_id,teff\nnobody,5000\n')
  mkdirSync(scratch('empty-folder'))
  const model = readFileSync(scratch('model.arrow'))
  writeFileSync(scratch('cut-model.arrow'), model.subarray(0, model.length - 500))
  const flipped = Buffer.from(model)
  flipped[Math.floor(flipped.length / 2)]! ^= 0xff
  writeFileSync(scratch('flipped-model.arrow'), flipped)
  const recipe =
    'name: r\ningest: { survey: npz, paths: [stars.npz] }\ntrain:\n  model: cannon\n  labels: [teff, fe_h]\n  order: 1\nevaluate: { folds: 2 }\n'
  writeFileSync(scratch('recipe.yaml'), recipe)
  writeFileSync(scratch('typo.yaml'), recipe.replace('order', 'ordr'))
  writeFileSync(scratch('no-data.yaml'), recipe.replace('stars.npz', 'nowhere.npz'))
  writeFileSync(scratch('narrow.yaml'), `${recipe}select: { teff: [1, 2] }\n`)
  writeFileSync(scratch('many-folds.yaml'), recipe.replace('folds: 2', 'folds: 60'))
})

/** What is wrong, the arguments (names of files in the scratch folder stand in braces), the exit code, the message. */
const CASES: readonly [what: string, args: string, exitCode: number, message: RegExp][] = [
  [
    'a truncated FITS file',
    'ingest desi {truncated.fits} -o {out.arrow}',
    1,
    /R_FLUX.* cut short: got 133120 bytes, expected 223296/,
  ],
  [
    'a FITS file that ends in its header',
    'ingest desi {header-only.fits} -o {out.arrow}',
    1,
    /header.*END|ends early|not FITS/,
  ],
  [
    'a file that is not FITS',
    'ingest miles {hello.fits} -o {out.arrow}',
    1,
    /not FITS: got a file that starts with "hello, I.*expected "SIMPLE {2}="/,
  ],
  ['an empty file', 'ingest miles {zero.fits} -o {out.arrow}', 1, /not FITS|empty/],
  [
    'a table where an image is expected',
    `ingest miles ${TEST_DATA}allStar-sim.fits -o {out.arrow}`,
    1,
    /HDU 1 \(ALLSTAR\) is not an image: got a binary table, expected an image/,
  ],
  ['a file of another survey', 'ingest npz {hello.fits} -o {out.arrow}', 1, /Not a \.npz archive/],
  ['a file that is not there', 'ingest miles {nowhere.fits} -o {out.arrow}', 1, /No files at .*nowhere\.fits/],
  [
    'a folder without files',
    'ingest miles {empty-folder} -o {out.arrow}',
    1,
    /No files at .*empty-folder: expected a file, a folder that holds \*\.fits/,
  ],
  [
    'a catalogue with no match',
    `ingest desi ${COADD} --catalog {far.csv} -o {out.arrow}`,
    1,
    /None of 24 stars has a counterpart among 1 within 3 arcsec: got a nearest pair \d+\.\d degrees apart/,
  ],
  [
    'an empty catalogue',
    `ingest desi ${COADD} --catalog {empty.csv} -o {out.arrow}`,
    1,
    /None of 24 stars has a counterpart among 0 .*an empty catalogue/,
  ],
  ['a catalogue of no bytes', `ingest desi ${COADD} --catalog {zero.csv} -o {out.arrow}`, 1, /zero\.csv is empty/],
  [
    'a catalogue without positions',
    `ingest desi ${COADD} --catalog {no-position.csv} -o {out.arrow}`,
    1,
    /no column ra or .*: expected one of star_id, teff/,
  ],
  [
    'a catalogue that is not there',
    `ingest desi ${COADD} --catalog {nowhere.csv} -o {out.arrow}`,
    1,
    /There is no file .*nowhere\.csv/,
  ],
  [
    'two lists with no match',
    'crossmatch {far.csv} {empty.csv} -o {out.csv}',
    1,
    /None of 1 stars has a counterpart among 0/,
  ],
  [
    'a missing column',
    'train cannon {stars.arrow} --labels foo -o {out.arrow}',
    1,
    /no label foo: expected one of .*teff, fe_h/,
  ],
  [
    'a label that is constant',
    'train cannon {constant.arrow} --labels teff,fe_h --set order=1 -o {out.arrow}',
    1,
    /Label teff is the same for all training stars.*got 5000/,
  ],
  [
    'too few stars for the order',
    'train cannon {few.arrow} --labels teff,fe_h --set order=2 -o {out.arrow}',
    1,
    /Too few training stars for a polynomial of order 2 in 2 labels: got 5, expected at least 8/,
  ],
  [
    'labels of other stars',
    'train cannon {stars.arrow} --catalog {strangers.csv} --labels teff -o {out.arrow}',
    1,
    /star/,
  ],
  [
    'a model where spectra are expected',
    'train cannon {model.arrow} -o {out.arrow}',
    1,
    /does not hold spectra: got columns name, shape, values/,
  ],
  [
    'spectra on another wavelength grid',
    'label {model.arrow} {elsewhere.npz} -o {out.csv}',
    1,
    /other wavelength grid than the model.*got 60 pixels, 8000–8118 Å.*expected 60 pixels, 5000–5118 Å/,
  ],
  [
    'a damaged model',
    'label {flipped-model.arrow} {stars.npz} -o {out.csv}',
    1,
    /flipped-model\.arrow: The model file is damaged: its checksum does not agree/,
  ],
  [
    'a model that was cut short',
    'label {cut-model.arrow} {stars.npz} -o {out.csv}',
    1,
    /cut-model\.arrow: .* not a whole Arrow IPC file/,
  ],
  [
    'spectra where a model is expected',
    'label {stars.arrow} {stars.npz} -o {out.csv}',
    1,
    /stars\.arrow: .* does not hold a model/,
  ],
  [
    'a model where spectra to label are expected',
    'label {model.arrow} {model.arrow} -o {out.csv}',
    1,
    /does not hold spectra/,
  ],
  ['a model that is not there', 'label {nowhere.arrow} {stars.npz} -o {out.csv}', 1, /nowhere\.arrow is not there/],
  [
    'no star to label',
    'label {model.arrow} {stars.npz} --catalog {strangers.csv} -o {out.csv}',
    1,
    /There is no star to label: got .*stars\.npz/,
  ],
  ['labels and truth of different stars', 'evaluate {far.csv} {strangers.csv}', 1, /No star is in both.*"a".*"nobody"/],
  [
    'labels without star ids',
    'evaluate {far.csv} {no-id.csv}',
    1,
    /no-id\.csv has no column that names its stars: got teff/,
  ],
  ['a chain for other spectra', 'preprocess {stars.arrow} --recipe desi -o {out.arrow}', 1, /no named bits|no arms/],
  [
    'a crop that leaves nothing',
    'preprocess {stars.arrow} --recipe {crop.yaml} -o {out.arrow}',
    1,
    /crop leaves no pixel/,
  ],
  [
    'a recipe with a typo in a key',
    'run {typo.yaml} -o {out}',
    2,
    /typo\.yaml:6:3 unknown key 'ordr', did you mean 'order'\?/,
  ],
  ['a recipe that is not there', 'run {nowhere.yaml} -o {out}', 1, /nowhere\.yaml is not there/],
  ['a recipe without its data', 'run {no-data.yaml} --set data={.} -o {out}', 1, /No files at .*nowhere\.npz/],
  [
    'a selection of no stars',
    'run {narrow.yaml} --set data={.} -o {out}',
    1,
    /No star is left to process: got 40 stars, none of them selected; 1 <= teff <= 2 removes 40\. Widen the selection/,
  ],
  [
    'more folds than stars',
    'run {many-folds.yaml} --set data={.} -o {out}',
    1,
    /fewer stars than folds: got 40 stars, expected at least 60/,
  ],
  [
    'a run folder that is none',
    'run {recipe.yaml} --set data={.} -o {foreign}',
    1,
    /manifest\.json is not the manifest of a run/,
  ],
  ['a folder where a file is expected', 'inspect {empty-folder}', 1, /empty-folder is a folder, and not that of a run/],
  ['a table below a file', 'convert {far.csv} {far.csv/out.csv}', 1, /far\.csv is a file where a folder is expected/],
  [
    'spectra below a file',
    'ingest npz {stars.npz} -o {far.csv/out.arrow}',
    1,
    /far\.csv is a file where a folder is expected/,
  ],
  ['a damaged table', 'inspect {hello.fits}', 1, /not FITS/],
]

test.each(CASES)('%s is told, and nothing is left behind', async (what, args, exitCode, message) => {
  // A folder of its own for what the command writes, so that its listing says what was left.
  const folder = scratch(`out of ${what}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(scratch('crop.yaml'), '- { step: crop, from: 1, to: 2 }\n')
  mkdirSync(scratch('foreign'), { recursive: true })
  writeFileSync(scratch('foreign', 'manifest.json'), '{"name": "an app"}')
  const outputs = new Set(['out', 'out.arrow', 'out.csv'])
  const resolved = args
    .split(' ')
    .map((arg) =>
      arg.replace(/\{(.*)\}/, (_, name: string) => (outputs.has(name) ? `${folder}/${name}` : scratch(name))),
    )
  const { code, stdout, stderr } = await astrolabelWarm(resolved)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(STACK)
  expect(stderr).not.toMatch(/undefined|NaN|\[object|TypeError|RangeError/)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  const left = listing(folder)
  expect(left.filter((name) => /part|unmatched|out\.(?:arrow|csv)$/.test(basename(name)))).toEqual([])
})

test('what stood there before a failed command stands there afterwards', async () => {
  copyFileSync(scratch('model.arrow'), scratch('kept.arrow'))
  expect(
    (await astrolabelWarm(['train', 'cannon', scratch('constant.arrow'), ...SMALL, '-o', scratch('kept.arrow')])).code,
  ).toBe(1)
  expect((await astrolabelWarm(['ingest', 'desi', scratch('truncated.fits'), '-o', scratch('kept.arrow')])).code).toBe(
    1,
  )
  expect(readFileSync(scratch('kept.arrow')).equals(readFileSync(scratch('model.arrow')))).toBe(true)
})

test('a star with every pixel bad gets nulls and a flag, and the others their labels', async () => {
  const summary = await json('label', scratch('model.arrow'), scratch('one-bad.npz'), '-o', scratch('one-bad.csv'))
  expect(summary).toMatchObject({ stars: 40, labelled: 39, flags: { NO_LABELS: 1 } })
  const rows = readFileSync(scratch('one-bad.csv'), 'utf8').trim().split('\n')
  expect(rows[8]).toMatch(/^star-7,,,,,[1-9]/)
  expect(rows.filter((row) => row.includes(',,,,'))).toHaveLength(1)
  // The run that trains goes on as well.
  const run = await json<{ n: number; flags: Record<string, number>; labels: { teff: { rmse: number } } }>(
    'run',
    scratch('recipe.yaml'),
    '--set',
    `data=${scratch()}`,
    '--set',
    'ingest.paths=[one-bad.npz]',
    '--set',
    'train.errorFolds=0',
    '--set',
    'evaluate.bootstrap=0',
    '-o',
    scratch('run'),
  )
  expect(run).toMatchObject({ n: 40, flags: { NO_LABELS: 1 } })
  expect(run.labels.teff.rmse).toBeLessThan(150)
})

test('a folder that is not there is made for what a command writes', async () => {
  await json('ingest', 'npz', scratch('stars.npz'), '-o', scratch('new', 'a', 'stars.arrow'))
  await json('preprocess', scratch('stars.arrow'), '--recipe', 'none', '-o', scratch('new', 'b', 'stars.arrow'))
  await json('label', scratch('model.arrow'), scratch('stars.arrow'), '-o', scratch('new', 'c', 'labels.csv'))
  expect(listing(scratch('new')).filter((name) => name.includes('.'))).toEqual([
    'a/stars.arrow',
    'b/stars.arrow',
    'c/labels.csv',
  ])
})

test('one bad file among several is told and the others are read', async () => {
  mkdirSync(scratch('mixed'))
  copyFileSync(COADD, scratch('mixed', 'coadd-a.fits'))
  copyFileSync(scratch('truncated.fits'), scratch('mixed', 'coadd-b.fits'))
  const { code, stdout, stderr } = await astrolabelWarm([
    'ingest',
    'desi',
    scratch('mixed'),
    '-o',
    scratch('mixed.arrow'),
  ])
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^24 spectra in /) as string })
  expect(stderr).toMatch(/warning: .*cut short/)
})
