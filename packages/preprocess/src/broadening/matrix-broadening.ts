import type { Spectra } from '@astrolabel/spectra'
import { AstrolabelError, withHistory } from '@astrolabel/spectra'
import type { StepRunOptions } from '../pixels/row-operation.js'
import { forRowBlocks } from '../pixels/row-operation.js'
import { MATRIX_COLUMN, armsOf, lineSpreadColumn, matrixOfRow } from './line-spread.js'
import { applyResolutionMatrix } from './resolution-matrix.js'

/**
 * Multiply each spectrum with its resolution matrix, arm by arm. Errors follow: the variance of a pixel is Σ R² / ivar,
 * and a pixel that takes from a bad one is bad.
 *
 * @throws `preprocess/no-resolution` when no matrices travel with the spectra.
 */
export function broadenByMatrix(spectra: Spectra, run: StepRunOptions = {}): Spectra {
  const column = lineSpreadColumn(spectra.catalog, MATRIX_COLUMN)
  if (column === undefined)
    throw new AstrolabelError('preprocess/no-resolution', 'No resolution matrices travel with the spectra', {
      got: `${spectra.catalog.columns.size} columns, none of them ${MATRIX_COLUMN}`,
      expected: `a column ${MATRIX_COLUMN} of diagonals × ${spectra.nPix} values`,
      remedy: 'Read DESI files with the option resolution, and put this step before any that resamples',
    })
  const { n, nPix } = spectra
  const arms = armsOf(spectra.meta, nPix)
  const flux = new Float32Array(n * nPix)
  const ivar = new Float32Array(n * nPix)
  const known = spectra.meta.noise === 'measured'
  const noise = new Float64Array(nPix)
  const seen = new Float64Array(nPix)
  forRowBlocks(n, run, (from, to) => {
    for (let row = from; row < to; row++) {
      const at = row * nPix
      const matrix = matrixOfRow(spectra, column, row)
      const weights = spectra.ivar.subarray(at, at + nPix)
      applyResolutionMatrix(matrix, spectra.flux.subarray(at, at + nPix), flux.subarray(at, at + nPix), arms)
      const squared = { nDiag: matrix.nDiag, diagonals: Float64Array.from(matrix.diagonals, (value) => value * value) }
      // What is bad gets an infinite variance, so that everything that takes from it is bad too.
      const variance = Float64Array.from(weights, (weight) => (weight > 0 ? 1 / weight : 1e300))
      applyResolutionMatrix(squared, variance, noise, arms)
      applyResolutionMatrix(squared, new Float64Array(nPix).fill(1), seen, arms)
      for (let i = 0; i < nPix; i++) ivar[at + i] = seen[i]! > 0 && noise[i]! < 1e250 ? (known ? 1 / noise[i]! : 1) : 0
    }
  })
  return { ...spectra, flux, ivar, meta: withHistory(spectra.meta, 'broaden', { kind: 'matrix' }) }
}
