import { parseReaderSettings, parseRecipe } from '@astrolabel/pipeline'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const RECIPE = `name: small
ingest:
  survey: desi
train:
  model: cannon
  labels: [teff, fe_h]
`

/** Code and message of what parsing throws. */
function fault(text: string, settings: readonly string[] = []): string {
  try {
    parseRecipe(text, 'small.yaml', settings)
  } catch (error) {
    return `${(error as { code: string }).code} | ${(error as Error).message}`
  }
  throw new Error('parsing went well')
}

test('a recipe with the least it needs has all defaults', () => {
  expect(parseRecipe(RECIPE, 'small.yaml')).toEqual({
    name: 'small',
    seed: 1,
    data: '.',
    ingest: { survey: 'desi', paths: ['.'], options: {} },
    select: {},
    preprocess: 'none',
    train: {
      model: 'cannon',
      labels: ['teff', 'fe_h'],
      order: 2,
      transforms: {},
      scatter: 'likelihood',
      errorFolds: 5,
      margin: 0.25,
    },
    evaluate: { bootstrap: 500 },
  })
  const matched = parseRecipe(`${RECIPE}crossmatch: { catalog: allStar.fits }\n`, 'small.yaml')
  expect(matched.crossmatch).toEqual({ catalog: 'allStar.fits', radius: 3, oneToOne: true })
})

test.each([
  [
    'a typo in a key at the top',
    `${RECIPE}preproces: desi\n`,
    `small.yaml:7:1 unknown key 'preproces', did you mean 'preprocess'? Known here: name, description, seed`,
  ],
  [
    'a typo in a nested key',
    `${RECIPE}  ordr: 3\n`,
    `small.yaml:7:3 unknown key 'ordr', did you mean 'order'? Known here: model, labels, order`,
  ],
  [
    'two letters swapped',
    RECIPE.replace('survey', 'surevy'),
    `small.yaml:3:3 unknown key 'surevy', did you mean 'survey'?`,
  ],
  ['a key like no other', `${RECIPE}telescope: 2\n`, `small.yaml:7:1 unknown key 'telescope'. Known here: name`],
  [
    'a value of the wrong type',
    `${RECIPE}  order: three\n`,
    'small.yaml:7:3 train.order: Invalid input: expected number, received string',
  ],
  ['an order out of range', `${RECIPE}  order: 9\n`, 'small.yaml:7:3 train.order: Too big'],
  [
    'a section without a key it needs',
    RECIPE.replace('  survey: desi', '  paths: [.]'),
    'small.yaml:2:1 ingest.survey is missing: expected one of "miles"|"desi"|"npz"|"table"|"apogee"|"sdss"',
  ],
  ['a missing key', RECIPE.replace('name: small\n', ''), 'small.yaml:1:1 name is missing: expected string'],
  [
    'an unknown survey',
    RECIPE.replace('desi', 'dessi'),
    `small.yaml:3:3 ingest.survey: Invalid option: expected one of "miles"|"desi"|"npz"|"table"|"apogee"|"sdss"|"lamost"|"phoenix"|"btsettl", got 'dessi', did you mean 'desi'?`,
  ],
  [
    'an unknown model',
    RECIPE.replace('cannon', 'canon'),
    `small.yaml:5:3 train.model: Invalid option: expected one of "cannon"|"forest"|"extra-trees"`,
  ],
  ['a model near another', RECIPE.replace('cannon', 'canon'), `got 'canon', did you mean 'cannon'?`],
  [
    'an unknown transform',
    `${RECIPE}  transforms: { teff: invers }\n`,
    `small.yaml:7:17 train.transforms.teff: Invalid option: expected one of "identity"|"inverse"|"log10", got 'invers', did you mean 'inverse'?`,
  ],
  [
    'an unknown chain',
    `${RECIPE}preprocess: mils\n`,
    `small.yaml:7:1 preprocess: Invalid option: expected one of "desi"|"sdss"|"apogee"|"miles"|"none", got 'mils', did you mean 'miles'?`,
  ],
  [
    'a step without its name',
    `${RECIPE}preprocess:\n  - stp: mask\n`,
    'small.yaml:8:5 preprocess.0.step is missing: expected string',
  ],
  [
    'an unknown step',
    `${RECIPE}preprocess:\n  - step: interpolate\n  - step: croop\n`,
    /^recipe\/invalid \| small\.yaml:9:5 Unknown preprocessing step, step 2 of the chain: got croop, expected mask, .*, continuum, did you mean 'crop'\?$/,
  ],
  [
    'an unknown method',
    `${RECIPE}preprocess:\n  - { step: continuum, method: median }\n`,
    'small.yaml:8:5 Unknown continuum method, step 1 of the chain: got median, expected running-median, polynomial, chebyshev',
  ],
  [
    'a typo in an option of a step',
    `${RECIPE}preprocess:\n  - step: mask\n    bit: any\n`,
    `small.yaml:9:5 The step mask, step 1 of the chain, has no such option: got bit, expected bits, did you mean 'bits'?`,
  ],
  [
    'both folds and a fraction',
    `${RECIPE}evaluate: { folds: 5, testFraction: 0.2 }\n`,
    'small.yaml:7:1 evaluate: Give folds or testFraction, not both',
  ],
  ['a range with one end', `${RECIPE}select: { teff: [4000] }\n`, 'small.yaml:7:11 select.teff: Too small'],
  ['a list instead of keys', '- 1\n', 'small.yaml:1:1 the recipe: Invalid input: expected object, received array'],
  ['an empty file', '', 'small.yaml:1:1 the recipe: Invalid input: expected object, received null'],
])('%s is told with where it stands', (_, text, message) => {
  expect(fault(text)).toMatch(/^recipe\/invalid \| /)
  if (typeof message === 'string') expect(fault(text)).toContain(message)
  else expect(fault(text)).toMatch(message)
})

