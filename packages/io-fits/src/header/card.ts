/** A header value. Complex values are kept as the text given, with the numbers in `Card.complex`. */
export type HeaderValue = string | number | bigint | boolean

/** One header entry: a keyword, or one line of commentary. */
export interface Card {
  /** Upper case, without `HIERARCH `; empty for a blank card. */
  readonly key: string
  /** `undefined` where the card gives a keyword and no value. For commentary, the text. */
  readonly value: HeaderValue | undefined
  readonly comment: string
  /** COMMENT, HISTORY, a blank card, or any other card without a value indicator. */
  readonly commentary?: true
  /** Real and imaginary part where the value is complex. */
  readonly complex?: readonly [number, number]
}

/** Bytes of a card, and of the block that headers and data are padded to. */
export const CARD_BYTES = 80
export const BLOCK_BYTES = 2880

/** The offset rounded up to a whole block. */
export function padToBlock(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
}

/** The form a keyword is stored and looked up in: upper case, trimmed, without `HIERARCH `. */
export function normalizeKey(key: string): string {
  const upper = key.trim().toUpperCase()
  return upper.startsWith('HIERARCH ') ? upper.slice(9).trimStart() : upper
}
