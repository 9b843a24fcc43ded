import { AstrolabelError, labelInfo } from '@astrolabel/spectra'
import type { Column, ColumnValues, Spectra } from '@astrolabel/spectra'
import { canonicalColumns } from '../../catalog/canonical-names.js'
import { missingToNull } from '../../catalog/missing-values.js'
import { isStrings } from '../../npz/npy.js'
import type { NpyArray } from '../../npz/npy.js'
import { findArray } from './array-names.js'
import { spectraFromMatrix } from './matrix-spectra.js'
import type { MatrixSpectraOptions, Numbers } from './matrix-spectra.js'

/** Shapes of arrays by name, which is all that is needed to tell what they are. */
export type ArrayShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** Which array of a .npz archive is what. */
export interface NpzLayout {
  readonly n: number
  readonly nPix: number
  readonly flux: string
  readonly ivar: string | undefined
  readonly sigma: string | undefined
  readonly mask: string | undefined
  readonly wavelength: string | undefined
  readonly loglam: string | undefined
  readonly starId: string | undefined
  readonly ra: string | undefined
  readonly dec: string | undefined
  readonly labels: string | undefined
  readonly labelErrors: string | undefined
  readonly labelNames: string | undefined
  /** Arrays of one value a star that travel along as catalogue columns. */
  readonly columns: readonly string[]
  /** Of the named arrays those with one row a star; the others are shared by all. */
  readonly perStar: readonly string[]
}

/**
 * Tell what the arrays of an archive are, by their names and shapes.
 *
 * Spectra are `flux` (n × nPix, or nPix for one star) with `ivar` or `sigma` and `wavelength`; optional are `mask`,
 * `labels` (n × L) with `label_names` and `label_errors`, `star_id`, `ra`, `dec`, and any array of n values.
 *
 * @throws `surveys/no-array` when there is no flux, listing the arrays; `spectra/shape` when shapes do not fit.
 */
export function npzLayout(arrays: ArrayShapes): NpzLayout {
  const names = [...arrays.keys()]
  const flux = findArray(names, 'flux')
  if (flux === undefined) {
    throw new AstrolabelError('surveys/no-array', 'The archive holds no spectra', {
      got: names.map((name) => `${name} (${arrays.get(name)!.shape.join(' × ')})`),
      expected: 'an array flux, with wavelength and ivar or sigma',
      remedy: 'Save the arrays under these names',
    })
  }
  const shape = arrays.get(flux)!.shape
  const nPix = shape.at(-1) ?? 0
  const n = shape.length === 1 ? 1 : shape[0]!
  if (shape.length === 0 || shape.length > 2 || nPix === 0)
    throw new AstrolabelError('spectra/shape', `${flux} is no matrix of spectra`, {
      got: `(${shape.join(', ')})`,
      expected: '(stars, pixels)',
    })
  const size = (name: string): number => arrays.get(name)!.shape.reduce((product, length) => product * length, 1)
  const fit = (which: 'ivar' | 'sigma' | 'mask'): string | undefined => {
    const name = findArray(names, which)
    if (name === undefined || size(name) === n * nPix) return name
    if (which === 'mask') return undefined
    throw new AstrolabelError('spectra/shape', `${name} does not fit ${flux}`, {
      got: `(${arrays.get(name)!.shape.join(', ')})`,
      expected: `(${shape.join(', ')})`,
    })
  }
  const rowsOf = (name: string | undefined): string | undefined =>
    name !== undefined && arrays.get(name)!.shape[0] === n ? name : undefined
  const found = {
    flux,
    ivar: fit('ivar'),
    sigma: fit('sigma'),
    mask: fit('mask'),
    wavelength: findArray(names, 'wavelength'),
    loglam: findArray(names, 'loglam'),
    starId: rowsOf(findArray(names, 'starId')),
    ra: rowsOf(findArray(names, 'ra')),
    dec: rowsOf(findArray(names, 'dec')),
    labels: rowsOf(findArray(names, 'labels')),
    labelErrors: rowsOf(findArray(names, 'labelErrors')),
    labelNames: findArray(names, 'labelNames'),
  }
  const used = new Set<string | undefined>(Object.values(found))
  const columns = names.filter(
    (name) => !used.has(name) && arrays.get(name)!.shape.length === 1 && arrays.get(name)!.shape[0] === n && n !== nPix,
  )
  const perStar = [
    found.flux,
    found.ivar,
    found.sigma,
    found.mask,
    found.starId,
    found.ra,
    found.dec,
    found.labels,
    found.labelErrors,
    ...columns,
  ].filter((name) => name !== undefined)
  for (const name of [found.wavelength, found.loglam])
    if (name !== undefined && shape.length === 2 && size(name) === n * nPix && arrays.get(name)!.shape.length === 2)
      perStar.push(name)
  return { n, nPix, ...found, columns, perStar: shape.length === 1 ? [] : perStar }
}

