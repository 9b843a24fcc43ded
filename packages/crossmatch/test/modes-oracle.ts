import { readFileSync } from 'node:fs'
import type { SkyPositions } from '@astrolabel/crossmatch'

interface Points {
  readonly ra: number[]
  readonly dec: number[]
}

interface Oracle {
  readonly cases: {
    readonly name: string
    readonly radiusArcsec: number
    readonly a: Points
    readonly b: Points
    readonly pairs: { readonly a: number[]; readonly b: number[]; readonly separationArcsec: number[] }
    readonly nearest3: number[][]
    readonly separation3: number[][]
  }[]
  readonly moved: Record<
    'ra' | 'dec' | 'pmRa' | 'pmDec' | 'parallax' | 'rv' | 'fromEpoch' | 'toEpoch' | 'raTo' | 'decTo',
    number
  >[]
}

/** What oracle/astropy-modes.py wrote. */
export const oracle: Oracle = JSON.parse(
  readFileSync(new URL('oracle/astropy-modes.json', import.meta.url), 'utf8'),
) as Oracle

export function positionsOf({ ra, dec }: Points): SkyPositions {
  return { ra: Float64Array.from(ra), dec: Float64Array.from(dec) }
}
