import { AstrolabelError } from '@astrolabel/spectra'

/** A value of a parameter; null where one says `none`: no limit. */
export type ParameterValue = number | string | boolean | null

/** One parameter of a step as plain data: what recipes, settings and help are checked and written by. */
export interface ParameterSpec {
  readonly name: string
  readonly kind: 'integer' | 'number' | 'boolean' | 'word'
  readonly default: ParameterValue
  /** Smallest and largest number. */
  readonly min?: number
  readonly max?: number
  /** The number has to be above this. */
  readonly above?: number
  /** Words that it may be; beside numbers, too. */
  readonly words?: readonly string[]
  /** Whether `none` (null) may be said. */
  readonly optional?: boolean
  /** What it does, in a few words. */
  readonly help: string
}

/** Parameters of one step by name. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>

/** What is wrong with a value; undefined when nothing is. */
export function faultOfParameter(spec: ParameterSpec, value: unknown): string | undefined {
  if (value === null && spec.optional === true) return undefined
  if (typeof value === 'string' && spec.words?.includes(value) === true) return undefined
  if (spec.kind === 'boolean') return typeof value === 'boolean' ? undefined : expectedOf(spec)
  if (spec.kind === 'word' || typeof value !== 'number' || !Number.isFinite(value)) return expectedOf(spec)
  const fits =
    (spec.kind !== 'integer' || Number.isInteger(value)) &&
    value >= (spec.min ?? -Infinity) &&
    value <= (spec.max ?? Infinity) &&
    value > (spec.above ?? -Infinity)
  return fits ? undefined : expectedOf(spec)
}

/** What a parameter may be, in words: `a whole number, 1 or more, or none`. */
export function expectedOf({ kind, min, max, above, words = [], optional }: ParameterSpec): string {
  const parts: string[] = []
  if (kind === 'boolean') parts.push('true or false')
  if (kind === 'integer' || kind === 'number') {
    const range = [
      above === undefined ? '' : `above ${above}`,
      min === undefined ? '' : `${min} or more`,
      max === undefined ? '' : `up to ${max}`,
    ].filter((part) => part !== '')
    parts.push([kind === 'integer' ? 'a whole number' : 'a number', ...range].join(', '))
  }
  return [...parts, ...words, ...(optional === true ? ['none'] : [])].join(', or ')
}

/** The default of each parameter. */
export function defaultParameters(specs: readonly ParameterSpec[]): ParameterValues {
  return Object.fromEntries(specs.map((spec) => [spec.name, spec.default]))
}

/** Check a value. @throws `pipeline/parameter`, saying what it may be. */
export function checkParameter(name: string, spec: ParameterSpec, value: unknown): asserts value is ParameterValue {
  const expected = faultOfParameter(spec, value)
  if (expected === undefined) return
  throw new AstrolabelError('pipeline/parameter', `${name} cannot be that`, { got: value, expected, remedy: spec.help })
}
