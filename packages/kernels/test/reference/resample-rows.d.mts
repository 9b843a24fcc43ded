export function resampleRows(
  rows: number,
  wave: Float64Array,
  flux: Float32Array,
  ivar: Float32Array,
  factors: Float64Array,
  waveOut: Float64Array,
  fluxOut: Float32Array,
  ivarOut: Float32Array,
): void
