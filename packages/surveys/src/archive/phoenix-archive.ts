import { AstrolabelError } from '@astrolabel/spectra'
import type { ArchiveFile } from './archive-file.js'

/** Base address of the high-resolution spectra of the PHOENIX library of Göttingen. */
export const PHOENIX_BASE = 'https://phoenix.astro.physik.uni-goettingen.de/data/HiResFITS/'

/** One model of the grid. */
export interface PhoenixNode {
  /** Effective temperature, K. */
  readonly teff: number
  /** log g, dex(cm s⁻²). */
  readonly logg: number
  /** [Fe/H], dex. */
  readonly mH: number
  /** [α/Fe], dex. */
  readonly alpha: number
}

/** Lowest and highest value to take, ends included. */
export type ValueRange = readonly [low: number, high: number]

/** Ranges of the grid; all of it in what is not given, except α, which is 0 then. */
export interface PhoenixRanges {
  readonly teff?: ValueRange | undefined
  readonly logg?: ValueRange | undefined
  readonly mH?: ValueRange | undefined
  readonly alpha?: ValueRange | undefined
}

const GRID = 'PHOENIX-ACES-AGSS-COND-2011'

/** Published nodes (Husser et al. 2013, A&A 553, A6, table 1). */
const TEFF = [...steps(2300, 7000, 100), ...steps(7200, 12_000, 200)]
const LOGG = steps(0, 6, 0.5)
const M_H = [-4, -3, ...steps(-2, 1, 0.5)]
const ALPHA = steps(-0.2, 1.2, 0.2)

/** α other than that of the Sun was computed in this part of the grid only (table 1 of the paper). */
const ALPHA_TEFF: ValueRange = [3500, 8000]
const ALPHA_M_H: ValueRange = [-3, 0]

/**
 * The nodes of the grid within ranges, by [Fe/H], α, log g and Teff. The grid is ragged: some of them were never computed.
 *
 * @throws `archive/no-nodes` for a range between nodes or beyond the grid, telling the nodes.
 */
export function phoenixNodes(ranges: PhoenixRanges): PhoenixNode[] {
  const teffs = within(TEFF, ranges.teff, 'Teff')
  const loggs = within(LOGG, ranges.logg, 'log g')
  const metals = within(M_H, ranges.mH, '[Fe/H]')
  const alphas = within(ALPHA, ranges.alpha ?? [0, 0], '[α/Fe]')
  const nodes = metals.flatMap((mH) =>
    alphas.flatMap((alpha) => loggs.flatMap((logg) => teffs.map((teff) => ({ teff, logg, mH, alpha })))),
  )
  const kept = nodes.filter(
    ({ teff, mH, alpha }) => alpha === 0 || (inRange(teff, ALPHA_TEFF) && inRange(mH, ALPHA_M_H)),
  )
  if (kept.length === 0)
    throw new AstrolabelError('archive/no-nodes', 'The grid has no such models', {
      got: `[α/Fe] ${alphas.join(', ')}`,
      expected: `α other than 0 at Teff ${ALPHA_TEFF.join('–')} K and [Fe/H] ${ALPHA_M_H.join(' to ')} only`,
    })
  return kept
}

/**
 * The file of a node. Layout: https://phoenix.astro.physik.uni-goettingen.de (HiResFITS) and Starfish's `interfaces.py`;
 * solar metallicity is written `-0.0`. A node that was never computed has no file, so files are optional.
 */
export function phoenixFile({ teff, logg, mH, alpha }: PhoenixNode): ArchiveFile {
  const metals = `Z${mH > 0 ? '+' : '-'}${Math.abs(mH).toFixed(1)}`
  const enhanced = alpha === 0 ? '' : `.Alpha=${alpha > 0 ? '+' : '-'}${Math.abs(alpha).toFixed(2)}`
  const name = `lte${String(teff).padStart(5, '0')}-${logg.toFixed(2)}${metals.slice(1)}${enhanced}.${GRID}-HiRes.fits`
  return { path: `${GRID}/${metals}${enhanced}/${name}`, optional: true }
}

/** The wavelengths of all spectra of the library. */
export function phoenixWaveFile(): ArchiveFile {
  return { path: `WAVE_${GRID}.fits` }
}

function steps(first: number, last: number, step: number): number[] {
  // Rounded, so that 0.2 × 3 is 0.6; `+ 0` for -0.
  return Array.from(
    { length: Math.round((last - first) / step) + 1 },
    (_, i) => Math.round((first + i * step) * 100) / 100 + 0,
  )
}

function inRange(value: number, [low, high]: ValueRange): boolean {
  return value >= low && value <= high
}

function within(nodes: readonly number[], range: ValueRange | undefined, name: string): readonly number[] {
  if (range === undefined) return nodes
  const kept = nodes.filter((node) => inRange(node, range))
  if (kept.length === 0)
    throw new AstrolabelError('archive/no-nodes', `The PHOENIX grid has no ${name} in this range`, {
      got: range[0] === range[1] ? range[0] : range.join(' to '),
      expected: `one of ${nodes.join(', ')}`,
    })
  return kept
}
