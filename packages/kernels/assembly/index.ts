export * from './gemm'
export * from './cholesky'
export * from './median'
export * from './envelope'
export * from './resample'
export * from './tree'
export * from './forest'

/** First byte that JavaScript may use as it likes: the module itself keeps no state. */
export function heapBase(): usize {
  return __heap_base
}
