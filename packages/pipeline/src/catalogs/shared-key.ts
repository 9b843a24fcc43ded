import type { Table } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { SharedKey } from '@astrolabel/surveys'
import { SURVEY_KEYS, sharedKeys } from '@astrolabel/surveys'
import type { MatchOptions } from './match-options.js'

/**
 * The identifier to match two tables by, the first that finds a star; undefined when positions are to decide.
 *
 * @throws `crossmatch/no-identifier` when an identifier must decide and none does.
 */
export function sharedKey(a: Table, b: Table, { by = 'sky', mode = 'nearest' }: MatchOptions): SharedKey | undefined {
  if (by === 'sky' || (by === 'auto' && mode !== 'nearest')) return undefined
  const keys = sharedKeys(a, b)
  const found = keys.find(({ common }) => common > 0)
  if (found !== undefined || by === 'auto') return found
  const names = keys.map(({ name }) => name).join(', ')
  throw new AstrolabelError('crossmatch/no-identifier', 'No identifier finds a star in both catalogues', {
    got: names === '' ? 'none that both have' : `no common value of ${names}`,
    expected: `one of ${SURVEY_KEYS.join(', ')} in both`,
    remedy: 'Match by position, or name a column of each',
  })
}
