function at8(base: usize, i: u32): f64 {
  return load<f64>(base + ((<usize>i) << 3))
}

/**
 * Linear resampling of `rows` spectra. `spacing` holds 1 / (wave[i + 1] - wave[i]). Both grids ascend, so one walk
 * along the source serves the row; a shift of a like-spaced grid moves the source pixel by one each time.
 */
export function resampleRows(
  rows: u32,
  nIn: u32,
  wave: usize,
  spacing: usize,
  flux: usize,
  ivar: usize,
  factors: usize,
  nOut: u32,
  waveOut: usize,
  fluxOut: usize,
  ivarOut: usize,
): void {
  const first = load<f64>(wave)
  const last = at8(wave, nIn - 1)
  for (let row: u32 = 0; row < rows; row++) {
    const factor = at8(factors, row)
    let i: u32 = 0
    for (let j: u32 = 0; j < nOut; j++) {
      const x = at8(waveOut, j) * factor
      const to: usize = (<usize>j) << 2
      if (!(factor > 0 && x >= first && x <= last)) {
        store<f32>(fluxOut + to, 0)
        store<f32>(ivarOut + to, 0)
        continue
      }
      while (i + 1 < nIn && at8(wave, i + 1) <= x) i++
      const from: usize = (<usize>i) << 2
      const left = at8(wave, i)
      if (x == left) {
        store<f32>(fluxOut + to, load<f32>(flux + from))
        store<f32>(ivarOut + to, load<f32>(ivar + from))
        continue
      }
      const w1 = (x - left) * at8(spacing, i)
      const w0 = 1 - w1
      const iv0 = <f64>load<f32>(ivar + from)
      const iv1 = <f64>load<f32>(ivar + from, 4)
      const f0 = <f64>load<f32>(flux + from)
      const f1 = <f64>load<f32>(flux + from, 4)
      store<f32>(fluxOut + to, <f32>(w0 * f0 + w1 * f1))
      // 1 / (w0^2 / iv0 + w1^2 / iv1) over one division; an ivar of 0 makes it 0, and two of them 0 / 0.
      const both = iv0 > 0 && iv1 > 0 ? iv0 * iv1 : 0
      store<f32>(ivarOut + to, both > 0 ? <f32>(both / (w0 * w0 * iv1 + w1 * w1 * iv0)) : 0)
    }
    flux += (<usize>nIn) << 2
    ivar += (<usize>nIn) << 2
    fluxOut += (<usize>nOut) << 2
    ivarOut += (<usize>nOut) << 2
  }
}
