import type { ArchiveFile } from './archive-file.js'
import { numberPart } from './archive-file.js'

/** Base address of LAMOST's public data. */
export const LAMOST_BASE = 'https://www.lamost.org/'

/** Releases that are open without an account, newest first; later ones ask for a token of the collaboration. */
export const LAMOST_RELEASES = ['dr11', 'dr10', 'dr9', 'dr8'] as const
export type LamostRelease = (typeof LAMOST_RELEASES)[number]

/** Low resolution (R 1800) and medium resolution (R 7500). */
export const LAMOST_KINDS = ['lrs', 'mrs'] as const
export type LamostKind = (typeof LAMOST_KINDS)[number]

/**
 * The spectrum of an observation by its OBSID, served as gzipped FITS: `/drN/v2.0/spectrum/fits/OBSID`, of medium
 * resolution `/medspectrum/fits/OBSID` (as LAMOST's own client pylamost asks for them).
 *
 * The server gives neither folders nor digests, so files go to `drN/v2.0/lrs/spec-OBSID.fits.gz` or
 * `drN/v2.0/mrs/med-OBSID.fits.gz`.
 *
 * @throws `archive/bad-identifier`.
 */
export function lamostFile(
  obsid: number | string,
  kind: LamostKind = 'lrs',
  release: LamostRelease = 'dr11',
): ArchiveFile {
  const id = numberPart(obsid, 'OBSID', 1, 1)
  const root = `${release}/v2.0`
  return kind === 'lrs'
    ? { path: `${root}/spectrum/fits/${id}`, saveAs: `${root}/lrs/spec-${id}.fits.gz` }
    : { path: `${root}/medspectrum/fits/${id}`, saveAs: `${root}/mrs/med-${id}.fits.gz` }
}
