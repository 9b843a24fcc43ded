import type { ColumnInput, HduInput } from '@astrolabel/io-fits'
import type { RandomStream } from '@astrolabel/spectra'
import { apogeeId, offsetPosition } from './sky-position.js'
import type { SkyPosition } from './sky-position.js'
import { drawStar, placeInField } from './star-population.js'
import type { SimulatedStar } from './star-population.js'
import type { StellarLabels } from './stellar-labels.js'

/** A row of the catalogue: what APOGEE says, errors and fills included. */
export interface AllStarRow {
  readonly apogeeId: string
  readonly position: SkyPosition
  readonly field: string
  readonly snr: number
  readonly visits: number
  readonly vRad: number
  readonly vErr: number
  readonly starFlag: bigint
  readonly aspcapFlag: bigint
  /** APOGEE_EXTRATARG: bit 4 marks the lesser entries of a star that is listed twice. */
  readonly extraTarget: number
  /** Values and errors by column; -9999 where there is none. */
  readonly labels: Readonly<Record<LabelColumn, readonly [number, number]>>
}

type LabelColumn = 'TEFF' | 'LOGG' | 'M_H' | 'ALPHA_M' | 'FE_H' | 'MG_FE'

const labelColumns: readonly LabelColumn[] = ['TEFF', 'LOGG', 'M_H', 'ALPHA_M', 'FE_H', 'MG_FE']
/** What APOGEE writes for a value that it does not have. */
const FILL = -9999
const BIT = {
  starLowSnr: 1n << 4n,
  starPersist: 1n << 9n,
  aspcapTeffWarn: 1n << 0n,
  aspcapSnWarn: 1n << 11n,
  aspcapStarWarn: 1n << 7n,
  aspcapStarBad: 1n << 23n,
  aspcapSnBad: 1n << 27n,
  aspcapNoResult: 1n << 31n,
  aspcapFerreFail: 1n << 36n,
} as const

/**
 * The catalogue for a survey's stars, in random order: nine in ten of them, one in twenty of those twice (the same
 * APOGEE_ID with another S/N), a quarter as many stars that DESI did not observe, and for one star in thirty a stranger
 * 0.8 to 2.6 arcsec away.
 */
export function drawAllStar(random: RandomStream, stars: readonly SimulatedStar[]): AllStarRow[] {
  const rows: AllStarRow[] = []
  for (const star of stars) {
    if (random.uniform() < 0.1) continue
    const { labels, vRad, apogeePosition: position, file } = star
    const snr = 40 * 10 ** random.uniform()
    rows.push(drawRow(random, { labels, vRad, position, file, snr, extraTarget: 0 }))
    if (random.uniform() < 0.05) {
      rows.push(drawRow(random, { labels, vRad, position, file, snr: snr * 0.45, extraTarget: 16 }))
    }
  }
  const taken = stars.map((star) => star.position)
  for (const { file, position } of stars) {
    if (random.uniform() < 0.25) rows.push(drawStranger(random, placeInField(random, file, taken), file))
    if (random.uniform() < 1 / 30) {
      const distance = 0.8 + 1.8 * random.uniform()
      const angle = 2 * Math.PI * random.uniform()
      const close = offsetPosition(position, distance * Math.cos(angle), distance * Math.sin(angle))
      rows.push(drawStranger(random, close, file))
    }
  }
  return Array.from(random.permutation(rows.length), (i) => rows[i]!)
}

interface Observed {
  readonly labels: Required<StellarLabels>
  readonly vRad: number
  readonly position: SkyPosition
  readonly file: number
  readonly snr: number
  readonly extraTarget: number
}

function drawStranger(random: RandomStream, position: SkyPosition, file: number): AllStarRow {
  return drawRow(random, { ...drawStar(random), position, file, snr: 40 * 10 ** random.uniform(), extraTarget: 0 })
}

