import type { LabelDistance } from '@astrolabel/crossmatch'
import { plausibility } from '@astrolabel/crossmatch'
import type { Column, Table } from '@astrolabel/spectra'
import { columnNumbers, makeTable, takeRows } from '@astrolabel/spectra'
import type { Pairs } from './find-pairs.js'
import type { PlausibleLabel, PlausibleOptions } from './match-options.js'
import { starIds, takePairs } from './match-table.js'
import { namedColumn } from './named-column.js'

/** What a plausibility cut removed. */
export interface PlausibleReport {
  /** Pairs before the cut. */
  readonly pairs: number
  readonly removed: number
  readonly max_distance: number
  /** By label, the separation last. */
  readonly parts: readonly PlausiblePart[]
}

/** What one label did in the cut. */
export interface PlausiblePart {
  readonly label: string
  readonly weight: number
  /** What a difference is divided by, in the unit of the label; null for a label whose values do not differ. */
  readonly sigma: number | null
  /** Pairs without a value on one side. */
  readonly missing: number
  /** Mean part of the distance of pairs that stay, and of those that are removed; null without any. */
  readonly mean_kept: number | null
  readonly mean_removed: number | null
  /** Removed pairs in which no other part is larger. */
  readonly decided: number
}

/** Pairs that stay, and those that do not with the parts of their distance. */
export interface PlausiblePairs {
  readonly pairs: Pairs
  readonly removed: Table
  readonly report: PlausibleReport
}

/** Weight of a label when none is given: metallicities are better known than the rest. */
function weightOf({ name, weight }: PlausibleLabel): number {
  return weight ?? (name === 'fe_h' ? 2 : 1)
}

/**
 * Remove pairs whose labels and separation say that they are different stars.
 *
 * @throws `table/no-column` with the nearest name, `table/not-numeric`, and CrossmatchError for weights that are none.
 */
export function plausiblePairs(a: Table, b: Table, pairs: Pairs, options: PlausibleOptions): PlausiblePairs {
  const { maxDistance = 4.5 } = options
  const labels = options.labels.map((label) => ({
    name: label.name,
    weight: weightOf(label),
    a: pairColumn(a, label.a, 'catalogue A', pairs.indexA),
    b: pairColumn(b, label.b, 'catalogue B', pairs.indexB),
  }))
  const { spread, reference, missing } = options
  // An identifier is no nearer to the truth for a small separation.
  const separationWeight = options.separationWeight ?? (pairs.by === undefined ? undefined : 0)
  const cut = plausibility(pairs.separation, labels, {
    maxDistance,
    ...(separationWeight === undefined ? {} : { separationWeight }),
    ...(missing === undefined ? {} : { missing }),
    ...(spread === undefined ? {} : { spread }),
    ...(reference === undefined ? {} : { reference }),
  })
  const decided = decisive(cut.parts, cut.removed)
  return {
    pairs: takePairs(pairs, cut.kept),
    removed: removedTable(a, takePairs(pairs, cut.removed), labels, cut, cut.removed),
    report: {
      pairs: pairs.indexA.length,
      removed: cut.removed.length,
      max_distance: maxDistance,
      parts: cut.parts.map((part, p) => ({
        label: part.name,
        weight: part.weight,
        sigma: Number.isNaN(part.sigma) ? null : part.sigma,
        missing: part.missing,
        mean_kept: meanOf(part.part, cut.kept),
        mean_removed: meanOf(part.part, cut.removed),
        decided: decided[p]!,
      })),
    },
  }
}

/** A column at the rows of the pairs. */
function pairColumn(table: Table, name: string, whose: string, rows: Int32Array): Float64Array {
  const values = columnNumbers(namedColumn(table, name, whose))
  return Float64Array.from(rows, (row) => values[row]!)
}

/** By part, in how many of the pairs it is the largest; equal ones count for the first. */
function decisive(parts: readonly LabelDistance[], places: Int32Array): number[] {
  const counts = parts.map(() => 0)
  for (const place of places) {
    let largest = 0
    for (let p = 1; p < parts.length; p++) if (parts[p]!.part[place]! > parts[largest]!.part[place]!) largest = p
    counts[largest]!++
  }
  return counts
}

function meanOf(values: Float64Array, places: Int32Array): number | null {
  if (places.length === 0) return null
  let sum = 0
  for (const place of places) sum += values[place]!
  return sum / places.length
}

/** One row a removed pair: who, how far in all and by part, and both values of each label. */
function removedTable(
  a: Table,
  pairs: Pairs,
  labels: readonly { readonly name: string; readonly a: Float64Array; readonly b: Float64Array }[],
  { distance, parts }: { readonly distance: Float64Array; readonly parts: readonly LabelDistance[] },
  places: Int32Array,
): Table {
  const columns: Column[] = [
    { name: 'distance', values: distance },
    ...parts.map(({ name, part }) => ({ name: `distance_${name}`, values: part })),
    ...labels.flatMap(({ name, a: ofA, b: ofB }) => [
      { name: `${name}_a`, values: ofA },
      { name: `${name}_b`, values: ofB },
    ]),
  ]
  return makeTable([
    { name: 'star_id', values: starIds(a, pairs.indexA) },
    { name: 'index_a', values: pairs.indexA },
    { name: 'index_b', values: pairs.indexB },
    { name: 'separation', values: pairs.separation, unit: 'arcsec' },
    ...takeRows(makeTable(columns, distance.length), places).columns.values(),
  ])
}
