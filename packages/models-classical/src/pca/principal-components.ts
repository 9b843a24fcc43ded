import { gemmF32, syrkF64 } from '@astrolabel/kernels'
import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import { orthonormalise } from './orthonormal.js'
import { symmetricEigen } from './symmetric-eigen.js'

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
  /** Multiplications by AᵀA that turn a random subspace towards the largest components; 3. */
  readonly powerIterations?: number
  readonly seed?: number
}

/** Directions tried beyond those wanted: they take up what the wanted ones would else have to mix with. */
const OVERSAMPLING = 10

/**
 * The `count` largest principal components of rows, by a randomised range finder (Halko, Martinsson & Tropp 2011,
 * algorithm 4.4 and 5.1), in single precision with orthogonalisation in double.
 *
 * @param x (n × width) row-major, finite. @throws `pca/count` unless 1 ≤ count ≤ min(n − 1, width), `pca/data`.
 * Cost: n × width × (count + 10) × (2 powerIterations + 2).
 */
export function principalComponents(
  x: Float32Array,
  n: number,
  width: number,
  count: number,
  options: PcaOptions = {},
): PrincipalComponents {
  check(x, n, width, count)
  const { mean, centred, total } = centre(x, n, width)
  const k = Math.min(count + OVERSAMPLING, n, width)
  const random = RandomStream.fromSeed(options.seed ?? 1)
  const start = Float32Array.from({ length: width * k }, () => random.normal())
  let range = orthonormal(product(centred, start, n, k, width, false), n, k)
  for (let round = 0; round < (options.powerIterations ?? 3); round++) {
    throwIfAborted(options)
    const back = orthonormal(product(centred, range, width, k, n, true), width, k)
    range = orthonormal(product(centred, back, n, k, width, false), n, k)
    options.onProgress?.(round + 1, options.powerIterations ?? 3)
  }
  // B = QᵀA is small the other way: the components are the eigenvectors of B Bᵀ carried over by B.
  const b = product(centred, range, width, k, n, true)
  const wide = Float64Array.from(b)
  const gram = new Float64Array(k * k)
  syrkF64(k, width, wide, gram)
  const { values, vectors } = symmetricEigen(gram, k)
  const components = new Float32Array(count * width)
  for (let c = 0; c < count; c++) {
    const length = Math.sqrt(Math.max(values[c]!, 0))
    if (length === 0) continue
    const row = components.subarray(c * width, (c + 1) * width)
    for (let pixel = 0; pixel < width; pixel++) {
      let sum = 0
      for (let j = 0; j < k; j++) sum += wide[pixel * k + j]! * vectors[j * k + c]!
      row[pixel] = sum / length
    }
    makeLargestPositive(row)
  }
  const variance = Float64Array.from({ length: count }, (_, c) => Math.max(values[c]!, 0) / (n - 1))
  return {
    width,
    count,
    mean,
    components,
    variance,
    explained: variance.map((value) => (total > 0 ? (value * (n - 1)) / total : 0)),
  }
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

function product(a: Float32Array, b: Float32Array, m: number, k: number, inner: number, transA: boolean): Float32Array {
  const out = new Float32Array(m * k)
  gemmF32(m, k, inner, a, b, out, { transA })
  return out
}

function orthonormal(a: Float32Array, rows: number, k: number): Float32Array {
  const wide = Float64Array.from(a)
  orthonormalise(wide, rows, k)
  return Float32Array.from(wide)
}

function centre(
  x: Float32Array,
  n: number,
  width: number,
): { mean: Float64Array; centred: Float32Array; total: number } {
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

/** The sign of a component is free: this makes it the same on every machine. */
function makeLargestPositive(row: Float32Array): void {
  let largest = 0
  for (const value of row) if (Math.abs(value) > Math.abs(largest)) largest = value
  if (largest < 0) for (let i = 0; i < row.length; i++) row[i] = -row[i]!
}

function check(x: Float32Array, n: number, width: number, count: number): void {
  if (x.length !== n * width)
    throw new AstrolabelError('pca/data', 'The rows do not have the width that was said', {
      got: x.length,
      expected: `${n} × ${width}`,
    })
  const most = Math.min(n - 1, width)
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new AstrolabelError('pca/count', 'So many principal components cannot be had', {
      got: count,
      expected: `1 to ${most} of ${n} rows of ${width}`,
      remedy: 'Ask for fewer, or add stars',
    })
  const bad = x.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new AstrolabelError('pca/data', `Pixel ${bad % width} of row ${Math.floor(bad / width)} is not a number`, {
      got: x[bad],
      remedy: 'Fill bad pixels first',
    })
}
