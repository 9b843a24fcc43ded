/** Rows of the rotation from ICRS to Galactic axes (Hipparcos catalogue, vol. 1, eq. 1.5.11). */
const ROTATION = [
  [-0.0548755604162154, -0.873437090234885, -0.4838350155487132],
  [0.4941094278755837, -0.4448296299600112, 0.7469822444972189],
  [-0.8676661490190047, -0.1980763734312015, 0.4559837761750669],
] as const

const DEGREE = Math.PI / 180

/** Galactic longitude (0 to 360) and latitude, deg, of a position in ICRS, deg. */
export function galactic(ra: number, dec: number): { readonly l: number; readonly b: number } {
  const from = [
    Math.cos(dec * DEGREE) * Math.cos(ra * DEGREE),
    Math.cos(dec * DEGREE) * Math.sin(ra * DEGREE),
    Math.sin(dec * DEGREE),
  ]
  const [x, y, z] = ROTATION.map((row) => row[0] * from[0] + row[1] * from[1] + row[2] * from[2])
  const l = Math.atan2(y, x) / DEGREE
  return { l: l < 0 ? l + 360 : l, b: Math.atan2(z, Math.hypot(x, y)) / DEGREE }
}
