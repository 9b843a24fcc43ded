import { FlagSet } from '@astrolabel/spectra'

/** A flag set from a list such as `0 BADPIX, 1 CRPIX`, which reads like the tables of the surveys' handbooks. */
export function namedBits(list: string): FlagSet {
  return new FlagSet(
    list.split(', ').map((entry) => {
      const [bit, name] = entry.split(' ') as [string, string]
      return { bit: Number(bit), name }
    }),
  )
}
