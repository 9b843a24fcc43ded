import { readFileSync, readdirSync } from 'node:fs'
import { parseRecipe, recipeJsonSchema } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'

const folder = new URL('../../../recipes/', import.meta.url)

test('recipes/recipe.schema.json is what the schema says', () => {
  const committed = JSON.parse(readFileSync(new URL('recipe.schema.json', folder), 'utf8')) as unknown
  expect(committed, 'out of date: run node packages/pipeline/scripts/write-recipe-schema.mjs after building').toEqual(
    JSON.parse(JSON.stringify(recipeJsonSchema())),
  )
})

test('every key of the schema is described', () => {
  const undescribed: string[] = []
  const walk = (node: { description?: string; properties?: Record<string, never> }, path: string): void => {
    if (node.description === undefined && path !== '.description') undescribed.push(path)
    for (const [name, inner] of Object.entries(node.properties ?? {})) walk(inner, `${path}.${name}`)
  }
  walk(recipeJsonSchema(), '')
  expect(undescribed).toEqual([])
})

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  test(`recipes/${file} is valid and names its schema`, () => {
    const text = readFileSync(new URL(file, folder), 'utf8')
    expect(parseRecipe(text, file).name).not.toBe('')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=recipe.schema.json')
  })
}
