// Entry of a worker that holds some rows of a matrix, packed, and multiplies them whenever it is told to.
import { workerData } from 'node:worker_threads'
import { PackedRows } from '@astrolabel/kernels'
import type { RowShare } from './split-rows.node.js'
import { DONE, FAILED, TIMES, TRANSPOSED } from './split-rows.node.js'

const { command, rows, width, matrix, input, output } = workerData as RowShare

function answer(what: number): void {
  Atomics.store(command, 0, what)
  Atomics.notify(command, 0)
}

try {
  const packed = new PackedRows(rows, width, matrix)
  answer(DONE)
  for (;;) {
    Atomics.wait(command, 0, DONE)
    const wanted = Atomics.load(command, 0)
    const n = command[1]!
    if (wanted === TIMES) output.set(packed.times(n, input.subarray(0, width * n)))
    else if (wanted === TRANSPOSED) output.set(packed.transposedTimes(n, input.subarray(0, rows * n)))
    else break
    answer(DONE)
  }
} catch {
  answer(FAILED)
}
