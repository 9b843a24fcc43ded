// Entry of a worker thread: takes blocks on shared memory while there are any, and answers each with its place or with what failed.
import { parentPort } from 'node:worker_threads'
import { runBlock } from './thread-block.js'
import { takeBlock, type BlockList } from '../zones/block-list.js'

parentPort?.on('message', (list: BlockList) => {
  for (let place = takeBlock(list); place >= 0; place = takeBlock(list)) {
    try {
      runBlock(list.blocks[place]!)
      parentPort?.postMessage(place)
    } catch (error) {
      parentPort?.postMessage(String(error))
    }
  }
})
