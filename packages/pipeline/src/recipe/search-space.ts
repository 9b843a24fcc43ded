import type { ParameterRange, ParameterValue, SearchSpace } from '@astrolabel/models-classical'
import { Pipeline, checkSpace } from '@astrolabel/models-classical'
import { AstrolabelError } from '@astrolabel/spectra'

/** The space of a search out of a recipe: names nested or with dots, `none` as null. */
export function flatSpace(space: Readonly<Record<string, unknown>>, prefix = ''): SearchSpace {
  return Object.fromEntries(
    Object.entries(space).flatMap(([name, choice]) => {
      if (Array.isArray(choice))
        return [[prefix + name, choice.map((value) => (value === 'none' ? null : value) as ParameterValue)]]
      if (isRange(choice)) return [[prefix + name, choice]]
      if (typeof choice === 'object' && choice !== null)
        return Object.entries(flatSpace(choice as Record<string, unknown>, `${prefix}${name}.`))
      return [[prefix + name, [(choice === 'none' ? null : choice) as ParameterValue]]]
    }),
  )
}

/** What is wrong with what a search is to try; undefined when nothing is. */
export function faultOfSpace(
  steps: readonly string[],
  { method, try: space }: { readonly method?: string; readonly try?: Readonly<Record<string, unknown>> },
): string | undefined {
  try {
    const flat = flatSpace(space ?? {})
    checkSpace(new Pipeline(steps), flat)
    const range = Object.entries(flat).find(([, choice]) => !Array.isArray(choice))
    if (method === 'grid' && range !== undefined)
      return `A grid needs values of ${range[0]}, not a range: list them, or use the method random`
    return undefined
  } catch (cause) {
    if (cause instanceof AstrolabelError) return cause.message
    throw cause
  }
}

function isRange(choice: unknown): choice is ParameterRange {
  return typeof choice === 'object' && choice !== null && 'from' in choice && 'to' in choice
}
