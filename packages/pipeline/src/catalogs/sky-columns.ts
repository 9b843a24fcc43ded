import type { MatchRadius, SkyPositions, SpaceMotion } from '@astrolabel/crossmatch'
import type { Table } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, findColumn, requireColumn } from '@astrolabel/spectra'
import type { MatchOptions, MotionColumns } from './match-options.js'
import { columnArcsec, namedColumn } from './named-column.js'

/** Columns of positions, degrees ICRS, by preference. */
export const RA_NAMES: readonly string[] = ['ra', 'TARGET_RA', 'RAJ2000']
export const DEC_NAMES: readonly string[] = ['dec', 'TARGET_DEC', 'DEJ2000']

const DEFAULT_RADIUS = 3

/** What a match on the sky is given. */
export interface SkyProblem {
  readonly a: SkyPositions
  readonly b: SkyPositions
  /** Largest separation, arcsec. */
  readonly radius: MatchRadius
  /** What positions are carried to. */
  readonly epoch?: number
}

/**
 * Positions, radii and motions of two catalogues out of their columns.
 *
 * @throws `table/no-column`, `crossmatch/no-motion`, `crossmatch/epoch`.
 */
export function skyProblem(a: Table, b: Table, options: MatchOptions): SkyProblem {
  const sky = { a: positions(a), b: positions(b) }
  const radius = radiusOf(a, options)
  const { epochA, epochB, pmA, pmB } = options
  if (epochA === undefined && epochB === undefined && pmA === undefined && pmB === undefined) return { ...sky, radius }
  if (epochA === undefined || epochB === undefined)
    throw new AstrolabelError('crossmatch/epoch', 'Proper motions need the epochs of both catalogues', {
      got: epochA === undefined ? 'no epoch of A' : 'no epoch of B',
      remedy: 'Give epochs in Julian years, such as 2016 for Gaia DR3 and 2000 for 2MASS',
    })
  const motion = {
    a: motionOf(a, epochA, pmA, 'catalogue A'),
    b: motionOf(b, epochB, pmB, 'catalogue B'),
  }
  // Whoever has motions is carried to where the other one was seen; with both, a goes to b.
  const moving = motion.a === undefined ? 'b' : 'a'
  const epoch = moving === 'a' ? epochB : epochA
  if (motion[moving] === undefined)
    throw new AstrolabelError('crossmatch/no-motion', 'Neither catalogue has columns of proper motion', {
      expected: `${PM_RA.join(' or ')}, and ${PM_DEC.join(' or ')}`,
      remedy: 'Name them, or leave the epochs out',
    })
  if (typeof epoch === 'string')
    throw new AstrolabelError('crossmatch/epoch', 'The epoch that stars are carried to is one for all', {
      got: `column ${epoch}`,
      expected: `a Julian year as the epoch of ${moving === 'a' ? 'B' : 'A'}`,
    })
  return {
    a: moving === 'a' ? { ...sky.a, motion: motion.a! } : sky.a,
    b: moving === 'b' ? { ...sky.b, motion: motion.b! } : sky.b,
    radius,
    epoch,
  }
}

/** Positions in degrees, ICRS. @throws `table/no-column`. */
export function positions(table: Table): SkyPositions {
  return {
    ra: columnNumbers(requireColumn(table, ...RA_NAMES)),
    dec: columnNumbers(requireColumn(table, ...DEC_NAMES)),
  }
}

/** The radius, or of each star its own; stars without a position error get the radius of all. */
function radiusOf(a: Table, { radius = DEFAULT_RADIUS, radiusColumn, sigmas = 3 }: MatchOptions): MatchRadius {
  if (radiusColumn === undefined) return radius
  const errors = columnArcsec(namedColumn(a, radiusColumn, 'catalogue A'))
  return errors.map((error) => (error >= 0 ? Math.min(sigmas * error, 648_000) : radius))
}

const PM_RA = ['pmra', 'pm_ra', 'gaia_pmra', 'gaiadr2_pmra', 'gaiaedr3_pmra', 'pmra_cosdec']
const PM_DEC = ['pmdec', 'pm_dec', 'gaia_pmdec', 'gaiadr2_pmdec', 'gaiaedr3_pmdec', 'pm_de', 'pmde']

/** Motions, with parallax and radial velocity where the columns have Gaia's names; undefined when there are none. */
function motionOf(
  table: Table,
  epoch: number | string,
  named: MotionColumns | undefined,
  whose: string,
): SpaceMotion | undefined {
  const pmRa = named === undefined ? findColumn(table, ...PM_RA) : namedColumn(table, named[0], whose)
  const pmDec = named === undefined ? findColumn(table, ...PM_DEC) : namedColumn(table, named[1], whose)
  if (pmRa === undefined || pmDec === undefined) return undefined
  const parallax = findColumn(table, 'parallax')
  const rv = findColumn(table, 'radial_velocity')
  return {
    pmRa: columnNumbers(pmRa),
    pmDec: columnNumbers(pmDec),
    fromEpoch: typeof epoch === 'number' ? epoch : columnNumbers(namedColumn(table, epoch, whose)),
    ...(parallax === undefined ? {} : { parallax: columnNumbers(parallax) }),
    ...(rv === undefined ? {} : { rv: columnNumbers(rv) }),
  }
}
