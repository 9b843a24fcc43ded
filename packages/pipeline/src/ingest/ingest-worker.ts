import { isTypedError } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerAnswer, WorkerTask } from './reading-threads.js'
import type { ReadRequest } from './slice-reader.js'
import { SliceReader } from './slice-reader.js'

const port = parentPort!
const opened = SliceReader.open(workerData as ReadRequest)
// A failure is told when the first task asks for it.
const ready = (): void => answer({ kind: 'ready' })
opened.then(ready, ready)

/** Parcels that may lie about unwritten: one, while the next is being read. */
let credit = 1
let wake: (() => void) | undefined

port.on('message', (task: WorkerTask) => {
  if (task.kind === 'more') {
    credit++
    wake?.()
    return
  }
  work(task).catch((error: unknown) => {
    answer({
      kind: 'failed',
      code: isTypedError(error) ? error.code : 'ingest/worker',
      message: error instanceof Error ? error.message : String(error),
    })
  })
})

async function work(task: Exclude<WorkerTask, { kind: 'more' }>): Promise<void> {
  const reader = await opened
  // What was heard on opening the main thread tells.
  reader.takeWarnings()
  if (task.kind === 'extents') {
    answer({ kind: 'extents', extents: await reader.extents(task.files) })
    return
  }
  for await (const parcel of reader.read(task.files, task.fit)) {
    while (credit === 0) await new Promise<void>((resume) => (wake = resume))
    credit--
    answer({ kind: 'parcel', parcel }, parcel.spectra)
  }
  answer({ kind: 'end' })
}

function answer(value: WorkerAnswer, moved?: Spectra): void {
  port.postMessage(value, moved === undefined ? [] : ownBuffers(moved))
}

/** The buffers that go over without a copy; none that holds more than the matrix. */
function ownBuffers({ flux, ivar, mask, wave }: Spectra): ArrayBuffer[] {
  const whole = [flux, ivar, mask, wave].filter(
    (matrix) => matrix !== undefined && matrix.byteLength === matrix.buffer.byteLength,
  )
  return [...new Set(whole.map((matrix) => matrix!.buffer as ArrayBuffer))]
}
