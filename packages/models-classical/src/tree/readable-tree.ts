import { AstrolabelError } from '@astrolabel/spectra'
import type { CartNode } from 'ml-cart'
import { DecisionTreeRegression } from 'ml-cart'

/** A regression tree as it is read, and written as JSON: rows with a feature below the threshold go the one way. */
export interface ReadableTree {
  /** Training rows that come here, and the mean of their labels. */
  readonly rows: number
  readonly value: number
  readonly split?: {
    readonly feature: number
    readonly threshold: number
    readonly below: ReadableTree
    readonly above: ReadableTree
  }
}

/** What a single tree grows on: one label. */
export interface ReadableTreeData {
  readonly n: number
  /** (n × width), finite. */
  readonly x: Float32Array
  readonly width: number
  /** (n) labels; rows without one (NaN) are left out. */
  readonly y: Float64Array
}

/** Where a single tree stops. */
export interface ReadableTreeOptions {
  /** Splits on the longest way; 3. */
  readonly maxDepth?: number
  /** Groups of up to so many rows are not split; 5. */
  readonly smallest?: number
}

/**
 * One classification-and-regression tree (Breiman et al. 1984, by ml-cart), small enough to be read. For predictions
 * take a forest. All rows count the same.
 *
 * @throws `tree/data` when sizes do not fit, or fewer than two rows have a label. Cost: n² × width a level: some hundred
 * features and a thousand rows take seconds.
 */
export function growReadableTree(data: ReadableTreeData, options: ReadableTreeOptions = {}): ReadableTree {
  const { n, x, width, y } = data
  if (x.length !== n * width || y.length !== n)
    throw new AstrolabelError('tree/data', 'Features or labels do not fit the rows', {
      got: `${x.length} and ${y.length}`,
      expected: `${n * width} and ${n}`,
    })
  const known = Array.from({ length: n }, (_, row) => row).filter((row) => Number.isFinite(y[row]!))
  if (known.length < 2)
    throw new AstrolabelError('tree/data', 'There is nothing to learn', {
      got: `${known.length} labels`,
      expected: '2',
    })
  const rows = known.map((row) => Array.from(x.subarray(row * width, (row + 1) * width)))
  const labels = known.map((row) => y[row]!)
  const { maxDepth = 3, smallest = 5 } = options
  // What it calls a gain is the error that a split leaves, and a split that leaves none must not end there.
  const cart = new DecisionTreeRegression({ minNumSamples: smallest, maxDepth, gainThreshold: -1 })
  cart.train(rows, labels)
  return readNode(cart.root, rows, labels)
}

function readNode(
  { left, right, splitColumn, splitValue }: CartNode,
  rows: number[][],
  labels: number[],
): ReadableTree {
  const value = labels.reduce((sum, label) => sum + label, 0) / labels.length
  if (left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined)
    return { rows: rows.length, value }
  const side = (wanted: boolean): [number[][], number[]] => {
    const kept = rows.map((row) => row[splitColumn]! < splitValue === wanted)
    return [rows.filter((_, i) => kept[i]), labels.filter((_, i) => kept[i])]
  }
  return {
    rows: rows.length,
    value,
    split: {
      feature: splitColumn,
      threshold: splitValue,
      below: readNode(left, ...side(true)),
      above: readNode(right, ...side(false)),
    },
  }
}

/** What a tree asks and answers, in words. */
export interface TreeWords {
  /** Name of a feature, as `flux at 5167.3 Å`; `feature 7` unless told. */
  readonly feature?: (feature: number) => string
  /** A number of a feature or label as it is written; four digits unless told. */
  readonly threshold?: (value: number, feature: number) => string
  readonly value?: (value: number) => string
}

/**
 * A tree as text, a line for each answer: `flux at 5167.3 Å < 0.83 → 4800 (12 rows)`, indented where more is asked.
 */
export function describeTree(tree: ReadableTree, words: TreeWords = {}): string {
  const digits = (value: number): string => String(Number(value.toPrecision(4)))
  const { feature = (asked) => `feature ${asked}`, threshold = digits, value = digits } = words
  const lines: string[] = []
  const answer = (node: ReadableTree): string =>
    `${value(node.value)} (${node.rows} ${node.rows === 1 ? 'row' : 'rows'})`
  const tell = ({ split }: ReadableTree, indent: string): void => {
    if (split === undefined) return
    for (const [sign, side] of [
      ['<', split.below],
      ['≥', split.above],
    ] as const) {
      const end = side.split === undefined ? ` → ${answer(side)}` : ':'
      lines.push(`${indent}${feature(split.feature)} ${sign} ${threshold(split.threshold, split.feature)}${end}`)
      tell(side, `${indent}  `)
    }
  }
  if (tree.split === undefined) return answer(tree)
  tell(tree, '')
  return lines.join('\n')
}
