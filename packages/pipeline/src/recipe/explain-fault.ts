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
  /** Key that decides which alternative is meant, when it names none. */
  readonly discriminator?: string | undefined
  /** Faults of each alternative. */
  readonly errors?: readonly (readonly Fault[])[]
}

/** A fault in words, one line a key, each with where it stands and, for a mistyped word, the nearest right one. */
export function explainFault(fault: Fault, text: RecipeText, data: unknown): string[] {
  const path = fault.path as Path
  // Where the schema has words of its own for all alternatives, these say more than the one that fits furthest.
  const ownWords = fault.message !== 'Invalid input'
  if (fault.code === 'invalid_union' && !ownWords && fault.errors !== undefined && fault.errors.length > 0) {
    return closest(fault.errors).flatMap((inner) =>
      explainFault({ ...inner, path: [...path, ...inner.path] }, text, data),
    )
  }
  // A choice between kinds of things by one of their keys, which names none of them.
  if (fault.code === 'invalid_union' && fault.discriminator !== undefined) return [otherKind(fault, text, data)]
  if (fault.code === 'unrecognized_keys') {
    const known = knownKeys(recipeJsonSchema(), path, data)
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

function otherKind(fault: Fault, text: RecipeText, data: unknown): string {
  const path = fault.path as Path
  const kinds = kindsAt(recipeJsonSchema(), path)
  const value = valueAt(data, path)
  const place = `${text.where(path)} ${path.join('.')}`
  const expected = `expected one of ${kinds.map((kind) => JSON.stringify(kind)).join('|')}`
  if (value === undefined) return `${place} is missing: ${expected}`
  const got = typeof value === 'string' ? value : JSON.stringify(value)
  return `${place}: Invalid option: ${expected}, got '${got}'${didYouMean(got, kinds)}`
}

/** Keys that a schema knows at a path of data. */
export function knownKeys(schema: object, path: Path, data: unknown): string[] {
  return Object.keys(objectAt(schema as JsonObject, path, data)?.properties ?? {})
}

function kindsAt(schema: object, path: Path): string[] {
  let node = schema as JsonObject | undefined
  for (const key of path.slice(0, -1)) node = node?.properties?.[String(key)]
  return kindsOf(node).flatMap((one) => one.properties?.[String(path.at(-1))]?.const ?? [])
}

/** Of a choice between kinds of things, the kind that the data say. */
function objectAt(schema: JsonObject, path: Path, data: unknown): JsonObject | undefined {
  let node: JsonObject | undefined = schema
  let value = data
  for (const key of [undefined, ...path]) {
    if (key !== undefined) {
      node = node?.properties?.[String(key)]
      value = valueAt(value, [key])
    }
    node = kindsOf(node).find((one) => one.properties?.['model']?.const === valueAt(value, ['model'])) ?? node
  }
  return node
}

function kindsOf(node: JsonObject | undefined): readonly JsonObject[] {
  return node?.oneOf ?? node?.anyOf ?? []
}

interface JsonObject {
  readonly properties?: Readonly<Record<string, JsonObject>>
  readonly anyOf?: readonly JsonObject[]
  readonly oneOf?: readonly JsonObject[]
  readonly const?: string
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[String(key)] : undefined
  return value
}
