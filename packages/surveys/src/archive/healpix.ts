import { AstrolabelError } from '@astrolabel/spectra'

/** Row of each base pixel's southern corner, in units of its side, counted from the north pole. */
const ROW = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]
/** Longitude of each base pixel's southern corner, in eighths of a circle. */
const LONGITUDE = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7]
/** |sin dec| where the equatorial part of the projection ends. */
const EDGE = 2 / 3
/** Points along a side of a pixel between which its distance to a position has one minimum. */
const SIDE_STEPS = 8
/** Halvings that narrow the minimum to far below a milliarcsecond. */
const NARROWINGS = 40

/**
 * The HEALPix pixel that a position lies in, nested order (Górski et al. 2005, ApJ 622, 759, section 4 and 5).
 *
 * @param ra Right ascension, degrees; any turn.
 * @param dec Declination, degrees, -90 to 90.
 * @param nside A power of 2 up to 2¹³.
 * @returns 0 to 12 nside² - 1.
 * @throws `healpix/position`, `healpix/nside`.
 */
export function healpixOf(ra: number, dec: number, nside: number): number {
  checkNside(nside)
  if (!Number.isFinite(ra) || !(Math.abs(dec) <= 90))
    throw new AstrolabelError('healpix/position', 'This is no position on the sky', {
      got: `ra ${ra}, dec ${dec}`,
      expected: 'degrees, declination -90 to 90',
    })
  const z = Math.sin((dec * Math.PI) / 180)
  const quarter = ((((ra / 90) % 4) + 4) % 4) % 4
  const height = Math.abs(z)
  if (height <= EDGE) {
    const rising = Math.max(0, Math.floor(nside * (0.5 + quarter - z * 0.75)))
    const falling = Math.max(0, Math.floor(nside * (0.5 + quarter + z * 0.75)))
    const up = Math.floor(rising / nside)
    const down = Math.floor(falling / nside)
    const face = up === down ? (up % 4) + 4 : up < down ? up : down + 8
    return nested(face, falling % nside, nside - (rising % nside) - 1, nside)
  }
  const side = Math.min(3, Math.floor(quarter))
  const part = quarter - side
  // 1 - |z| cancels near the poles; the cosine does not.
  const reach =
    height < 0.99
      ? nside * Math.sqrt(3 * (1 - height))
      : (nside * Math.abs(Math.cos((dec * Math.PI) / 180))) / Math.sqrt((1 + height) / 3)
  const right = Math.min(nside - 1, Math.floor(part * reach))
  const left = Math.min(nside - 1, Math.floor((1 - part) * reach))
  return z >= 0 ? nested(side, nside - left - 1, nside - right - 1, nside) : nested(side + 8, right, left, nside)
}

/** The centre of a pixel, nested order, degrees. @throws `healpix/nside`, `healpix/pixel`. */
export function healpixCenter(pixel: number, nside: number): readonly [ra: number, dec: number] {
  checkNside(nside)
  if (!Number.isInteger(pixel) || pixel < 0 || pixel >= 12 * nside * nside)
    throw new AstrolabelError('healpix/pixel', `This is no pixel of NSIDE ${nside}`, {
      got: pixel,
      expected: `0 to ${12 * nside * nside - 1}`,
    })
  const { face, x, y } = placeOf(pixel, nside)
  const [ux, uy, uz] = direction(face, (x + 0.5) / nside, (y + 0.5) / nside)
  const ra = (Math.atan2(uy, ux) * 180) / Math.PI
  return [ra < 0 ? ra + 360 : ra, (Math.asin(uz) * 180) / Math.PI]
}

/**
 * The pixels that a cone on the sky overlaps, nested order, ascending.
 *
 * @param ra Degrees. @param dec Degrees. @param radius Degrees, 0 to 180; 0 gives the one pixel of the position.
 * @throws `healpix/position`, `healpix/nside`, `healpix/radius`. Cost: 12 nside² distances.
 */
