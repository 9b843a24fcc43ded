import type { Column, Spectra, SpectraMeta, Table, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, airToVacuum, pixelWavelengths, vacuumToAir, wavelengths } from '@astrolabel/spectra'
import type { Piece } from '../pixels/pieces.js'
import type { ResolutionMatrix } from './resolution-matrix.js'
import { sigmaOfMatrix, takeMatrixPixels } from './resolution-matrix.js'

/** Catalogue column of resolution matrices, (nDiag × nPix) a star, as readers carry them. */
export const MATRIX_COLUMN = 'resolution'

/** Catalogue column of σ of the line spread, (nPix) Å a star; 0 where it is not known. */
export const SIGMA_COLUMN = 'lsf_sigma'

/** What of the catalogue has as many values a row as there are pixels, or a multiple of them. */
const PIXEL_COLUMNS = [MATRIX_COLUMN, SIGMA_COLUMN]

/** The column of matrices or of σ; a scalar of that name is something else. */
export function lineSpreadColumn(catalog: Table, name: string): Column | undefined {
  const column = catalog.columns.get(name)
  return PIXEL_COLUMNS.includes(name) && (column?.width ?? 1) > 1 ? column : undefined
}

/** The column that tells the line spread of the spectra, matrices first. */
export function carriedLineSpread(catalog: Table): Column | undefined {
  return lineSpreadColumn(catalog, MATRIX_COLUMN) ?? lineSpreadColumn(catalog, SIGMA_COLUMN)
}

/** The arms of a row; one for all pixels when it is not segmented. */
export function armsOf(meta: SpectraMeta, nPix: number): readonly Piece[] {
  return meta.wavelength.kind === 'segmented' ? (meta.segments ?? []) : [{ start: 0, end: nPix }]
}

/** The resolution matrix of a star. @throws `preprocess/resolution-shape` when the column does not fit the pixels. */
export function matrixOfRow({ nPix }: Spectra, column: Column, row: number): ResolutionMatrix {
  const width = column.width ?? 1
  const nDiag = width / nPix
  if (!Number.isInteger(nDiag) || nDiag % 2 !== 1) throw wrongShape(column, `an odd number of diagonals × ${nPix}`)
  return { diagonals: (column.values as Float32Array).subarray(row * width, (row + 1) * width), nDiag }
}

/**
 * σ of a star's line spread from a column of the catalogue, be it of matrices or of σ.
 *
 * @param unit of a column of σ; the step of the grid when `pixel`.
 * @returns (nPix) Å; what is not known, 0 in the column, is drawn from its neighbours, and all 0 when nothing is known.
 * @throws `preprocess/resolution-shape` when the column does not fit the pixels.
 */
export function sigmaOfRow(
  spectra: Spectra,
  column: Column,
  row: number,
  wave: Float64Array,
  unit: 'angstrom' | 'pixel' = 'angstrom',
): Float64Array {
  const { nPix, meta } = spectra
  const arms = armsOf(meta, nPix)
  if (column.name === MATRIX_COLUMN)
    return filled(Float64Array.from(sigmaOfMatrix(matrixOfRow(spectra, column, row), wave, arms)), arms)
  if (column.width !== nPix) throw wrongShape(column, nPix)
  const sigma = Float64Array.from({ length: nPix }, (_, i) => {
    const value = Number(column.values[row * nPix + i])
    return value > 0 && value < Number.POSITIVE_INFINITY ? value : 0
  })
  if (unit === 'pixel') {
    for (const { start, end } of arms)
      for (let i = start; i < end; i++) {
        const low = Math.max(start, i - 1)
        const high = Math.min(end - 1, i + 1)
        sigma[i]! *= (wave[high]! - wave[low]!) / Math.max(1, high - low)
      }
  }
  return filled(
    sigma.map((s, i) => (s < wave[i]! ? s : 0)),
    arms,
  )
}

function wrongShape(column: Column, expected: unknown): AstrolabelError {
  return new AstrolabelError('preprocess/resolution-shape', `The column ${column.name} does not fit the pixels`, {
    got: `${column.width ?? 1} values a star`,
    expected,
    remedy: 'Put the broaden step before the step that changed the pixels',
  })
}

/** Draw what is 0 from its neighbours in the arm. */
function filled(sigma: Float64Array, arms: readonly Piece[]): Float64Array {
  for (const { start, end } of arms) {
    let left = -1
    for (let i = start; i < end; i++) {
      if (sigma[i] === 0) continue
      if (left < 0) sigma.fill(sigma[i]!, start, i)
      else
        for (let j = left + 1; j < i; j++)
          sigma[j] = sigma[left]! + ((sigma[i]! - sigma[left]!) * (j - left)) / (i - left)
      left = i
    }
    if (left >= 0) sigma.fill(sigma[left]!, left + 1, end)
  }
  return sigma
}

