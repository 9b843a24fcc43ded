import type { PlausibleLabel, PlausibleOptions } from '@astrolabel/pipeline'

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

/** What is wrong with the flags, in words; undefined when they are right. */
export function faultOfPlausible({ plausible = [], weights = [] }: PlausibleFlags): string | undefined {
  const label = plausible.find(
    (text) => text.split('=').length > 2 || text.split('=').some((name) => name.trim() === ''),
  )
  if (label !== undefined) return `--plausible: '${label}' is not a label, nor column=column`
  const names = plausible.map((text) => text.split('=')[0]!.trim())
  for (const text of weights) {
    const [name, value, ...more] = text.split('=').map((part) => part.trim())
    if (!value || more.length > 0 || !(Number(value) >= 0 && Number(value) < Infinity))
      return `--weights: '${text}' is not a weight, such as teff=0.5`
    if (!names.includes(name!)) return `--weights: ${name} is not compared, of ${names.join(', ')}`
  }
  return undefined
}

/** Labels, columns and weights out of flags that are right; undefined when no cut is asked for. */
export function plausibleOptions(flags: PlausibleFlags): PlausibleOptions | undefined {
  if (flags.plausible === undefined) return undefined
  const weights = new Map(
    (flags.weights ?? []).map((text): [string, number] => {
      const [name, value] = text.split('=').map((part) => part.trim())
      return [name!, Number(value)]
    }),
  )
  const labels = flags.plausible.map((text): PlausibleLabel => {
    const [a, b] = text.split('=').map((name) => name.trim())
    return { name: a!, a: a!, b: b ?? a!, weight: weights.get(a!) }
  })
  const { separationWeight, maxDistance, missing, spread, reference } = flags
  return { labels, separationWeight, maxDistance, missing, spread, reference }
}
