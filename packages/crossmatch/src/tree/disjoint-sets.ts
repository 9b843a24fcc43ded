/** Sets of the numbers 0 to n - 1 that can be united (Galler & Fischer 1964, halving paths); amortised O(log n) a call. */
export class DisjointSets {
  private readonly parent: Int32Array

  constructor(n: number) {
    this.parent = new Int32Array(n)
    for (let i = 0; i < n; i++) this.parent[i] = i
  }

  /** The member that stands for the set of `i`: its smallest. */
  find(i: number): number {
    const parent = this.parent
    while (parent[i] !== i) {
      const above = parent[parent[i]!]!
      parent[i] = above
      i = above
    }
    return i
  }

  /** Makes one set of those of `i` and `j`. */
  unite(i: number, j: number): void {
    const a = this.find(i)
    const b = this.find(j)
    if (a < b) this.parent[b] = a
    else this.parent[a] = b
  }
}