export function healpixInCone(ra: number, dec: number, radius: number, nside: number): number[] {
  if (!(radius >= 0 && radius <= 180))
    throw new AstrolabelError('healpix/radius', 'This is no radius of a cone', {
      got: radius,
      expected: 'degrees, 0 to 180',
    })
  const home = healpixOf(ra, dec, nside)
  const [a, d] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180]
  const axis: Vector = [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)]
  const within = chord((radius * Math.PI) / 180)
  // No corner is farther from the centre of its pixel than this (the widest pixels are those at the poles).
  const near = chord(Math.min(Math.PI, (radius * Math.PI) / 180 + 1.2 / nside))
  const out: number[] = []
  for (let pixel = 0; pixel < 12 * nside * nside; pixel++) {
    const { face, x, y } = placeOf(pixel, nside)
    if (distance(axis, direction(face, (x + 0.5) / nside, (y + 0.5) / nside)) > near) continue
    if (pixel === home || (radius > 0 && edgeDistance(axis, face, x / nside, y / nside, 1 / nside) <= within))
      out.push(pixel)
  }
  return out
}

type Vector = readonly [x: number, y: number, z: number]

/** The least distance, as a chord, from a position to the edge of a pixel. */
function edgeDistance(axis: Vector, face: number, x: number, y: number, size: number): number {
  let least = Number.POSITIVE_INFINITY
  const sides: ((t: number) => Vector)[] = [
    (t) => direction(face, x + t * size, y),
    (t) => direction(face, x + t * size, y + size),
    (t) => direction(face, x, y + t * size),
    (t) => direction(face, x + size, y + t * size),
  ]
  for (const point of sides)
    for (let step = 0; step < SIDE_STEPS; step++) {
      let [low, high] = [step / SIDE_STEPS, (step + 1) / SIDE_STEPS]
      for (let i = 0; i < NARROWINGS; i++) {
        const [third, twoThirds] = [low + (high - low) / 3, high - (high - low) / 3]
        if (distance(axis, point(third)) < distance(axis, point(twoThirds))) high = twoThirds
        else low = third
      }
      least = Math.min(least, distance(axis, point((low + high) / 2)))
    }
  return least
}

/** Unit vector of a place in a base pixel, `x` and `y` from its southern corner in units of its side. */
function direction(face: number, x: number, y: number): Vector {
  const row = ROW[face]! - x - y
  const ring = row < 1 ? row : row > 3 ? 4 - row : 1
  const z = row < 1 ? 1 - (ring * ring) / 3 : row > 3 ? (ring * ring) / 3 - 1 : ((2 - row) * 2) / 3
  const phi = ring < 1e-15 ? 0 : ((Math.PI / 4) * (LONGITUDE[face]! * ring + x - y)) / ring
  const radius = row < 1 || row > 3 ? ring * Math.sqrt((2 - (ring * ring) / 3) / 3) : Math.sqrt(1 - z * z)
  return [radius * Math.cos(phi), radius * Math.sin(phi), z]
}

function distance(a: Vector, b: Vector): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

function chord(angle: number): number {
  return 2 * Math.sin(angle / 2)
}

/** Nested numbers interleave the bits of both coordinates. */
function nested(face: number, x: number, y: number, nside: number): number {
  let out = 0
  for (let bit = nside / 2, weight = nside * nside; bit >= 1; bit /= 2) {
    weight /= 4
    out += weight * (((x & bit) === 0 ? 0 : 1) + ((y & bit) === 0 ? 0 : 2))
  }
  return face * nside * nside + out
}

function placeOf(pixel: number, nside: number): { face: number; x: number; y: number } {
  const perFace = nside * nside
  const face = Math.floor(pixel / perFace)
  let rest = pixel % perFace
  let x = 0
  let y = 0
  for (let bit = 1; bit < nside; bit *= 2) {
    const pair = rest % 4
    x += (pair & 1) * bit
    y += (pair >> 1) * bit
    rest = Math.floor(rest / 4)
  }
  return { face, x, y }
}

function checkNside(nside: number): void {
  if (!Number.isInteger(nside) || nside < 1 || nside > 2 ** 13 || (nside & (nside - 1)) !== 0)
    throw new AstrolabelError('healpix/nside', 'NSIDE is not one of HEALPix', {
      got: nside,
      expected: 'a power of 2 from 1 to 8192',
    })
}
