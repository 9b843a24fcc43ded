// Entry of a worker thread: does blocks on shared memory and answers each with null or with what failed.
import { parentPort } from 'node:worker_threads'
import { runBlock, type ThreadBlock } from './thread-block.js'

parentPort?.on('message', (block: ThreadBlock) => {
  try {
    runBlock(block)
    parentPort?.postMessage(null)
  } catch (error) {
    parentPort?.postMessage(String(error))
  }
})
