import { shapeSize } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import { Header } from '../header/header.js'
import type { NumberFormat, StoredDtype } from '../number-format.js'
import type { ColumnLayout } from '../read/column-layout.js'
import type { DataLayout } from '../read/data-layout.js'
import { badKeyword, dataLayout } from '../read/data-layout.js'
import type { CompressionAlgorithm, HduBase } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import { imageFormat } from '../read/image-hdu.js'
import { tableLayout } from '../read/table-layout.js'
import type { Quantizer } from './dither.js'
import { imageHeader } from './image-header.js'
import type { RiceBytePix } from './rice.js'

/** A column of descriptors, and the type of what they point at. */
export interface HeapColumn {
  /** Byte offset in the row. */
  readonly offset: number
  /** `P`: 32-bit count and offset; `Q`: 64-bit. */
  readonly wide: boolean
  readonly element: StoredDtype
}

/** A parameter that each tile has, or that all share. */
export interface TileParameter {
  readonly column?: { readonly offset: number; readonly stored: StoredDtype }
  readonly value?: number
}

/** All that the header of a tile-compressed image says. */
export interface CompressedLayout {
  readonly algorithm: CompressionAlgorithm
  readonly header: Header
  readonly bitpix: DataLayout['bitpix']
  readonly format: NumberFormat
  /** Slowest axis first, both; as many axes. */
  readonly shape: readonly number[]
  readonly tileShape: readonly number[]
  /** Tiles along each axis. */
  readonly tiles: readonly number[]
  readonly rowBytes: number
  /** Byte offset in the source, and bytes. */
  readonly heap: { readonly offset: number; readonly size: number }
  readonly compressed: HeapColumn
  readonly gzipped?: HeapColumn
  readonly uncompressed?: HeapColumn
  readonly rice: { readonly blockSize: number; readonly bytePix: RiceBytePix }
  /** HCOMPRESS_1 tiles are to be smoothed. */
  readonly smooth: boolean
  /** Of images of real numbers that were made integers. */
  readonly quantization?: {
    readonly quantizer: Quantizer
    readonly seed: number
    readonly scale: TileParameter
    readonly zero: TileParameter
    readonly blank: TileParameter
  }
}

const ALGORITHMS: Readonly<Record<string, CompressionAlgorithm>> = {
  RICE_1: 'RICE_1',
  RICE_ONE: 'RICE_1',
  GZIP_1: 'GZIP_1',
  GZIP_2: 'GZIP_2',
  PLIO_1: 'PLIO_1',
  HCOMPRESS_1: 'HCOMPRESS_1',
  NOCOMPRESS: 'NOCOMPRESS',
}
const ELEMENTS: Readonly<Record<string, StoredDtype>> = { B: 'u1', I: 'i2', J: 'i4', K: 'i8', E: 'f4', D: 'f8' }
const TAKES_FLOATS: ReadonlySet<CompressionAlgorithm> = new Set(['GZIP_1', 'GZIP_2', 'NOCOMPRESS'])
// The standard has 16 and 32; with more, few bytes could claim any number of pixels.
const MAX_RICE_BLOCK = 1024
const QUANTIZERS = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const

/**
 * The layout of the image in a table of tiles. Fails with `fits/bad-header`, `fits/bad-table` or, where it needs what
 * this version does not have, `fits/unsupported`.
 */
export function compressedLayout(base: HduBase, layout: DataLayout): CompressedLayout {
  const { header } = base
  const label = hduLabel(base)
  const image = imageHeader(header)
  const { bitpix, axes } = dataLayout(image, label)
  const algorithm = ALGORITHMS[header.getString('ZCMPTYPE')?.trim() ?? '']
  if (algorithm === undefined)
    throw badKeyword(label, 'ZCMPTYPE', header, `one of ${Object.keys(ALGORITHMS).join(', ')}`)
  const parameters = namedParameters(header)

  const table = tableLayout(base, layout)
  const broken = table.columns.find((column) => column.unread?.code === 'fits/bad-table')?.unread
  if (broken !== undefined) throw broken
  const find = (name: string): ColumnLayout | undefined =>
    table.columns.find(({ info }) => info.name.trim().toUpperCase() === name)
  const heapColumn = (name: string): HeapColumn | undefined => heapColumnOf(find(name), label)
  const compressed = heapColumn('COMPRESSED_DATA') ?? heapColumn('UNCOMPRESSED_DATA')
  if (compressed === undefined) throw noTiles(label, table.columns)
  const gzipped = heapColumn('GZIP_COMPRESSED_DATA')
  const uncompressed = heapColumn('UNCOMPRESSED_DATA')

  const tileAxes = axes.map((axis, i) => tileAxis(header, label, i + 1, axis))
  const tiles = axes.map((axis, i) => Math.ceil(axis / (tileAxes[i] as number)))
  const needed = axes.length === 0 ? 0 : shapeSize(tiles)
  if (needed > 0 && shapeSize(axes) > 0 && needed !== table.rows) {
    throw new FitsError('fits/bad-header', `${label} has another number of tiles than its image`, {
      got: `${table.rows} rows`,
      expected: `${needed} tiles of ${tileAxes.join(' × ')} pixels`,
      remedy: 'The header is damaged: fetch the file again.',
    })
  }
  const quantization = bitpix < 0 ? quantizationOf(header, label, find) : undefined
  if (bitpix < 0 && quantization === undefined && !TAKES_FLOATS.has(algorithm)) {
    throw badKeyword(
      label,
      'ZBITPIX',
      header,
      `8, 16 or 32 for ${algorithm}, or a ZSCALE that makes its integers floats`,
    )
  }
  return {
    algorithm,
    header: image,
    bitpix,
    format: imageFormat({ header: integerBlank(image, header) }, bitpix),
    shape: axes.toReversed(),
    tileShape: tileAxes.toReversed(),
    tiles: tiles.toReversed(),
    rowBytes: table.rowBytes,
    heap: table.heap,
    compressed,
    ...(gzipped === undefined ? {} : { gzipped }),
    ...(uncompressed === undefined ? {} : { uncompressed }),
    rice: riceParameters(parameters, label),
    smooth: (parameters.get('SMOOTH') ?? 0) !== 0,
    ...(quantization === undefined ? {} : { quantization }),
  }
}

