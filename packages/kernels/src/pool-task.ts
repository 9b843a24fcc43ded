import { gemmRows } from './gemm-rows.js'
import type { GemmTask } from './gemm-rows.js'
import { resampleCheckedRows } from './resample-rows.js'
import { runningMedian } from './running-median.js'
import { sumLeaves } from './sum-leaves.js'
import type { PackedForest } from './sum-leaves.js'

/** Arguments of a running median over all rows. */
export interface MedianTask {
  readonly nPix: number
  readonly x: Float32Array
  readonly window: number
  readonly out: Float32Array
}

/** Arguments of a resampling of all rows. */
export interface ResampleTask {
  readonly wave: Float64Array
  readonly flux: Float32Array
  readonly ivar: Float32Array
  readonly factors: Float64Array
  readonly waveOut: Float64Array
  readonly fluxOut: Float32Array
  readonly ivarOut: Float32Array
}

/** Arguments of a sum over the leaves that all rows come to. */
export interface LeavesTask {
  readonly forest: PackedForest
  readonly x: Float32Array
  readonly out: Float64Array
}

/** A kernel with its arguments, of which any block of rows can be done by itself. */
export type PoolTask =
  | { readonly kernel: 'runningMedian'; readonly args: MedianTask }
  | { readonly kernel: 'resampleRows'; readonly args: ResampleTask }
  | { readonly kernel: 'gemm'; readonly args: GemmTask }
  | { readonly kernel: 'sumLeaves'; readonly args: LeavesTask }

/** Does rows [start, end) of a task whose arguments were checked. */
export function runTaskRows(task: PoolTask, start: number, end: number): void {
  if (task.kernel === 'gemm') {
    gemmRows(task.args, start, end)
  } else if (task.kernel === 'sumLeaves') {
    const { forest, x, out } = task.args
    const { width, labels } = forest
    sumLeaves(forest, x.subarray(start * width, end * width), end - start, out.subarray(start * labels, end * labels))
  } else if (task.kernel === 'runningMedian') {
    const { nPix, x, window, out } = task.args
    runningMedian(
      end - start,
      nPix,
      x.subarray(start * nPix, end * nPix),
      window,
      out.subarray(start * nPix, end * nPix),
    )
  } else {
    const { wave, flux, ivar, factors, waveOut, fluxOut, ivarOut } = task.args
    const rowsOf = (values: Float32Array, nPix: number) => values.subarray(start * nPix, end * nPix)
    resampleCheckedRows(
      end - start,
      wave,
      rowsOf(flux, wave.length),
      rowsOf(ivar, wave.length),
      factors.subarray(start, end),
      waveOut,
      rowsOf(fluxOut, waveOut.length),
      rowsOf(ivarOut, waveOut.length),
    )
  }
}
