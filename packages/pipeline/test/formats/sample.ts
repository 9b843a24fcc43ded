import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Column, Spectra, SpectraMeta, Table } from '@astrolabel/spectra'
import { makeSpectra, makeTable } from '@astrolabel/spectra'
import { afterAll } from 'vitest'

/** A folder of its own for a test file, gone afterwards. */
export function scratchFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'astrolabel-formats-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}

/** A Python with numpy and astropy, undefined where there is none. */
export const PYTHON: string | undefined = ['/usr/bin/python3', 'python3'].find((command) => {
  try {
    execFileSync(command, ['-c', 'import numpy, astropy.table'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** The path of a survey file of the shared data, and whether it is there. */
export function shared(name: string): { path: string; exists: boolean } {
  const path = fileURLToPath(new URL(`../../../../../shared/data/${name}`, import.meta.url))
  return { path, exists: existsSync(path) }
}

/** A table with every type, with missing values of every kind, and strings that separators trip over. */
export function everyType(ascii = false): Table {
  const valid = Uint8Array.of(1, 0, 1, 1)
  return makeTable([
    { name: 'id', values: BigInt64Array.of(9007199254740993n, -9223372036854775807n, 39633320893744501n, 0n) },
    { name: 'mask', values: BigUint64Array.of(18446744073709551615n, 0n, 1n, 2n), valid },
    { name: 'f8', values: Float64Array.of(0.1, Number.NaN, 1e-300, -5777.25), valid, unit: 'K' },
    { name: 'f4', values: Float32Array.of(0.1, Number.NaN, 3e38, -0.5), valid },
    { name: 'i4', values: Int32Array.of(-2147483648, 0, 2147483647, 5), valid },
    { name: 'u4', values: Uint32Array.of(4294967295, 0, 7, 8) },
    { name: 'i2', values: Int16Array.of(-32768, 0, 32767, 1), valid },
    { name: 'u2', values: Uint16Array.of(65535, 0, 1, 2) },
    { name: 'i1', values: Int8Array.of(-128, 0, 127, 1) },
    { name: 'u1', values: Uint8Array.of(255, 0, 0, 1), valid },
    { name: 'truth', values: Uint8Array.of(1, 0, 0, 1), boolean: true, valid },
    { name: 'text', values: ascii ? ['a, "b"', '', '007', 'nan'] : ['α Cen, "A"', '', '007', '星'], valid },
    { name: 'vector', values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), width: 3, valid },
    { name: 'code', values: ['2M00005143+5615568', 'x y', "d'Arrest", '#1'] },
  ])
}

/** A table as plain JSON: of missing cells only that they are. */
export function plainTable(table: Table): unknown {
  return [...table.columns.values()].map((column) => ({
    name: column.name,
    type: column.values.constructor.name,
    width: column.width ?? 1,
    unit: column.unit,
    boolean: column.boolean === true,
    cells: cells(column),
  }))
}

/** Cells of a column, null where a value is missing; integers as strings, so that every digit counts. */
export function cells(column: Column): unknown[] {
  const width = column.width ?? 1
  return Array.from(column.values as ArrayLike<unknown>, (value, i) => {
    if (column.valid?.[Math.floor(i / width)] === 0 || Number.isNaN(value)) return null
    return typeof value === 'bigint' ? String(value) : value
  })
}

/** Spectra of `n` stars with labels, a mask and a catalogue; `meta` replaces parts of what is told of them. */
export function sampleSpectra(n: number, meta: Partial<SpectraMeta> = {}): Spectra {
  const nPix = 24
  const at = (i: number): number => Math.sin(i * 0.37)
  const label = (scale: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => (i % 5 === 4 ? Number.NaN : scale * (1 + 0.1 * at(i))))
  const known = Uint8Array.from({ length: n }, (_, i) => (i % 5 === 4 ? 0 : 1))
  return makeSpectra({
    meta: {
      wavelength: { kind: 'log10', start: 3.6, step: 1e-4, length: nPix, medium: 'vacuum' },
      frame: 'rest',
      stage: 'normalised',
      survey: 'test',
      release: 'DR1',
      noise: 'measured',
      fluxUnit: '1e-17 erg/(s cm2 Å)',
      maskBits: [{ bit: 3, name: 'BAD' }],
      history: [{ step: 'continuum', options: { degree: 2, name: 'σ-clip' } }],
      seed: 7,
      version: '1',
      ...meta,
    },
    starId: Array.from({ length: n }, (_, i) => `star-${i}`),
    ra: Float64Array.from({ length: n }, (_, i) => 10 + i / 7),
    dec: Float64Array.from({ length: n }, (_, i) => (i % 3 === 2 ? Number.NaN : -20 + i / 7)),
    // Pixels without weight keep their flux here, which a reader of foreign archives would clear.
    flux: Float32Array.from({ length: n * nPix }, (_, i) => 1 + 0.1 * at(i)),
    ivar: Float32Array.from({ length: n * nPix }, (_, i) => (i % 11 === 0 ? 0 : 100 + at(i))),
    mask: Uint32Array.from({ length: n * nPix }, (_, i) => (i % 11 === 0 ? 2 ** 31 + 8 : 0)),
    catalog: makeTable(
      [
        { name: 'TARGETID', values: BigInt64Array.from({ length: n }, (_, i) => 39633320893744501n + BigInt(i)) },
        { name: 'teff', values: label(5000), valid: known, unit: 'K' },
        { name: 'teff_err', values: label(50), valid: known, unit: 'K' },
        { name: 'fe_h', values: Float32Array.from(label(-0.3)), valid: known, unit: 'dex' },
        { name: 'flags', values: Int16Array.from({ length: n }, (_, i) => i), valid: known },
        { name: 'variable', values: Uint8Array.from({ length: n }, (_, i) => i % 2), boolean: true },
        { name: 'colours', values: Float32Array.from({ length: n * 2 }, (_, i) => i), width: 2 },
        { name: 'field', values: Array.from({ length: n }, (_, i) => `K2, C${i}`) },
      ],
      n,
    ),
  })
}

/** Spectra as plain JSON, without the parts of the catalogue that differ only in how missing values are written. */
export function plainSpectra(spectra: Spectra): unknown {
  const numbers = (values: ArrayLike<number> | undefined): unknown =>
    values === undefined ? undefined : Array.from(values, (value) => (Number.isNaN(value) ? null : value))
  return {
    meta: spectra.meta,
    starId: spectra.starId,
    ra: numbers(spectra.ra),
    dec: numbers(spectra.dec),
    flux: numbers(spectra.flux),
    ivar: numbers(spectra.ivar),
    mask: numbers(spectra.mask),
    wave: numbers(spectra.wave),
    snr: numbers(spectra.snr),
    catalog: plainTable(spectra.catalog),
  }
}

/** Something to iterate over from values, failing after them when an error is given. */
export async function* yieldAll<T>(values: readonly T[], error?: Error): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value)
  if (error !== undefined) throw error
}
