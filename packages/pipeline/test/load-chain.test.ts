import { writeFile } from 'node:fs/promises'
import { loadChain, parseTrainSettings } from '@astrolabel/pipeline'
import { recipes as chains } from '@astrolabel/preprocess'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearestWord } from '../src/recipe/nearest-word.js'
import { scratchFolder } from './stars.js'

const scratch = scratchFolder()

test('a chain is known by its name, and none is empty', async () => {
  expect(await loadChain('miles')).toEqual(chains.miles)
  expect(await loadChain('none')).toEqual([])
})

test('a chain comes out of a list of steps or out of a recipe', async () => {
  await writeFile(scratch('chain.yaml'), '- { step: crop, from: 4000, to: 5000 }\n- step: interpolate\n')
  expect(await loadChain(scratch('chain.yaml'))).toEqual([
    { step: 'crop', from: 4000, to: 5000 },
    { step: 'interpolate' },
  ])
  await writeFile(
    scratch('recipe.yaml'),
    'name: r\ningest: { survey: miles }\npreprocess: miles\ntrain: { model: cannon, labels: [teff] }\n',
  )
  expect(await loadChain(scratch('recipe.yaml'))).toEqual(chains.miles)
})

test.each([
  [
    'an unknown step',
    '- step: crap\n',
    /chain\.yaml:1:3 Unknown preprocessing step, step 1 of the chain: got crap.*did you mean 'crop'\?/,
  ],
  [
    'a typo in an option',
    '- step: interpolate\n- { step: crop, form: 4000 }\n',
    /chain\.yaml:2:17 The step crop, step 2 of the chain, has no such option: got form.*did you mean 'from'\?/,
  ],
  ['no list and no recipe', 'a: 1\n', /chain\.yaml:1:1 unknown key 'a'/],
  ['no YAML', '- [1\n', /chain\.yaml:\d+:\d+ is not YAML/],
])('a file with %s is refused with the place', async (_, text, message) => {
  await writeFile(scratch('chain.yaml'), text)
  await expect(loadChain(scratch('chain.yaml'))).rejects.toThrow(message)
})

test('a name that is neither chain nor file is refused with the names there are', async () => {
  await expect(loadChain('mils')).rejects.toMatchObject({
    code: 'recipe/unknown-chain',
    message: expect.stringContaining('expected desi, sdss, apogee, miles, none, a YAML file') as string,
  })
})

test('training settings are read as YAML, with dots between nested keys', () => {
  expect(
    parseTrainSettings(
      'cannon',
      ['teff', 'logg'],
      ['order=3', 'transforms.teff=inverse', 'transforms.logg=identity', 'margin=0.5'],
    ),
  ).toEqual({
    model: 'cannon',
    labels: ['teff', 'logg'],
    order: 3,
    transforms: { teff: 'inverse', logg: 'identity' },
    scatter: 'likelihood',
    errorFolds: 5,
    margin: 0.5,
  })
})

test.each([
  ['order', 'A setting needs the form key=value: got order. For example --set order=3'],
  [
    'ordr=3',
    "A cannon has no option ordr, did you mean 'order'?: expected order, transforms, scatter, errorFolds, margin",
  ],
  ['order=x', 'order: Invalid input: expected number, received string'],
  ['transforms=[', 'transforms: Invalid input: expected record, received string'],
  ['transforms.teff=square', 'transforms.teff: Invalid option: expected one of "identity"|"inverse"|"log10"'],
])('the training setting %s is refused', (setting, message) => {
  expect(() => parseTrainSettings('cannon', ['teff'], [setting])).toThrow(
    expect.objectContaining({ code: 'recipe/setting', message: expect.stringContaining(message) as string }),
  )
})

test('the nearest word is at most a third of its letters away', () => {
  const known = ['preprocess', 'train', 'evaluate', 'order']
  expect(nearestWord('preproccess', known)).toBe('preprocess')
  expect(nearestWord('TRIAN', known)).toBe('train')
  expect(nearestWord('odrer', known)).toBe('order')
  expect(nearestWord('evaluation', known)).toBe('evaluate')
  expect(nearestWord('seed', known)).toBeUndefined()
  expect(nearestWord('x', ['y'])).toBe('y')
  expect(nearestWord('x', [])).toBeUndefined()
})

test('one edit of a word finds it again among words that are far apart', () => {
  const known = ['preprocess', 'crossmatch', 'evaluate', 'transforms', 'description']
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.nat(),
      fc.constantFrom('drop', 'double', 'swap', 'replace'),
      (word, at, edit) => {
        const i = at % (word.length - 1)
        const edited = {
          drop: word.slice(0, i) + word.slice(i + 1),
          double: word.slice(0, i) + word[i]! + word.slice(i),
          swap: word.slice(0, i) + word[i + 1]! + word[i]! + word.slice(i + 2),
          replace: `${word.slice(0, i)}#${word.slice(i + 1)}`,
        }[edit]
        expect(nearestWord(edited, known)).toBe(word)
      },
    ),
  )
})
