import { gemmF64 } from '@astrolabel/kernels'
import type { RandomStream } from '@astrolabel/spectra'
import { orthonormalise } from './orthonormal.js'
import { symmetricEigen } from './symmetric-eigen.js'

/** Vectors that are multiplied at once: a product's tile is eight wide, and narrow blocks reach further for their size. */
const BLOCK = 8

/** A subspace and what a symmetric operator is in it: its largest eigenpairs there approximate the operator's. */
export interface KrylovPairs {
  /** Basis vectors, (size × n), orthonormal. */
  readonly basis: Float64Array
  readonly size: number
  /** (size) eigenvalues within the subspace, largest first; column j of `vectors` (size × size) belongs to value j. */
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/**
 * The largest eigenpairs of a symmetric positive operator of n dimensions, in the Krylov space of a random block (Musco
 * & Musco 2015): unlike powers of the operator on a wide block it keeps all that was ever multiplied out.
 *
 * @param apply The operator on a block of vectors, (n × count).
 * @param size Dimensions of the subspace; it becomes the whole space at n.
 * @param onBlock Told after each block how many dimensions there are.
 * Cost: size products, and n × size² for orthogonality, in double precision.
 */
export function blockKrylov(
  apply: (block: Float32Array, count: number) => Float32Array,
  n: number,
  size: number,
  random: RandomStream,
  onBlock: (done: number) => void,
): KrylovPairs {
  const basis = new Float64Array(size * n)
  const within = new Float64Array(size * size)
  let block: Float64Array = Float64Array.from({ length: n * Math.min(BLOCK, size) }, () => random.normal())
  for (let at = 0; at < size;) {
    const count = Math.min(BLOCK, size - at)
    if (block.length !== n * count) block = columnsOf(block, n, count)
    // Twice is enough: what rounding leaves along earlier vectors after the first time is small (Giraud et al. 2005).
    for (let round = 0; round < 2; round++) {
      removeAlong(basis, at, n, block, count)
      orthonormalise(block, n, count)
    }
    for (let row = 0; row < n; row++)
      for (let j = 0; j < count; j++) basis[(at + j) * n + row] = block[row * count + j]!
    const image = Float64Array.from(apply(Float32Array.from(block), count))
    const known = at + count
    const along = removeAlong(basis, known, n, image, count)
    for (let i = 0; i < known; i++)
      for (let j = 0; j < count; j++) within[i * size + at + j] = within[(at + j) * size + i] = along[i * count + j]!
    at = known
    block = image
    onBlock(at)
  }
  const { values, vectors } = symmetricEigen(within, size)
  return { basis, size, values, vectors }
}

/** Takes from a block (n × count) what lies along the first `known` basis vectors; returns how much, (known × count). */
function removeAlong(basis: Float64Array, known: number, n: number, block: Float64Array, count: number): Float64Array {
  const along = new Float64Array(known * count)
  const vectors = basis.subarray(0, known * n)
  gemmF64(known, count, n, vectors, block, along)
  gemmF64(n, count, known, vectors, along, block, { transA: true, alpha: -1, beta: 1 })
  return along
}

/** The first columns of a block. */
function columnsOf(block: Float64Array, n: number, count: number): Float64Array {
  const width = block.length / n
  return Float64Array.from({ length: n * count }, (_, i) => block[Math.floor(i / count) * width + (i % count)]!)
}
