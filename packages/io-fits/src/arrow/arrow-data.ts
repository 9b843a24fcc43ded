import type { Data, Field } from 'apache-arrow'
import { Float32, Float64, Utf8, makeData } from 'apache-arrow'
import { shapeSize } from '../dtype.js'
import { FitsError } from '../fits-error.js'
import type { FitsColumn } from '../read/hdu.js'
import { cellForm, itemType } from './arrow-type.js'

/**
 * The rows of a column in Arrow's layout, the numbers, strings (read as `utf8`) and offsets on the very memory that
 * they were read into; truth values and what is missing are packed into bits.
 */
export function arrowData(field: Field, column: FitsColumn, rows: number): Data {
  const { info, valid } = column
  switch (cellForm(info)) {
    case 'scalar':
      return itemData(column, rows, valid)
    case 'vector': {
      const child = itemData(column, rows * shapeSize(info.shape), valid)
      return makeData({ type: field.type, length: rows, nullCount: 0, child } as never)
    }
    case 'variable': {
      const { offsets } = column
      if (!(offsets instanceof Int32Array)) throw tooLong(info.name)
      const child = itemData(column, offsets[rows] as number, valid)
      return makeData({ type: field.type, length: rows, nullCount: 0, valueOffsets: offsets, child } as never)
    }
  }
}

function itemData({ info, values, stringOffsets }: FitsColumn, length: number, valid: Uint8Array | undefined): Data {
  const nulls = nullsOf(valid)
  const { dtype } = info
  if (dtype === 'str') {
    const strings = { valueOffsets: stringOffsets as Int32Array, data: values as Uint8Array }
    return makeData({ type: new Utf8(), length, ...strings, ...nulls })
  }
  if (dtype === 'bool' || dtype === 'bit') {
    return makeData({ type: itemType(dtype), length, data: packBits(values as Uint8Array), ...nulls } as never)
  }
  if (dtype === 'c8' || dtype === 'c16') {
    const part = dtype === 'c8' ? new Float32() : new Float64()
    const child = makeData({ type: part, length: 2 * length, nullCount: 0, data: values } as never)
    return makeData({ type: itemType(dtype), length, child, nullCount: 0 } as never)
  }
  return makeData({ type: itemType(dtype), length, data: values, ...nulls } as never)
}

function nullsOf(valid: Uint8Array | undefined): { nullBitmap?: Uint8Array; nullCount: number } {
  if (valid === undefined) return { nullCount: 0 }
  let nullCount = 0
  for (const v of valid) if (v === 0) nullCount++
  return { nullBitmap: packBits(valid), nullCount }
}

/** Bits in Arrow's order, least significant first, padded to whole 64-bit words. */
function packBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 64) * 8)
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
  return bits
}

function tooLong(name: string): FitsError {
  return new FitsError('fits/bad-range', `arrays of column ${name} are too long for a batch`, {
    got: '2^31 values or more',
    expected: 'fewer',
    remedy: 'Ask for fewer rows a batch (option batchRows).',
  })
}
