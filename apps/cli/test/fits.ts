import { writeFileSync } from 'node:fs'

const BLOCK = 2880

/** One HDU of an image, written by the standard and by nothing of ours. */
function image(
  cards: readonly (readonly [key: string, value: string])[],
  bitpix: number,
  shape: readonly number[],
  data: Buffer,
  first: boolean,
): Buffer {
  const all = [
    first ? ['SIMPLE', 'T'] : ['XTENSION', "'IMAGE   '"],
    ['BITPIX', String(bitpix)],
    ['NAXIS', String(shape.length)],
    ...shape.map((length, i) => [`NAXIS${i + 1}`, String(length)]),
    ...(first
      ? []
      : [
          ['PCOUNT', '0'],
          ['GCOUNT', '1'],
        ]),
    ...cards,
  ]
  const lines = all.map(([key, value]) =>
    `${key!.padEnd(8)}= ${value!.startsWith("'") ? value : value!.padStart(20)}`.padEnd(80),
  )
  const header = [...lines, 'END'.padEnd(80)].join('')
  return Buffer.concat([padded(Buffer.from(header, 'latin1'), ' '), padded(data, '\0')])
}

function padded(bytes: Buffer, fill: string): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK, fill, 'latin1')])
}

/** What differs between the stars of a test. */
export interface ApStarOptions {
  readonly id: string
  readonly nPix?: number
  readonly start?: number
  readonly flux?: number
  readonly ra?: number
  readonly dec?: number
}

/** An apStar file of one visit. */
export function apStarBytes({
  id,
  nPix = 8,
  start = 4.179,
  flux = 100,
  ra = 10.5,
  dec = -5.25,
}: ApStarOptions): Buffer {
  const grid = [
    ['CRVAL1', String(start)],
    ['CDELT1', '6e-6'],
    ['CRPIX1', '1'],
  ] as const
  const floats = (of: (i: number) => number): Buffer => {
    const out = Buffer.alloc(4 * nPix)
    for (let i = 0; i < nPix; i++) out.writeFloatBE(of(i), 4 * i)
    return out
  }
  const header = [
    ['OBJID', `'${id}'`],
    ['RA', String(ra)],
    ['DEC', String(dec)],
    ['NVISITS', '1'],
    ['VHELIO', '12.5'],
    ['TELESCOP', "'apo25m'"],
  ] as const
  return Buffer.concat([
    image(header, 8, [], Buffer.alloc(0), true),
    image(
      grid,
      -32,
      [nPix],
      floats((i) => flux + i),
      false,
    ),
    image(
      grid,
      -32,
      [nPix],
      floats(() => 2),
      false,
    ),
    image(grid, 16, [nPix], Buffer.alloc(2 * nPix), false),
  ])
}

/** Write an apStar file. */
export function writeApStar(path: string, options: ApStarOptions): void {
  writeFileSync(path, apStarBytes(options))
}
