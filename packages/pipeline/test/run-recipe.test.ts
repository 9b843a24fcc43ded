import { mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import type { Recipe, Reporter } from '@astrolabel/pipeline'
import { evaluateFiles, inspectPath, labelFiles, parseRecipe, runRecipe, silent } from '@astrolabel/pipeline'
import { columnNumbers, concatLabels } from '@astrolabel/spectra'
import type { Labels, Spectra } from '@astrolabel/spectra'
import { readLabelsFile } from '@astrolabel/spectra/node'
import { expect, test } from 'vitest'
import { readTable } from '../src/formats/read-table.js'
import { makeStars, scratchFolder, withColumn, writeStars } from './stars.js'

const scratch = scratchFolder()
const stars = makeStars({ n: 36 })

async function recipeFor(name: string, spectra: Spectra, ...settings: string[]): Promise<Recipe> {
  await mkdir(scratch(name), { recursive: true })
  await writeStars(scratch(name, 'spectra.npz'), spectra)
  const text = `name: ${name}\ndata: ${scratch(name)}\ningest: { survey: npz, paths: [spectra.npz] }\ntrain: { model: cannon, labels: [teff, fe_h], order: 1, errorFolds: 3 }\nevaluate: { folds: 4, bootstrap: 20 }\n`
  return parseRecipe(text, `${name}.yaml`, settings)
}

async function labelsIn(folder: string): Promise<Labels> {
  return concatLabels(await readLabelsFile(`${folder}/5-label/labels.arrow`))
}

/** Stages that were told as done now and as done before. */
function listen(): { reporter: Reporter; done: string[]; before: string[] } {
  const heard = { done: [] as string[], before: [] as string[] }
  const reporter: Reporter = {
    ...silent,
    stage: (name) => ({
      progress: () => undefined,
      finish: (text) => (text.endsWith('(done before)') ? heard.before : heard.done).push(name),
    }),
  }
  return { reporter, ...heard }
}

test('folds label every star by a model that has not seen it, whatever the number of threads', async () => {
  const recipe = await recipeFor('folds', stars)
  const one = await runRecipe(recipe, { out: scratch('folds-1'), threads: 1 }, silent)
  const two = await runRecipe(recipe, { out: scratch('folds-2'), threads: 2 }, silent)
  expect(one.stars).toBe(36)
  expect(one.evaluation.labels['teff']!.rmse).toBeLessThan(150)
  expect(one.evaluation.labels['fe_h']!.rmse).toBeLessThan(0.15)
  expect(one.evaluation.labels['teff']!.ci).toBeDefined()
  for (const file of ['5-label/labels.arrow', '4-train/model.arrow', 'metrics.json'])
    expect((await readFile(scratch('folds-2', file))).equals(await readFile(scratch('folds-1', file)))).toBe(true)
  expect(two.evaluation).toEqual(one.evaluation)
  const split = await readTable(scratch('folds-1', '4-train', 'split.arrow'))
  const fold = columnNumbers(split.columns.get('fold')!)
  expect([1, 2, 3, 4].map((number) => fold.filter((value) => value === number).length)).toEqual([9, 9, 9, 9])
  expect([...(await labelsIn(scratch('folds-1'))).starId].sort()).toEqual([...stars.starId].sort())
})

test('a run folder among the data is not its own input: a second run has nothing to do', async () => {
  const recipe = await recipeFor('inside', stars, 'ingest.paths=[.]', 'evaluate={testFraction: 0.25, bootstrap: 0}')
  await runRecipe(recipe, { out: scratch('inside', 'run') }, silent)
  const { reporter, done, before } = listen()
  await runRecipe(recipe, { out: scratch('inside', 'run') }, reporter)
  expect(done).toEqual([])
  expect(before).toEqual(['ingest', 'preprocess', 'split', 'train', 'evaluate', 'report'])
})

test('the labels of a star that is held out cannot reach its prediction', async () => {
  const settings = ['evaluate={testFraction: 0.25, bootstrap: 0}']
  await runRecipe(await recipeFor('honest', stars, ...settings), { out: scratch('honest-run') }, silent)
  const split = await readTable(scratch('honest-run', '4-train', 'split.arrow'))
  const fold = columnNumbers(split.columns.get('fold')!)
  const teff = Float64Array.from(columnNumbers(stars.catalog.columns.get('teff')!), (value, i) =>
    fold[i] === 1 ? value + 1500 : value,
  )
  await runRecipe(
    await recipeFor('spoiled', withColumn(stars, { name: 'teff', values: teff }), ...settings),
    { out: scratch('spoiled-run') },
    silent,
  )
  const [honest, spoiled] = [await labelsIn(scratch('honest-run')), await labelsIn(scratch('spoiled-run'))]
  expect(honest.n).toBe(9)
  expect(spoiled).toEqual(honest)
  const metrics = JSON.parse(await readFile(scratch('spoiled-run', 'metrics.json'), 'utf8')) as {
    labels: { teff: { bias: number } }
  }
  expect(metrics.labels.teff.bias).toBeLessThan(-1300)
})

test('observations of one star are tested in one fold', async () => {
  const groups = stars.starId.map((_, i) => `HD${Math.floor(i / 3)}`)
  const recipe = await recipeFor(
    'groups',
    withColumn(stars, { name: 'star_group', values: groups }),
    'train.errorFolds=0',
    'evaluate.bootstrap=0',
  )
  await runRecipe(recipe, { out: scratch('groups-run') }, silent)
  const split = await readTable(scratch('groups-run', '4-train', 'split.arrow'))
  expect(split.columns.get('star_group')!.values).toEqual(groups)
  const fold = columnNumbers(split.columns.get('fold')!)
  expect(Array.from(fold, (value, i) => value === fold[Math.floor(i / 3) * 3])).toEqual(Array.from(fold, () => true))
  expect(new Set(fold).size).toBe(4)
})

test('a second run has nothing to do, a changed option begins where it matters', async () => {
  const settings = ['train.errorFolds=0', 'evaluate={testFraction: 0.25, bootstrap: 0}']
  const recipe = await recipeFor('again', stars, ...settings)
  const stages = ['ingest', 'preprocess', 'split', 'train', 'evaluate', 'report']
  const first = listen()
  await runRecipe(recipe, { out: scratch('again-run') }, first.reporter)
  expect(first).toMatchObject({ done: stages, before: [] })
  const second = listen()
  await runRecipe(recipe, { out: scratch('again-run') }, second.reporter)
  expect(second).toMatchObject({ done: [], before: stages })

  const order = listen()
  await runRecipe(
    { ...recipe, train: { ...recipe.train, order: 2 } as Recipe['train'] },
    { out: scratch('again-run') },
    order.reporter,
  )
  expect(order).toMatchObject({ before: ['ingest', 'preprocess', 'split'], done: ['train', 'evaluate', 'report'] })
  const chain = listen()
  await runRecipe({ ...recipe, select: { teff: [4600, null] } }, { out: scratch('again-run') }, chain.reporter)
  expect(chain).toMatchObject({ before: ['ingest'], done: ['preprocess', 'split', 'train', 'evaluate', 'report'] })

  const file = scratch('again', 'spectra.npz')
  await utimes(file, new Date(), new Date(Date.now() + 60_000))
  const touched = listen()
  await runRecipe({ ...recipe, select: { teff: [4600, null] } }, { out: scratch('again-run') }, touched.reporter)
  expect(touched.done).toEqual([])
})

test('a run that fails keeps what is done and leaves nothing half-written', async () => {
  const recipe = await recipeFor('fails', stars, 'train.errorFolds=0', 'evaluate.folds=2')
  const broken: Recipe = { ...recipe, train: { ...recipe.train, labels: ['teff', 'zeta'] } }
  await expect(runRecipe(broken, { out: scratch('fails-run'), threads: 2 }, silent)).rejects.toMatchObject({
    code: 'labels/no-column',
  })
  const files = (await readdir(scratch('fails-run'), { recursive: true })).filter((name) => !name.endsWith('.json'))
  expect(files.sort()).toEqual([
    '1-ingest',
    '1-ingest/spectra.arrow',
    '3-preprocess',
    '3-preprocess/spectra.arrow',
    '4-train',
    '4-train/split.arrow',
    '5-label',
  ])
  const heard = listen()
  await runRecipe(recipe, { out: scratch('fails-run') }, heard.reporter)
  expect(heard.before).toEqual(['ingest', 'preprocess', 'split'])
})

test('the report is one file that needs nothing from elsewhere', async () => {
  const recipe = await recipeFor(
    'report',
    stars,
    'train.errorFolds=0',
    'evaluate={testFraction: 0.25, bootstrap: 0}',
    'description=A small run.',
  )
  const { files } = await runRecipe(recipe, { out: scratch('report-run') }, silent)
  const html = await readFile(files['report']!, 'utf8')
  expect(html).toContain('<svg')
  expect(html).toContain('A small run.')
  expect(html).not.toMatch(/(?:src|href)="(?!#|data:)[^"]*"/)
  expect(await inspectPath(scratch('report-run'))).toMatchObject({ format: 'run' })
  expect((await stat(files['model']!)).size).toBeGreaterThan(1000)
})

test('truth from a table is used in place of the labels that were trained on', async () => {
  const truth = scratch('truth.csv')
  const teff = columnNumbers(stars.catalog.columns.get('teff')!)
  await writeFile(truth, `star_id,teff\n${stars.starId.map((id, i) => `${id},${teff[i]! - 500}`).join('\n')}\n`)
  const recipe = await recipeFor(
    'truth',
    stars,
    'train.errorFolds=0',
    'evaluate.bootstrap=0',
    `evaluate.truth=${truth}`,
  )
  const { evaluation, files } = await runRecipe(recipe, { out: scratch('truth-run') }, silent)
  expect(Object.keys(evaluation.labels)).toEqual(['teff'])
  expect(Math.abs(evaluation.labels['teff']!.bias! - 500)).toBeLessThan(40)
  expect((await evaluateFiles(files['labels']!, truth, { bootstrap: 0 })).labels).toEqual(evaluation.labels)
})

test('a star with every pixel bad gets missing labels and a flag, the others theirs', async () => {
  const settings = ['train.errorFolds=0', 'evaluate={testFraction: 0.25, bootstrap: 0}']
  await runRecipe(await recipeFor('good', stars, ...settings), { out: scratch('good-run') }, silent)
  const ivar = stars.ivar.slice()
  ivar.fill(0, 0, stars.nPix)
  await writeStars(scratch('bad.npz'), { ...stars, ivar })
  const summary = await labelFiles(
    { model: scratch('good-run', '4-train', 'model.arrow'), paths: [scratch('bad.npz')] },
    scratch('bad.csv'),
    silent,
  )
  expect(summary).toMatchObject({ stars: 36, labelled: 35, flags: { NO_LABELS: 1 } })
  const table = await readTable(scratch('bad.csv'))
  expect([...table.columns.keys()].slice(0, 6)).toEqual(['star_id', 'teff', 'teff_err', 'fe_h', 'fe_h_err', 'flags'])
  expect(columnNumbers(table.columns.get('teff')!)[0]).toBeNaN()
  expect(columnNumbers(table.columns.get('flags')!)[0]).not.toBe(0)
  expect(Array.from(columnNumbers(table.columns.get('teff')!).subarray(1)).some(Number.isNaN)).toBe(false)
  // Trained with that star among the others it does no harm either.
  const recipe = await recipeFor('bad-in-training', { ...stars, ivar }, ...settings)
  const { evaluation } = await runRecipe(recipe, { out: scratch('bad-run') }, silent)
  expect(evaluation.labels['teff']!.rmse).toBeLessThan(150)
})

test('a forest is searched, trained, judged and reported, the same with any number of threads', async () => {
  const train =
    'train={model: forest, labels: [teff, fe_h], forest: {trees: 20}, search: {folds: 3, try: {pca.components: [2, 4], forest.minLeaf: [1, 4]}}}'
  const recipe = await recipeFor('forest', makeStars({ n: 90 }), train, 'evaluate.folds=3')
  const one = await runRecipe(recipe, { out: scratch('forest-1'), threads: 1 }, silent)
  await runRecipe(recipe, { out: scratch('forest-2'), threads: 2 }, silent)
  expect(one.evaluation.labels['teff']!.rmse).toBeLessThan(200)
  for (const file of ['5-label/labels.arrow', '4-train/model.arrow', 'metrics.json'])
    expect((await readFile(scratch('forest-2', file))).equals(await readFile(scratch('forest-1', file))), file).toBe(
      true,
    )
  // Each fold searched within its own training stars.
  for (const name of ['fold-1', 'fold-2', 'fold-3', 'model']) {
    const search = JSON.parse(
      await readFile(scratch('forest-1', '4-train', `${name}-search`, 'search.json'), 'utf8'),
    ) as {
      ranked: { rows: number }[]
    }
    expect(search.ranked).toHaveLength(4)
    expect(search.ranked[0]!.rows).toBe(name === 'model' ? 60 : 40)
  }
  const report = await readFile(scratch('forest-1', 'report.html'), 'utf8')
  expect(report).toContain('scale → pca → forest')
  expect(report).toContain('Importance of each pixel')
  expect(report).toContain('The best of 4 candidates')
  expect(report).not.toContain('The Cannon')
  const again = listen()
  await runRecipe(recipe, { out: scratch('forest-1') }, again.reporter)
  expect(again.done).toEqual([])
  expect(await inspectPath(one.files['model']!)).toMatchObject({
    model: 'forest',
    training: { 'forest.trees': 20, searchCandidates: 4 },
  })
})

test('no number of a held-out star, flux or label, reaches the model that labels it', async () => {
  const settings = [
    'train={model: forest, labels: [teff, fe_h], pca: {components: 3}, forest: {trees: 10}}',
    'evaluate={testFraction: 0.25, bootstrap: 0}',
  ]
  await runRecipe(await recipeFor('clean', stars, ...settings), { out: scratch('clean-run') }, silent)
  const split = await readTable(scratch('clean-run', '4-train', 'split.arrow'))
  const held = Array.from(columnNumbers(split.columns.get('fold')!), (fold) => fold === 1)
  const flux = stars.flux.map((value, i) => (held[Math.floor(i / stars.nPix)]! ? 3 * value : value))
  const teff = Float64Array.from(columnNumbers(stars.catalog.columns.get('teff')!), (value, i) =>
    held[i]! ? value + 1500 : value,
  )
  const spoiled = withColumn({ ...stars, flux }, { name: 'teff', values: teff })
  await runRecipe(await recipeFor('dirty', spoiled, ...settings), { out: scratch('dirty-run') }, silent)
  const model = (run: string): Promise<Buffer> => readFile(scratch(run, '4-train', 'model.arrow'))
  expect((await model('dirty-run')).equals(await model('clean-run'))).toBe(true)
  expect((await labelsIn(scratch('dirty-run'))).values).not.toEqual((await labelsIn(scratch('clean-run'))).values)
})
