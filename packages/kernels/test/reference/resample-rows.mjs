// Resampling as its definition reads, a bisection for every target pixel.

export function resampleRows(rows, wave, flux, ivar, factors, waveOut, fluxOut, ivarOut) {
  const nIn = wave.length
  const nOut = waveOut.length
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < nOut; j++) {
      const at = waveOut[j] * factors[row]
      const to = row * nOut + j
      fluxOut[to] = 0
      ivarOut[to] = 0
      if (!(factors[row] > 0 && at >= wave[0] && at <= wave[nIn - 1])) continue
      let low = 0
      let high = nIn
      while (high - low > 1) {
        const middle = (low + high) >>> 1
        if (wave[middle] <= at) low = middle
        else high = middle
      }
      const from = row * nIn + low
      if (at === wave[low]) {
        fluxOut[to] = flux[from]
        ivarOut[to] = ivar[from]
        continue
      }
      const w1 = (at - wave[low]) / (wave[low + 1] - wave[low])
      const w0 = 1 - w1
      fluxOut[to] = w0 * flux[from] + w1 * flux[from + 1]
      if (ivar[from] > 0 && ivar[from + 1] > 0) ivarOut[to] = 1 / ((w0 * w0) / ivar[from] + (w1 * w1) / ivar[from + 1])
    }
  }
}
