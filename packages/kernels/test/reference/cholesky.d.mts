export function choleskySolvePacked(
  batch: number,
  t: number,
  packed: Float64Array,
  rhs: Float64Array,
  out: Float64Array,
  options?: { jitter?: number },
): Uint8Array
export function choleskyInversePacked(batch: number, t: number, packed: Float64Array, out: Float64Array): Uint8Array
