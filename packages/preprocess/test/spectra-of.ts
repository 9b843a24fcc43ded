import type { Column, Spectra, SpectraInput, SpectraMeta } from '@astrolabel/spectra'
import { makeSpectra, makeTable } from '@astrolabel/spectra'

/** Metadata of spectra on 4000 Å + 0.8 Å i, in air by request. */
export function linearMeta(length: number, more: Partial<SpectraMeta> = {}): SpectraMeta {
  return {
    wavelength: { kind: 'linear', start: 4000, step: 0.8, length, medium: 'vacuum' },
    frame: 'barycentric',
    stage: 'raw',
    survey: 'test',
    release: '',
    noise: 'measured',
    history: [],
    version: '0',
    ...more,
  }
}

/** DESI's three arms. */
export const desiMeta: SpectraMeta = linearMeta(0, {
  wavelength: { kind: 'segmented', medium: 'vacuum' },
  segments: [
    {
      name: 'B',
      start: 0,
      end: 2751,
      wavelength: { kind: 'linear', start: 3600, step: 0.8, length: 2751, medium: 'vacuum' },
    },
    {
      name: 'R',
      start: 2751,
      end: 5077,
      wavelength: { kind: 'linear', start: 5760, step: 0.8, length: 2326, medium: 'vacuum' },
    },
    {
      name: 'Z',
      start: 5077,
      end: 7958,
      wavelength: { kind: 'linear', start: 7520, step: 0.8, length: 2881, medium: 'vacuum' },
    },
  ],
})

/** Spectra from rows of flux; ivar 1 and 10 km/s unless given. */
export function spectraOf(
  rows: readonly (readonly number[] | Float32Array)[],
  more: {
    meta?: SpectraMeta
    ivar?: readonly (readonly number[] | Float32Array)[]
    velocities?: readonly number[]
  } & Partial<Pick<SpectraInput, 'mask' | 'wave'>> = {},
): Spectra {
  const { meta, ivar, velocities, ...rest } = more
  const flux = Float32Array.from(rows.flatMap((row) => [...row]))
  const column: Column = { name: 'v_rad', values: Float64Array.from(velocities ?? rows.map(() => 10)), unit: 'km/s' }
  return makeSpectra({
    meta: meta ?? linearMeta(rows[0]?.length ?? 0),
    starId: rows.map((_, i) => `star-${i}`),
    flux,
    ivar:
      ivar === undefined ? new Float32Array(flux.length).fill(1) : Float32Array.from(ivar.flatMap((row) => [...row])),
    catalog: makeTable([column], rows.length),
    ...rest,
  })
}

/** The matrix of a batch as rows. */
export function rowsOf(matrix: Float32Array, n: number): Float32Array[] {
  const nPix = matrix.length / n
  return Array.from({ length: n }, (_, row) => matrix.subarray(row * nPix, (row + 1) * nPix))
}

/** Largest |a - b| / |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!) / Math.abs(b[i]!))
  return worst
}
