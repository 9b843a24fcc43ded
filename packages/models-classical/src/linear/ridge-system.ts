import { gemmF64, syrkF64, tridiagonalise } from '@astrolabel/kernels'
import type { Tridiagonal } from '@astrolabel/kernels'
import { solveSmall } from './solve-small.js'
import { factorShifted, multiplyByBasis, multiplyVector, quadraticForms, solveShifted } from './tridiagonal.js'

/**
 * Ridge regression of any λ on rows that are centred and multiplied by the roots of their weights.
 *
 * `primal` solves for the features, G = XᵀX; `dual` for the rows, K = X Xᵀ, or any kernel.
 */
export interface RidgeSystem {
  readonly kind: 'primal' | 'dual'
  readonly n: number
  readonly tridiagonal: Tridiagonal
  /** (size × n) Qᵀ Xᵀ, or Qᵀ. */
  readonly basis: Float64Array
  /** (n) √w / |√w|: the direction that the intercept takes up. */
  readonly constant: Float64Array
  /** Mean eigenvalue of G or K other than 0: the natural unit of λ. */
  readonly scale: number
}

/** A fit of one label. */
export interface RidgeFit {
  /** Weights of the features (primal) or of the rows (dual). */
  readonly solution: Float64Array
  /** (n) what is left of each label when its star is left out, times the root of its weight. */
  readonly leftOut: Float64Array
  /** (n) 1 − leverage of each row. */
  readonly freedom: Float64Array
}

/** @param x (n × width) rows. Cost: n × width × min(n, width) and 4 min(n, width)³ / 3. */
export function ridgeSystem(x: Float64Array, n: number, width: number, weights: Float64Array): RidgeSystem {
  if (width > n) {
    const kernel = new Float64Array(n * n)
    const transposed = new Float64Array(x.length)
    for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) transposed[d * n + i] = x[i * width + d]!
    syrkF64(n, width, transposed, kernel)
    return dualSystem(kernel, n, weights)
  }
  const gram = new Float64Array(width * width)
  syrkF64(width, n, x, gram)
  const tridiagonal = tridiagonalise(width, gram)
  const transposed = new Float64Array(x.length)
  for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) transposed[d * n + i] = x[i * width + d]!
  const basis = multiplyByBasis(tridiagonal, transposed, n)
  return { kind: 'primal', n, tridiagonal, basis, constant: unit(weights), scale: meanDiagonal(gram, width) }
}

/** @param kernel (n × n) centred, rows and columns multiplied by the roots of the weights. Cost: 10/3 n³. */
export function dualSystem(kernel: Float64Array, n: number, weights: Float64Array): RidgeSystem {
  const tridiagonal = tridiagonalise(n, kernel)
  const identity = new Float64Array(n * n)
  for (let i = 0; i < n; i++) identity[i * n + i] = 1
  const basis = multiplyByBasis(tridiagonal, identity, n)
  return { kind: 'dual', n, tridiagonal, basis, constant: unit(weights), scale: meanDiagonal(kernel, n) }
}

/** A centred label of the rows, times the root of the weights, and the same turned into the basis: found once a label. */
export interface TurnedLabel {
  readonly values: Float64Array
  readonly turned: Float64Array
}

/** Turn labels into the basis of a system. Cost: size × n each. */
export function turnLabel({ basis, n, tridiagonal }: RidgeSystem, values: Float64Array): TurnedLabel {
  const turned = new Float64Array(tridiagonal.size)
  for (let i = 0; i < turned.length; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += basis[i * n + j]! * values[j]!
    turned[i] = sum
  }
  return { values, turned }
}

/**
 * Fits labels at one λ, with each group of rows left out in closed form: what is left of it is (1 − H)_GG⁻¹ times the
 * residuals of the fit to all, H the hat matrix (Cook & Weisberg 1982, section 2.2.3), which counts the intercept too.
 *
 * Cost: size × n × (labels + 1), and (size × n) × (rows in a group)² / 2 more for groups of several.
 */
export function fitRidge(
  system: RidgeSystem,
  lambda: number,
  labels: readonly TurnedLabel[],
  groups: readonly Int32Array[],
): RidgeFit[] {
  const { kind, n, tridiagonal, basis, constant } = system
  const factor = factorShifted(tridiagonal, lambda)
  const forms = quadraticForms(factor, basis, n)
  const freedom = forms.map((form, i) => freedomOf(kind, lambda, form, 1, constant[i]! ** 2))
  const several = groups.filter((group) => group.length > 1)
  const blocks = several.map((group) => freedomOfGroup(system, lambda, group))
  const { size } = tridiagonal
  const solutions = new Float64Array(labels.length * size)
  labels.forEach(({ turned }, l) => solutions.set(solveShifted(factor, turned), l * size))
  const products = new Float64Array(labels.length * n)
  gemmF64(labels.length, n, size, solutions, basis, products)
  return labels.map(({ values }, l) => {
    const solved = solutions.subarray(l * size, (l + 1) * size)
    const carried = products.slice(l * n, (l + 1) * n)
    const residual = carried.map((value, i) => (kind === 'dual' ? lambda * value : values[i]! - value))
    const leftOut = residual.map((value, i) => value / freedom[i]!)
    several.forEach((group, g) => {
      const left = solveSmall(
        blocks[g]!,
        group.length,
        Float64Array.from(group, (row) => residual[row]!),
      )
      group.forEach((row, i) => (leftOut[row] = left[i]!))
    })
    return { solution: kind === 'dual' ? carried : multiplyVector(tridiagonal, solved), leftOut, freedom }
  })
}

/** (1 − H)_GG by polarisation: ab = ((a + b)² − (a − b)²) / 4 for each pair of rows. */
function freedomOfGroup(system: RidgeSystem, lambda: number, group: Int32Array): Float64Array {
  const { kind, tridiagonal, basis, n, constant } = system
  const m = group.length
  const columns = new Float64Array(tridiagonal.size * 2 * m * m)
  for (let i = 0; i < tridiagonal.size; i++)
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [left, right] = [basis[i * n + group[a]!]!, basis[i * n + group[b]!]!]
        const at = (i * m * m + a * m + b) * 2
        columns[at] = left + right
        columns[at + 1] = left - right
      }
  const forms = quadraticForms(factorShifted(tridiagonal, lambda), columns, 2 * m * m)
  return Float64Array.from({ length: m * m }, (_, at) => {
    const [a, b] = [Math.floor(at / m), at % m]
    const form = (forms[2 * at]! - forms[2 * at + 1]!) / 4
    return freedomOf(kind, lambda, form, a === b ? 1 : 0, constant[group[a]!]! * constant[group[b]!]!)
  })
}

function freedomOf(kind: RidgeSystem['kind'], lambda: number, form: number, same: number, constant: number): number {
  return kind === 'dual' ? lambda * form - constant : same - form - constant
}

function unit(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => Math.sqrt(weight / total))
}

function meanDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) sum += matrix[i * size + i]! / size
  return Math.max(sum, 1e-300)
}
