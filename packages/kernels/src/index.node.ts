export { createKernelPool } from './pool.node.js'
export type { KernelPool, PoolCallOptions, PoolGemmOptions, PoolOptions } from './pool.node.js'
