import type { Card } from '../header/card.js'
import { Header } from '../header/header.js'

// Keywords that describe the compression and nothing else.
const COMPRESSION_ONLY =
  /^(?:ZTABLE|ZTILELEN|ZNAXIS[12]|ZPCOUNT|ZTHEAP|ZHEAPPTR|ZFORM\d+|ZCTYP\d+|ZHECKSUM|ZDATASUM|THEAP|CHECKSUM|DATASUM)$/
const RESTORED: Readonly<Record<string, string>> = { NAXIS1: 'ZNAXIS1', NAXIS2: 'ZNAXIS2', PCOUNT: 'ZPCOUNT' }

/**
 * The header of the table that a compressed table holds, as it was before: sizes from ZNAXISn and ZPCOUNT, TFORMn from
 * ZFORMn, THEAP, CHECKSUM and DATASUM from ZTHEAP, ZHECKSUM and ZDATASUM (FITS 4.0, section 10.3).
 */
export function tableHeader(compressed: Header): Header {
  const cards: Card[] = []
  for (const card of compressed) {
    if (COMPRESSION_ONLY.test(card.key)) continue
    const column = /^TFORM(\d+)$/.exec(card.key)?.[1]
    const from = compressed.card(column === undefined ? (RESTORED[card.key] ?? '') : `ZFORM${column}`)
    cards.push(from === undefined ? card : { ...card, value: from.value })
  }
  for (const [key, from] of [
    ['THEAP', 'ZTHEAP'],
    ['CHECKSUM', 'ZHECKSUM'],
    ['DATASUM', 'ZDATASUM'],
  ] as const) {
    const card = compressed.card(from)
    if (card !== undefined) cards.push({ key, value: card.value, comment: card.comment })
  }
  return new Header(cards)
}
