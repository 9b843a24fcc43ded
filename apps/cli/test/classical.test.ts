import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { TEST_DATA, astrolabel, astrolabelWarm, json, listing, scratchFolder } from './cli.js'
import { writeStars } from './npz.js'

const scratch = scratchFolder()
const LABELS = ['--labels', 'teff,fe_h']
const SEARCH = [
  '--search',
  'grid',
  '--try',
  'pca.components=[2,5]',
  '--try',
  'forest.maxDepth=[2,none]',
  '--set',
  'forest.trees=40',
  '--set',
  'search.folds=3',
]

beforeAll(async () => {
  await json(
    'ingest',
    'desi',
    `${TEST_DATA}coadd-sim-0.fits`,
    '--catalog',
    `${TEST_DATA}allStar-sim.fits`,
    '-o',
    scratch('raw.arrow'),
  )
  writeStars(scratch('stars.npz'), { n: 200, nPix: 900 })
  await json('ingest', 'npz', scratch('stars.npz'), '-o', scratch('stars.arrow'))
})

test.each(['forest', 'extra-trees'])('%s: raw spectra to a model, to labels, to their errors', async (kind) => {
  const model = scratch(`${kind}.arrow`)
  const set = [...LABELS, '--set', 'pca.components=6', '--set', `${kind}.trees=30`]
  expect(await json('train', kind, scratch('raw.arrow'), ...set, '-o', model)).toMatchObject({
    model: kind,
    stars: 23,
    pixels: 7781,
    labels: ['teff', 'fe_h'],
  })
  expect(await json('inspect', model)).toMatchObject({
    kind: 'model',
    model: kind,
    survey: 'desi',
    labels: [{ name: 'teff', unit: 'K' }, { name: 'fe_h' }],
    training: { 'pca.components': 6, [`${kind}.trees`]: 30, 'scale.unit': 'deviation' },
  })
  const labelled = await json('label', model, scratch('raw.arrow'), '-o', scratch(`${kind}.csv`))
  // The broken fibre has no labels.
  expect(labelled).toMatchObject({ stars: 23, labelled: 22, flags: { NO_LABELS: 1 } })
  const evaluation = await json<{ n: number; labels: Record<string, { rmse: number }> }>(
    'evaluate',
    scratch(`${kind}.csv`),
    `${TEST_DATA}truth.csv`,
  )
  expect(evaluation.n).toBe(23)
  // Trained on these very stars, whose temperatures differ by 700 K: worse than this is broken.
  expect(evaluation.labels['teff']!.rmse).toBeLessThan(400)
})

test('the same seed gives the same file, with any number of threads, another seed another', async () => {
  const train = (out: string, ...more: string[]) =>
    json('train', 'forest', scratch('stars.arrow'), ...LABELS, ...SEARCH, ...more, '-o', scratch(out))
  const found = await train('one.arrow')
  expect(found).toMatchObject({ search: { method: 'grid', candidates: 4, best: { 'forest.maxDepth': null } } })
  await train('two.arrow', '--threads', '2')
  await train('three.arrow', '--seed', '9')
  const [one, two, three] = ['one', 'two', 'three'].map((name) => readFileSync(scratch(`${name}.arrow`)))
  expect(two!.equals(one!)).toBe(true)
  expect(three!.equals(one!)).toBe(false)
  expect(listing(scratch('one-search'))).toEqual([
    'ledger.jsonl',
    'search.arrow',
    'search.csv',
    'search.json',
    'search.svg',
  ])
})

test.each(['1', '2'])('a search that is killed goes on where it was: %s threads', async (threads) => {
  const name = `killed-${threads}`
  const args = [
    'train',
    'forest',
    scratch('stars.arrow'),
    ...LABELS,
    ...SEARCH,
    '--threads',
    threads,
    '-o',
    scratch(`${name}.arrow`),
  ]
  const ledger = scratch(`${name}-search`, 'ledger.jsonl')
  const lines = (): number => (existsSync(ledger) ? readFileSync(ledger, 'utf8').trimEnd().split('\n').length - 1 : 0)
  let watch: NodeJS.Timeout | undefined
  const killed = await astrolabel(args, undefined, (kill) => {
    watch = setInterval(() => {
      if (lines() > 0) kill('SIGKILL')
    }, 2)
  })
  clearInterval(watch)
  expect(killed.code).toBeNull()
  const before = lines()
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(12)
  expect(existsSync(scratch(`${name}.arrow`))).toBe(false)
  const kept = readFileSync(ledger, 'utf8').slice(0, readFileSync(ledger, 'utf8').lastIndexOf('\n'))
  const again = await astrolabel(args)
  expect(again.code, again.stderr).toBe(0)
  expect(lines()).toBe(12)
  // What was done before was not done again: its times are those of the first run.
  expect(readFileSync(ledger, 'utf8').startsWith(kept)).toBe(true)
  expect(readFileSync(scratch(`${name}.arrow`)).equals(readFileSync(scratch('one.arrow')))).toBe(true)
})

test.each([
  [['--set', 'trees=5'], "A forest has no option trees, did you mean 'forest.trees'?"],
  [['--set', 'forest.trees=0'], 'forest.trees: Invalid input: expected a whole number, 1 or more'],
  [['--set', 'pca.components=many'], 'expected a whole number, 1 or more, or none'],
  [['--search', 'grid', '--try', 'pca.parts=[3]'], 'The pipeline has no such parameter to search: got pca.parts'],
  [['--search', 'best'], 'Allowed choices are grid, random, halving'],
  [['--try', 'pca.components=[3]'], '--try names values for a search'],
])('forest %s is misuse', async (args, message) => {
  const { code, stdout, stderr } = await astrolabelWarm([
    'train',
    'forest',
    scratch('stars.arrow'),
    ...LABELS,
    ...args,
    '-o',
    scratch('bad.arrow'),
  ])
  expect(stderr).toContain(message)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(existsSync(scratch('bad.arrow'))).toBe(false)
})

test('more components than stars are refused with how many can be had', async () => {
  const { code, stderr } = await astrolabelWarm([
    'train',
    'forest',
    scratch('stars.arrow'),
    ...LABELS,
    '--set',
    'pca.components=500',
    '-o',
    scratch('bad.arrow'),
  ])
  expect(code).toBe(1)
  expect(stderr).toContain('got 500, expected 1 to 199')
})

test('help tells what each step takes', async () => {
  const { stdout } = await astrolabelWarm(['train', '--help'])
  for (const word of ['forest.maxDepth', 'extra-trees.minLeaf', 'pca.components', 'scale.gap', '--search', '--try'])
    expect(stdout).toContain(word)
})
