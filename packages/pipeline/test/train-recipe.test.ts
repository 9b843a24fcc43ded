import { parseRecipe, parseTrainSettings } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'
import { fault } from './fault.js'

const RECIPE = `name: small
ingest:
  survey: desi
train:
  model: forest
  labels: [teff, logg]
`

test('a classical model has its steps and their usual parameters', () => {
  expect(parseRecipe(RECIPE, 'small.yaml').train).toEqual({
    model: 'forest',
    labels: ['teff', 'logg'],
    transforms: {},
    errorFolds: 0,
    before: ['scale', 'pca'],
    parameters: {},
  })
  expect(parseRecipe(RECIPE.replace('forest', 'extra-trees'), 'small.yaml').train.errorFolds).toBe(5)
})

test('sections of steps become parameters with nested names, and none is no limit', () => {
  const text = `${RECIPE}  pca: { components: 20 }\n  forest: { maxDepth: none, maxFeatures: sqrt, minLeaf: 3 }\n`
  expect(parseRecipe(text, 'small.yaml', ['train.forest.trees=50']).train).toMatchObject({
    parameters: {
      'pca.components': 20,
      'forest.maxDepth': null,
      'forest.maxFeatures': 'sqrt',
      'forest.minLeaf': 3,
      'forest.trees': 50,
    },
  })
})

test('a search names what it tries with dots or nested', () => {
  const search = { method: 'grid', folds: 5, candidates: 20, factor: 3 }
  const space = { 'pca.components': [10, 20], 'forest.maxDepth': [8, null] }
  const dots = `${RECIPE}  search:\n    try:\n      pca.components: [10, 20]\n      forest.maxDepth: [8, none]\n`
  expect(parseRecipe(dots, 'small.yaml').train).toMatchObject({ search: { ...search, space } })
  const nested = `${RECIPE}  search: { try: { pca: { components: [10, 20] }, forest: { maxDepth: [8, none] } } }\n`
  expect(parseRecipe(nested, 'small.yaml').train).toMatchObject({ search: { ...search, space } })
  const ranges = `${RECIPE}  search: { method: random, candidates: 7, try: { forest.minLeaf: { from: 1, to: 9 } } }\n`
  expect(parseRecipe(ranges, 'small.yaml').train).toMatchObject({
    search: { method: 'random', candidates: 7, space: { 'forest.minLeaf': { from: 1, to: 9 } } },
  })
})

test('the command line says the same', () => {
  const settings = ['pca.components=20', 'forest.maxDepth=none', 'transforms.teff=inverse', 'errorFolds=3']
  const search = { method: 'halving', tries: ['forest.minLeaf=[1,3]', 'pca.components={from: 5, to: 20}'] }
  expect(parseTrainSettings('forest', ['teff'], settings, search)).toEqual({
    model: 'forest',
    labels: ['teff'],
    transforms: { teff: 'inverse' },
    errorFolds: 3,
    before: ['scale', 'pca'],
    parameters: { 'pca.components': 20, 'forest.maxDepth': null },
    search: {
      method: 'halving',
      folds: 5,
      candidates: 20,
      factor: 3,
      space: { 'forest.minLeaf': [1, 3], 'pca.components': { from: 5, to: 20 } },
    },
  })
})

test.each([
  [
    'an option of another model',
    `${RECIPE}  order: 3\n`,
    "small.yaml:7:3 unknown key 'order'. Known here: model, labels",
  ],
  [
    'a typo in a parameter',
    `${RECIPE}  forest: { tree: 5 }\n`,
    "small.yaml:7:13 unknown key 'tree', did you mean 'trees'? Known here: trees, maxDepth",
  ],
  [
    'a parameter out of range',
    `${RECIPE}  pca: { components: 0 }\n`,
    'small.yaml:7:10 train.pca.components: Invalid input: expected a whole number, 1 or more',
  ],
  [
    'a word where a number is wanted',
    `${RECIPE}  forest: { maxFeatures: log }\n`,
    'train.forest.maxFeatures: Invalid input: expected a number, above 0, up to 1, or sqrt',
  ],
  [
    'a step that is not there',
    `${RECIPE}  before: [scale]\n  pca: { components: 5 }\n`,
    'small.yaml:8:3 train.pca: The step pca is not among those before the model: scale',
  ],
  [
    'an unknown step',
    `${RECIPE}  before: [scal]\n`,
    `expected one of "scale"|"pca", got 'scal', did you mean 'scale'?`,
  ],
  [
    'a search of an unknown parameter',
    `${RECIPE}  search:\n    try: { pca.component: [5] }\n`,
    'small.yaml:8:5 train.search.try: The pipeline has no such parameter to search: got pca.component',
  ],
  [
    'a search of a value that cannot be',
    `${RECIPE}  search: { try: { forest.trees: [5, many] } }\n`,
    'train.search.try: forest.trees cannot be that: got many, expected a whole number, 1 or more',
  ],
  [
    'a grid over a range',
    `${RECIPE}  search: { try: { forest.trees: { from: 5, to: 9 } } }\n`,
    'A grid needs values of forest.trees, not a range: list them, or use the method random',
  ],
  [
    'a search of the Cannon',
    `${RECIPE.replace('forest', 'cannon')}  search: { method: grid }\n`,
    "small.yaml:7:3 unknown key 'search'",
  ],
  ['no model', RECIPE.replace('  model: forest\n', ''), 'train.model is missing: expected one of "cannon"|"forest"'],
])('%s is told with where it stands', (_, text, message) => {
  expect(fault(() => parseRecipe(text, 'small.yaml')).message).toContain(message)
})

test.each([
  [['trees=5'], "A forest has no option trees, did you mean 'forest.trees'?"],
  [['forest.tree=5'], "A forest has no option forest.tree, did you mean 'trees'?"],
  [['forest.trees=none'], 'forest.trees: Invalid input: expected a whole number, 1 or more'],
])('the setting %s is refused', (settings, message) => {
  expect(() => parseTrainSettings('forest', ['teff'], settings)).toThrow(message)
})

test('the Cannon has no search', () => {
  expect(() => parseTrainSettings('cannon', ['teff'], [], { method: 'grid', tries: [] })).toThrow(
    'The Cannon has no search of its own',
  )
})