/**
 * Spectra of a .npz archive, whole or a range of its rows; labels travel as catalogue columns under canonical names.
 *
 * @param arrays As {@link readNpz} gives them.
 * @throws what {@link npzLayout} and {@link spectraFromMatrix} throw.
 */
export function spectraFromNpz(arrays: ReadonlyMap<string, NpyArray>, options: MatrixSpectraOptions = {}): Spectra {
  return spectraFromArrays(arrays, npzLayout(arrays), 0, options)
}

/** The same for rows that begin at `firstRow` of an archive of that layout. */
export function spectraFromArrays(
  arrays: ReadonlyMap<string, NpyArray>,
  layout: NpzLayout,
  firstRow: number,
  options: MatrixSpectraOptions,
): Spectra {
  const shape = arrays.get(layout.flux)!.shape
  const n = shape.length === 1 ? 1 : shape[0]!
  const numbers = (name: string | undefined): Numbers | undefined => {
    if (name === undefined) return undefined
    const { data } = arrays.get(name)!
    if (isStrings(data)) throw new AstrolabelError('spectra/shape', `${name} holds strings`, { expected: 'numbers' })
    return data
  }
  const doubles = (name: string | undefined): Float64Array | undefined => {
    const data = numbers(name)
    return data === undefined ? undefined : Float64Array.from(data as ArrayLike<number>, Number)
  }
  const mask = layout.mask === undefined ? undefined : arrays.get(layout.mask)!
  const catalog = canonicalColumns(
    missingToNull({
      n,
      columns: new Map(
        [...layout.columns.map((name) => columnOf(name, arrays.get(name)!)), ...labelColumns(arrays, layout, n)].map(
          (column) => [column.name, column],
        ),
      ),
    }),
  )
  return spectraFromMatrix(
    {
      n,
      nPix: layout.nPix,
      flux: numbers(layout.flux)!,
      ivar: numbers(layout.ivar),
      sigma: numbers(layout.sigma),
      mask: mask === undefined ? undefined : numbers(layout.mask),
      maskBits: mask?.boolean === true ? [{ bit: 0, name: 'MASKED' }] : undefined,
      wavelength: doubles(layout.wavelength) ?? doubles(layout.loglam)?.map((x) => 10 ** x),
      starId:
        layout.starId === undefined
          ? undefined
          : Array.from(arrays.get(layout.starId)!.data as ArrayLike<unknown>, (id) => String(id).trim()),
      firstRow,
      ra: doubles(layout.ra),
      dec: doubles(layout.dec),
      catalog: [...catalog.columns.values()],
    },
    'npz',
    options,
  )
}

function columnOf(name: string, { data, boolean }: NpyArray): Column {
  return { name, values: data as ColumnValues, ...(boolean === true ? { boolean } : {}) }
}

function labelColumns(arrays: ReadonlyMap<string, NpyArray>, layout: NpzLayout, n: number): Column[] {
  const columns: Column[] = []
  for (const [array, suffix] of [
    [layout.labels, ''],
    [layout.labelErrors, '_err'],
  ] as const) {
    if (array === undefined) continue
    const { shape, data } = arrays.get(array)!
    const count = shape.length === 1 ? 1 : shape[1]!
    const names =
      layout.labelNames === undefined
        ? []
        : Array.from(arrays.get(layout.labelNames)!.data as ArrayLike<unknown>, String)
    if (isStrings(data) || shape.length > 2 || (names.length > 0 && names.length !== count)) {
      throw new AstrolabelError('spectra/shape', `${array} does not fit label_names`, {
        got: `(${shape.join(', ')})`,
        expected: `(${n}, ${names.length}) numbers for ${names.join(', ')}`,
      })
    }
    for (let j = 0; j < count; j++) {
      const info = labelInfo(names[j] ?? `label_${j}`)
      columns.push({
        name: `${info.name}${suffix}`,
        values: Float64Array.from({ length: n }, (_, row) => Number(data[row * count + j]!)),
        ...(info.unit === '' ? {} : { unit: info.unit }),
      })
    }
  }
  return columns
}
