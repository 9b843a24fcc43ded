import type { Card } from '../header/card.js'
import { Header } from '../header/header.js'

// Keywords of the table that holds the tiles: of no meaning for the image in it.
const TABLE_ONLY =
  /^(?:XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|CHECKSUM|DATASUM|T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM)\d+|Z(?:IMAGE|CMPTYPE|BITPIX|NAXIS\d*|TILE\d+|NAME\d+|VAL\d+|MASKCMP|QUANTIZ|DITHER0|BLANK|SCALE|ZERO|SIMPLE|EXTEND|BLOCKED|TENSION|PCOUNT|GCOUNT|HECKSUM|DATASUM))$/

// What the writers of these files call the table when the image has no name.
const DEFAULT_NAME = 'COMPRESSED_IMAGE'

/**
 * The header of the image that a table of tiles holds, as it was before: its structure from ZSIMPLE, ZBITPIX, ZNAXISn, …,
 * CHECKSUM and DATASUM of the original from ZHECKSUM and ZDATASUM, and without the keywords of the table.
 */
export function imageHeader(table: Header): Header {
  const cards: Card[] = []
  const restore = (key: string, from: string): void => {
    const card = table.card(from)
    if (card !== undefined) cards.push({ key, value: card.value, comment: card.comment })
  }
  if (table.has('ZSIMPLE')) restore('SIMPLE', 'ZSIMPLE')
  else cards.push({ key: 'XTENSION', value: 'IMAGE', comment: 'Image extension' })
  restore('BITPIX', 'ZBITPIX')
  restore('NAXIS', 'ZNAXIS')
  const axes = table.getNumber('ZNAXIS') ?? 0
  // A damaged count must not make this long.
  for (let n = 1; n <= axes && table.has(`ZNAXIS${n}`); n++) restore(`NAXIS${n}`, `ZNAXIS${n}`)
  restore('PCOUNT', 'ZPCOUNT')
  restore('GCOUNT', 'ZGCOUNT')
  restore('EXTEND', 'ZEXTEND')
  for (const card of table) {
    if (TABLE_ONLY.test(card.key) || (card.key === 'EXTNAME' && card.value === DEFAULT_NAME)) continue
    cards.push(card)
  }
  restore('CHECKSUM', 'ZHECKSUM')
  restore('DATASUM', 'ZDATASUM')
  return new Header(cards)
}
