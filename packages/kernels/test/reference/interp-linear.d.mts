export function interpLinear(
  xNew: Float64Array,
  x: Float64Array,
  y: Float32Array | Float64Array,
  out: Float32Array | Float64Array,
): void
