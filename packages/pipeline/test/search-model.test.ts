import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { inspectPath } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'
import { labelsOfTable } from '../src/catalogs/labels-of-table.js'
import { readTable } from '../src/formats/read-table.js'
import type { SearchRecipe } from '../src/recipe/recipe.js'
// Threads are started from the file beside the search, so it has to be the built one.
import { searchModel } from '../dist/search/search-model.js'
import { makeStars, scratchFolder } from './stars.js'

const scratch = scratchFolder()
const stars = makeStars({ n: 60 })
const truth = labelsOfTable(stars.catalog, stars.starId, ['teff', 'fe_h'])
const search: SearchRecipe = {
  method: 'grid',
  folds: 3,
  candidates: 20,
  factor: 3,
  space: { 'pca.components': [2, 4], 'forest.maxDepth': [3, null], 'forest.trees': [5, 10] },
}
const request = { model: 'forest', options: { before: ['scale', 'pca'] }, search, seed: 2 }

interface Found {
  readonly best: Readonly<Record<string, unknown>>
  readonly score: string
  readonly ranked: readonly { readonly seconds: number; readonly rank: number }[]
}

/** What a search found but for the times it took. */
function found(folder: string): unknown {
  const file = JSON.parse(readFileSync(scratch(folder, 'search.json'), 'utf8')) as Found
  return { ...file, ranked: file.ranked.map((one) => ({ ...one, seconds: 0 })) }
}

/** Fits that the ledger has: its lines but for the first. */
function fits(folder: string): number {
  return readFileSync(scratch(folder, 'ledger.jsonl'), 'utf8').trimEnd().split('\n').length - 1
}

const whole = await searchModel(stars, truth, request, { folder: scratch('whole') })

test('a search finds parameters, and leaves a table and a picture', async () => {
  const file = JSON.parse(readFileSync(scratch('whole', 'search.json'), 'utf8')) as Found
  expect(whole.parameters).toMatchObject({ ...file.best, 'scale.unit': 'deviation' })
  expect(whole.summary).toMatchObject({ searchMethod: 'grid', searchCandidates: 8, searchFolds: 3 })
  expect(whole.parameters['forest.maxDepth']).toBeNull()
  expect(file.score).toContain('in units of its spread')
  expect(file.ranked.map(({ rank }) => rank)[0]).toBe(1)
  for (const name of ['search.csv', 'search.arrow']) {
    const table = await readTable(scratch('whole', name))
    expect(table.n).toBe(8)
    expect([...table.columns.keys()]).toEqual([
      'rank',
      'pca.components',
      'forest.maxDepth',
      'forest.trees',
      'score',
      'score_std',
      'score_teff',
      'score_fe_h',
      'training_stars',
      'seconds',
    ])
  }
  expect(await inspectPath(scratch('whole', 'search.arrow'))).toMatchObject({ kind: 'table', rows: 8 })
  expect(readFileSync(scratch('whole', 'search.svg'), 'utf8')).toContain('forest.maxDepth')
  expect(readdirSync(scratch('whole')).filter((name) => name.endsWith('.part'))).toEqual([])
})

test.each([
  [true, 120],
  [false, 80],
])('folds train on copies of their own stars alone (originals kept: %s)', async (keepOriginals, rows) => {
  const space = { 'pca.components': [4], 'forest.trees': [30] }
  const augment = { copies: 2, keepOriginals, noise: 0.01 }
  // Labels that spectra do not tell: whoever has seen a copy of a star would know its own all the same.
  const drawn = { ...truth, values: truth.values.map((_, i) => Math.sin(7919 * (i + 1))) }
  const own = { ...request, search: { ...search, space }, augment }
  const folder = scratch(`copies-${rows}`)
  await searchModel(stars, drawn, own, { folder })
  const table = await readTable(`${folder}/search.csv`)
  expect(table.columns.get('training_stars')!.values[0]).toBe(rows)
  expect(Number(table.columns.get('score')!.values[0])).toBeGreaterThan(0.85)
})

test('threads change nothing', async () => {
  const two = await searchModel(stars, truth, request, { folder: scratch('two'), threads: 2 })
  expect(two).toEqual(whole)
  expect(found('two')).toEqual(found('whole'))
})

test.each([1, 2])('a search that was cut off goes on where it was: %i threads', async (threads) => {
  const folder = `cut-${threads}`
  const controller = new AbortController()
  const first = searchModel(stars, truth, request, {
    folder: scratch(folder),
    threads,
    signal: controller.signal,
    onProgress: (done) => {
      if (done >= 8) controller.abort(new Error('enough'))
    },
  })
  await expect(first).rejects.toThrow('enough')
  const before = fits(folder)
  expect(before).toBeGreaterThanOrEqual(8)
  expect(before).toBeLessThan(24)
  // What a kill leaves: a line that is not whole.
  appendFileSync(scratch(folder, 'ledger.jsonl'), '{"round":0,"fold":1,"parame')
  const progress: number[] = []
  const again = await searchModel(stars, truth, request, {
    folder: scratch(folder),
    threads,
    onProgress: (done) => progress.push(done),
  })
  expect(progress[0]).toBe(before)
  expect(again).toEqual(whole)
  expect(found(folder)).toEqual(found('whole'))
  expect(fits(folder)).toBe(24)
})

test('the ledger of another search is not gone on with', async () => {
  const before = readFileSync(scratch('whole', 'ledger.jsonl'), 'utf8')
  const other = await searchModel(stars, truth, { ...request, seed: 3 }, { folder: scratch('other') })
  const progress: number[] = []
  mkdirSync(scratch('mixed'))
  writeFileSync(scratch('mixed', 'ledger.jsonl'), before)
  const mixed = await searchModel(
    stars,
    truth,
    { ...request, seed: 3 },
    {
      folder: scratch('mixed'),
      onProgress: (done) => progress.push(done),
    },
  )
  expect(progress[0]).toBe(0)
  expect(mixed).toEqual(other)
  expect(fits('mixed')).toBe(24)
})

test.each([1, 2])('what a step finds wrong reaches the caller with its code: %i threads', async (threads) => {
  const asked = { ...request, search: { ...search, space: { 'pca.components': [2, 500] } } }
  await expect(searchModel(stars, truth, asked, { threads })).rejects.toMatchObject({
    code: 'pca/count',
    message: expect.stringContaining('got 500') as string,
  })
})

test('without values to try the usual ones are tried, no more components than there are stars for', async () => {
  const { space: _, ...usual } = search
  const { parameters, summary } = await searchModel(stars, truth, {
    ...request,
    options: { ...request.options, parameters: { 'forest.trees': 3 } },
    search: usual,
  })
  // 25 of 25, 50 and 100 components; three depths; three sizes of leaves.
  expect(summary).toMatchObject({ searchCandidates: 9 })
  expect(parameters).toMatchObject({ 'pca.components': 25, 'forest.trees': 3 })
})

test('random searches and halvings may have ranges', async () => {
  const space = { 'pca.components': { from: 2, to: 6 }, 'forest.minLeaf': { from: 1, to: 20, scale: 'log' as const } }
  for (const method of ['random', 'halving'] as const) {
    const asked = { ...request, search: { ...search, method, candidates: 6, space } }
    const { parameters, summary } = await searchModel(stars, truth, asked)
    expect(summary).toMatchObject({ searchMethod: method, searchCandidates: 6 })
    expect(parameters['pca.components']).toBeGreaterThanOrEqual(2)
    expect(parameters['forest.minLeaf']).toBeLessThan(20)
  }
})
