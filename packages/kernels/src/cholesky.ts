import { checkLength, checkOption, checkSizes } from './checks.js'
import { kernels, layOut } from './wasm-module.js'

/** Options of the Cholesky kernels. */
export interface CholeskyOptions {
  /** Each diagonal element is multiplied by 1 + jitter before the factorisation. Default 0. */
  readonly jitter?: number
}

// Systems staged at once: 4 MB of packed triangles.
const STAGED_BYTES = 4_194_304

function batchesOf(batch: number, t: number): number {
  const bytes = 8 * Math.max(1, (t * (t + 1)) / 2)
  return Math.min(batch, Math.max(1, Math.floor(STAGED_BYTES / bytes)))
}

function workBytes(t: number): number {
  return 16 * ((t * (t + 1)) / 2 + 2 * t)
}

/**
 * Solves `batch` symmetric positive definite systems of order `t` by Cholesky factorisation (Golub and Van Loan 2013,
 * section 4.2). `packed` (batch x t (t + 1) / 2) holds the upper triangles by rows, `rhs` and `out` are (batch x t).
 * Returns a status a system: 0 solved, 1 not positive definite to rounding (a pivot at or below t 2^-52 of its diagonal
 * element, or NaN), whose row of `out` is NaN. A system's answer does not depend on the others. Throws KernelError when
 * a length does not agree. Cost batch t^3 / 3.
 */
export function choleskySolvePacked(
  batch: number,
  t: number,
  packed: Float64Array,
  rhs: Float64Array,
  out: Float64Array,
  options: CholeskyOptions = {},
): Uint8Array {
  const { jitter = 0 } = options
  const size = (t * (t + 1)) / 2
  checkSizes('choleskySolvePacked', { batch, t })
  checkLength('choleskySolvePacked', 'packed', packed.length, batch * size, 'batch x t (t + 1) / 2')
  checkLength('choleskySolvePacked', 'rhs', rhs.length, batch * t, 'batch x t')
  checkLength('choleskySolvePacked', 'out', out.length, batch * t, 'batch x t')
  checkOption('choleskySolvePacked', 'jitter', jitter, 0)
  const status = new Uint8Array(batch)
  if (t === 0) return status
  const most = batchesOf(batch, t)
  const [atPacked, atRhs, atOut, atStatus, work] = layOut(
    8 * most * size,
    8 * most * t,
    8 * most * t,
    most,
    workBytes(t),
  ) as [number, number, number, number, number]
  const { memory, choleskySolve } = kernels()
  const { buffer } = memory
  for (let s = 0; s < batch; s += most) {
    const count = Math.min(most, batch - s)
    new Float64Array(buffer, atPacked, count * size).set(packed.subarray(s * size, (s + count) * size))
    new Float64Array(buffer, atRhs, count * t).set(rhs.subarray(s * t, (s + count) * t))
    choleskySolve(count, t, atPacked, atRhs, atOut, atStatus, jitter, work)
    out.set(new Float64Array(buffer, atOut, count * t), s * t)
    status.set(new Uint8Array(buffer, atStatus, count), s)
  }
  return status
}

/**
 * Inverts `batch` symmetric positive definite matrices of order `t` (covariances from normal matrices). `packed` and
 * `out` (batch x t (t + 1) / 2) hold upper triangles by rows. Status and failures as {@link choleskySolvePacked}.
 * Cost batch t^3.
 */
export function choleskyInversePacked(
  batch: number,
  t: number,
  packed: Float64Array,
  out: Float64Array,
  options: CholeskyOptions = {},
): Uint8Array {
  const { jitter = 0 } = options
  const size = (t * (t + 1)) / 2
  checkSizes('choleskyInversePacked', { batch, t })
  checkLength('choleskyInversePacked', 'packed', packed.length, batch * size, 'batch x t (t + 1) / 2')
  checkLength('choleskyInversePacked', 'out', out.length, batch * size, 'batch x t (t + 1) / 2')
  checkOption('choleskyInversePacked', 'jitter', jitter, 0)
  const status = new Uint8Array(batch)
  if (t === 0) return status
  const most = batchesOf(batch, t)
  const [atPacked, atOut, atStatus, work] = layOut(8 * most * size, 8 * most * size, most, workBytes(t)) as [
    number,
    number,
    number,
    number,
  ]
  const { memory, choleskyInverse } = kernels()
  const { buffer } = memory
  for (let s = 0; s < batch; s += most) {
    const count = Math.min(most, batch - s)
    new Float64Array(buffer, atPacked, count * size).set(packed.subarray(s * size, (s + count) * size))
    choleskyInverse(count, t, atPacked, atOut, atStatus, jitter, work)
    out.set(new Float64Array(buffer, atOut, count * size), s * size)
    status.set(new Uint8Array(buffer, atStatus, count), s)
  }
  return status
}
