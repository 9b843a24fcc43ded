import { AstrolabelError, sliceGrid } from '@astrolabel/spectra'
import type { Segment, SpectraMeta } from '@astrolabel/spectra'
import type { StarRow } from '../star-rows.js'

/** Which pixels of APOGEE's grid to take: those of the chips by the bounds of DR12, of DR13 and later, or all. */
export type ApogeeChips = 'dr12' | 'dr13' | 'all'

/** Pixels of the grid that apStar, aspcapStar and mwmStar files share. */
const GRID_PIXELS = 8575

/**
 * Pixels of the blue, green and red chip, [start, end): where ASPCAP fits (jobovy/apogee, `tools/__init__.py`), 7214 and
 * 7514 of 8575.
 */
const WINDOWS: Record<'dr12' | 'dr13', readonly (readonly [name: string, start: number, end: number])[]> = {
  dr12: [
    ['blue', 322, 3242],
    ['green', 3648, 6048],
    ['red', 6412, 8306],
  ],
  dr13: [
    ['blue', 246, 3274],
    ['green', 3585, 6080],
    ['red', 6344, 8335],
  ],
}

/**
 * Metadata of spectra cut to the chips, which are segments then.
 *
 * @throws `surveys/options` when the spectra do not lie on APOGEE's common grid.
 */
export function chipMeta(meta: SpectraMeta, chips: ApogeeChips, source: string): SpectraMeta {
  if (chips === 'all') return meta
  const grid = meta.wavelength
  if (grid.kind !== 'log10' || grid.length !== GRID_PIXELS || Math.abs(grid.start - 4.179) > 1e-6) {
    throw new AstrolabelError('surveys/options', `The chips of ${source} cannot be cut out`, {
      got: grid.kind === 'log10' ? `${grid.length} pixels from ${10 ** grid.start} Å` : 'wavelengths of its own',
      expected: `the ${GRID_PIXELS} pixels from 10 ** 4.179 Å that apStar, aspcapStar and mwmStar files have`,
      remedy: 'Read it with chips all',
    })
  }
  let at = 0
  const segments = WINDOWS[chips].map(([name, start, end]): Segment => {
    const from = at
    at += end - start
    return { name, start: from, end: at, wavelength: sliceGrid(grid, start, end) }
  })
  return { ...meta, wavelength: { kind: 'segmented', medium: grid.medium }, segments }
}

/** A star on APOGEE's common grid cut to the chips, one after another. */
export function chipRow(row: StarRow, chips: ApogeeChips): StarRow {
  if (chips === 'all') return row
  const windows = WINDOWS[chips]
  const length = windows.reduce((sum, [, start, end]) => sum + end - start, 0)
  const cut = <T extends Float32Array | Uint32Array>(values: T, out: T): T => {
    let at = 0
    for (const [, start, end] of windows) {
      out.set(values.subarray(start, end), at)
      at += end - start
    }
    return out
  }
  return {
    ...row,
    flux: cut(row.flux, new Float32Array(length)),
    ivar: cut(row.ivar, new Float32Array(length)),
    ...(row.mask === undefined ? {} : { mask: cut(row.mask, new Uint32Array(length)) }),
  }
}
