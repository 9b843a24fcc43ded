import { makeSpectra, makeTable, RandomStream } from '@astrolabel/spectra'
import type { Column, Spectra, SpectraMeta } from '@astrolabel/spectra'

/** Metadata of spectra of `length` pixels from 4000 Å by 1 Å. */
export function exampleMeta(length: number, changes: Partial<SpectraMeta> = {}): SpectraMeta {
  return {
    wavelength: { kind: 'linear', start: 4000, step: 1, length, medium: 'vacuum' },
    frame: 'rest',
    stage: 'raw',
    survey: 'example',
    release: 'dr1',
    noise: 'measured',
    history: [{ step: 'read', options: { rows: [1, 2], keep: true } }],
    version: '0.0.0',
    ...changes,
  }
}

/** Spectra of flux around 1 with a bad pixel here and there, numbered from `first`. */
export function exampleSpectra(n: number, nPix: number, changes: Partial<Spectra> & { first?: number } = {}): Spectra {
  const { first = 0, meta = exampleMeta(nPix), n: _, nPix: __, ...rest } = changes
  const stream = RandomStream.fromSeed(first + 1)
  return makeSpectra({
    meta,
    starId: Array.from({ length: n }, (___, i) => `star-${first + i}`),
    flux: Float32Array.from({ length: n * nPix }, () => 1 + 0.1 * stream.normal()),
    ivar: Float32Array.from({ length: n * nPix }, () => (stream.uniform() < 0.1 ? 0 : 100)),
    ra: Float64Array.from({ length: n }, (___, i) => (i % 3 === 2 ? Number.NaN : 10 + i)),
    dec: Float64Array.from({ length: n }, (___, i) => (i % 3 === 2 ? Number.NaN : -5.5 - i / 7)),
    ...rest,
  })
}

/** Three rows of every kind of catalogue column, with and without missing values. */
export const EVERY_COLUMN: readonly Column[] = [
  { name: 'f8', values: Float64Array.of(1.5, -2.25, 1e300), unit: 'km/s' },
  { name: 'f4', values: Float32Array.of(1.5, Number.NaN, 3), valid: Uint8Array.of(1, 0, 1) },
  { name: 'nan', values: Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY) },
  { name: 'i8', values: BigInt64Array.of(9007199254740993n, -9223372036854775808n, 39633321640788488n) },
  { name: 'u8', values: BigUint64Array.of(18446744073709551615n, 0n, 1n), valid: Uint8Array.of(1, 1, 0) },
  { name: 'i4', values: Int32Array.of(-2147483648, 2147483647, 0), valid: Uint8Array.of(1, 1, 0), unit: 'mag' },
  { name: 'u4', values: Uint32Array.of(4294967295, 0, 1) },
  { name: 'i2', values: Int16Array.of(-32768, 32767, 0) },
  { name: 'u2', values: Uint16Array.of(65535, 0, 1) },
  { name: 'i1', values: Int8Array.of(-128, 127, 0) },
  { name: 'u1', values: Uint8Array.of(255, 0, 1) },
  { name: 'text', values: ['', 'α Cen', '🔭 2M00'], unit: '' },
  { name: 'text with gaps', values: ['a', '', 'c'], valid: Uint8Array.of(1, 0, 1) },
  { name: 'truth', values: Uint8Array.of(1, 0, 1), boolean: true },
  { name: 'truth with gaps', values: Uint8Array.of(1, 0, 0), boolean: true, valid: Uint8Array.of(1, 0, 1) },
  { name: 'vector', values: Float32Array.of(1, 2, 3, 4, 5, 6), width: 2, unit: 'mag' },
  {
    name: 'vector with gaps',
    values: Float64Array.of(1, 2, Number.NaN, Number.NaN, 5, 6),
    width: 2,
    valid: Uint8Array.of(1, 0, 1),
  },
  { name: 'matrix of ids', values: BigInt64Array.from({ length: 9 }, (_, i) => 2n ** 60n + BigInt(i)), width: 3 },
  { name: 'words', values: ['a', 'b', '', 'd', 'e', 'ü'], width: 2 },
  { name: 'truths', values: Uint8Array.of(1, 0, 0, 0, 1, 1), width: 2, boolean: true },
]

/** The table of {@link EVERY_COLUMN}; an empty unit is no unit. */
export const everyColumn = makeTable(EVERY_COLUMN)
