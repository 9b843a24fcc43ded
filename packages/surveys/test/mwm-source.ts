import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import type { FileSource } from '@astrolabel/surveys'
import { fitsFile } from './memory-source.js'

// No mwmStar file is among the shared data: this one has the layout that astra's `products/mwm.py` writes.
export interface Mwm {
  readonly rows: number
  readonly telescope: string
  readonly columns?: (columns: ColumnInput[]) => ColumnInput[]
  readonly header?: Record<string, number>
}
function mwmTable({ rows, telescope, columns, header }: Mwm, instrument: string, nPix: number): HduInput {
  const pixels = (of: (row: number, pixel: number) => number): Float32Array =>
    Float32Array.from({ length: rows * nPix }, (_, i) => of(Math.floor(i / nPix), i % nPix))
  const all: ColumnInput[] = [
    { name: 'spectrum_pk_id', values: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)) },
    { name: 'telescope', values: Array.from({ length: rows }, () => telescope), width: 6 },
    { name: 'n_visits', values: new Int32Array(rows).fill(3) },
    { name: 'run2d', values: Array.from({ length: rows }, () => 'v6_1_3'), width: 6 },
    { name: 'zwarning_flags', values: new BigInt64Array(rows).fill(4n) },
    { name: 'v_rad', values: new Float32Array(rows).fill(-12.5) },
    { name: 'e_v_rad', values: new Float32Array(rows).fill(0.5) },
    { name: 'spectrum_flags', values: new BigInt64Array(rows).fill(16n) },
    { name: 'flux', shape: [nPix], values: pixels((row, pixel) => (pixel === 2 ? Number.NaN : 10 * (row + 1))) },
    { name: 'ivar', shape: [nPix], values: pixels((_, pixel) => (pixel === 3 ? 0 : 4)) },
    { name: 'pixel_flags', shape: [nPix], values: pixels((_, pixel) => (pixel === 1 ? 1 << 12 : 0)) },
  ]
  return {
    kind: 'table',
    name: `${instrument}/${telescope.slice(0, 3).toUpperCase()}`,
    header: {
      INSTRMNT: instrument,
      OBSRVTRY: telescope.slice(0, 3),
      ...(header ?? { CRVAL: 4.179, CDELT: 6e-6, NPIXELS: nPix }),
    },
    columns: columns?.(all) ?? all,
  }
}
const BOSS = { CRVAL: 3.5523, CDELT: 1e-4 }

/** A file of astra: four pixels of APOGEE at flux 10, 20, … a row, six of BOSS; the third is NaN, the fourth has ivar 0. */
export function mwmStar(
  north: Mwm,
  south: Mwm,
  name = 'mwmStar-0.6.0-54321.fits',
  boss: { north: Mwm; south: Mwm } = {
    north: { rows: 1, telescope: 'apo25m' },
    south: { rows: 0, telescope: 'lco25m' },
  },
): FileSource {
  const header = { V_ASTRA: '0.6.0', SDSS_ID: 54_321, APOGEEID: '2M00000001', RA: 12.5, DEC: -30.25, J_MAG: 9.5 }
  return fitsFile(name, [
    { kind: 'image', header },
    mwmTable({ header: BOSS, ...boss.north }, 'BOSS', 6),
    mwmTable({ header: BOSS, ...boss.south }, 'BOSS', 6),
    mwmTable(north, 'APOGEE', 4),
    mwmTable(south, 'APOGEE', 4),
  ])
}
