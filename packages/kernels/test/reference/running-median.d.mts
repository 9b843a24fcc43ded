/** Without NaN: the order of a sorted window is undefined with one in it. */
export function runningMedian(rows: number, nPix: number, x: Float32Array, window: number, out: Float32Array): void
