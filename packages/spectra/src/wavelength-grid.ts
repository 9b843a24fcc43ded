import { AstrolabelError } from './errors.js'

/** Whether wavelengths are those in vacuum or in air. */
export type Medium = 'vacuum' | 'air'

/** Pixel i lies at 10 ** (start + i step) Å. */
export interface Log10Grid {
  readonly kind: 'log10'
  readonly start: number
  readonly step: number
  readonly length: number
  readonly medium: Medium
}

/** Pixel i lies at start + i step Å. */
export interface LinearGrid {
  readonly kind: 'linear'
  readonly start: number
  readonly step: number
  readonly length: number
  readonly medium: Medium
}

/** Every pixel's wavelength in Å is listed. */
export interface ExplicitGrid {
  readonly kind: 'explicit'
  readonly values: readonly number[]
  readonly medium: Medium
}

/** The row holds several arms or chips one after another: each segment has its own grid. */
export interface SegmentedGrid {
  readonly kind: 'segmented'
  readonly medium: Medium
}

/** Where the pixels of one arm or of a whole row lie, in Å. */
export type WavelengthGrid = Log10Grid | LinearGrid | ExplicitGrid

/** Number of pixels of a grid. */
export function gridLength(grid: WavelengthGrid): number {
  return grid.kind === 'explicit' ? grid.values.length : grid.length
}

/**
 * Wavelengths of a grid.
 *
 * Built from the index, never by adding steps up, so that the length is exact and the last pixel carries no summed
 * rounding.
 *
 * @returns (nPix) Å, in the grid's medium, ascending.
 */
export function wavelengths(grid: WavelengthGrid): Float64Array {
  if (grid.kind === 'explicit') return Float64Array.from(grid.values)
  const out = new Float64Array(grid.length)
  if (grid.kind === 'linear') for (let i = 0; i < out.length; i++) out[i] = grid.start + i * grid.step
  else for (let i = 0; i < out.length; i++) out[i] = 10 ** (grid.start + i * grid.step)
  return out
}

/** The part of a grid from pixel `start` up to, not including, `end`. @throws `wavelength/out-of-range`. */
export function sliceGrid(grid: WavelengthGrid, start: number, end: number): WavelengthGrid {
  if (!(start >= 0 && start <= end && end <= gridLength(grid))) {
    throw new AstrolabelError('wavelength/out-of-range', 'The grid does not have these pixels', {
      got: `${start} to ${end}`,
      expected: `a range within 0 to ${gridLength(grid)}`,
    })
  }
  if (grid.kind === 'explicit') return { ...grid, values: grid.values.slice(start, end) }
  return { ...grid, start: grid.start + start * grid.step, length: end - start }
}

/**
 * The simplest grid that gives these wavelengths: linear or log10 when every pixel lies on one within `tolerance`,
 * the list itself otherwise. Pixels numbered from 0, of a source that tells no wavelengths, are a linear grid.
 *
 * @param values (nPix) Å, strictly ascending.
 * @param tolerance Å; the default is far below a thousandth of any survey's pixel, and above what files round to.
 * @throws `wavelength/not-ascending` when they do not ascend or are not finite.
 */
export function detectGrid(values: ArrayLike<number>, medium: Medium, tolerance = 2e-5): WavelengthGrid {
  const n = values.length
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(values[i]) || (i > 0 && !(values[i]! > values[i - 1]!))) {
      throw new AstrolabelError(
        'wavelength/not-ascending',
        `Wavelengths must be finite and ascend, pixel ${i} does not`,
        {
          got: i === 0 ? values[0] : `${values[i - 1]} then ${values[i]}`,
          remedy: 'Sort the pixels by wavelength or drop the bad ones',
        },
      )
    }
  }
  if (n >= 2) {
    const linearStep = tidy((values[n - 1]! - values[0]!) / (n - 1))
    const linear: LinearGrid = { kind: 'linear', start: tidy(values[0]!), step: linearStep, length: n, medium }
    if (liesOn(linear, values, tolerance)) return linear
    const first = Math.log10(values[0]!)
    const log10: Log10Grid = {
      kind: 'log10',
      start: tidy(first),
      step: tidy((Math.log10(values[n - 1]!) - first) / (n - 1)),
      length: n,
      medium,
    }
    if (first > Number.NEGATIVE_INFINITY && liesOn(log10, values, tolerance)) return log10
  }
  return { kind: 'explicit', values: Array.from(values), medium }
}

/** Survey grids have short decimal steps (0.8, 1e-4, 6e-6); ten digits undo the rounding of stored wavelengths. */
function tidy(value: number): number {
  return Number(value.toPrecision(10))
}

function liesOn(grid: LinearGrid | Log10Grid, values: ArrayLike<number>, tolerance: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const x = grid.start + i * grid.step
    if (Math.abs((grid.kind === 'linear' ? x : 10 ** x) - values[i]!) > tolerance) return false
  }
  return true
}

/** True when two grids put every pixel at the same place within `tolerance` Å and in the same medium. */
export function sameGrid(a: WavelengthGrid, b: WavelengthGrid, tolerance = 1e-4): boolean {
  if (a.medium !== b.medium || gridLength(a) !== gridLength(b)) return false
  if (
    a.kind !== 'explicit' &&
    a.kind === b.kind &&
    a.start === (b as LinearGrid).start &&
    a.step === (b as LinearGrid).step
  )
    return true
  const x = wavelengths(a)
  const y = wavelengths(b)
  return x.every((value, i) => Math.abs(value - y[i]!) <= tolerance)
}

/** A grid in words, for tables and messages: `7781 pixels, 3600–9824 Å by 0.8 Å, vacuum`. */
export function describeGrid(grid: WavelengthGrid): string {
  const n = gridLength(grid)
  if (n === 0) return `no pixels, ${grid.medium}`
  const wave = wavelengths(grid)
  const span = `${n} pixels, ${round(wave[0]!)}–${round(wave[n - 1]!)} Å`
  if (grid.kind === 'linear') return `${span} by ${grid.step} Å, ${grid.medium}`
  if (grid.kind === 'log10') return `${span} by ${grid.step} in log10, ${grid.medium}`
  return `${span}, listed, ${grid.medium}`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
