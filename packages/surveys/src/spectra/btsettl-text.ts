import { AstrolabelError } from '@astrolabel/spectra'

/** A BT-Settl spectrum, ascending in wavelength. */
export interface BtSettlSpectrum {
  /** (nPix) Å. */
  readonly wave: Float64Array
  /** (nPix) erg/(s cm² Å) at the star's surface. */
  readonly flux: Float32Array
}

/** Flux is written as log10 of erg/(s cm² cm): this is what turns it into Å. */
const LOG_CM_PER_ANGSTROM = -8

/** Columns may touch, since Fortran's fixed widths leave no blank before a minus sign. */
const ROW = /^\s*([+-]?\d*\.?\d+(?:[DdEe][+-]?\d+)?)(?:\s+|(?=[+-]))([+-]?\d*\.?\d+(?:[DdEe][+-]?\d+)?)/

/**
 * A BT-Settl text file (`lte*.BT-Settl*.7`): wavelength in Å, log10 of flux per cm, log10 of the black body, then line
 * identifications; exponents written with D, rows of several processors one after another and so unsorted.
 *
 * Lines that begin with `#` are left out; of rows of one wavelength the first counts.
 *
 * @throws `surveys/not-btsettl` with the line at which it is not such a file.
 */
export function parseBtSettl(text: string, source: string): BtSettlSpectrum {
  const wave: number[] = []
  const flux: number[] = []
  let line = 0
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const row = text.slice(at, Math.min(end, at + 80))
    at = end + 1
    line++
    if (row.trim() === '' || row.trimStart().startsWith('#')) continue
    const found = ROW.exec(row)
    const length = found === null ? Number.NaN : fortranNumber(found[1]!)
    const log = found === null ? Number.NaN : fortranNumber(found[2]!)
    if (!(length > 0) || !Number.isFinite(log)) throw notBtSettl(source, line, row)
    wave.push(length)
    flux.push(10 ** (log + LOG_CM_PER_ANGSTROM))
  }
  if (wave.length === 0) throw notBtSettl(source, line, '')
  const order = ordered(wave)
  return {
    wave: Float64Array.from(order, (i) => wave[i]!),
    flux: Float32Array.from(order, (i) => flux[i]!),
  }
}

/** Rows by ascending wavelength, without repetitions. */
function ordered(wave: readonly number[]): Uint32Array {
  const order = Uint32Array.from({ length: wave.length }, (_, i) => i)
  if (wave.some((value, i) => i > 0 && value < wave[i - 1]!)) order.sort((a, b) => wave[a]! - wave[b]! || a - b)
  return order.filter((row, i) => i === 0 || wave[row] !== wave[order[i - 1]!])
}

function fortranNumber(text: string): number {
  return Number(text.replace(/[Dd]/, 'e'))
}

function notBtSettl(source: string, line: number, row: string): AstrolabelError {
  return new AstrolabelError('surveys/not-btsettl', `${source} is no BT-Settl spectrum, line ${line}`, {
    got: row.trim().slice(0, 40) || 'nothing',
    expected: 'a wavelength in Å and log10 of flux, such as 5.0000D+03 6.52D+00',
    remedy: 'Give lte*.BT-Settl*.7 files; of stacked files (three header lines) and archives none is read',
  })
}
