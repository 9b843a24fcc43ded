import { nearestWord } from './nearest-word.js'
import type { Path, RecipeText } from './recipe-text.js'
import { recipeJsonSchema } from './schema.js'

/** What the schema finds wrong, as zod tells it. */
export interface Fault {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
  /** What a choice may be. */
  readonly values?: readonly unknown[]
  /** Faults of each alternative. */
  readonly errors?: readonly (readonly Fault[])[]
}

/** A fault in words, one line a key, each with where it stands and, for a mistyped word, the nearest right one. */
export function explainFault(fault: Fault, text: RecipeText, data: unknown): string[] {
  const path = fault.path as Path
  if (fault.code === 'invalid_union' && fault.errors !== undefined && fault.errors.length > 0) {
    return closest(fault.errors).flatMap((inner) =>
      explainFault({ ...inner, path: [...path, ...inner.path] }, text, data),
    )
  }
  if (fault.code === 'unrecognized_keys') {
    const known = knownKeys(path)
    return (fault.keys ?? []).map(
      (key) =>
        `${text.where([...path, key])} unknown key '${key}'${didYouMean(key, known)} Known here: ${known.join(', ')}`,
    )
  }
  const label = path.length === 0 ? 'the recipe' : path.join('.')
  const value = valueAt(data, path)
  if (value === undefined && path.length > 0)
    return [
      `${text.where(path)} ${label} is missing: ${fault.message.replace(/^Invalid \w+: |, received undefined$/g, '')}`,
    ]
  const words = (fault.values ?? []).filter((word) => typeof word === 'string')
  const near = typeof value === 'string' ? `, got '${value}'${didYouMean(value, words)}` : ''
  return [`${text.where(path)} ${label}: ${fault.message}${fault.code === 'invalid_value' ? near : ''}`]
}

/** `, did you mean 'word'?` of the nearest known word, a full stop when there is none near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known)
  return near === undefined ? '.' : `, did you mean '${near}'?`
}

/** Of several alternatives the one that fits furthest: its faults lie deepest. */
function closest(alternatives: readonly (readonly Fault[])[]): readonly Fault[] {
  const depth = (faults: readonly Fault[]): number =>
    Math.max(...faults.map((fault) => fault.path.length + (fault.code === 'invalid_type' ? 0 : 0.5)))
  return alternatives.reduce((best, one) => (depth(one) > depth(best) ? one : best))
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

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[String(key)] : undefined
  return value
}
