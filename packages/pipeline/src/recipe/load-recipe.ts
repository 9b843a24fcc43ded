import { recipes as chains, checkSteps } from '@astrolabel/preprocess'
import type { PreprocessStep } from '@astrolabel/preprocess'
import { AstrolabelError } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'
import type { Document } from 'yaml'
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml'
import { nearestWord } from './nearest-word.js'
import type { Recipe } from './recipe.js'
import { recipeJsonSchema, recipeSchema } from './schema.js'

type Path = readonly (string | number)[]

/**
 * A recipe from YAML text.
 *
 * @param name How errors call the text: `recipe.yaml:7:3 …`.
 * @param settings `key=value` overrides, dots between nested keys: `train.order=3`, `data=../miles`.
 * @throws `recipe/yaml` for text that is not YAML, `recipe/invalid` with line and column of every fault and, for an
 * unknown key, the nearest known one, `recipe/setting` for an override without `=`.
 */
export function parseRecipe(text: string, name: string, settings: readonly string[] = []): Recipe {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const error = document.errors[0]
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    throw new AstrolabelError('recipe/yaml', `${name}:${line}:${col} is not YAML`, { got: error.message.split('\n')[0] })
  }
  for (const setting of settings) applySetting(document, setting)
  const parsed = recipeSchema.safeParse(document.toJS())
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) => explain(issue, document, lines, name))
    throw new AstrolabelError('recipe/invalid', faults.join('\n'))
  }
  checkChain(parsed.data, document, lines, name)
  return parsed.data
}

/** The steps that a recipe's `preprocess` means. */
export function chainOf(preprocess: Recipe['preprocess']): readonly PreprocessStep[] {
  if (typeof preprocess !== 'string') return preprocess as unknown as PreprocessStep[]
  return preprocess === 'none' ? [] : chains[preprocess]
}

/**
 * A chain of preprocessing steps by name, or out of a YAML file: a list of steps, or a recipe with `preprocess`.
 *
 * @throws `recipe/unknown-chain`, listing the names, for what is neither; `recipe/yaml`, `preprocess/unknown-step` and
 * its kin for a file that is wrong.
 */
export async function loadChain(nameOrPath: string): Promise<readonly PreprocessStep[]> {
  if (nameOrPath === 'none') return []
  if (Object.hasOwn(chains, nameOrPath)) return chains[nameOrPath as keyof typeof chains]
  const text = await readFile(nameOrPath, 'utf8').catch((cause: unknown) => {
    throw new AstrolabelError('recipe/unknown-chain', 'There is no chain of that name, and no such file', { got: nameOrPath, expected: [...Object.keys(chains), 'none', 'a YAML file'], cause })
  })
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new AstrolabelError('recipe/yaml', `${nameOrPath} is not YAML`, { got: document.errors[0]!.message.split('\n')[0] })
  const value = document.toJS() as unknown
  if (!Array.isArray(value)) return chainOf(parseRecipe(text, nameOrPath).preprocess)
  const steps = value as PreprocessStep[]
  checkSteps(steps)
  return steps
}

function checkChain(recipe: Recipe, document: Document, lines: LineCounter, name: string): void {
  const steps = chainOf(recipe.preprocess)
  steps.forEach((one, index) => {
    try {
      checkSteps([one])
    } catch (cause) {
      if (!(cause instanceof AstrolabelError)) throw cause
      throw new AstrolabelError('recipe/invalid', `${where(document, lines, name, ['preprocess', index])} ${cause.message.replace('step 1 of the chain', `step ${index + 1}`)}`, { cause })
    }
  })
}

function applySetting(document: Document, setting: string): void {
  const at = setting.indexOf('=')
  if (at < 1) throw new AstrolabelError('recipe/setting', 'A setting needs the form key=value', { got: setting, remedy: 'For example --set train.order=3' })
  const value = parseDocument(setting.slice(at + 1))
  document.setIn(setting.slice(0, at).split('.'), value.errors.length > 0 ? setting.slice(at + 1) : value.toJS())
}

interface Issue {
  readonly code?: string | undefined
  readonly message: string
  readonly path: PropertyKey[]
  readonly keys?: readonly string[]
  readonly errors?: readonly (readonly Issue[])[]
}

function explain(issue: Issue, document: Document, lines: LineCounter, name: string): string[] {
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path)
    return (issue.keys ?? []).map((key) => {
      const near = nearestWord(key, known)
      return `${where(document, lines, name, [...path, key])} unknown key '${key}'${near === undefined ? '' : `, did you mean '${near}'?`} Known here: ${known.join(', ')}`
    })
  }
  const label = path.length === 0 ? 'the recipe' : path.join('.')
  return [`${where(document, lines, name, path)} ${label}: ${issue.message}`]
}

/** Keys that the schema knows at a path. */
function knownKeys(path: Path): string[] {
  let schema = recipeJsonSchema() as JsonObject | undefined
  for (const key of path) schema = schema?.properties?.[String(key)]
  return Object.keys(schema?.properties ?? {})
}

interface JsonObject {
  readonly properties?: Readonly<Record<string, JsonObject>>
}

/** `name:line:column` of a path, of its nearest ancestor when it is not in the text itself. */
function where(document: Document, lines: LineCounter, name: string, path: Path): string {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetOf(document, path.slice(0, length))
    if (offset === undefined) continue
    const { line, col } = lines.linePos(offset)
    return `${name}:${line}:${col}`
  }
  return name
}

function offsetOf(document: Document, path: Path): number | undefined {
  if (path.length === 0) return document.contents?.range?.[0] ?? 0
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}
