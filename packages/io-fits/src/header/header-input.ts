import type { Card, HeaderValue } from './card.js'
import { normalizeKey } from './card.js'

/** One card to write; a `Card` that was read is one. */
export interface CardInput {
  readonly key: string
  readonly value?: HeaderValue | undefined
  readonly comment?: string
  readonly commentary?: true
  readonly complex?: readonly [number, number]
}

/**
 * What the writer takes as a header: a `Header`, a list of cards, or an object of keyword to value or [value, comment].
 * Keywords that describe the data (SIMPLE, BITPIX, NAXISn, TFORMn, BZERO, CHECKSUM, …) are left out: the writer makes its
 * own, so that the header of another HDU can be handed on as it is.
 */
export type HeaderInput =
  | Iterable<CardInput>
  | Readonly<Record<string, HeaderValue | undefined | readonly [HeaderValue | undefined, string]>>

const STRUCTURAL =
  /^(?:SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS|EXTEND|TFIELDS|THEAP|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|END|T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM|BCOL)\d+|Z(?:IMAGE|TABLE|CMPTYPE|BITPIX|NAXIS\d*|TILE\d+|FORM\d+|CTYP\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|PCOUNT|GCOUNT|HECKSUM|DATASUM|SIMPLE|TENSION|EXTEND))$/

/** The cards to write after the structural ones. */
export function userCards(input: HeaderInput | undefined): Card[] {
  if (input === undefined) return []
  const cards: Card[] = []
  for (const card of isIterable(input) ? input : objectCards(input)) {
    const key = normalizeKey(card.key)
    if (STRUCTURAL.test(key)) continue
    cards.push({
      key,
      value: card.value,
      comment: card.comment ?? '',
      ...(card.commentary === true ? { commentary: true } : {}),
      ...(card.complex === undefined ? {} : { complex: card.complex }),
    })
  }
  return cards
}

function isIterable(input: HeaderInput): input is Iterable<CardInput> {
  return Symbol.iterator in input
}

function* objectCards(input: Exclude<HeaderInput, Iterable<CardInput>>): Generator<CardInput> {
  for (const [key, given] of Object.entries(input)) {
    if (key === 'COMMENT' || key === 'HISTORY') {
      for (const line of Array.isArray(given) ? given : [given]) yield { key, value: line, commentary: true }
    } else if (Array.isArray(given)) {
      yield { key, value: given[0], comment: given[1] }
    } else {
      yield { key, value: given as HeaderValue | undefined }
    }
  }
}
