import { PackedRows } from '@astrolabel/kernels'
import { AstrolabelError } from '@astrolabel/spectra'
import type { PcaOptions, PrincipalComponents } from './principal-components.js'
import { checkFinite, leadingDirections } from './principal-components.js'

/** Principal components of rows that come in batches and are not kept. */
export interface IncrementalComponents {
  /** Rows so far. */
  readonly n: number
  /** Takes `n` more rows, (n × width), finite. @throws `pca/data`. Cost: n × width × count. */
  add(x: Float32Array, n: number): void
  /** The components of all rows so far; more may be added after. @throws `pca/count` with fewer rows than components + 1. */
  finish(): PrincipalComponents
}

/**
 * Incremental principal components (Ross et al. 2008, as scikit-learn's IncrementalPCA): of what came before, only the
 * `count` components, their variances and the mean are kept, and each batch is searched together with them. Variance
 * that a batch has outside its own leading directions is lost, so take batches of several times `count` rows; rows wait
 * until there are `count` of them.
 *
 * @throws `pca/count` unless `count` is from 1 to `width`.
 */
export function incrementalComponents(width: number, count: number, options: PcaOptions = {}): IncrementalComponents {
  if (!Number.isInteger(count) || count < 1 || count > width)
    throw new AstrolabelError('pca/count', 'So many principal components cannot be had', {
      got: count,
      expected: `1 to ${width}`,
      remedy: 'Ask for fewer',
    })
  return new GrowingComponents(width, count, options)
}

class GrowingComponents implements IncrementalComponents {
  readonly #width: number
  readonly #count: number
  readonly #options: PcaOptions
  /** Rows that wait, and those that are in the components. */
  #waiting: Float32Array[] = []
  #waitingRows = 0
  #seen = 0
  #mean: Float64Array
  /** (count × width) directions, each as long as the rows are along it. */
  #scaled: Float32Array = new Float32Array(0)
  #directions: Float32Array = new Float32Array(0)
  #squares: Float64Array = new Float64Array(0)
  /** Sum of squares about the mean, over all pixels. */
  #total = 0

  constructor(width: number, count: number, options: PcaOptions) {
    this.#width = width
    this.#count = count
    this.#options = options
    this.#mean = new Float64Array(width)
  }

  get n(): number {
    return this.#seen + this.#waitingRows
  }

  add(x: Float32Array, n: number): void {
    if (x.length !== n * this.#width)
      throw new AstrolabelError('pca/data', 'The rows do not have the width that was said', {
        got: x.length,
        expected: `${n} × ${this.#width}`,
      })
    checkFinite(x, this.#width)
    this.#waiting.push(x.slice())
    this.#waitingRows += n
    if (this.#waitingRows >= this.#count) this.#take()
  }

  finish(): PrincipalComponents {
    if (this.n <= this.#count)
      throw new AstrolabelError('pca/count', 'So many principal components cannot be had', {
        got: this.#count,
        expected: `fewer than the ${this.n} rows`,
        remedy: 'Ask for fewer, or add stars',
      })
    if (this.#waitingRows > 0) this.#take()
    return {
      width: this.#width,
      count: this.#count,
      mean: this.#mean.slice(),
      components: this.#directions.slice(),
      variance: this.#squares.map((square) => square / (this.#seen - 1)),
      explained: this.#squares.map((square) => (this.#total > 0 ? square / this.#total : 0)),
    }
  }

  /** Puts the rows that wait and the components so far into new components. */
  #take(): void {
    const [width, count, rows, seen] = [this.#width, this.#count, this.#waitingRows, this.#seen]
    const before = seen > 0 ? count + 1 : 0
    const stacked = new Float32Array((before + rows) * width)
    let at = before * width
    for (const batch of this.#waiting) {
      stacked.set(batch, at)
      at += batch.length
    }
    this.#waiting = []
    this.#waitingRows = 0
    const mean = new Float64Array(width)
    for (let row = before; row < before + rows; row++)
      for (let i = 0; i < width; i++) mean[i]! += stacked[row * width + i]! / rows
    for (let row = before; row < before + rows; row++)
      for (let i = 0; i < width; i++) {
        const off = stacked[row * width + i]! - mean[i]!
        stacked[row * width + i] = off
        this.#total += off * off
      }
    if (seen > 0) {
      // Rows before have shrunk to their components, and the step between the means is one row more.
      stacked.set(this.#scaled)
      const weight = Math.sqrt((seen * rows) / (seen + rows))
      for (let i = 0; i < width; i++) {
        const step = weight * (this.#mean[i]! - mean[i]!)
        stacked[count * width + i] = step
        this.#total += step * step
      }
    }
    const packed = new PackedRows(before + rows, width, stacked)
    const { directions, squares } = leadingDirections(packed, before + rows, width, count, this.#options)
    for (let i = 0; i < width; i++) this.#mean[i] = (seen * this.#mean[i]! + rows * mean[i]!) / (seen + rows)
    this.#seen = seen + rows
    this.#directions = directions
    this.#squares = squares
    this.#scaled = directions.map((value, i) => value * Math.sqrt(squares[Math.floor(i / width)]!))
  }
}
