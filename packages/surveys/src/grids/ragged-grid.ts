import { AstrolabelError } from '@astrolabel/spectra'

/** Models at some of the crossings of their axes: real grids have gaps. */
export interface RaggedGrid {
  readonly names: readonly string[]
  /** For each label its values that any model has, ascending. */
  readonly axes: readonly Float64Array[]
  /** (n × labels) row-major, models in the order given. */
  readonly nodes: Float64Array
  readonly n: number
  /** Crossings of the axes, of which `n` have a model. */
  readonly crossings: number
  /** The row of the model with these labels, in the order of `names`; -1 where there is none. */
  indexOf(labels: ArrayLike<number>): number
}

/** Labels this close are one node: names carry two decimals, headers the rounding of single precision. */
const SAME = 1e-4

/**
 * A list of models as a grid that need not be full.
 *
 * @param columns Labels by name, (n) each. Infinite and missing values are not allowed.
 * @throws `grid/no-labels` without labels, `grid/ragged-labels` when lengths differ or a value is not finite,
 * `grid/duplicate-node` when two models have the same labels, naming both rows.
 */
export function raggedGrid(columns: Readonly<Record<string, ArrayLike<number>>>): RaggedGrid {
  const names = Object.keys(columns)
  if (names.length === 0)
    throw new AstrolabelError('grid/no-labels', 'A grid needs labels', { expected: 'such as teff, logg and m_h' })
  const n = columns[names[0]!]!.length
  const axes = names.map((name) => axisOf(name, columns[name]!, n))
  const nodes = new Float64Array(n * names.length)
  const rowOf = new Map<string, number>()
  for (let row = 0; row < n; row++) {
    const places = names.map((name, j) => placeOn(axes[j]!, columns[name]![row]!))
    places.forEach((place, j) => (nodes[row * names.length + j] = axes[j]![place]!))
    const key = places.join(' ')
    const held = rowOf.get(key)
    if (held !== undefined)
      throw new AstrolabelError('grid/duplicate-node', 'Two models have the same labels', {
        got: `rows ${held} and ${row}: ${names.map((name, j) => `${name} ${nodes[row * names.length + j]}`).join(', ')}`,
        expected: 'one model a node',
        remedy: 'Take one of them out',
      })
    rowOf.set(key, row)
  }
  return {
    names,
    axes,
    nodes,
    n,
    crossings: axes.reduce((product, axis) => product * axis.length, 1),
    indexOf(labels) {
      const places = axes.map((axis, j) => placeOn(axis, labels[j]!))
      return rowOf.get(places.join(' ')) ?? -1
    },
  }
}

function axisOf(name: string, values: ArrayLike<number>, n: number): Float64Array {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length !== n || !sorted.every(Number.isFinite))
    throw new AstrolabelError('grid/ragged-labels', `Label ${name} does not fit the models`, {
      got: sorted.length === n ? 'a value that is missing or infinite' : `${sorted.length} values`,
      expected: `${n} numbers`,
      remedy: 'Leave out models without labels',
    })
  return sorted.filter((value, i) => i === 0 || value - sorted[i - 1]! > SAME)
}

/** Index of a value on an axis, -1 when it is not on it. */
function placeOn(axis: Float64Array, value: number): number {
  let low = 0
  let high = axis.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (axis[middle]! < value - SAME) low = middle + 1
    else high = middle
  }
  return Math.abs((axis[low] ?? Number.NaN) - value) <= SAME ? low : -1
}
