export { crossmatchThreads, type CrossmatchThreadsOptions } from './crossmatch-threads.node.js'
