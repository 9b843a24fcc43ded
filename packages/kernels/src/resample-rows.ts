import { checkAscending, checkLength, checkSizes } from './checks.js'
import { kernels, layOut } from './wasm-module.js'

// Pixels staged at once, in and out: 1 MB an array.
const STAGED_PIXELS = 262_144

/** Throws KernelError unless sizes, lengths and grids of a resampling agree. Linear in the grids. */
export function checkResampleRows(
  rows: number,
  wave: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  factors: Float64Array,
  waveOut: Float64Array,
  fluxOut: Float32Array,
  ivarOut: Float32Array,
): void {
  checkSizes('resampleRows', { rows })
  checkLength('resampleRows', 'flux', flux.length, rows * wave.length, 'rows x nIn')
  checkLength('resampleRows', 'ivar', ivar.length, rows * wave.length, 'rows x nIn')
  checkLength('resampleRows', 'factors', factors.length, rows, 'rows')
  checkLength('resampleRows', 'fluxOut', fluxOut.length, rows * waveOut.length, 'rows x nOut')
  checkLength('resampleRows', 'ivarOut', ivarOut.length, rows * waveOut.length, 'rows x nOut')
  checkAscending('resampleRows', 'wave', wave)
  checkAscending('resampleRows', 'waveOut', waveOut)
}

/** {@link resampleRows} without its checks, for blocks of rows of a call that was checked as a whole. */
export function resampleCheckedRows(
  rows: number,
  wave: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  factors: Float64Array,
  waveOut: Float64Array,
  fluxOut: Float32Array,
  ivarOut: Float32Array,
): void {
  const nIn = wave.length
  const nOut = waveOut.length
  if (rows === 0 || nOut === 0) return
  if (nIn === 0) {
    fluxOut.fill(0)
    ivarOut.fill(0)
    return
  }
  const most = Math.min(rows, Math.max(1, Math.floor(STAGED_PIXELS / Math.max(nIn, nOut))))
  const [atWave, atSpacing, atFlux, atIvar, atFactors, atWaveOut, atFluxOut, atIvarOut] = layOut(
    8 * nIn,
    8 * nIn,
    4 * most * nIn,
    4 * most * nIn,
    8 * most,
    8 * nOut,
    4 * most * nOut,
    4 * most * nOut,
  ) as [number, number, number, number, number, number, number, number]
  const { memory, resampleRows: run } = kernels()
  const { buffer } = memory
  new Float64Array(buffer, atWave, nIn).set(wave)
  new Float64Array(buffer, atWaveOut, nOut).set(waveOut)
  const spacing = new Float64Array(buffer, atSpacing, nIn)
  for (let i = 0; i + 1 < nIn; i++) spacing[i] = 1 / (wave[i + 1]! - wave[i]!)
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row)
    new Float32Array(buffer, atFlux, count * nIn).set(flux.subarray(row * nIn, (row + count) * nIn))
    new Float32Array(buffer, atIvar, count * nIn).set(ivar.subarray(row * nIn, (row + count) * nIn))
    new Float64Array(buffer, atFactors, count).set(factors.subarray(row, row + count))
    run(count, nIn, atWave, atSpacing, atFlux, atIvar, atFactors, nOut, atWaveOut, atFluxOut, atIvarOut)
    fluxOut.set(new Float32Array(buffer, atFluxOut, count * nOut), row * nOut)
    ivarOut.set(new Float32Array(buffer, atIvarOut, count * nOut), row * nOut)
  }
}

/**
 * Linear resampling of spectra from one grid to another with a Doppler factor a row: target wavelength l is read at
 * source wavelength l factors[row] (1 + v/c brings a star of velocity v to rest). `wave` (nIn) and `waveOut` (nOut)
 * ascend strictly, any unit, the same for both; `flux`, `ivar` (rows x nIn), `fluxOut`, `ivarOut` (rows x nOut).
 * With weights w0 + w1 = 1 of the two source pixels, ivar becomes 1 / (w0^2 / iv0 + w1^2 / iv1), 0 if a pixel that
 * carries weight has ivar 0; correlations between neighbours, which interpolation makes, are not carried. Outside the
 * source, and for a factor that is not above 0 (or is NaN), flux and ivar are 0. Throws KernelError on grids that do
 * not ascend or lengths that do not agree. Cost rows (nIn + nOut).
 */
export function resampleRows(
  rows: number,
  wave: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  factors: Float64Array,
  waveOut: Float64Array,
  fluxOut: Float32Array,
  ivarOut: Float32Array,
): void {
  checkResampleRows(rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut)
  resampleCheckedRows(rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut)
}
