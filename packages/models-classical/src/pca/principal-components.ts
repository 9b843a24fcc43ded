import { gemmF32, PackedRows } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { blockKrylov } from './block-krylov.js'

/** Directions along which rows vary most. */
export interface PrincipalComponents {
  readonly width: number
  readonly count: number
  /** (width) mean of the rows, taken off before they are projected. */
  readonly mean: Float64Array
  /** (count × width) unit vectors, the one of largest variance first; the largest element of each is positive. */
  readonly components: Float32Array
  /** (count) variance of the training rows along each, with n − 1. */
  readonly variance: Float64Array
  /** (count) their parts of the whole variance. */
  readonly explained: Float64Array
}

/** How components are found. */
export interface PcaOptions extends RunOptions {
  /** Dimensions of the subspace that is searched: twice the components and 60 unless told. More is closer to exact. */
  readonly subspace?: number
  readonly seed?: number
}

/** Numbers that fit the memory of the kernels, packed both ways. */
const MOST_NUMBERS = 400_000_000

/**
 * The `count` largest principal components of rows by a randomised method: the Krylov space of a random block (Musco &
 * Musco 2015), products in single and orthogonalisation in double precision. The variance it explains is within 2 per
 * mille of the largest possible even where the spectrum of variances is flat, as it is of noise.
 *
 * @param x (n × width) row-major, finite. @throws `pca/count` unless 1 ≤ count ≤ min(n − 1, width), `pca/data`, also for
 * more than 4 × 10⁸ numbers. Cost: 2 × n × width × subspace.
 */
export function principalComponents(
  x: Float32Array,
  n: number,
  width: number,
  count: number,
  options: PcaOptions = {},
): PrincipalComponents {
  const rows = centredRows(x, n, width, count)
  return componentsOf(rows, new PackedRows(n, width, rows.centred), n, width, count, options)
}

/** Products with a matrix (n × width) and its transpose: B (width × columns) and Q (n × columns) in, the other out. */
export interface Multiplier {
  times(columns: number, b: Float32Array): Float32Array
  transposedTimes(columns: number, q: Float32Array): Float32Array
}

/** Rows about their mean, and the sum of their squares. */
export interface CentredRows {
  readonly mean: Float64Array
  readonly centred: Float32Array
  readonly total: number
}

/** Rows about their mean; throws as {@link principalComponents}. */
export function centredRows(x: Float32Array, n: number, width: number, count: number): CentredRows {
  checkRows(x, n, width, count)
  return centre(x, n, width)
}

/** Components of rows about their mean, by products with them. */
export function componentsOf(
  { mean, total }: CentredRows,
  products: Multiplier,
  n: number,
  width: number,
  count: number,
  options: PcaOptions,
): PrincipalComponents {
  const { directions, squares } = leadingDirections(products, n, width, count, options)
  return {
    width,
    count,
    mean,
    components: directions,
    variance: squares.map((square) => square / (n - 1)),
    explained: squares.map((square) => (total > 0 ? square / total : 0)),
  }
}

/**
 * Directions along which the rows of a matrix, (n × width), are longest, and the sums of squares along them: its leading
 * right singular vectors, (count × width), and squared singular values. The rows are taken as they are.
 */
export function leadingDirections(
  products: Multiplier,
  n: number,
  width: number,
  count: number,
  options: PcaOptions,
): { directions: Float32Array; squares: Float64Array } {
  const tall = n > width
  const side = Math.min(n, width)
  const size = Math.min(side, Math.max(count, options.subspace ?? 2 * count + 60))
  // The other side of the products: along a direction it is as long as the rows are, and of wide data the direction.
  const images: Float32Array[] = []
  const pairs = blockKrylov(
    (block, columns) => {
      throwIfAborted(options)
      const image = tall ? products.times(columns, block) : products.transposedTimes(columns, block)
      images.push(image)
      return tall ? products.transposedTimes(columns, image) : products.times(columns, image)
    },
    side,
    size,
    RandomStream.fromSeed(options.seed ?? 1),
    (done) => options.onProgress?.(done, size),
  )
  const wanted = leading(pairs.vectors, size, count)
  const along = combined(images, wanted, Math.max(n, width), count)
  let directions = along
  if (tall) {
    directions = new Float32Array(count * width)
    gemmF32(count, width, size, wanted, Float32Array.from(pairs.basis), directions, { transA: true })
  }
  // Taken from the images and not from the subspace's matrix, small squares keep their digits.
  const length = along.length / count
  const squares = Float64Array.from({ length: count }, (_, c) => squareOf(along.subarray(c * length, (c + 1) * length)))
  for (let c = 0; c < count; c++)
    unit(directions.subarray(c * width, (c + 1) * width), squares[c]! > NOTHING * squares[0]!)
  return { directions, squares }
}

