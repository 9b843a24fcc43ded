/**
 * A broadening profile as a density of an offset x, in units of the profile's scale, over a parameter in which it is
 * smooth: Σ density(φ) f(place(φ)) dφ is its mean of f, up to a factor.
 */
export interface Profile {
  /** Where x begins and ends. */
  readonly from: number
  readonly to: number
  /** Values of x between which the density has a bend, ascending. */
  readonly breaks: readonly number[]
  /** The parameter of x, and x of the parameter. */
  readonly angle: (x: number) => number
  readonly place: (phi: number) => number
  readonly density: (phi: number) => number
  /** Points of Gauss and Legendre that integrate it between two breaks. */
  readonly points: number
}

const itself = (x: number): number => x

/**
 * Gray's rotation profile with linear limb darkening (Gray 2005, eq. 18.14), scale v sin i:
 * G(x) = (2 (1−ε) √(1−x²) + π ε (1−x²) / 2) / (π (1 − ε/3)). Its parameter is arcsin x, in which it has no edge.
 *
 * @param limbDarkening ε, 0 to 1.
 */
export function rotationProfile(limbDarkening: number): Profile {
  return {
    from: -1,
    to: 1,
    breaks: [],
    angle: Math.asin,
    place: Math.sin,
    density: (phi) => {
      const cos = Math.cos(phi)
      return cos * cos * (2 * (1 - limbDarkening) + (Math.PI / 2) * limbDarkening * cos)
    },
    points: 6,
  }
}

/** Where the tails of the radial-tangential profile are below 1e-11 of its peak. */
const TANGENTIAL_REACH = 5

/**
 * Radial-tangential macroturbulence of a whole disk (Gray 2005, eq. 17.6 with equal parts A_R = A_T and ζ_R = ζ_T),
 * scale ζ: M(x) = 2/√π (exp(−x²) − √π |x| erfc |x|). Its σ is ζ/2, and it has a cusp at 0.
 */
export const radialTangentialProfile: Profile = {
  from: -TANGENTIAL_REACH,
  to: TANGENTIAL_REACH,
  breaks: [0],
  angle: itself,
  place: itself,
  density: (x) => Math.exp(-x * x) - Math.sqrt(Math.PI) * Math.abs(x) * erfc(Math.abs(x)),
  points: 16,
}

/** σ beyond which a Gaussian is cut: 2e-7 of its area lies there. */
export const GAUSSIAN_REACH = 5.2

/** Gaussian, scale σ. */
export const gaussianProfile: Profile = {
  from: -GAUSSIAN_REACH,
  to: GAUSSIAN_REACH,
  breaks: [0],
  angle: itself,
  place: itself,
  density: (x) => Math.exp((-x * x) / 2),
  points: 16,
}

/** Complementary error function for x ≥ 0: series of erf below 2, continued fraction above; relative error 1e-13. */
function erfc(x: number): number {
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction))
}
