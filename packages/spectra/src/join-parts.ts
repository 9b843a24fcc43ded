import type { PartStamp } from './spectra.js'

/** The stamps of batches put one under another: those that all share, then `mixed` from where they differ. */
export function joinParts(all: readonly (readonly PartStamp[] | undefined)[]): readonly PartStamp[] {
  const first = all[0] ?? []
  const shared = first.findIndex((stamp, at) =>
    all.some((parts) => parts?.[at]?.split !== stamp.split || parts[at].name !== stamp.name),
  )
  const deepest = all.reduce<readonly PartStamp[]>((a, b) => ((b?.length ?? 0) > a.length ? b! : a), first)
  const agreed = shared < 0 ? first.length : shared
  if (agreed === deepest.length) return first
  return [...first.slice(0, agreed), { split: deepest[agreed]!.split, name: 'mixed' }]
}
