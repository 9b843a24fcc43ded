import type { Card } from './card.js'
import { userCards } from './header-input.js'
import { Header } from './header.js'

const OWN = new Set(['', 'COMMENT', 'HISTORY', 'EXTNAME', 'EXTVER', 'EXTLEVEL', 'INHERIT', 'CONTINUE'])

/**
 * An extension's header with the cards of the primary one behind its own, where it asks for them by INHERIT = T (FITS
 * 4.0, appendix K); otherwise the header itself. Its own keywords go first. Not inherited: what describes the data, the
 * names and commentary.
 */
export function inheritHeader(header: Header, primary: Header): Header {
  if (header === primary || header.get('INHERIT') !== true) return header
  const inherited = userCards(primary).filter((card: Card) => !OWN.has(card.key) && !header.has(card.key))
  return new Header([...header.cards, ...inherited])
}
