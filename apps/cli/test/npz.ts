import { writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/** An array for an archive: numbers in C order, or strings. */
export interface NpzArray {
  readonly shape: readonly number[]
  readonly data: Float64Array | readonly string[]
}

/** Write an archive as numpy.savez does, so that what reads it is not tested by what wrote it. */
function writeNpz(path: string, arrays: Readonly<Record<string, NpzArray>>): void {
  const files = Object.entries(arrays).map(([name, array]) => ({ name: Buffer.from(`${name}.npy`), bytes: npy(array) }))
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes } of files) {
    // Local header: version 2.0, stored, CRC and sizes.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, name, bytes])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, tail, name]))
    parts.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  writeFileSync(path, Buffer.concat([...parts, entries, end]))
}

function npy({ shape, data }: NpzArray): Buffer {
  const width = data instanceof Float64Array ? 0 : Math.max(1, ...data.map((text) => text.length))
  const header = `{'descr': '${width === 0 ? '<f8' : `<U${width}`}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11, ' ')
  const length = Buffer.alloc(2)
  length.writeUInt16LE(padded.length + 1)
  const body =
    data instanceof Float64Array
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.concat(
          data.map((text) => Buffer.from(text.padEnd(width, '\0').split('').join('\0\0\0') + '\0\0\0', 'latin1')),
        )
  return Buffer.concat([Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1'), length, Buffer.from(`${padded}\n`), body])
}

/** How a file of simple stars differs from the usual. */
export interface StarsOptions {
  readonly n?: number
  readonly nPix?: number
  /** First wavelength, Å; pixels are 2 Å apart. */
  readonly start?: number
  /** Stars with every pixel bad. */
  readonly bad?: readonly number[]
  /** The same temperature for all. */
  readonly constantTeff?: boolean
}

/** Normalised spectra whose lines deepen with temperature and metallicity, with pseudo-random labels and noise. */
export function writeStars(
  path: string,
  { n = 40, nPix = 60, start = 5000, bad = [], constantTeff = false }: StarsOptions = {},
): void {
  let state = 12345
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647
  const labels = Float64Array.from({ length: 2 * n }, (_, i) =>
    i % 2 === 0 ? 4500 + 1500 * uniform() : -1 + 1.4 * uniform(),
  )
  if (constantTeff) for (let i = 0; i < n; i++) labels[2 * i] = 5000
  const flux = new Float64Array(n * nPix)
  for (let i = 0; i < n; i++) {
    const [t, f] = [(labels[2 * i]! - 5250) / 750, (labels[2 * i + 1]! + 0.3) / 0.7]
    for (let p = 0; p < nPix; p++)
      flux[i * nPix + p] =
        0.8 + 0.05 * Math.sin(p) * t + 0.04 * Math.cos(2 * p) * f + 0.02 * (uniform() + uniform() - 1)
  }
  writeNpz(path, {
    wavelength: { shape: [nPix], data: Float64Array.from({ length: nPix }, (_, p) => start + 2 * p) },
    flux: { shape: [n, nPix], data: flux },
    ivar: {
      shape: [n, nPix],
      data: Float64Array.from({ length: n * nPix }, (_, k) => (bad.includes(Math.floor(k / nPix)) ? 0 : 15000)),
    },
    labels: { shape: [n, 2], data: labels },
    label_names: { shape: [2], data: ['teff', 'fe_h'] },
    star_id: { shape: [n], data: Array.from({ length: n }, (_, i) => `star-${i}`) },
  })
}