/** What APOGEE's pipeline would publish of a star: its labels with their errors, flags and missing values. */
function drawRow(random: RandomStream, observed: Observed): AllStarRow {
  const { labels, vRad, position, file, snr, extraTarget } = observed
  // Errors that grow at low S/N, as those of ASPCAP do.
  const grow = 1 + 0.3 * Math.max(0, Math.log10(200 / snr))
  const measure = (truth: number, error: number): readonly [number, number] => [
    truth + error * grow * random.normal(),
    error * grow,
  ]
  const missing = random.uniform() < 0.02
  const noMagnesium = random.uniform() < 0.03
  const noIron = random.uniform() < 0.01
  const suspect = random.uniform() < 0.04
  const measured: Record<LabelColumn, readonly [number, number]> = {
    TEFF: measure(labels.teff, 20 + 10 * random.uniform()),
    LOGG: measure(labels.logg, 0.04),
    M_H: measure(labels.fe_h, 0.015),
    ALPHA_M: measure(labels.alpha_fe, 0.015),
    FE_H: measure(labels.fe_h, 0.02),
    MG_FE: measure(labels.mg_fe, 0.02),
  }
  const none: readonly [number, number] = [FILL, FILL]
  if (missing) for (const name of labelColumns) measured[name] = none
  if (noMagnesium) measured.MG_FE = none
  if (noIron) measured.FE_H = none

  let aspcapFlag = 0n
  if (missing) aspcapFlag |= BIT.aspcapNoResult | BIT.aspcapFerreFail
  if (suspect) aspcapFlag |= random.uniform() < 0.3 ? BIT.aspcapStarBad : BIT.aspcapTeffWarn | BIT.aspcapStarWarn
  if (snr < 50) aspcapFlag |= BIT.aspcapSnBad
  else if (snr < 70) aspcapFlag |= BIT.aspcapSnWarn
  const vErr = 0.03 + (4 / snr) * (1 + 0.5 * Math.max(0, -labels.fe_h))
  return {
    apogeeId: apogeeId(position),
    position,
    field: `SIM${String(file).padStart(4, '0')}`,
    snr,
    visits: 1 + random.integer(5),
    vRad: vRad + vErr * random.normal(),
    vErr,
    starFlag: (random.uniform() < 0.05 ? BIT.starPersist : 0n) | (snr < 25 ? BIT.starLowSnr : 0n),
    aspcapFlag,
    extraTarget,
    labels: measured,
  }
}

/** The HDUs of an allStar file: an empty primary one and the table, with DR17's column names. */
export function allStarHdus(rows: readonly AllStarRow[], seed: number): HduInput[] {
  const floats = (f: (row: AllStarRow) => number) => Float32Array.from(rows, f)
  const columns: ColumnInput[] = [
    { name: 'APOGEE_ID', values: rows.map((row) => row.apogeeId), width: 18 },
    { name: 'TELESCOPE', values: rows.map(() => 'sim25m'), width: 6 },
    { name: 'FIELD', values: rows.map((row) => row.field), width: 7 },
    { name: 'RA', values: Float64Array.from(rows, (row) => row.position.ra), unit: 'deg' },
    { name: 'DEC', values: Float64Array.from(rows, (row) => row.position.dec), unit: 'deg' },
    { name: 'EXTRATARG', values: Int32Array.from(rows, (row) => row.extraTarget) },
    { name: 'NVISITS', values: Int32Array.from(rows, (row) => row.visits) },
    { name: 'SNR', values: floats((row) => row.snr) },
    { name: 'VHELIO_AVG', values: floats((row) => row.vRad), unit: 'km/s' },
    { name: 'VERR', values: floats((row) => row.vErr), unit: 'km/s' },
    { name: 'STARFLAG', values: BigInt64Array.from(rows, (row) => row.starFlag) },
    { name: 'ASPCAPFLAG', values: BigInt64Array.from(rows, (row) => row.aspcapFlag) },
  ]
  for (const name of labelColumns) {
    const unit = name === 'TEFF' ? 'K' : 'dex'
    columns.push(
      { name, values: floats((row) => row.labels[name][0]), unit },
      { name: `${name}_ERR`, values: floats((row) => row.labels[name][1]), unit },
    )
  }
  return [
    { kind: 'image', header: { SIMSEED: [seed, 'seed of the simulation'], ORIGIN: 'astrolabel survey-simulator' } },
    { kind: 'table', name: 'ALLSTAR', columns },
  ]
}
