import { AstrolabelError } from '@astrolabel/spectra'
import { parse } from 'yaml'
import type { TrainRecipe } from './recipe.js'
import { nearestWord } from './nearest-word.js'
import { trainKeys, trainSchema } from './schema.js'

/**
 * The training part of a recipe from settings of the command line, `key=value` with dots between nested keys.
 *
 * @throws `recipe/setting`, naming the key and the nearest known one, or what is wrong with the value.
 */
export function parseTrainSettings(model: string, labels: readonly string[], settings: readonly string[]): TrainRecipe {
  const options: Record<string, unknown> = { model, labels }
  for (const setting of settings) {
    const at = setting.indexOf('=')
    if (at < 1) throw new AstrolabelError('recipe/setting', 'A setting needs the form key=value', { got: setting, remedy: 'For example --set order=3' })
    const keys = setting.slice(0, at).split('.')
    let target = options
    for (const key of keys.slice(0, -1)) {
      const inner = target[key]
      target = target[key] = typeof inner === 'object' && inner !== null ? { ...inner } : {}
    }
    target[keys.at(-1)!] = parse(setting.slice(at + 1)) as unknown
  }
  const parsed = trainSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!
    const near = nearestWord(key, trainKeys)
    throw new AstrolabelError('recipe/setting', `A ${model} has no option ${key}${near === undefined ? '' : `, did you mean ${near}?`}`, { expected: trainKeys.filter((known) => known !== 'model' && known !== 'labels') })
  }
  throw new AstrolabelError('recipe/setting', `${issue.path.join('.')}: ${issue.message}`)
}
