/**
 * Sine of an angle of at most 45 degrees, error under 1 ulp (the kernel of fdlibm, Sun Microsystems 1993). Like cosSmall the same to the
 * last bit in every engine, and several times faster than Math.sin, which must reduce any angle first.
 *
 * @param x radians, in [-pi / 4, pi / 4]
 */
export function sinSmall(x: number): number {
  const z = x * x
  const high =
    8.33333333332249e-3 +
    z * (-1.984126982985795e-4 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))
  return x + z * x * (-0.16666666666666632 + z * high)
}

/** Cosine of an angle of at most 45 degrees, see {@link sinSmall}. */
export function cosSmall(x: number): number {
  const z = x * x
  const high =
    2.480158728947673e-5 + z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11))
  const half = 0.5 * z
  const near = 1 - half
  // What 1 - half rounded away comes back.
  return near + (1 - near - half + z * z * (0.0416666666666666 + z * (-1.388888888887411e-3 + z * high)))
}