/** ZNAMEn and ZVALn: algorithms name their parameters, in any order. */
function namedParameters(header: Header): Map<string, number> {
  const found = new Map<string, number>()
  for (let n = 1; header.has(`ZNAME${n}`); n++) {
    const name = header.getString(`ZNAME${n}`)?.trim()
    const value = header.getNumber(`ZVAL${n}`)
    if (name !== undefined && value !== undefined && !found.has(name)) found.set(name, value)
  }
  return found
}

function riceParameters(parameters: ReadonlyMap<string, number>, label: string): CompressedLayout['rice'] {
  const blockSize = parameters.get('BLOCKSIZE') ?? 32
  const bytePix = parameters.get('BYTEPIX') ?? 4
  const good = Number.isInteger(blockSize) && blockSize >= 1 && blockSize <= MAX_RICE_BLOCK
  if (good && (bytePix === 1 || bytePix === 2 || bytePix === 4)) return { blockSize, bytePix }
  throw new FitsError('fits/bad-header', `${label} has bad parameters of RICE_1`, {
    got: `BLOCKSIZE ${blockSize}, BYTEPIX ${bytePix}`,
    expected: `BLOCKSIZE 1 to ${MAX_RICE_BLOCK}, BYTEPIX 1, 2 or 4`,
    remedy: 'The header is damaged: fetch the file again.',
  })
}

function tileAxis(header: Header, label: string, n: number, axis: number): number {
  if (!header.has(`ZTILE${n}`)) return n === 1 ? Math.max(1, axis) : 1
  const size = header.getNumber(`ZTILE${n}`)
  if (size === undefined || !Number.isInteger(size) || size < 1) {
    throw badKeyword(label, `ZTILE${n}`, header, 'a whole number, 1 or more')
  }
  return Math.max(1, Math.min(size, axis))
}

function heapColumnOf(column: ColumnLayout | undefined, label: string): HeapColumn | undefined {
  if (column === undefined) return undefined
  const match = /^[01]?([PQ])([A-Z])/.exec(column.info.format.toUpperCase())
  const element = ELEMENTS[match?.[2] ?? '']
  if (element !== undefined) return { offset: column.offset, wide: match?.[1] === 'Q', element }
  throw new FitsError('fits/bad-table', `${label} has a column ${column.info.name} that cannot hold tiles`, {
    got: `TFORM ${column.info.format}`,
    expected: '1PB, 1PI, 1PJ, 1QB and the like',
    remedy: 'The header is damaged: fetch the file again.',
  })
}

function quantizationOf(
  header: Header,
  label: string,
  find: (name: string) => ColumnLayout | undefined,
): CompressedLayout['quantization'] {
  const named = header.getString('ZQUANTIZ')?.trim() ?? 'NO_DITHER'
  const scale = tileParameter(header, label, 'ZSCALE', find)
  // Without a scale, or with ZQUANTIZ = NONE, the tiles hold the real numbers as they are.
  if (named === 'NONE' || scale === undefined) return undefined
  const quantizer = QUANTIZERS.find((known) => known === named)
  if (quantizer === undefined) throw badKeyword(label, 'ZQUANTIZ', header, `one of NONE, ${QUANTIZERS.join(', ')}`)
  const dither = header.getNumber('ZDITHER0') ?? 1
  if (!Number.isInteger(dither) || dither < 1) throw badKeyword(label, 'ZDITHER0', header, '1 to 10000')
  return {
    quantizer,
    seed: dither - 1,
    scale,
    zero: tileParameter(header, label, 'ZZERO', find) ?? { value: 0 },
    blank: tileParameter(header, label, 'ZBLANK', find) ?? {},
  }
}

function tileParameter(
  header: Header,
  label: string,
  name: string,
  find: (name: string) => ColumnLayout | undefined,
): TileParameter | undefined {
  const column = find(name)
  if (column === undefined) {
    const value = header.getNumber(name)
    return value === undefined ? undefined : { value }
  }
  const stored = ELEMENTS[/^1?([BIJKED])$/.exec(column.info.format.toUpperCase())?.[1] ?? '']
  if (stored !== undefined) return { column: { offset: column.offset, stored } }
  throw new FitsError('fits/bad-table', `${label} has a column ${name} that holds no number a tile`, {
    got: `TFORM ${column.info.format}`,
    expected: '1D, 1E or 1J',
    remedy: 'The header is damaged: fetch the file again.',
  })
}

/** Integers mark what is missing with BLANK, or with ZBLANK where only the compressed form has a mark. */
function integerBlank(image: Header, table: Header): Header {
  const blank = table.get('ZBLANK')
  return image.has('BLANK') || blank === undefined ? image : new Header(image).set('BLANK', blank)
}

function noTiles(label: string, columns: readonly ColumnLayout[]): FitsError {
  return new FitsError('fits/bad-table', `${label} has no column COMPRESSED_DATA`, {
    got: columns.map(({ info }) => info.name).join(', '),
    expected: 'COMPRESSED_DATA',
    remedy: 'The header is damaged: fetch the file again.',
  })
}
