/** What the value of an option must be, for chains as they may come from a file. */
export interface OptionKind {
  /** In words, or the choices there are. */
  readonly expected: string | readonly string[]
  readonly accepts: (value: unknown) => boolean
  /** How it may be written. */
  readonly example?: string
  /** What a step without it is told, as `needs a grid to go to`; it may be left out when absent. */
  readonly needed?: string
}

/** The kinds of a step's options, by name. */
export type OptionKinds = Readonly<Record<string, OptionKind>>

/** A kind for every option of `T`: a table that forgets one does not compile. */
export type KindsOf<T> = { readonly [Name in keyof T]-?: OptionKind }

/** Ends of what a number may be. */
export interface NumberEnds {
  readonly min?: number
  readonly max?: number
  /** A number above this. */
  readonly above?: number
}

/** A finite number. */
export function number(ends: NumberEnds = {}): OptionKind {
  return numeric('a number', ends, Number.isFinite)
}

/** A whole number. */
export function integer(ends: NumberEnds = {}): OptionKind {
  return numeric('a whole number', ends, Number.isInteger)
}

function numeric(what: string, { min, max, above }: NumberEnds, is: (value: unknown) => boolean): OptionKind {
  const low = min ?? Number.NEGATIVE_INFINITY
  const high = max ?? Number.POSITIVE_INFINITY
  const over = above ?? Number.NEGATIVE_INFINITY
  const parts = [
    above === undefined ? '' : `above ${above}`,
    min !== undefined && max !== undefined ? `from ${min} to ${max}` : '',
    min !== undefined && max === undefined ? `not below ${min}` : '',
    min === undefined && max !== undefined ? `not above ${max}` : '',
  ]
  return {
    expected: [what, ...parts.filter((part) => part !== '')].join(' '),
    accepts: (value) => is(value) && Number(value) > over && Number(value) >= low && Number(value) <= high,
  }
}

/** True or false. */
export const flag: OptionKind = { expected: 'true or false', accepts: (value) => typeof value === 'boolean' }

/** A text that is not empty. @param what it means. */
export function text(what = 'a text'): OptionKind {
  return { expected: what, accepts: (value) => typeof value === 'string' && value !== '' }
}

/** The name of a catalogue column. */
export const column: OptionKind = text('the name of a catalogue column')

/** One of several words. */
export function choice<Word extends string>(...words: readonly Word[]): OptionKind {
  return { expected: words, accepts: (value) => words.some((word) => word === value) }
}

/** A list of values of one kind. */
export function listOf(kind: OptionKind, example: string, fewest = 0): OptionKind {
  return {
    expected: `a list${fewest > 0 ? ` of ${fewest} or more` : ''}, each ${phrase(kind)}`,
    accepts: (value) => Array.isArray(value) && value.length >= fewest && value.every(kind.accepts),
    example,
  }
}

/** Two numbers. @param what they mean. */
export function pair(what: string, example: string): OptionKind {
  return {
    expected: what,
    accepts: (value) => Array.isArray(value) && value.length === 2 && value.every((item) => Number.isFinite(item)),
    example,
  }
}

/** Ranges of wavelength. */
export const ranges: OptionKind = listOf(pair('[from, to] in Å', '[6866, 6962]'), '[[6866, 6962], [7592, 7705]]')

/** A value of any of several kinds. */
export function either(...kinds: readonly OptionKind[]): OptionKind {
  const example = kinds.find((kind) => kind.example !== undefined)?.example
  return {
    expected: kinds.map(phrase).join(', or '),
    accepts: (value) => kinds.some((kind) => kind.accepts(value)),
    ...(example === undefined ? {} : { example }),
  }
}

/** An object of these keys and no others. @param optional keys that may be absent. */
export function shape(kinds: OptionKinds, optional: readonly string[] = []): OptionKind {
  const names = Object.keys(kinds)
  return {
    expected: `{${names.map((name) => (optional.includes(name) ? `${name}?` : name)).join(', ')}}`,
    accepts: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
      const entries = Object.entries(value).filter(([, item]) => item !== undefined)
      return (
        entries.every(([name, item]) => Object.hasOwn(kinds, name) && kinds[name]!.accepts(item)) &&
        names.every((name) => optional.includes(name) || entries.some(([known]) => known === name))
      )
    },
  }
}

/** A kind that no step can do without. */
export function needed(kind: OptionKind, without: string): OptionKind {
  return { ...kind, needed: without }
}

/** What is expected, as part of a sentence. */
export function phrase({ expected }: OptionKind): string {
  return typeof expected === 'string' ? expected : expected.join(' | ')
}
