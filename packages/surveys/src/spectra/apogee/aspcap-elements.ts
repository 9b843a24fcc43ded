import type { FitsFile } from '@astrolabel/io-fits'
import { isTableHdu } from '@astrolabel/io-fits'
import { findColumn } from '@astrolabel/spectra'
import type { RunOptions } from '@astrolabel/spectra'
import { readControl, tableFromFits } from '../../catalog/fits-catalog.js'

/** One place of FELEM and ELEM: an element, and whether its abundance is [X/H] or [X/M]. */
export interface AspcapElement {
  /** As ASPCAP writes it: `Mg`, `TiII`. */
  readonly symbol: string
  /** ELEMTOH: true for [X/H], false for [X/M]. */
  readonly toH: boolean
}

/** Elements in their order, those that are [X/H] with a mark. */
function elements(list: string): readonly AspcapElement[] {
  return list.split(' ').map((entry) => ({ symbol: entry.replace('*', ''), toH: entry.endsWith('*') }))
}

/** What the releases with 26 elements have in common. */
const FIRST_22 = 'C CI N O Na* Mg Al* Si P* S K* Ca Ti TiII V* Cr* Mn* Fe* Co* Ni* Cu* Ge*'

/** Orders by release (sdss/apogee, `aspcap_elems.pro` and `aspcap.py` through their history). */
const DR12 = elements('C N O Na* Mg Al* Si S K* Ca Ti V* Mn* Fe* Ni*')
const DR13 = elements(`${FIRST_22} Ce* Rb* Y* Nd*`)
const DR16 = elements(`${FIRST_22} Rb* Ce* Nd* Yb*`)
const DR17 = elements(`${FIRST_22} Rb* Ce* Nd* Yb* C13`)

/**
 * The elements that the places of FELEM and ELEM stand for.
 *
 * By the file's own index arrays (ELEM_SYMBOL and ELEMTOH) where it has them, else by the release. With 26 places and a
 * release that is not known only the first 22 are told: the others changed between DR14 and DR16.
 *
 * @param count Places of the arrays.
 * @returns the elements from the first place on; empty when the order is not known.
 */
export async function aspcapElements(
  file: FitsFile,
  count: number,
  release: string,
  options: RunOptions,
): Promise<readonly AspcapElement[]> {
  const own = await indexArrays(file, options)
  if (own !== undefined && own.length === count) return own
  if (count === DR12.length) return DR12
  if (count === DR17.length) return DR17
  if (count !== DR13.length) return []
  if (release === 'DR13' || release === 'DR14') return DR13
  return release === 'DR16' || release === 'DR17' ? DR16 : elements(FIRST_22)
}

async function indexArrays(file: FitsFile, options: RunOptions): Promise<AspcapElement[] | undefined> {
  for (const hdu of file.hdus.filter(isTableHdu)) {
    const names = ['ELEM_SYMBOL', 'ELEMTOH'].map((name) => hdu.columns.find((info) => info.name.toUpperCase() === name))
    const [symbols, toH] = names
    if (symbols === undefined || toH === undefined || hdu.rows === 0) continue
    const table = tableFromFits(
      await hdu.read({ columns: [symbols.name, toH.name], rows: [0, 1], ...readControl(options) }),
    )
    const words = findColumn(table, symbols.name)!.values
    const marks = findColumn(table, toH.name)!.values
    if (!Array.isArray(words) || words.length !== marks.length) continue
    return words.map((word: string, i) => ({ symbol: word.trim(), toH: Number(marks[i]) === 1 }))
  }
  return undefined
}
