import type { RandomStream } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { ParameterSpec, ParameterValue, ParameterValues } from '../pipeline/parameters.js'
import { checkParameter } from '../pipeline/parameters.js'
import type { Pipeline } from '../pipeline/pipeline.js'

/** Values from one number to another, evenly or evenly in the logarithm. */
export interface ParameterRange {
  readonly from: number
  readonly to: number
  readonly scale?: 'linear' | 'log' | undefined
}

/** What a search tries of each parameter, by nested name. */
export type SearchSpace = Readonly<Record<string, readonly ParameterValue[] | ParameterRange>>

/**
 * Check that a pipeline can take what a search would try.
 *
 * @throws `search/space` for a search of nothing or a range that is none, `pipeline/parameter`.
 */
export function checkSpace(pipeline: Pipeline, space: SearchSpace): void {
  const specs = pipeline.describe()
  if (Object.keys(space).length === 0)
    throw new AstrolabelError('search/space', 'The search has nothing to try', { expected: [...specs.keys()] })
  for (const [name, choice] of Object.entries(space)) {
    const spec = specs.get(name)
    if (spec === undefined)
      throw new AstrolabelError('pipeline/parameter', 'The pipeline has no such parameter to search', {
        got: name,
        expected: [...specs.keys()],
      })
    if (isList(choice)) {
      if (choice.length === 0)
        throw new AstrolabelError('search/space', `The search has no values of ${name} to try`, {
          remedy: 'Give at least one',
        })
      for (const value of choice) checkParameter(name, spec, value)
    } else checkRange(name, spec, choice)
  }
}

/** Every combination of the values; the last parameter varies fastest. @throws `search/space` for a range. */
export function gridCandidates(space: SearchSpace): ParameterValues[] {
  return Object.entries(space).reduce<ParameterValues[]>(
    (candidates, [name, choice]) => {
      if (!isList(choice))
        throw new AstrolabelError('search/space', 'A grid needs values, not a range', {
          got: `${name} from ${choice.from} to ${choice.to}`,
          remedy: 'List the values, or use a random search',
        })
      return candidates.flatMap((candidate) => choice.map((value) => ({ ...candidate, [name]: value })))
    },
    [{}],
  )
}

/** `count` combinations drawn at random, each once: fewer where there are not so many. */
export function randomCandidates(
  pipeline: Pipeline,
  space: SearchSpace,
  count: number,
  random: RandomStream,
): ParameterValues[] {
  const specs = pipeline.describe()
  const found = new Map<string, ParameterValues>()
  // A space of few combinations is drawn out before `count` are found.
  for (let draw = 0; draw < 50 * count && found.size < count; draw++) {
    const candidate = Object.fromEntries(
      Object.entries(space).map(([name, choice]) => [name, drawOne(specs.get(name)!, choice, random)]),
    )
    const key = JSON.stringify(candidate)
    if (!found.has(key)) found.set(key, candidate)
  }
  return [...found.values()]
}

function drawOne(
  spec: ParameterSpec,
  choice: readonly ParameterValue[] | ParameterRange,
  random: RandomStream,
): ParameterValue {
  if (isList(choice)) return choice[random.integer(choice.length)]!
  const { from, to, scale } = choice
  if (spec.kind === 'integer' && scale !== 'log') return from + random.integer(to - from + 1)
  const part = random.uniform()
  const value = scale === 'log' ? from * (to / from) ** part : from + part * (to - from)
  return spec.kind === 'integer' ? Math.round(value) : Number(value.toPrecision(6))
}

function checkRange(name: string, spec: ParameterSpec, { from, to, scale }: ParameterRange): void {
  const numeric = spec.kind === 'integer' || spec.kind === 'number'
  if (!numeric || !(from < to) || (scale === 'log' && !(from > 0)))
    throw new AstrolabelError('search/space', `The search cannot draw ${name} from that range`, {
      got: `${from} to ${to}${scale === 'log' ? ', in the logarithm' : ''}`,
      expected: numeric ? 'a smaller and a larger number, above 0 for the logarithm' : 'a list of values',
    })
  checkParameter(name, spec, from)
  checkParameter(name, spec, to)
}

function isList(choice: readonly ParameterValue[] | ParameterRange): choice is readonly ParameterValue[] {
  return Array.isArray(choice)
}