/** The catalogue under the pixels of `keep`: matrices and σ go with the pixels. */
export function takeLineSpread(spectra: Spectra, keep: readonly Piece[], meta: SpectraMeta): Table {
  const { catalog, n, nPix } = spectra
  const width = keep.reduce((sum, { start, end }) => sum + end - start, 0)
  const columns = new Map(catalog.columns)
  const matrix = lineSpreadColumn(catalog, MATRIX_COLUMN)
  if (matrix !== undefined) {
    const arms = armsOf(spectra.meta, nPix)
    const joined = meta.wavelength.kind !== 'segmented'
    const nDiag = (matrix.width ?? 1) / nPix
    const values = new Float32Array(n * nDiag * width)
    for (let row = 0; row < n; row++)
      values.set(takeMatrixPixels(matrixOfRow(spectra, matrix, row), nPix, arms, keep, joined), row * nDiag * width)
    columns.set(MATRIX_COLUMN, { ...matrix, values, width: nDiag * width })
  }
  const sigma = lineSpreadColumn(catalog, SIGMA_COLUMN)
  if (sigma !== undefined) {
    if (sigma.width !== nPix) throw wrongShape(sigma, nPix)
    const values = new Float32Array(n * width)
    const source = sigma.values as Float32Array
    for (let row = 0; row < n; row++) {
      let at = row * width
      for (const { start, end } of keep) {
        values.set(source.subarray(row * nPix + start, row * nPix + end), at)
        at += end - start
      }
    }
    columns.set(SIGMA_COLUMN, { ...sigma, values, width })
  }
  return { n, columns }
}

/**
 * The catalogue of spectra that are shifted and resampled: the line spread becomes σ on the new pixels, that of the
 * broader arm where arms overlap, 0 where there is none. Of a matrix no more than its width can be kept: between other
 * pixels its elements are not known.
 *
 * @param target grid of the result; that of the source when absent.
 * @param factors (n) the pixel at λ of the result is read at λ × factor.
 */
export function resampleLineSpread(spectra: Spectra, target: WavelengthGrid | undefined, factors: Float64Array): Table {
  const { catalog, n, nPix, meta } = spectra
  const column = carriedLineSpread(catalog)
  if (column === undefined) return catalog
  const own = pixelWavelengths(meta)
  const out = target === undefined ? own : wavelengths(target)
  const turned = target !== undefined && target.medium !== meta.wavelength.medium
  const convert = target?.medium === 'air' ? vacuumToAir : airToVacuum
  const values = new Float32Array(n * out.length)
  for (let row = 0; row < n; row++) {
    const source = spectra.wave?.subarray(row * nPix, (row + 1) * nPix) ?? own
    const sigma = sigmaOfRow(spectra, column, row, source)
    const wave = turned ? convert(source) : source
    const result = values.subarray(row * out.length, (row + 1) * out.length)
    for (const arm of armsOf(meta, nPix)) {
      const to = target === undefined ? arm : { start: 0, end: out.length }
      readArm({ wave, sigma, arm }, factors[row]!, out, to, result)
    }
  }
  const columns = new Map(catalog.columns)
  columns.delete(MATRIX_COLUMN)
  columns.set(SIGMA_COLUMN, { name: SIGMA_COLUMN, values, width: out.length, unit: 'Angstrom' })
  return { n, columns }
}

interface ArmSigma {
  readonly wave: Float64Array
  readonly sigma: Float64Array
  readonly arm: Piece
}

function readArm(
  { wave, sigma, arm }: ArmSigma,
  factor: number,
  out: Float64Array,
  to: Piece,
  result: Float32Array,
): void {
  let k = arm.start
  for (let i = to.start; i < to.end; i++) {
    const x = out[i]! * factor
    if (x < wave[arm.start]! || x > wave[arm.end - 1]!) continue
    while (k < arm.end - 2 && wave[k + 1]! <= x) k++
    const t = (x - wave[k]!) / (wave[k + 1]! - wave[k]!)
    const here = t === 0 ? sigma[k]! : sigma[k]! * (1 - t) + sigma[k + 1]! * t
    result[i] = Math.max(result[i]!, here / factor)
  }
}

/** The catalogue without a line spread, for spectra whose resolution is known in another way. */
export function withoutLineSpread({ n, columns }: Table): Table {
  return {
    n,
    columns: new Map([...columns].filter(([name, { width = 1 }]) => width === 1 || !PIXEL_COLUMNS.includes(name))),
  }
}

/** The catalogue of all stars, with room for what a chain of steps made of the line spread of a block of them. */
export function roomForLineSpread(block: Table, whole: Table): Table {
  if (carriedLineSpread(block) === undefined && carriedLineSpread(whole) === undefined) return whole
  const columns = new Map<string, Column>()
  for (const name of block.columns.keys()) {
    const column = lineSpreadColumn(block, name)
    columns.set(
      name,
      column === undefined
        ? whole.columns.get(name)!
        : { ...column, values: new Float32Array(whole.n * column.width!) },
    )
  }
  return { n: whole.n, columns }
}

/** Write the line spread of a block's rows into that of all stars, from row `from` on. */
export function copyLineSpread(block: Table, whole: Table, from: number): void {
  for (const name of PIXEL_COLUMNS) {
    const column = lineSpreadColumn(block, name)
    if (column === undefined) continue
    const room = whole.columns.get(name)!.values as Float32Array
    room.set(column.values as Float32Array, from * column.width!)
  }
}
