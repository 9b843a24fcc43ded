/** The array itself if it lies on shared memory already, otherwise one of its length and type that does. */
function onSharedMemory<T extends Float32Array | Float64Array | Int32Array>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array
  const Type = array.constructor as new (buffer: SharedArrayBuffer) => T
  return new Type(new SharedArrayBuffer(array.byteLength))
}

/** An input as workers can read it: copied unless it lies on shared memory. */
export function sharedInput<T extends Float32Array | Float64Array | Int32Array>(array: T): T {
  const shared = onSharedMemory(array)
  if (shared !== array) shared.set(array)
  return shared
}

/** A place for workers to write an output; its old values are copied only if `keep`. */
export function sharedOutput<T extends Float32Array | Float64Array | Int32Array>(array: T, keep: boolean): T {
  return keep ? sharedInput(array) : onSharedMemory(array)
}
