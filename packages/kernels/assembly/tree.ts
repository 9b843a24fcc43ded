// Growth of one regression tree, node by node: how a node looks for its split lies in the files beside this one.
import { prepareHistogram, histogramBytes, searchHistogram } from './tree-histogram'
import { isRight, prepareRandom, randomBytes, searchRandom } from './tree-random'
import {
  divideFeatures,
  divideRows,
  markSides,
  prepareSorted,
  rowAt,
  searchSorted,
  sortedBytes,
  sortedMost,
  sortLists,
} from './tree-sorted'
import { addTo, Best, clear, explained, ROUNDING, sumsOf, Task } from './tree-split'

let rows: usize = 0
let spare: usize = 0
let maxDepth: u32 = 0
// Places of the group whose lists are in use.
let origin: u32 = 0
let span: u32 = 0

/** Bytes of room that a tree of `count` drawn rows needs beside its inputs and outputs. */
export function treeWorkBytes(count: u32, width: u32, stride: u32, random: bool): usize {
  const search = random
    ? randomBytes(count, width, stride)
    : histogramBytes(width, stride) + sortedBytes(count, width, stride) + 16
  return search + <usize>count * 4 + 16 * (<usize>count + 1) + 2 * <usize>stride * 8 + 64
}

function hasLists(start: u32): bool {
  return start - origin < span
}

function goesRight(row: u32, random: bool): bool {
  if (random) return isRight(row)
  return <u32>load<u8>(Task.codes + <usize>(<u32>Best.feature) * Task.rowCount + row) > Best.bin
}

/** Rows on the left of the best split before the others, each in their order; returns how many. */
function partition(group: usize, count: u32, random: bool): u32 {
  let kept = group
  let others = spare
  const end = group + ((<usize>count) << 2)
  for (let at = group; at < end; at += 4) {
    const row = load<u32>(at)
    if (goesRight(row, random)) {
      store<u32>(others, row)
      others += 4
    } else {
      store<u32>(kept, row)
      kept += 4
    }
  }
  memory.copy(kept, spare, others - spare)
  return <u32>((kept - group) >> 2)
}

/** Whether a group may be split again. */
function goesOn(sums: usize, size: u32, depth: u32): bool {
  return depth < maxDepth && size >= 2 && load<f64>(sums) >= 2 * Task.minimum
}

function push(top: usize, node: u32, start: u32, size: u32, depth: u32): usize {
  store<u32>(top, node)
  store<u32>(top, start, 4)
  store<u32>(top, size, 8)
  store<u32>(top, depth, 12)
  return top + 16
}

/**
 * Grows a tree on the `count` rows listed at `rowsAt` (u32, reordered). Node k is described by feature[k] (i32, −1 in a
 * leaf), bin[k] and next[k] (u32), or threshold[k] (f32, where bins go) when `random`, left[k] (u32), gain[k] (f64) and
 * total[k] (stride f64); its children are left[k] and left[k] + 1. The node that each row ends in goes to leaf (i32, n).
 * `data` are bins (u8, width × n), or features (f32, n × width) when `random`.
 * Returns the number of nodes, at most 2 count − 1.
 */
export function growTree(
  data: usize,
  n: u32,
  width: u32,
  sums: usize,
  stride: u32,
  shared: bool,
  rowsAt: usize,
  count: u32,
  deepest: u32,
  minLeaf: f64,
  wanted: u32,
  random: bool,
  seedLow: u32,
  seedHigh: u32,
  feature: usize,
  bin: usize,
  next: usize,
  left: usize,
  gain: usize,
  total: usize,
  leaf: usize,
  work: usize,
): u32 {
  Task.codes = data
  Task.rowCount = n
  Task.width = width
  Task.sums = sums
  Task.strideBytes = (<usize>stride) << 3
  Task.isShared = shared
  Task.minimum = minLeaf
  Task.state = (((<u64>seedHigh) << 32) | <u64>seedLow) ^ 0x9e3779b97f4a7c15
  if (Task.state == 0) Task.state = 1
  rows = rowsAt
  maxDepth = deepest
  origin = 0
  span = 0
  spare = work
  const stack = (spare + ((<usize>count) << 2) + 15) & ~15
  const room = stack + 16 * (<usize>count + 1)
  if (random) {
    prepareRandom(data, room, count)
  } else {
    prepareHistogram(room)
    prepareSorted(room + histogramBytes(width, stride), count)
  }
  const sortable: u32 = random || !shared || wanted < width ? 0 : sortedMost(width)

  clear(total)
  for (let i: u32 = 0; i < count; i++) addTo(total, sumsOf(load<u32>(rows + ((<usize>i) << 2))))
  let nodes: u32 = 1
  let top = push(stack, 0, 0, count, 0)
  while (top > stack) {
    top -= 16
    const node = load<u32>(top)
    const start = load<u32>(top, 4)
    const size = load<u32>(top, 8)
    const depth = load<u32>(top, 12)
    const group = rows + ((<usize>start) << 2)
    const at = total + <usize>node * Task.strideBytes
    let base: f64 = 0
    Best.feature = -1
    if (goesOn(at, size, depth)) {
      base = explained(at)
      if (!hasLists(start) && size <= sortable) {
        origin = start
        span = size
        sortLists(group, size)
      }
      if (random) searchRandom(group, size, at, base, wanted)
      else if (hasLists(start)) searchSorted(start - origin, size, at)
      else searchHistogram(group, size, at, base, wanted)
    }
    const one = total + <usize>nodes * Task.strideBytes
    const other = one + Task.strideBytes
    let gained: f64 = 0
    let kept: u32 = 0
    if (Best.feature >= 0) {
      clear(one)
      clear(other)
      const listed = hasLists(start)
      kept = listed ? markSides(start - origin, size) : partition(group, size, random)
      if (listed) divideRows(start - origin, size)
      for (let i: u32 = 0; i < size; i++)
        addTo(i < kept ? one : other, sumsOf(listed ? rowAt(start - origin, i) : load<u32>(group + ((<usize>i) << 2))))
      gained = explained(one) + explained(other) - base
      if (!(gained > ROUNDING * Math.abs(base))) Best.feature = -1
    }
    store<i32>(feature + ((<usize>node) << 2), Best.feature)
    if (Best.feature < 0) {
      store<u32>(bin + ((<usize>node) << 2), 0)
      store<u32>(next + ((<usize>node) << 2), 0)
      store<u32>(left + ((<usize>node) << 2), 0)
      store<f64>(gain + ((<usize>node) << 3), 0)
      for (let i: u32 = 0; i < size; i++) {
        const row = hasLists(start) ? rowAt(start - origin, i) : load<u32>(group + ((<usize>i) << 2))
        store<u32>(leaf + ((<usize>row) << 2), node)
      }
      continue
    }
    if (random) store<f32>(bin + ((<usize>node) << 2), Best.threshold)
    else store<u32>(bin + ((<usize>node) << 2), Best.bin)
    store<u32>(next + ((<usize>node) << 2), Best.next)
    store<u32>(left + ((<usize>node) << 2), nodes)
    store<f64>(gain + ((<usize>node) << 3), gained)
    if (hasLists(start) && (goesOn(one, kept, depth + 1) || goesOn(other, size - kept, depth + 1)))
      divideFeatures(start - origin, size)
    // The left child is taken next.
    top = push(top, nodes + 1, start + kept, size - kept, depth + 1)
    top = push(top, nodes, start, kept, depth + 1)
    nodes += 2
  }
  return nodes
}
