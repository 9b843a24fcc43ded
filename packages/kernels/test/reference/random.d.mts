export function randomStream(seed: number): () => number
export function randomArray(Type: Float32ArrayConstructor, length: number, seed: number): Float32Array<ArrayBuffer>
export function randomArray(Type: Float64ArrayConstructor, length: number, seed: number): Float64Array<ArrayBuffer>
export function randomPositiveDefinite(batch: number, t: number, seed: number): Float64Array<ArrayBuffer>
