// Running median by a sorted window: binary search for what leaves and what comes, copyWithin in between.

function placeOf(sorted, count, value) {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

function insert(sorted, count, value) {
  const at = placeOf(sorted, count, value)
  sorted.copyWithin(at + 1, at, count)
  sorted[at] = value
}

export function runningMedian(rows, nPix, x, window, out) {
  const half = (window - 1) / 2
  const sorted = new Float32Array(window)
  for (let row = 0; row < rows; row++) {
    const start = row * nPix
    const pixel = (i) => x[start + Math.min(nPix - 1, Math.max(0, i))]
    for (let i = -half, count = 0; i <= half; i++, count++) insert(sorted, count, pixel(i))
    for (let i = 0; i < nPix; i++) {
      if (i > 0) {
        const leaves = placeOf(sorted, window, pixel(i - half - 1))
        sorted.copyWithin(leaves, leaves + 1)
        insert(sorted, window - 1, pixel(i + half))
      }
      out[start + i] = sorted[half]
    }
  }
}
