import type { ThreadBlock } from '../threads/thread-block.js'

/** Blocks that several threads do, each the next one that nobody has taken. */
export interface BlockList {
  readonly blocks: readonly ThreadBlock[]
  /** (1) shared: the place of the next block. */
  readonly next: Int32Array
}

/** Takes the next block: its place, -1 when there is none left. */
export function takeBlock({ blocks, next }: BlockList): number {
  const place = Atomics.add(next, 0, 1)
  return place < blocks.length ? place : -1
}