/** Images of basis vectors, block by block (length × columns), put together with weights (size × count): (count × length). */
function combined(images: readonly Float32Array[], weights: Float32Array, length: number, count: number): Float32Array {
  const out = new Float32Array(count * length)
  let at = 0
  for (const image of images) {
    const columns = image.length / length
    const part = weights.subarray(at * count, (at + columns) * count)
    gemmF32(count, length, columns, part, image, out, { transA: true, transB: true, beta: 1 })
    at += columns
  }
  return out
}

/** Rows along the components, (n × count). Cost: n × width × count. */
export function project(
  { components, mean, count, width }: PrincipalComponents,
  x: Float32Array,
  n: number,
): Float32Array {
  const out = new Float32Array(n * count)
  gemmF32(n, count, width, x, components, out, { transB: true })
  const offset = new Float64Array(count)
  for (let c = 0; c < count; c++)
    for (let pixel = 0; pixel < width; pixel++) offset[c]! += components[c * width + pixel]! * mean[pixel]!
  for (let i = 0; i < out.length; i++) out[i]! -= offset[i % count]!
  return out
}

/** Rows from their components, (n × width): what of them the components can say. */
export function reconstruct(
  { components, mean, count, width }: PrincipalComponents,
  z: Float32Array,
  n: number,
): Float32Array {
  const out = new Float32Array(n * width)
  for (let row = 0; row < n; row++) out.set(mean, row * width)
  gemmF32(n, width, count, z, components, out, { beta: 1 })
  return out
}

/** The first columns of a square matrix, in single precision. */
function leading(vectors: Float64Array, size: number, count: number): Float32Array {
  return Float32Array.from({ length: size * count }, (_, i) => vectors[Math.floor(i / count) * size + (i % count)]!)
}

function centre(x: Float32Array, n: number, width: number): CentredRows {
  const mean = new Float64Array(width)
  for (let row = 0; row < n; row++) for (let i = 0; i < width; i++) mean[i]! += x[row * width + i]!
  for (let i = 0; i < width; i++) mean[i]! /= n
  const centred = new Float32Array(x.length)
  let total = 0
  for (let row = 0; row < n; row++)
    for (let i = 0; i < width; i++) {
      const value = x[row * width + i]! - mean[i]!
      centred[row * width + i] = value
      total += value * value
    }
  return { mean, centred, total }
}

/** Variance against the largest below which a direction is rounding. */
const NOTHING = 1e-12

/**
 * Scales a component to length 1, or to 0 where the rows do not vary along it. Its sign is free: the largest element
 * positive makes it the same on every machine.
 */
export function unit(row: Float32Array, varies: boolean): void {
  let largest = 0
  for (const value of row) if (Math.abs(value) > Math.abs(largest)) largest = value
  const length = (largest < 0 ? -1 : 1) * Math.sqrt(squareOf(row))
  for (let i = 0; i < row.length; i++) row[i] = varies && length !== 0 ? row[i]! / length : 0
}

function squareOf(row: Float32Array): number {
  let square = 0
  for (const value of row) square += value * value
  return square
}

/** Fails unless there are `n` finite rows, from which `count` components can be had. */
export function checkRows(x: Float32Array, n: number, width: number, count: number): void {
  if (x.length !== n * width)
    throw new AstrolabelError('pca/data', 'The rows do not have the width that was said', {
      got: x.length,
      expected: `${n} × ${width}`,
    })
  if (x.length > MOST_NUMBERS)
    throw new AstrolabelError('pca/data', 'The rows are too many to be searched at once', {
      got: `${x.length} numbers`,
      expected: `${MOST_NUMBERS} at most`,
      remedy: 'Take incrementalComponents, or fewer stars',
    })
  const most = Math.min(n - 1, width)
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new AstrolabelError('pca/count', 'So many principal components cannot be had', {
      got: count,
      expected: `1 to ${most} of ${n} rows of ${width}`,
      remedy: 'Ask for fewer, or add stars',
    })
  checkFinite(x, width)
}

/** Fails with `pca/data` at the first number that is none. */
export function checkFinite(x: Float32Array, width: number): void {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! - x[i]!
  if (sum === 0) return
  const bad = x.findIndex((value) => !Number.isFinite(value))
  throw new AstrolabelError('pca/data', `Pixel ${bad % width} of row ${Math.floor(bad / width)} is not a number`, {
    got: x[bad],
    remedy: 'Fill bad pixels first',
  })
}
