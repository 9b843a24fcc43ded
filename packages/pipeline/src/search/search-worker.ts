import { Pipeline, foldFeatures, tailErrors } from '@astrolabel/models-classical'
import { isTypedError } from '@astrolabel/spectra'
import { parentPort, workerData } from 'node:worker_threads'
import type { SearchAnswer, SearchTask, SearchWorkerData } from './search-threads.js'

const port = parentPort!
const { spec, data, seed } = workerData as SearchWorkerData
const pipeline = new Pipeline(spec.steps, spec.parameters)

port.on('message', (task: SearchTask) => {
  port.postMessage(answer(task))
})

function answer(task: SearchTask): SearchAnswer {
  try {
    const result =
      task.kind === 'features'
        ? foldFeatures(pipeline, data, task.split, task.head, { seed })
        : tailErrors(pipeline, task.features, task.tail, { seed })
    return { kind: 'done', result }
  } catch (error) {
    return {
      kind: 'failed',
      code: isTypedError(error) ? error.code : 'search/worker',
      message: error instanceof Error ? error.message : String(error),
    }
  }
}
