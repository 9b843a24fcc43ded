export { crossmatchThreads, type CrossmatchThreadsOptions } from './threads/crossmatch-threads.node.js'
