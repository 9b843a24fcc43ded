import { AstrolabelError } from './errors.js'

/** One named bit of a mask. */
export interface FlagBit {
  readonly bit: number
  readonly name: string
  readonly description?: string
}

/**
 * The named bits of a survey mask or of a model's flags.
 *
 * Masks come as numbers up to 32 bits or as bigint up to 64 (ASPCAPFLAG of DR17): no operation here goes through
 * JavaScript's 32-bit shifts, where `1 << 31` is negative and `1 << 32` is 1.
 */
export class FlagSet {
  readonly bits: readonly FlagBit[]
  readonly #byName: ReadonlyMap<string, number>

  /** @throws `flags/invalid` on a bit outside 0–63, or a bit or name given twice. */
  constructor(bits: readonly FlagBit[]) {
    const names = new Map<string, number>()
    const seen = new Set<number>()
    for (const { bit, name } of bits) {
      if (!Number.isInteger(bit) || bit < 0 || bit > 63 || seen.has(bit) || names.has(name.toUpperCase())) {
        throw new AstrolabelError('flags/invalid', 'A flag set needs distinct names on distinct bits', {
          got: `${name} on bit ${bit}`,
          expected: 'a bit from 0 to 63',
        })
      }
      seen.add(bit)
      names.set(name.toUpperCase(), bit)
    }
    this.bits = bits
    this.#byName = names
  }

  /** The mask with these bits set, by name (case does not matter). @throws `flags/unknown`, listing the names. */
  mask(...names: readonly string[]): bigint {
    let mask = 0n
    for (const name of names) mask |= 1n << BigInt(this.bit(name))
    return mask
  }

  /** The same as a number, for masks of 32 bits or fewer. @throws `flags/too-wide` when a bit is above 31. */
  mask32(...names: readonly string[]): number {
    const mask = this.mask(...names)
    if (mask > 0xffffffffn)
      throw new AstrolabelError('flags/too-wide', 'These flags do not fit 32 bits', {
        got: names.join(', '),
        remedy: 'Use mask(), which gives a bigint',
      })
    return Number(mask)
  }

  /** Number of the bit of that name. @throws `flags/unknown`, listing the names. */
  bit(name: string): number {
    const bit = this.#byName.get(name.toUpperCase())
    if (bit === undefined)
      throw new AstrolabelError('flags/unknown', 'Unknown flag', { got: name, expected: this.bits.map((b) => b.name) })
    return bit
  }

  /** True when any bit of `mask` is set in `value`. */
  any(value: bigint | number, mask: bigint): boolean {
    return (toBits(value) & mask) !== 0n
  }

  /** Names of the bits that are set; bits without a name read `bit N`. */
  names(value: bigint | number): string[] {
    const v = toBits(value)
    const names: string[] = []
    for (let bit = 0; bit < 64; bit++) {
      if (((v >> BigInt(bit)) & 1n) === 1n) names.push(this.bits.find((b) => b.bit === bit)?.name ?? `bit ${bit}`)
    }
    return names
  }
}

/** The bits of a mask; a negative number is a signed mask of 32 bits, whose sign must not spread to those above. */
function toBits(value: bigint | number): bigint {
  return BigInt.asUintN(typeof value === 'number' && value < 0 ? 32 : 64, BigInt(value))
}
