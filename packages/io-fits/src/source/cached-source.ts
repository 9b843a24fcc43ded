import type { ByteSource } from './byte-source.js'

/** How a slow source is read. */
export interface CacheOptions {
  /** Bytes of a block; every read is widened to whole blocks. */
  readonly blockBytes: number
  /** Blocks that are kept, those used last. */
  readonly keptBlocks: number
  /** Reads of the source under way at once. */
  readonly parallel: number
}

/**
 * Puts blocks that are kept between a reader and a slow source, so that small reads near each other cost one. Blocks
 * wanted in the same moment that lie side by side are one read; each block is read once while it is kept.
 * A long read is handed through: only the blocks at its ends, where its neighbours begin, are kept.
 */
export function cachedSource(source: ByteSource, options: CacheOptions): ByteSource {
  const { blockBytes } = options
  const blocks = new BlockReader(source, options)
  return {
    size: source.size,
    ...(source.seekCost === undefined ? {} : { seekCost: source.seekCost }),
    read: async (offset, length, into) => {
      const end = Math.min(offset + length, source.size)
      if (end <= offset) return new Uint8Array(0)
      const first = Math.floor(offset / blockBytes)
      const last = Math.floor((end - 1) / blockBytes)
      const wanted = Array.from({ length: last - first + 1 }, (_, i) => blocks.get(first + i))
      const parts = await Promise.all(wanted)
      blocks.trim()
      const [only] = parts
      const start = offset - first * blockBytes
      if (only !== undefined && parts.length === 1) return only.subarray(start, start + end - offset)
      const out = into?.subarray(0, end - offset) ?? new Uint8Array(end - offset)
      parts.forEach((part, i) => {
        const at = (first + i) * blockBytes - offset
        out.set(part.subarray(Math.max(0, -at), Math.min(part.length, end - offset - at)), Math.max(0, at))
      })
      return out
    },
    close: () => source.close(),
  }
}

interface Wanted {
  readonly resolve: (bytes: Uint8Array | Promise<Uint8Array>) => void
  readonly block: number
}

// A run longer than this many blocks is one that is read through, not around in.
const LONG_RUN = 8

class BlockReader {
  readonly #source: ByteSource
  readonly #options: CacheOptions
  /** In the order of last use. */
  readonly #kept = new Map<number, Promise<Uint8Array>>()
  /** Blocks of long runs, until they are handed out. */
  readonly #passing = new Set<number>()
  #wanted: Wanted[] = []
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(source: ByteSource, options: CacheOptions) {
    this.#source = source
    this.#options = options
  }

  get(block: number): Promise<Uint8Array> {
    const known = this.#kept.get(block)
    this.#kept.delete(block)
    const bytes = known ?? this.#ask(block)
    this.#kept.set(block, bytes)
    return bytes
  }

  /** Forgets the blocks used longest ago, and those of long runs. */
  trim(): void {
    for (const block of this.#passing) this.#kept.delete(block)
    this.#passing.clear()
    for (const block of this.#kept.keys()) {
      if (this.#kept.size <= this.#options.keptBlocks) break
      this.#kept.delete(block)
    }
  }

  #ask(block: number): Promise<Uint8Array> {
    // What else is wanted in this moment goes along.
    if (this.#wanted.length === 0) queueMicrotask(() => this.#readWanted())
    const bytes = new Promise<Uint8Array>((resolve) => this.#wanted.push({ resolve, block }))
    // A block that could not be read is asked for anew the next time.
    bytes.catch(() => this.#kept.delete(block))
    return bytes
  }

  #readWanted(): void {
    const wanted = this.#wanted.toSorted((a, b) => a.block - b.block)
    this.#wanted = []
    let from = 0
    for (let i = 1; i <= wanted.length; i++) {
      if (wanted[i]?.block === (wanted[i - 1] as Wanted).block + 1) continue
      this.#readRun(wanted.slice(from, i))
      from = i
    }
  }

  #readRun(run: readonly Wanted[]): void {
    const { blockBytes } = this.#options
    const first = (run[0] as Wanted).block
    const whole = this.#inTurn(() => this.#source.read(first * blockBytes, run.length * blockBytes))
    const isLong = run.length > LONG_RUN
    run.forEach(({ resolve, block }, i) => {
      const isEnd = i === 0 || i === run.length - 1
      if (isLong && !isEnd) this.#passing.add(block)
      const part = whole.then((bytes) => bytes.subarray(i * blockBytes, (i + 1) * blockBytes))
      // A copy: a kept view would keep the whole run.
      resolve(isLong && isEnd ? part.then((bytes) => bytes.slice()) : part)
    })
  }

  async #inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.parallel) await new Promise<void>((go) => this.#waiting.push(go))
    else this.#running++
    try {
      return await read()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
