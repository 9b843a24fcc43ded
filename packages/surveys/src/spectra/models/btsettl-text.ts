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
  const cursor = { at: 0 }
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    line++
    cursor.at = skipBlanks(text, at, end)
    const blank = cursor.at === end || text[cursor.at] === '#'
    const length = blank ? 0 : fortranNumber(text, cursor, end)
    const log = blank ? 0 : fortranNumber(text, cursor, end)
    if (!blank && !(length > 0 && Number.isFinite(log))) throw notBtSettl(source, line, text.slice(at, end))
    at = end + 1
    if (blank) continue
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

/** Powers of ten that doubles hold exactly: with a mantissa below 2⁵³ one multiplication rounds as reading does. */
const TENS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/**
 * The number at the cursor, which moves behind it: `1.5D+04`, `-2.5`. Columns may touch, since Fortran's fixed widths
 * leave no blank before a minus sign. NaN when there is none.
 */
function fortranNumber(text: string, cursor: { at: number }, end: number): number {
  const start = skipBlanks(text, cursor.at, end)
  let at = start
  const sign = text.charCodeAt(at)
  if (sign === 45 || sign === 43) at++
  let mantissa = 0
  let digits = 0
  let point = -1
  for (; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      mantissa = mantissa * 10 + code - 48
      digits++
    } else if (code === 46 && point < 0) point = digits
    else break
  }
  const mark = text.charCodeAt(at) | 32
  let exponent = 0
  if (at < end && (mark === 100 || mark === 101)) {
    const from = ++at
    if (text.charCodeAt(at) === 45 || text.charCodeAt(at) === 43) at++
    while (at < end && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++
    exponent = Number(text.slice(from, at))
  }
  cursor.at = at
  // Whatever follows directly, but for the sign of the next number, was no number.
  const next = at < end ? text.charCodeAt(at) : 32
  if (digits === 0 || !(next <= 32 || next === 45 || next === 43)) return Number.NaN
  const scale = exponent - (point < 0 ? 0 : digits - point)
  if (digits > 15 || Math.abs(scale) > 22) return Number(text.slice(start, at).replace(/[Dd]/, 'e'))
  const value = scale < 0 ? mantissa / TENS[-scale]! : mantissa * TENS[scale]!
  return sign === 45 ? -value : value
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from
  while (at < end && text.charCodeAt(at) <= 32) at++
  return at
}

function notBtSettl(source: string, line: number, row: string): AstrolabelError {
  return new AstrolabelError('surveys/not-btsettl', `${source} is no BT-Settl spectrum, line ${line}`, {
    got: row.trim().slice(0, 40) || 'nothing',
    expected: 'a wavelength in Å and log10 of flux, such as 5.0000D+03 6.52D+00',
    remedy: 'Give lte*.BT-Settl*.7 files; of stacked files (three header lines) and archives none is read',
  })
}
