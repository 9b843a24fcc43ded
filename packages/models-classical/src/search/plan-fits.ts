import type { ParameterValue, ParameterValues } from '../pipeline/parameters.js'
import type { Pipeline } from '../pipeline/pipeline.js'

/** Candidates that share all steps but the last transformer: what a fold computes once for all of them. */
export interface HeadPlan {
  readonly prefixes: readonly PrefixPlan[]
}

/** Candidates that share all transformers, up to the nested parameter of the last one. */
export interface PrefixPlan {
  /** Parameters of the pipeline with the largest value of the nested parameter. */
  readonly parameters: ParameterValues
  readonly tails: readonly TailPlan[]
}

/** Candidates that differ in nothing but the nested parameter of the estimator: one fit gives all of them. */
export interface TailPlan {
  /** Parameters of the pipeline with the largest value of the estimator's nested parameter. */
  readonly parameters: ParameterValues
  /** Features of the last transformer's output that it takes; all when undefined. */
  readonly columns: number | undefined
  readonly members: readonly TailMember[]
}

/** One candidate of a tail. */
export interface TailMember {
  readonly candidate: number
  /** Its value of the estimator's nested parameter; the tail's own when undefined. */
  readonly first: number | undefined
}

/**
 * Sort candidates so that what they share is computed once: the transformers once for all estimators after them, of a
 * nested parameter (the components of a PCA, the trees of a forest) the largest value alone.
 */
export function planFits(pipeline: Pipeline, candidates: readonly ParameterValues[]): HeadPlan[] {
  const all = candidates.map((candidate, index) => ({ index, own: pipeline.withParameters(candidate) }))
  const last = pipeline.transformers.length - 1
  const nestedOf = (step: number): string | undefined => {
    const { nested } = step < pipeline.transformers.length ? pipeline.transformers[step]! : pipeline.estimator
    return nested === undefined ? undefined : `${pipeline.names[step]}.${nested}`
  }
  const nestedLast = last < 0 ? undefined : nestedOf(last)
  const nestedTail = nestedOf(last + 1)
  const headOf = (own: Pipeline): string => keyOf(own, 0, last)
  // A nested parameter of `none` means what the rows allow: it is in no order with numbers.
  const open = (own: Pipeline, name: string | undefined): string =>
    String(name !== undefined && own.parameters[name] === null)
  const prefixOf = (own: Pipeline): string => keyOf(own, 0, last + 1, nestedLast) + open(own, nestedLast)
  const tailOf = (own: Pipeline): string =>
    `${nestedLast === undefined ? '' : String(own.parameters[nestedLast])} ${keyOf(own, last + 1, last + 2, nestedTail)} ${open(own, nestedTail)}`
  return groupBy(all, ({ own }) => headOf(own)).map((head) => ({
    prefixes: groupBy(head, ({ own }) => prefixOf(own)).map((prefix) => ({
      parameters: largest(prefix, nestedLast),
      tails: groupBy(prefix, ({ own }) => tailOf(own)).map((tail) => ({
        parameters: largest(tail, nestedTail),
        columns: nestedLast === undefined ? undefined : numberOf(tail[0]!.own.parameters[nestedLast]!),
        members: tail.map(({ index, own }) => ({
          candidate: index,
          first: nestedTail === undefined ? undefined : numberOf(own.parameters[nestedTail]!),
        })),
      })),
    })),
  }))
}

function numberOf(value: ParameterValue): number | undefined {
  return typeof value === 'number' ? value : undefined
}

interface Own {
  readonly index: number
  readonly own: Pipeline
}

/** Parameters of steps from `start` to before `end`, but for one. */
function keyOf(own: Pipeline, start: number, end: number, without?: string): string {
  const names = own.names.slice(Math.max(start, 0), Math.max(end, 0))
  const kept = Object.entries(own.parameters).filter(
    ([name]) => name !== without && names.some((step) => name.startsWith(`${step}.`)),
  )
  return JSON.stringify(kept)
}

/** Parameters of the candidate with the largest value of a parameter. */
function largest(group: readonly Own[], name: string | undefined): ParameterValues {
  const value = ({ own }: Own): ParameterValue => (name === undefined ? 0 : own.parameters[name]!)
  return group.reduce((most, one) => (Number(value(one)) > Number(value(most)) ? one : most)).own.parameters
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const name = key(item)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return [...groups.values()]
}
