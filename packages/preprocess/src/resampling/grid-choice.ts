import type { Medium, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, gridLength, sliceGrid, wavelengths } from '@astrolabel/spectra'

/** Grids by the name of their survey: `apogee` (apStar), `desi` (stitched), `sdss` (the lattice of all, BOSS's ends), `miles` (air). */
export type GridName = 'apogee' | 'desi' | 'sdss' | 'miles'

/** A grid written out, by name, the part of a named one from … to Å, or by its ends and its step. */
export type GridChoice =
  | WavelengthGrid
  | GridName
  | { readonly grid: GridName; readonly from?: number; readonly to?: number }
  | {
      readonly kind: 'linear' | 'log10'
      /** Å, the first pixel. */
      readonly from: number
      /** Å; the last pixel is the last one not above it. */
      readonly to: number
      /** Å, or in log10 λ. */
      readonly step: number
      /** Default vacuum. */
      readonly medium?: Medium
    }

/** Grids of conventions that surveys publish: SDSS from 10^3.55 = 3548 to 10^4.02 = 10471 Å, which holds BOSS's ends. */
const NAMED: Readonly<Record<GridName, WavelengthGrid>> = {
  apogee: { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' },
  desi: { kind: 'linear', start: 3600, step: 0.8, length: 7781, medium: 'vacuum' },
  sdss: { kind: 'log10', start: 3.55, step: 1e-4, length: 4701, medium: 'vacuum' },
  miles: { kind: 'linear', start: 3540.5, step: 0.9, length: 4300, medium: 'air' },
}

/** More than any spectrum has: PHOENIX's have 1.6 million. */
const MOST_PIXELS = 2 ** 22

/**
 * The grid that is meant.
 *
 * @throws `preprocess/grid` for a name that is none of theirs, a range without a pixel, a step that is not above 0, or
 * wavelengths that are none.
 */
export function resolveGrid(choice: GridChoice): WavelengthGrid {
  if (typeof choice === 'string') return named(choice)
  if ('grid' in choice) return partOf(named(choice.grid), choice.from, choice.to)
  if (!('kind' in choice)) {
    throw new AstrolabelError('preprocess/grid', 'This says no wavelength grid', {
      got: JSON.stringify(choice),
      expected: 'the name of one, or its kind with from, to and step',
    })
  }
  if (!('from' in choice)) return checked(choice)
  const { kind, from, to, step, medium = 'vacuum' } = choice
  const start = kind === 'log10' ? Math.log10(from) : from
  const end = kind === 'log10' ? Math.log10(to) : to
  // A thousandth of a step undoes the rounding of (end - start) / step.
  const length = Math.floor((end - start) / step + 1e-3) + 1
  if (!(step > 0 && from > 0 && length >= 1 && Number.isFinite(length))) {
    throw new AstrolabelError('preprocess/grid', 'This grid has no pixels', {
      got: `${from} to ${to} Å by ${step}`,
      expected: 'from above 0, to not below from, and a step above 0',
    })
  }
  if (length === 1 && to > from) {
    throw new AstrolabelError('preprocess/grid', 'The step is wider than the grid', {
      got: `${step}${kind === 'log10' ? ' in log10 λ' : ' Å'} from ${from} to ${to} Å`,
      expected: kind === 'log10' ? 'such as 1e-4' : 'such as 0.8',
    })
  }
  return checked({ kind, start, step, length, medium })
}

/** A grid whose wavelengths can be those of spectra. */
function checked(grid: WavelengthGrid): WavelengthGrid {
  const length = gridLength(grid)
  if (!(Number.isInteger(length) && length >= 1 && length <= MOST_PIXELS)) {
    throw new AstrolabelError('preprocess/grid', 'No spectrum has so many pixels', {
      got: length,
      expected: `1 to ${MOST_PIXELS}`,
      ...(grid.kind === 'log10' ? { remedy: 'The step of a log10 grid is in log10 λ, such as 1e-4' } : {}),
    })
  }
  const wave = wavelengths(grid)
  if (wave.every((w, i) => w > (i === 0 ? 0 : wave[i - 1]!)) && wave[length - 1]! < Number.POSITIVE_INFINITY)
    return grid
  throw new AstrolabelError('preprocess/grid', 'These are no wavelengths', {
    got: `${wave[0]} to ${wave[length - 1]} Å`,
    expected: 'numbers above 0 that ascend',
    ...(grid.kind === 'log10' ? { remedy: 'A log10 grid starts at a log10 λ, such as 3.55' } : {}),
  })
}

function named(name: string): WavelengthGrid {
  if (Object.hasOwn(NAMED, name)) return NAMED[name as GridName]
  throw new AstrolabelError('preprocess/grid', 'There is no grid of this name', {
    got: name,
    expected: Object.keys(NAMED),
    remedy: 'Or write it out: {kind: linear, from: 4000, to: 7000, step: 0.8}',
  })
}

function partOf(grid: WavelengthGrid, from = 0, to = Number.POSITIVE_INFINITY): WavelengthGrid {
  const wave = wavelengths(grid)
  let start = 0
  let end = gridLength(grid)
  while (start < end && wave[start]! < from) start++
  while (end > start && wave[end - 1]! > to) end--
  if (start < end) return sliceGrid(grid, start, end)
  throw new AstrolabelError('preprocess/grid', 'This part of the grid has no pixels', {
    got: `${from} to ${to} Å`,
    expected: `a part of ${wave[0]}–${wave.at(-1)} Å`,
  })
}