test('every fault is told, one line each', () => {
  const lines = fault(`${RECIPE}  ordr: 3\npreproces: desi\n`).split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain("small.yaml:7:3 unknown key 'ordr'")
  expect(lines[1]).toContain("small.yaml:8:1 unknown key 'preproces'")
})

test.each([
  [
    'a list that does not end',
    `${RECIPE}select: [1,\n`,
    /^recipe\/yaml \| small\.yaml:\d+:\d+ is not YAML: got Flow sequence/,
  ],
  [
    'a key given twice',
    'name: a\nname: b\n',
    /^recipe\/yaml \| small\.yaml:2:1 is not YAML: got Map keys must be unique/,
  ],
  [
    'an alias of nothing',
    'name: *other\n',
    /^recipe\/yaml \| small\.yaml:1:7 refers to what is not there: got \*other/,
  ],
])('what is not YAML is told with line and column: %s', (_, text, message) => {
  expect(fault(text)).toMatch(message)
})

test('settings change keys, nested ones, lists and ranges', () => {
  const recipe = parseRecipe(RECIPE, 'small.yaml', [
    'train.order=3',
    'train.transforms.teff=inverse',
    'data=../data',
    'ingest.paths=[a.fits, b.fits]',
    'select.teff=[4000, null]',
    'evaluate.folds=4',
    'train.labels.1=logg',
    'preprocess=desi',
  ])
  expect(recipe.train).toMatchObject({ order: 3, transforms: { teff: 'inverse' }, labels: ['teff', 'logg'] })
  expect(recipe).toMatchObject({
    data: '../data',
    ingest: { paths: ['a.fits', 'b.fits'] },
    select: { teff: [4000, null] },
    evaluate: { folds: 4 },
    preprocess: 'desi',
  })
})

test('a later setting wins, and a value that is not YAML is taken as it is', () => {
  expect(parseRecipe(RECIPE, 'small.yaml', ['seed=2', 'seed=7', 'name=a: b: c'])).toMatchObject({
    seed: 7,
    name: 'a: b: c',
  })
})

test.each([
  [
    'without =',
    'train.order',
    'recipe/setting | A setting needs the form key=value: got train.order. For example --set train.order=3',
  ],
  ['without a key', '=3', 'recipe/setting | A setting needs the form key=value: got =3'],
  ['with an empty part', 'train..order=3', 'recipe/setting | A setting needs the form key=value: got train..order=3'],
  [
    'below a plain value',
    'name.first=x',
    'recipe/setting | --set name.first=x: name has no keys of its own in small.yaml',
  ],
  ['with a typo', 'train.ordr=3', "recipe/invalid | --set train.ordr=3: unknown key 'ordr', did you mean 'order'?"],
  [
    'of the wrong type',
    'train.order=three',
    'recipe/invalid | --set train.order=three: train.order: Invalid input: expected number, received string',
  ],
])('a setting %s is refused', (_, setting, message) => {
  expect(fault(RECIPE, [setting])).toContain(message)
})

test('whatever the text, parsing either gives a recipe or a typed error with a place', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'name',
          'train',
          ':',
          ' ',
          '\n',
          '- ',
          '[',
          '}',
          '*a',
          '&a',
          '"',
          'x',
          '3',
          '|',
          '#',
          '\t',
          '!!map',
        ),
        { maxLength: 25 },
      ),
      (parts) => {
        expect(fault(parts.join(''))).toMatch(/^recipe\/(?:yaml|invalid) \| small\.yaml:\d+:\d+ /)
      },
    ),
    { numRuns: 300 },
  )
})

test('a selection may be ranges or an expression, which is read before anything runs', () => {
  expect(parseRecipe(`${RECIPE}select: { teff: [4000, null] }\n`, 'small.yaml').select).toEqual({ teff: [4000, null] })
  const text = 'snr > 50 and not starflag.BAD_PIXELS'
  expect(parseRecipe(`${RECIPE}select: ${text}\n`, 'small.yaml').select).toBe(text)
  expect(fault(`${RECIPE}select: snr > 50 and\n`)).toMatch(
    /recipe\/invalid \| small\.yaml:7:1 select: Expected a column, a number or a text, got the end, character 13 of the selection\n {2}snr > 50 and\n {14}\^/,
  )
})

test('choices of a reader are those of its survey', () => {
  const apogee = RECIPE.replace(
    'survey: desi',
    'survey: apogee\n  options: { mask: or, combined: global, visits: true }',
  )
  expect(parseRecipe(apogee, 'small.yaml').ingest.options).toEqual({ mask: 'or', combined: 'global', visits: true })
  expect(fault(RECIPE.replace('survey: desi', 'survey: sdss\n  options: { combined: global }'))).toMatch(
    /small\.yaml:4:3 .*the reader of sdss has no option 'combined'\. Known: mask/,
  )
  expect(fault(apogee.replace('mask: or', 'mask: xor'))).toMatch(/small\.yaml:4:3 .*mask: .*"and"\|"or"/)
  expect(parseReaderSettings('apogee', ['mask=or', 'visits=true'])).toEqual({ mask: 'or', visits: true })
  expect(() => parseReaderSettings('apogee', ['maks=or'])).toThrow(
    "the reader of apogee has no option 'maks', did you mean 'mask'? Known: combined, mask, visits, params",
  )
  expect(() => parseReaderSettings('miles', ['mask=or'])).toThrow("has no option 'mask'. Known: none")
})
