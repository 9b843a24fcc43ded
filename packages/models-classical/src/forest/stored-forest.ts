import { AstrolabelError } from '@astrolabel/spectra'
import type { Forest } from './forest.js'

/**
 * A forest as it lies in a file, a third of its size in memory, as what is read has to be checked: of splits and of
 * leaves only what each has, in the order of the nodes, labels in single precision, small whole numbers in two bytes.
 */
export interface StoredForest {
  readonly width: number
  readonly labels: number
  readonly roots: Int32Array
  /** (nodes) feature that a split asks about, more by 1; 0 for a leaf. */
  readonly asked: Uint8Array | Int32Array
  /** (splits) */
  readonly threshold: Float32Array
  readonly left: Int32Array
  readonly gain: Float32Array
  /** (leaves × L) */
  readonly value: Float32Array
  /** (leaves) training rows, and which. */
  readonly rows: Uint8Array | Int32Array
  readonly members: Uint8Array | Int32Array
}

/** Numbers below this go into two bytes. */
const TWO_BYTES = 65_536

/** The forest with labels and gains as a file keeps them: loaded again, it gives the same labels bit for bit. */
export function asStored(forest: Forest): Forest {
  return { ...forest, value: Float64Array.from(forest.value, Math.fround), gain: forest.gain.map(Math.fround) }
}

/** A forest as it is written. Labels of inner nodes are left out. */
export function storeForest({ width, labels, roots, ...nodes }: Forest): StoredForest {
  const { feature, memberStart } = nodes
  const splits = nodeNumbers(feature, true)
  const leaves = nodeNumbers(feature, false)
  const value = new Float32Array(leaves.length * labels)
  leaves.forEach((node, i) => value.set(nodes.value.subarray(node * labels, (node + 1) * labels), i * labels))
  return {
    width,
    labels,
    roots,
    asked: small(feature.map((asked) => asked + 1)),
    threshold: Float32Array.from(splits, (node) => nodes.threshold[node]!),
    left: splits.map((node) => nodes.left[node]!),
    gain: Float32Array.from(splits, (node) => nodes.gain[node]!),
    value,
    rows: small(leaves.map((node) => memberStart[node + 1]! - memberStart[node]!)),
    members: small(nodes.members),
  }
}

/** What {@link storeForest} stored; inner nodes have no labels (NaN). @throws `model/damaged` when sizes do not agree. */
export function restoreForest(stored: StoredForest): Forest {
  const { width, labels, roots } = stored
  const asked = whole(stored.asked)
  const rows = whole(stored.rows)
  const members = whole(stored.members)
  const nodes = asked.length
  const forest = {
    width,
    labels,
    roots,
    feature: new Int32Array(nodes),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes),
    value: new Float64Array(nodes * labels).fill(Number.NaN),
    gain: new Float64Array(nodes),
    memberStart: new Int32Array(nodes + 1),
    members,
  }
  let split = 0
  let leaf = 0
  for (let node = 0; node < nodes; node++) {
    forest.feature[node] = asked[node]! - 1
    forest.memberStart[node + 1] = forest.memberStart[node]!
    if (asked[node] === 0) {
      for (let l = 0; l < labels; l++) forest.value[node * labels + l] = stored.value[leaf * labels + l]!
      forest.memberStart[node + 1]! += rows[leaf]!
      leaf++
    } else {
      forest.threshold[node] = stored.threshold[split]!
      forest.left[node] = stored.left[split]!
      forest.gain[node] = stored.gain[split]!
      split++
    }
  }
  const sizes = [stored.threshold.length, stored.left.length, stored.gain.length, rows.length, members.length]
  const expected = [split, split, split, leaf, forest.memberStart[nodes]!]
  if (sizes.join() !== expected.join() || roots.at(-1) !== nodes || stored.value.length !== leaf * labels)
    throw new AstrolabelError('model/damaged', 'The matrices of the forest do not belong together', {
      got: sizes,
      expected,
      remedy: 'Train it again',
    })
  return forest
}

function nodeNumbers(feature: Int32Array, splits: boolean): Int32Array {
  return Int32Array.from(feature.keys()).filter((node) => feature[node]! >= 0 === splits)
}

/** Whole numbers from 0 up, in the bytes of 16-bit ones where they all fit. */
function small(values: Int32Array): Uint8Array | Int32Array {
  if (values.some((value) => value >= TWO_BYTES)) return values
  return new Uint8Array(Uint16Array.from(values).buffer)
}

function whole(values: Uint8Array | Int32Array): Int32Array {
  return values instanceof Int32Array ? values : new Int32Array(new Uint16Array(values.slice().buffer))
}
