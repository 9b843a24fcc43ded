// Entry of a pool's worker thread: does blocks of rows on shared memory and answers each with null or with what failed.
import { parentPort } from 'node:worker_threads'
import { runTaskRows } from './pool-task.js'
import type { BlockMessage } from './worker-crew.node.js'

parentPort?.on('message', ({ task, start, end }: BlockMessage) => {
  try {
    runTaskRows(task, start, end)
    parentPort?.postMessage(null)
  } catch (error) {
    parentPort?.postMessage(String(error))
  }
})
