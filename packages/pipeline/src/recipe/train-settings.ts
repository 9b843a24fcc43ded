import { AstrolabelError } from '@astrolabel/spectra'
import { didYouMean, knownKeys } from './explain-fault.js'
import type { Path } from './recipe-text.js'
import type { TrainRecipe } from './recipe.js'
import { applySetting, parseSetting } from './setting.js'
import { train, trainJsonSchema } from './train-schema.js'

/** A search as the command line asks for it: its method, and `parameter=[values]` to try. */
export interface SearchSettings {
  /** No search when undefined. */
  readonly method: string | undefined
  readonly tries: readonly string[]
}

/**
 * The training part of a recipe from settings of the command line, `key=value` with dots between nested keys.
 *
 * @throws `recipe/setting`, naming the key and the nearest known one, or what is wrong with the value.
 */
export function parseTrainSettings(
  model: string,
  labels: readonly string[],
  settings: readonly string[],
  search?: SearchSettings,
): TrainRecipe {
  const options: Record<string, unknown> = { model, labels }
  const example = model === 'cannon' ? 'order=3' : 'pca.components=50'
  for (const setting of settings) applySetting(options, parseSetting(setting, example))
  if (search?.method === undefined && (search?.tries.length ?? 0) > 0)
    throw new AstrolabelError('recipe/setting', '--try names values for a search, and there is none', {
      remedy: 'Give --search grid, random or halving',
    })
  if (search?.method !== undefined) {
    if (model === 'cannon')
      throw new AstrolabelError('recipe/setting', 'The Cannon has no search of its own', {
        remedy: 'Train it with several --set order=… and compare',
      })
    applySetting(options, { text: '--search', path: ['search', 'method'], value: search.method })
    for (const text of search.tries) {
      const { path, value } = parseSetting(text, 'pca.components=[50,100]')
      applySetting(options, { text, path: ['search', 'try', path.join('.')], value })
    }
  }
  const parsed = train.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!
    const path = issue.path as Path
    const known = keysAt(path, options)
    // A parameter without its step: the step that has it is what was meant.
    const step = known.find((name) => path.length === 0 && keysAt([name], options).includes(key))
    throw new AstrolabelError(
      'recipe/setting',
      `A ${model} has no option ${[...path, key].join('.')}${step === undefined ? didYouMean(key, known).replace(/\.$/, '') : `, did you mean '${step}.${key}'?`}`,
      { expected: known },
    )
  }
  throw new AstrolabelError('recipe/setting', `${issue.path.join('.')}: ${issue.message}`)
}

/** Keys that are known at a path; those that arguments of their own set are not options. */
function keysAt(path: Path, options: unknown): string[] {
  const known = knownKeys(trainJsonSchema(), path, options)
  return path.length > 0 ? known : known.filter((name) => name !== 'model' && name !== 'labels')
}
