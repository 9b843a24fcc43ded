// Linear interpolation with a bisection for every point.

export function interpLinear(xNew, x, y, out) {
  const last = x.length - 1
  for (let j = 0; j < xNew.length; j++) {
    const at = xNew[j]
    if (Number.isNaN(at)) out[j] = NaN
    else if (at >= x[last]) out[j] = y[last]
    else if (at < x[0]) out[j] = y[0]
    else {
      let low = 0
      let high = last
      while (high - low > 1) {
        const middle = (low + high) >>> 1
        if (x[middle] <= at) low = middle
        else high = middle
      }
      out[j] = at === x[low] ? y[low] : ((y[low + 1] - y[low]) / (x[low + 1] - x[low])) * (at - x[low]) + y[low]
    }
  }
}
