import type { FitsArray } from '../dtype.js'
import { DTYPE_BYTES, makeArray } from '../dtype.js'
import type { NumberFormat } from '../number-format.js'
import { numberFormat } from '../number-format.js'
import type { ByteSource } from '../source/byte-source.js'
import { requireBytes, rowRange } from './check-bytes.js'
import { readChunks } from './read-chunks.js'
import type { DataLayout } from './data-layout.js'
import { STORED_BY_BITPIX } from './data-layout.js'
import type { FitsImage, HduBase, ImageHdu, ImageReadOptions } from './hdu.js'
import { hduLabel } from './hdu.js'
import { NumberDecoder } from './number-decoder.js'

const CHUNK_BYTES = 1024 * 1024

/** An image HDU over a source. */
export function imageHdu(base: HduBase, layout: DataLayout, source: ByteSource): ImageHdu {
  const format = imageFormat(base, layout.bitpix)
  const shape = [...layout.axes].reverse()
  // Written out: spreading the base cost as much as all else here, and a file may have ten images and be small.
  const { index, name, version, header, headerOffset, dataOffset, dataSize, verify } = base
  return {
    index,
    name,
    version,
    header,
    headerOffset,
    dataOffset,
    dataSize,
    verify,
    type: 'image',
    shape,
    bitpix: layout.bitpix,
    dtype: format.dtype,
    read: (options = {}) => readImage(source, base, shape, format, options),
  }
}

/** How the numbers of an image become those meant, by BSCALE, BZERO and BLANK. */
export function imageFormat({ header }: Pick<HduBase, 'header'>, bitpix: DataLayout['bitpix']): NumberFormat {
  const blank = header.get('BLANK')
  return numberFormat(
    STORED_BY_BITPIX[bitpix],
    header.getNumber('BSCALE') ?? 1,
    header.getNumber('BZERO') ?? 0,
    typeof blank === 'number' || typeof blank === 'bigint' ? blank : undefined,
    bitpix === 32 || bitpix === 64 || bitpix === -64 ? 'f8' : 'f4',
  )
}

async function readImage(
  source: ByteSource,
  base: HduBase,
  shape: readonly number[],
  format: NumberFormat,
  options: ImageReadOptions,
): Promise<FitsImage> {
  const label = hduLabel(base)
  const [start, end] = rowRange(options.rows, shape[0] ?? 0, label)
  const outShape = shape.length === 0 ? [] : [end - start, ...shape.slice(1)]
  const perRow = shape.length === 0 ? 0 : shape.slice(1).reduce((product, axis) => product * axis, 1)
  const length = (end - start) * perRow
  const itemBytes = DTYPE_BYTES[format.stored]
  const from = base.dataOffset + start * perRow * itemBytes
  requireBytes(source.size, label, from, length * itemBytes)
  if (length === 0) return { shape: outShape, dtype: format.dtype, data: makeArray(format.dtype, 0) }

  const decoder = new NumberDecoder(format, length)
  const { buffer, byteOffset, byteLength } = decoder.values
  // Values as wide as they are stored are read into their place and turned round there.
  const into = format.scaled === undefined ? { into: new Uint8Array(buffer, byteOffset, byteLength) } : {}
  const span = { offset: from, length: length * itemBytes, step: CHUNK_BYTES, label, ...into }
  await readChunks(source, span, options, (view, at) => {
    const count = view.byteLength / itemBytes
    decoder.push(view, { offset: 0, stride: view.byteLength, cells: 1, count }, at / itemBytes)
  })
  return imageOf(outShape, format, decoder.values, decoder.valid)
}

function imageOf(shape: number[], format: NumberFormat, data: FitsArray, valid: Uint8Array | undefined): FitsImage {
  return valid === undefined ? { shape, dtype: format.dtype, data } : { shape, dtype: format.dtype, data, valid }
}
