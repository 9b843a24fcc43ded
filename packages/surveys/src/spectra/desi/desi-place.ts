import type { FitsFile } from '@astrolabel/io-fits'
import type { Column } from '@astrolabel/spectra'
import { integersColumn, wordsColumn } from '../../catalog/value-columns.js'

/** Which part of a production a DESI file holds. What neither header nor name tells is undefined. */
export interface DesiPlace {
  /** The production, such as `fuji` or `iron`. */
  readonly release: string
  /** `main`, `sv1`, …: files by healpix. */
  readonly survey: string | undefined
  /** `dark`, `bright`, `backup`, `other`. */
  readonly program: string | undefined
  /** Nested healpix of nside 64. */
  readonly healpix: number | undefined
  readonly tile: number | undefined
  /** Spectrograph of a tile's file. */
  readonly petal: number | undefined
  /** Files by tile: `cumulative`, `pernight`, `perexp` and the night or exposure, such as `thru20210505`. */
  readonly group: string | undefined
}

const HEALPIX_NAME = /-(cmx|main|special|sv\d)-(backup|bright|dark|other)-(\d+)(?:\.|$)/
const TILE_NAME = /-(\d)-(\d+)-((?:thru|exp)?\d{8}|[14]xsubset\d|lowspeedsubset\d)(?:\.|$)/
const OLD_HEALPIX_NAME = /^[a-z]+-64-(\d+)(?:\.|$)/

/**
 * Tell by headers, else by the names of file and folders: `…/iron/healpix/main/dark/100/10016/coadd-main-dark-10016.fits`,
 * `…/fuji/tiles/cumulative/100/20210505/coadd-0-100-thru20210505.fits`, `coadd-64-10016.fits` of the first productions.
 */
export function desiPlace(file: FitsFile, source: string): DesiPlace {
  const headers = file.hdus.filter((hdu) => hdu.index === 0 || hdu.name === 'FIBERMAP').map((hdu) => hdu.header)
  const word = (...keys: readonly string[]): string | undefined => {
    for (const key of keys)
      for (const header of headers) {
        const value = header.get(key)
        if (value !== undefined && String(value).trim() !== '') return String(value).trim()
      }
    return undefined
  }
  const number = (text: string | undefined): number | undefined =>
    text === undefined || !Number.isInteger(Number(text)) ? undefined : Number(text)
  const parts = source.split(/[\\/]/)
  const name = parts.at(-1)!
  const [, survey, program, healpix] = HEALPIX_NAME.exec(name) ?? []
  const [, petal, tile, group] = TILE_NAME.exec(name) ?? []
  const [, oldHealpix] = OLD_HEALPIX_NAME.exec(name) ?? []
  const grouping = parts.findLastIndex((part) => part === 'healpix' || part === 'tiles')
  return {
    release: productionOf(file) ?? (grouping > 0 ? parts[grouping - 1]! : ''),
    survey: survey ?? word('SURVEY')?.toLowerCase(),
    program: program ?? word('PROGRAM', 'FAPRGRM')?.toLowerCase(),
    healpix: number(healpix ?? oldHealpix ?? word('HPXPIXEL')),
    tile: number(tile ?? word('TILEID')),
    petal: number(petal ?? word('PETAL', 'SPECTRO')),
    group: group ?? word('SPGRPVAL'),
  }
}

/** The place as columns of n equal rows; columns that the table has itself are left out by the caller. */
export function placeColumns(place: DesiPlace, n: number): Column[] {
  const words = (name: string, value: string | undefined): Column =>
    wordsColumn(
      name,
      Array.from({ length: n }, () => value),
    )
  const whole = (name: string, value: number | undefined): Column =>
    integersColumn(
      name,
      Array.from({ length: n }, () => value),
    )
  return [
    words('SURVEY', place.survey),
    words('PROGRAM', place.program),
    whole('HEALPIX', place.healpix),
    whole('TILEID', place.tile),
    whole('PETAL_LOC', place.petal),
    words('SPGRPVAL', place.healpix === undefined ? place.group : undefined),
  ]
}

/** A keyword of its own or one of the DEPNAMnn and DEPVERnn pairs. */
function productionOf(file: FitsFile): string | undefined {
  const { header } = file.hdus[0]!
  const pair = header.cards.find((card) => card.key.startsWith('DEPNAM') && String(card.value).trim() === 'SPECPROD')
  const named = pair === undefined ? undefined : header.getString(pair.key.replace('NAM', 'VER'))
  return header.getString('SPECPROD')?.trim() ?? named?.trim()
}
