import type { PlausibleLabel, PlausibleOptions } from '@astrolabel/pipeline'
import { InvalidArgumentError } from 'commander'

/** The plausibility cut as the command line gives it. */
export interface PlausibleFlags {
  /** `teff`, or `teff=TEFF_ADOP`: column of A = column of B. */
  readonly plausible?: readonly string[]
  /** `teff=0.5`. */
  readonly weights?: readonly string[]
  readonly separationWeight?: number
  readonly maxDistance?: number
  readonly missing?: number
  readonly spread?: 'std' | 'mad'
  readonly reference?: 'a' | 'b'
}

/** Labels, columns and weights out of the flags; undefined when no cut is asked for. @throws InvalidArgumentError. */
export function plausibleOptions(flags: PlausibleFlags): PlausibleOptions | undefined {
  if (flags.plausible === undefined) return undefined
  const weights = new Map((flags.weights ?? []).map(weight))
  const labels = flags.plausible.map((text): PlausibleLabel => {
    const [a, b, ...more] = text.split('=').map((name) => name.trim())
    if (!a || b === '' || more.length > 0)
      throw new InvalidArgumentError(`--plausible: '${text}' is not a label, nor column=column.`)
    return { name: a, a, b: b ?? a, weight: weights.get(a) }
  })
  const names = labels.map(({ name }) => name)
  const stray = [...weights.keys()].find((name) => !names.includes(name))
  if (stray !== undefined)
    throw new InvalidArgumentError(`--weights: ${stray} is not compared. Labels: ${names.join(', ')}`)
  const { separationWeight, maxDistance, missing, spread, reference } = flags
  return { labels, separationWeight, maxDistance, missing, spread, reference }
}

function weight(text: string): [string, number] {
  const [name, value, ...more] = text.split('=').map((part) => part.trim())
  const number = Number(value)
  if (!name || !value || more.length > 0 || !(number >= 0 && number < Infinity))
    throw new InvalidArgumentError(`--weights: '${text}' is not a weight, such as teff=0.5.`)
  return [name, number]
}
