import type { Table } from '@astrolabel/spectra'
import type { CatalogMatch, MatchOptions } from './match-catalog.js'
import { matchCatalog } from './match-catalog.js'

/**
 * Match stars with a catalogue: by an identifier that means the same in both (plate, MJD and fibre; SPECOBJID, TARGETID,
 * APOGEE_ID, …) under which at least one star is found, else by position on the sky.
 *
 * An identifier is exact, and its stars need no position; of catalogue rows with the same one the first counts, and
 * `candidates` tells how many there are.
 *
 * @param a Stars: `star_id`, `ra`, `dec` (degrees, ICRS), identifiers. @param b A catalogue.
 * @throws as {@link matchCatalog}, when no identifier serves.
 */
export function matchStars(a: Table, b: Table, options: MatchOptions = {}): CatalogMatch {
  return matchCatalog(a, b, { ...options, by: options.by ?? 'auto' })
}
