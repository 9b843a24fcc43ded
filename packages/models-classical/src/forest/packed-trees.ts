import type { Forest } from './forest.js'
import type { PlantedTree } from './plant-tree.js'

/** Puts trees one behind another into the arrays of a forest. */
export class PackedTrees {
  readonly #width: number
  readonly #labels: number
  readonly #trees: PlantedTree[] = []

  constructor(width: number, labels: number) {
    this.#width = width
    this.#labels = labels
  }

  add(tree: PlantedTree): void {
    this.#trees.push(tree)
  }

  forest(): Forest {
    const trees = this.#trees
    const roots = new Int32Array(trees.length + 1)
    trees.forEach((tree, t) => {
      roots[t + 1] = roots[t]! + tree.feature.length
    })
    const nodes = roots.at(-1)!
    const feature = new Int32Array(nodes)
    const threshold = new Float32Array(nodes)
    const left = new Int32Array(nodes)
    const value = new Float64Array(nodes * this.#labels)
    const gain = new Float64Array(nodes)
    const memberStart = new Int32Array(nodes + 1)
    trees.forEach((tree, t) => {
      const root = roots[t]!
      feature.set(tree.feature, root)
      threshold.set(tree.threshold, root)
      value.set(tree.value, root * this.#labels)
      gain.set(tree.gain, root)
      for (let node = 0; node < tree.feature.length; node++)
        left[root + node] = tree.feature[node]! < 0 ? 0 : root + tree.left[node]!
      tree.leaf.forEach((leaf, row) => {
        if (leaf >= 0) memberStart[root + leaf + 1]! += tree.times[row]!
      })
    })
    for (let node = 0; node < nodes; node++) memberStart[node + 1]! += memberStart[node]!
    const members = new Int32Array(memberStart[nodes]!)
    const next = memberStart.slice()
    trees.forEach((tree, t) => {
      tree.leaf.forEach((leaf, row) => {
        if (leaf < 0) return
        const node = roots[t]! + leaf
        for (let time = 0; time < tree.times[row]!; time++) members[next[node]!++] = row
      })
    })
    return {
      width: this.#width,
      labels: this.#labels,
      roots,
      feature,
      threshold,
      left,
      value,
      gain,
      memberStart,
      members,
    }
  }
}
