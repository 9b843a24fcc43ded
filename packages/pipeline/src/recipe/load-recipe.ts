import { recipes as chains, checkSteps } from '@astrolabel/preprocess'
import type { PreprocessStep } from '@astrolabel/preprocess'
import { AstrolabelError } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'
import { didYouMean, explainFault } from './explain-fault.js'
import type { Recipe } from './recipe.js'
import { RecipeText } from './recipe-text.js'
import { inlinePixelLists } from './pixel-lists.js'
import { recipeSchema } from './schema.js'
import { selectionOf } from '../selection/selection-of.js'

/**
 * A recipe from YAML text.
 *
 * @param name How errors call the text: `recipe.yaml:7:3 …`.
 * @param settings `key=value` overrides, dots between nested keys: `train.order=3`, `data=../miles`.
 * @throws `recipe/yaml` for text that is not YAML, `recipe/invalid` with line and column of every fault and, for an
 * unknown key, the nearest known one, `recipe/setting` for an override without `=`.
 */
export function parseRecipe(text: string, name: string, settings: readonly string[] = []): Recipe {
  const source = new RecipeText(text, name, settings)
  const data = source.toJS()
  const parsed = recipeSchema.safeParse(data)
  if (!parsed.success) {
    throw new AstrolabelError(
      'recipe/invalid',
      parsed.error.issues.flatMap((fault) => explainFault(fault, source, data)).join('\n'),
    )
  }
  checkSelection(parsed.data.select, source)
  const { preprocess } = parsed.data
  if (typeof preprocess === 'string') return parsed.data
  const steps = inlinePixelLists(chainOf(preprocess))
  checkChain(steps, source, ['preprocess'])
  return { ...parsed.data, preprocess: steps as unknown as typeof preprocess }
}

/** Read the selection before anything runs. @throws `recipe/invalid` with the place of the fault in the recipe. */
function checkSelection(select: Recipe['select'], source: RecipeText): void {
  try {
    selectionOf(select)
  } catch (cause) {
    if (!(cause instanceof AstrolabelError)) throw cause
    throw new AstrolabelError('recipe/invalid', `${source.where(['select'])} select: ${cause.message}`, { cause })
  }
}

/** The steps that a recipe's `preprocess` means. */
export function chainOf(preprocess: Recipe['preprocess']): readonly PreprocessStep[] {
  if (typeof preprocess !== 'string') return preprocess as unknown as PreprocessStep[]
  return preprocess === 'none' ? [] : chains[preprocess]
}

/**
 * A chain of preprocessing steps by name, or out of a YAML file: a list of steps, or a recipe with `preprocess`.
 *
 * @throws `recipe/unknown-chain`, listing the names, for what is neither; `recipe/yaml` and `recipe/invalid` for a file
 * that is wrong.
 */
export async function loadChain(nameOrPath: string): Promise<readonly PreprocessStep[]> {
  if (nameOrPath === 'none') return []
  if (Object.hasOwn(chains, nameOrPath)) return chains[nameOrPath as keyof typeof chains]
  const text = await readFile(nameOrPath, 'utf8').catch((cause: unknown) => {
    throw new AstrolabelError('recipe/unknown-chain', 'There is no chain of that name, and no such file', {
      got: nameOrPath,
      expected: [...Object.keys(chains), 'none', 'a YAML file'],
      cause,
    })
  })
  const source = new RecipeText(text, nameOrPath, [])
  const value = source.toJS()
  if (!Array.isArray(value)) return chainOf(parseRecipe(text, nameOrPath).preprocess)
  const steps = inlinePixelLists(value as PreprocessStep[])
  checkChain(steps, source, [])
  return steps
}

/** Check each step where it stands, so that a message can say where that is. */
function checkChain(steps: readonly PreprocessStep[], source: RecipeText, at: readonly string[]): void {
  steps.forEach((one, index) => {
    try {
      checkSteps([one])
    } catch (cause) {
      if (!(cause instanceof AstrolabelError)) throw cause
      const wrong =
        typeof cause.got === 'string' && Array.isArray(cause.expected)
          ? { got: cause.got, expected: cause.expected.map(String) }
          : undefined
      const key = cause.code === 'preprocess/unknown-option' && wrong !== undefined ? [wrong.got] : []
      const near = wrong === undefined ? '' : didYouMean(wrong.got, wrong.expected)
      throw new AstrolabelError(
        'recipe/invalid',
        `${source.where([...at, index, ...key])} ${cause.message.replace('step 1', `step ${index + 1}`)}${near}`,
        { cause },
      )
    }
  })
}
