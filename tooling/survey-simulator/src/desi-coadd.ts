import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import { desiArms, latticeWave } from './desi-arms.js'
import { median } from './desi-observation.js'
import type { ArmSpectrum } from './desi-observation.js'
import { fieldCentre } from './star-population.js'
import type { SimulatedStar } from './star-population.js'

/** A star in a coadd file. */
export interface CoaddRow {
  readonly star: SimulatedStar
  /** desispec's fibermask: 0, or BADFIBER. */
  readonly fiberStatus: number
  readonly arms: readonly ArmSpectrum[]
}

const FLUX_UNIT = '10**-17 erg/(s cm2 Angstrom)'
const IVAR_UNIT = '10**+34 (s2 cm4 Angstrom2) / erg2'
/** Any target of the Milky Way Survey, bit 61 of DESI_TARGET. */
const MWS_ANY = 1n << 61n

/** The HDUs of a coadd file, in desispec's order: FIBERMAP, the arms, SCORES; without the resolution matrices. */
export function coaddHdus(file: number, rows: readonly CoaddRow[], seed: number): HduInput[] {
  const count = rows.length
  const hdus: HduInput[] = [
    {
      kind: 'image',
      header: {
        SPGRP: ['simulated', 'what the stars of this file have in common'],
        TILEID: [900000 + file, 'made up'],
        SIMSEED: [seed, 'seed of the simulation'],
        ORIGIN: ['astrolabel survey-simulator', 'no telescope took part'],
      },
    },
    { kind: 'table', name: 'FIBERMAP', columns: fibermap(file, rows) },
  ]
  desiArms.forEach((arm, k) => {
    const { name, start, pixels } = arm
    const stack = <A extends Float32Array | Int32Array>(whole: A, part: (row: ArmSpectrum) => A): A => {
      rows.forEach((row, i) => whole.set(part(row.arms[k]!), i * pixels))
      return whole
    }
    const shape = [count, pixels]
    hdus.push(
      {
        kind: 'image',
        name: `${name}_WAVELENGTH`,
        header: { BUNIT: 'Angstrom' },
        data: Float64Array.from({ length: pixels }, (_, i) => latticeWave(start + i)),
      },
      {
        kind: 'image',
        name: `${name}_FLUX`,
        header: { BUNIT: FLUX_UNIT },
        shape,
        data: stack(new Float32Array(count * pixels), (row) => row.flux),
      },
      {
        kind: 'image',
        name: `${name}_IVAR`,
        header: { BUNIT: IVAR_UNIT },
        shape,
        data: stack(new Float32Array(count * pixels), (row) => row.ivar),
      },
      { kind: 'image', name: `${name}_MASK`, shape, data: stack(new Int32Array(count * pixels), (row) => row.mask) },
    )
  })
  hdus.push({ kind: 'table', name: 'SCORES', columns: scores(rows) })
  return hdus
}

function fibermap(file: number, rows: readonly CoaddRow[]): ColumnInput[] {
  const centre = fieldCentre(file)
  const count = rows.length
  const floats = (f: (row: CoaddRow) => number) => Float32Array.from(rows, f)
  const integers = (f: (row: CoaddRow, i: number) => number) => Int32Array.from(rows, f)
  // Nanomaggies: 22.5 mag is 1.
  const nanomaggies = (row: CoaddRow) => 10 ** (-0.4 * (row.star.magnitude - 22.5))
  return [
    { name: 'TARGETID', values: targetIds(rows) },
    { name: 'PETAL_LOC', values: Int16Array.from(rows, (_, i) => Math.floor(i / 500)) },
    { name: 'FIBER', values: integers((_, i) => i) },
    { name: 'COADD_FIBERSTATUS', values: integers((row) => row.fiberStatus) },
    { name: 'TARGET_RA', values: Float64Array.from(rows, (row) => row.star.position.ra), unit: 'deg' },
    { name: 'TARGET_DEC', values: Float64Array.from(rows, (row) => row.star.position.dec), unit: 'deg' },
    { name: 'PMRA', values: new Float32Array(count), unit: 'mas yr^-1' },
    { name: 'PMDEC', values: new Float32Array(count), unit: 'mas yr^-1' },
    { name: 'REF_EPOCH', values: new Float32Array(count).fill(2015.5), unit: 'yr' },
    { name: 'OBJTYPE', values: rows.map(() => 'TGT'), width: 3 },
    { name: 'MORPHTYPE', values: rows.map(() => 'PSF'), width: 4 },
    { name: 'EBV', values: floats((row) => row.star.reddening), unit: 'mag' },
    { name: 'FLUX_R', values: floats(nanomaggies), unit: 'nanomaggy' },
    { name: 'GAIA_PHOT_G_MEAN_MAG', values: floats((row) => row.star.magnitude), unit: 'mag' },
    { name: 'DESI_TARGET', values: new BigInt64Array(count).fill(MWS_ANY) },
    { name: 'PLATE_RA', values: new Float64Array(count).fill(centre.ra), unit: 'deg' },
    { name: 'PLATE_DEC', values: new Float64Array(count).fill(centre.dec), unit: 'deg' },
    { name: 'TILEID', values: new Int32Array(count).fill(900000 + file) },
    { name: 'COADD_NUMEXP', values: new Int16Array(count).fill(1) },
    { name: 'COADD_EXPTIME', values: new Float32Array(count).fill(600), unit: 's' },
  ]
}

function scores(rows: readonly CoaddRow[]): ColumnInput[] {
  const columns: ColumnInput[] = [{ name: 'TARGETID', values: targetIds(rows) }]
  desiArms.forEach(({ name }, k) => {
    const arm = (row: CoaddRow) => row.arms[k]!
    const snr = (row: CoaddRow) => median(arm(row).flux.map((f, i) => f * Math.sqrt(arm(row).ivar[i]!)))
    columns.push(
      {
        name: `MEDIAN_COADD_FLUX_${name}`,
        values: Float32Array.from(rows, (row) => median(arm(row).flux)),
        unit: FLUX_UNIT,
      },
      { name: `MEDIAN_COADD_SNR_${name}`, values: Float32Array.from(rows, snr) },
    )
  })
  return columns
}

function targetIds(rows: readonly CoaddRow[]): BigInt64Array {
  return BigInt64Array.from(rows, (row) => row.star.targetId)
}
