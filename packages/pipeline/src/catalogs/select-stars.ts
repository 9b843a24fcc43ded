import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, requireColumn, takeSpectra } from '@astrolabel/spectra'

/** Columns and the range to keep of each; null for no limit. */
export type Ranges = Readonly<Record<string, readonly [number | null, number | null]>>

/**
 * The stars whose catalogue columns lie in the ranges, ends included; a star without the value is left out. `snr` means
 * the spectra's own signal to noise.
 *
 * @throws `table/no-column`, listing the columns there are.
 */
export function selectStars(spectra: Spectra, ranges: Ranges): Spectra {
  const limits = Object.entries(ranges).map(([name, [low, high]]) => ({
    values: name === 'snr' ? spectra.snr : columnNumbers(requireColumn(spectra.catalog, name)),
    low: low ?? Number.NEGATIVE_INFINITY,
    high: high ?? Number.POSITIVE_INFINITY,
  }))
  const kept: number[] = []
  for (let row = 0; row < spectra.n; row++)
    if (limits.every(({ values, low, high }) => values[row]! >= low && values[row]! <= high)) kept.push(row)
  return kept.length === spectra.n ? spectra : takeSpectra(spectra, kept)
}

/**
 * Ranges from the command line, `column=low:high` with either end left out for no limit: `teff=4000:7000`, `snr=30:`.
 *
 * @throws `recipe/setting` for anything else.
 */
export function parseRanges(texts: readonly string[]): Ranges {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, low, high] = /^([^=]+)=([^:]*):([^:]*)$/.exec(text) ?? []
      const limits = [low, high].map((end) => (end === undefined || end.trim() === '' ? null : Number(end)))
      if (
        name === undefined ||
        limits.some((limit) => Number.isNaN(limit)) ||
        limits.every((limit) => limit === null)
      ) {
        throw new AstrolabelError('recipe/setting', 'A selection needs the form column=low:high', {
          got: text,
          remedy: 'For example --select teff=4000:7000, or snr=30: without an upper limit',
        })
      }
      return [name.trim(), limits as [number | null, number | null]]
    }),
  )
}
