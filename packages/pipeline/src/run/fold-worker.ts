import { isTypedError } from '@astrolabel/spectra'
import { parentPort, workerData } from 'node:worker_threads'
import type { FoldAnswer } from './fold-runner.js'
import type { FoldTask } from './fold-task.js'
import { loadSpectra, runFold } from './fold-task.js'

const port = parentPort!
const spectra = loadSpectra(workerData as string)
const answer = (value: FoldAnswer): void => port.postMessage(value)

port.on('message', (task: FoldTask) => {
  spectra
    .then((loaded) => runFold(loaded, task, { onProgress: (done, total) => answer({ kind: 'progress', done, total }) }))
    .then(() => answer({ kind: 'done' }))
    .catch((error: unknown) => {
      answer({
        kind: 'failed',
        code: isTypedError(error) ? error.code : 'run/worker',
        message: error instanceof Error ? error.message : String(error),
      })
    })
})
