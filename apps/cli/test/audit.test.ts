import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { TEST_DATA, astrolabel, astrolabelWarm, json, jsonAlone, listing, scratchFolder } from './cli.js'

const scratch = scratchFolder()
const [MODEL, SPECTRA] = [scratch('model.arrow'), scratch('processed.arrow')]

beforeAll(async () => {
  const catalog = ['--catalog', `${TEST_DATA}allStar-sim.fits`]
  await jsonAlone('ingest', 'desi', `${TEST_DATA}coadd-sim-0.fits`, ...catalog, '-o', scratch('spectra.arrow'))
  await jsonAlone('preprocess', scratch('spectra.arrow'), '--recipe', 'desi', '-o', SPECTRA)
  const small = ['--labels', 'teff,fe_h', '--set', 'order=1', '--set', 'errorFolds=0']
  await jsonAlone('train', 'cannon', SPECTRA, ...small, '-o', MODEL)
})

interface Report {
  readonly stars: number
  readonly verdict: string
  readonly crossTalk: { readonly labels: string[]; readonly response: number[][] }
  readonly decorrelated: { readonly verdict: string }[]
  readonly split: { readonly leaking: number } | null
  readonly permuted: unknown
}

test('audit tells the cross-talk of a model, and finds the training stars among those it is audited on', async () => {
  const args = ['audit', MODEL, scratch('spectra.arrow'), '--train', SPECTRA, '--figure', scratch('talk.svg')]
  const report = await json<Report>(...args)
  expect(report).toMatchObject({ stars: 23, verdict: 'suspect', permuted: null })
  expect(report.crossTalk.labels).toEqual(['teff', 'fe_h'])
  expect(report.crossTalk.response[0]![0]).toBeCloseTo(1, 1)
  expect(report.decorrelated.map(({ verdict }) => verdict)).toEqual(['untestable', 'untestable'])
  expect(report.split!.leaking).toBe(23)
  expect(readFileSync(scratch('talk.svg'), 'utf8')).toMatch(/^<svg .*Cross-talk/)
  const { stdout } = await astrolabelWarm(args)
  expect(stdout).toMatch(
    /^Cross-talk: spreads by which a label \(row\) moves when one alone \(column\) is raised by one\n/,
  )
  expect(stdout).toContain('Whether teff is measured cannot be told: only')
  expect(stdout).toMatch(/Suspect\. (.|\n)*23 of 23 test rows are trained on: 23 by star id/)
})

test('embed puts spectra on a map, ingested and processed ones alike', async () => {
  const map = ['embed', SPECTRA, '--components', '5', '--figure', scratch('map.svg')]
  const one = await json<{ trustworthiness: number | null; gap: unknown }>(
    ...map,
    '--method',
    'pca',
    '-o',
    scratch('map.csv'),
  )
  expect(one).toMatchObject({ method: 'pca', stars: 23, components: 5, gap: null, trustworthiness: null })
  expect(readFileSync(scratch('map.csv'), 'utf8').split('\n')[0]).toBe('star_id,set,x,y')
  expect(readFileSync(scratch('map.svg'), 'utf8')).toContain('processed (23)')
  const two = ['embed', SPECTRA, scratch('spectra.arrow'), '--components', '5', '--perplexity', '5']
  const { stdout } = await astrolabel([...two, '-o', scratch('both.arrow')])
  expect(stdout).toContain('46 spectra in 5 components')
  // The very same stars: each has its double in the other file.
  expect(stdout).toContain('The sets lie in one cloud: no gap is seen')
})

test('too few stars to learn from, and a perplexity too large for the stars, are said and leave no file', async () => {
  const ood = await astrolabelWarm(['ood', SPECTRA, '--train', SPECTRA, '--model', MODEL, '-o', scratch('none.csv')])
  expect(ood.code).toBe(1)
  expect(ood.stderr).toContain('Too few stars tell what is usual: got 15 training and 7 held-out stars')
  const embed = await astrolabelWarm(['embed', SPECTRA, '-o', scratch('none.arrow')])
  expect(embed.stderr).toContain('A point cannot have so many neighbours: got 91, expected 1 to 22 of 23 points')
  expect(listing(scratch()).filter((name) => name.startsWith('none'))).toEqual([])
})
