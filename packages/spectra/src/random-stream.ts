import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'

/**
 * A seeded stream of random numbers: xoroshiro128+, the same on every machine.
 *
 * Streams made by {@link RandomStream.jumped} do not overlap for 2^64 draws, so each star, walker or thread can have
 * its own and results do not depend on who runs first.
 */
export class RandomStream {
  readonly #generator: JumpableRandomGenerator
  #spare: number | undefined

  private constructor(generator: JumpableRandomGenerator) {
    this.#generator = generator
  }

  /** The stream of a seed (any integer of 32 bits). */
  static fromSeed(seed: number): RandomStream {
    return new RandomStream(seeded(seed))
  }

  /** `count` independent streams of a seed: stream i is the seed's stream jumped i times. */
  static independent(seed: number, count: number): RandomStream[] {
    const generator = seeded(seed)
    return Array.from({ length: count }, () => {
      const stream = new RandomStream(generator.clone())
      generator.jump()
      return stream
    })
  }

  /** A new stream 2^64 draws ahead; this one stays where it is. */
  jumped(): RandomStream {
    const generator = this.#generator.clone()
    generator.jump()
    return new RandomStream(generator)
  }

  /** Uniform on [0, 1), 53 random bits. */
  uniform(): number {
    const high = this.#generator.next() >>> 6
    const low = this.#generator.next() >>> 5
    return (high * 134217728 + low) / 9007199254740992
  }

  /** Uniform integer from 0 up to, not including, `n`. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal: Marsaglia's polar method. */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s)
        this.#spare = v * scale
        return u * scale
      }
    }
  }

  /** Indices 0 … n-1 in random order (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const swap = order[i]!
      order[i] = order[j]!
      order[j] = swap
    }
    return order
  }
}

/** The generator starts from a nearly empty state, whose first draws hardly depend on the seed: those are dropped. */
function seeded(seed: number): JumpableRandomGenerator {
  const generator = xoroshiro128plus(seed | 0)
  for (let i = 0; i < 32; i++) generator.next()
  return generator
}
