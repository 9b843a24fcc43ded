// Writes recipes/recipe.schema.json, which editors use to check and complete recipes:
//   node packages/pipeline/scripts/write-recipe-schema.mjs
import { writeFile } from 'node:fs/promises'
import { recipeJsonSchema } from '@astrolabel/pipeline'

const path = new URL('../../../recipes/recipe.schema.json', import.meta.url)
await writeFile(path, `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`)
