import { AstrolabelError } from '@astrolabel/spectra'
import { didYouMean } from './explain-fault.js'
import type { TrainRecipe } from './recipe.js'
import { trainKeys, trainSchema } from './schema.js'
import { applySetting, parseSetting } from './setting.js'

/**
 * The training part of a recipe from settings of the command line, `key=value` with dots between nested keys.
 *
 * @throws `recipe/setting`, naming the key and the nearest known one, or what is wrong with the value.
 */
export function parseTrainSettings(model: string, labels: readonly string[], settings: readonly string[]): TrainRecipe {
  const options: Record<string, unknown> = { model, labels }
  for (const setting of settings) applySetting(options, parseSetting(setting, 'order=3'))
  const parsed = trainSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!
    const known = trainKeys.filter((name) => name !== 'model' && name !== 'labels')
    throw new AstrolabelError('recipe/setting', `A ${model} has no option ${key}${didYouMean(key, known)}`, {
      expected: known,
    })
  }
  throw new AstrolabelError('recipe/setting', `${issue.path.join('.')}: ${issue.message}`)
}
