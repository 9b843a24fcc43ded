/** Terms of Weideman's series: 32 give 1e-8 of the peak for every a ≥ 0. */
const TERMS = 32
const SCALE = Math.sqrt(TERMS / Math.SQRT2)
const coefficients = weidemanCoefficients()

/**
 * The Voigt function H(a, v), the real part of the Faddeeva function w(v + i a): the profile of a line broadened by
 * heat and by damping, with ∫ H dv = √π. Weideman 1994, SIAM J. Numer. Anal. 31, 1497; the wing by its series.
 *
 * @param a damping over Doppler width (γ / 4π Δν_D), at least 0.
 * @param v distance from the centre in Doppler widths.
 */
export function voigt(a: number, v: number): number {
  const v2 = v * v
  if (v2 > 100) return (a / ((v2 + a * a) * Math.sqrt(Math.PI))) * (1 + (1.5 + 3.75 / v2) / v2)
  // Z = (L + i z) / (L - i z) with z = v + i a.
  const numRe = SCALE - a
  const denRe = SCALE + a
  const den2 = denRe * denRe + v2
  const zRe = (numRe * denRe - v2) / den2
  const zIm = (v * denRe + numRe * v) / den2
  let pRe = 0
  let pIm = 0
  for (let n = TERMS - 1; n >= 0; n--) {
    const re = pRe * zRe - pIm * zIm + coefficients[n]!
    pIm = pRe * zIm + pIm * zRe
    pRe = re
  }
  // w = 2 p / (L - i z)² + 1 / (√π (L - i z)), and 1 / (L - i z) = (denRe + i v) / den2.
  const invRe = denRe / den2
  const invIm = v / den2
  const squareRe = invRe * invRe - invIm * invIm
  const squareIm = 2 * invRe * invIm
  return 2 * (pRe * squareRe - pIm * squareIm) + invRe / Math.sqrt(Math.PI)
}

/** The Fourier coefficients of exp(-t²)(L² + t²) with t = L tan(θ/2). */
function weidemanCoefficients(): Float64Array {
  const points = 4 * TERMS
  const result = new Float64Array(TERMS)
  for (let k = -points / 2 + 1; k < points / 2; k++) {
    const angle = (2 * Math.PI * k) / points
    const t = SCALE * Math.tan(angle / 2)
    const f = Math.exp(-t * t) * (SCALE * SCALE + t * t)
    for (let n = 1; n <= TERMS; n++) result[n - 1]! += (f * Math.cos(n * angle)) / points
  }
  return result
}
