import { AstrolabelError } from '@astrolabel/spectra'
import { reorderFortran } from './fortran-order.js'

/** Values of an array of numpy: the typed array of its type, float16 widened to float32, or strings. */
export type NpyData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[]

/** An n-dimensional array, slowest axis first; shape [] is a single value. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: NpyData
  /** True when a Uint8Array holds truth values. */
  readonly boolean?: boolean
}

/** What the header of a .npy file says. */
export interface NpyHeader {
  /** numpy's name of the type: `<f4`, `|b1`, `<U9`. */
  readonly dtype: string
  readonly shape: readonly number[]
  readonly fortranOrder: boolean
  /** Bytes of one value. */
  readonly itemSize: number
  /** Where the values begin. */
  readonly dataOffset: number
}

const MAGIC = '\x93NUMPY'

/** Enough of the beginning of a .npy file to hold the header of any array that is not structured. */
export const NPY_HEADER_BYTES = 1024

const TYPED: Record<string, new (buffer: ArrayBuffer) => Exclude<NpyData, readonly string[]>> = {
  f8: Float64Array,
  f4: Float32Array,
  i8: BigInt64Array,
  i4: Int32Array,
  i2: Int16Array,
  i1: Int8Array,
  u8: BigUint64Array,
  u4: Uint32Array,
  u2: Uint16Array,
  u1: Uint8Array,
  b1: Uint8Array,
}

/**
 * The header of a .npy file of any version.
 *
 * @param bytes The file, or its first {@link NPY_HEADER_BYTES} bytes.
 * @throws `npz/not-npy` when it is none, `npz/unsupported` for structured, complex and object arrays.
 */
export function npyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 12 || latin1(bytes.subarray(0, 6)) !== MAGIC) {
    throw new AstrolabelError('npz/not-npy', 'Not an array of numpy', {
      got: `${bytes.length} bytes without its magic`,
      expected: 'a .npy file',
      remedy: 'Write it with numpy.save or numpy.savez',
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = bytes[6] === 1 ? 10 : 12
  const dataOffset = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true))
  const text = latin1(bytes.subarray(start, dataOffset))
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1]
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1]
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1]
  if (descr === undefined || shape === undefined || fortran === undefined) {
    throw new AstrolabelError('npz/unsupported', 'Cannot read this kind of array of numpy', {
      got: text.trim().slice(0, 120),
      expected: 'numbers, truth values or strings',
      remedy: 'Save each field of a structured array as an array of its own',
    })
  }
  const [, kind = '', size = ''] = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(descr) ?? []
  const itemSize = kind === 'U' ? 4 * Number(size) : Number(size)
  if (TYPED[kind + size] === undefined && kind !== 'U' && kind !== 'S' && kind + size !== 'f2') {
    throw new AstrolabelError('npz/unsupported', 'Cannot read this type of numpy', {
      got: descr,
      expected: 'floats, integers, truth values or strings',
      remedy: 'Convert the array with astype(float) or astype(str) before saving it',
    })
  }
  return {
    dtype: descr,
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
    fortranOrder: fortran === 'True',
    itemSize,
    dataOffset,
  }
}

/**
 * Read a .npy file.
 *
 * Arrays in Fortran's order are turned to C's, big-endian ones to the machine's.
 *
 * @throws what {@link npyHeader} throws, and `npz/truncated` when values are missing.
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const header = npyHeader(bytes)
  return decodeNpyValues(bytes.subarray(header.dataOffset), header, header.shape)
}

/** Values that begin at `bytes` as an array of `shape`, which may hold fewer rows than the header's. */
export function decodeNpyValues(bytes: Uint8Array, header: NpyHeader, shape: readonly number[]): NpyArray {
  const count = shape.reduce((product, length) => product * length, 1)
  const size = count * header.itemSize
  if (bytes.length < size)
    throw new AstrolabelError('npz/truncated', 'The array ends too early', {
      got: `${bytes.length} bytes`,
      expected: `${size} for shape (${shape.join(', ')}) of ${header.dtype}`,
      remedy: 'Copy or save the file again',
    })
  const [, order = '', kind = '', width = ''] = /^([<>|=]?)([a-zA-Z])(\d+)$/.exec(header.dtype)!
  // A copy, because typed arrays need alignment and the caller's bytes must stay as they are.
  const own = bytes.slice(0, size)
  if (order === '>') swapBytes(own, kind === 'U' ? 4 : header.itemSize)
  const values: NpyData =
    kind === 'U'
      ? unicode(own, count, Number(width))
      : kind === 'S'
        ? byteStrings(own, count, header.itemSize)
        : kind === 'f' && width === '2'
          ? halfFloats(own)
          : new TYPED[kind + width]!(own.buffer)
  const data = header.fortranOrder && shape.length > 1 ? reorderFortran(values, shape) : values
  return kind === 'b' ? { shape, data, boolean: true } : { shape, data }
}

/** Write a .npy file (version 1.0, little-endian, C order). */
export function encodeNpy(array: NpyArray): Uint8Array {
  const { shape, data } = array
  const values = isStrings(data)
    ? encodeUnicode(data)
    : {
        descr: typeName(data, array.boolean === true),
        bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${values.descr}', 'fortran_order': False, 'shape': (${tuple}), }`
  // numpy aligns the values to 64 bytes and ends the header with a newline.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const out = new Uint8Array(10 + length + values.bytes.length)
  out.set(Uint8Array.from(MAGIC + '\x01\x00', (c) => c.charCodeAt(0)))
  new DataView(out.buffer).setUint16(8, length, true)
  out.set(
    Uint8Array.from(text.padEnd(length - 1) + '\n', (c) => c.charCodeAt(0)),
    10,
  )
  out.set(values.bytes, 10 + length)
  return out
}

/** True for arrays of strings. */
export function isStrings(data: NpyData): data is readonly string[] {
  return Array.isArray(data)
}

function typeName(data: Exclude<NpyData, readonly string[]>, boolean: boolean): string {
  if (boolean) return '|b1'
  const code = Object.keys(TYPED).find((key) => key !== 'b1' && data instanceof TYPED[key]!)!
  return (code.endsWith('1') ? '|' : '<') + code
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let i = 0; i + size <= bytes.length; i += size) bytes.subarray(i, i + size).reverse()
}

function unicode(bytes: Uint8Array, count: number, width: number): string[] {
  const codes = new Uint32Array(bytes.buffer, 0, count * width)
  const out: string[] = []
  for (let i = 0; i < count; i++) {
    let text = ''
    for (let j = 0; j < width; j++) text += String.fromCodePoint(codes[i * width + j]!)
    out.push(text.replace(/\0+$/, ''))
  }
  return out
}

function byteStrings(bytes: Uint8Array, count: number, width: number): string[] {
  const decoder = new TextDecoder()
  return Array.from({ length: count }, (_, i) =>
    decoder.decode(bytes.subarray(i * width, (i + 1) * width)).replace(/\0+$/, ''),
  )
}

function halfFloats(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Uint16Array(bytes.buffer), (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 0x1f
    const fraction = half & 0x3ff
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

function encodeUnicode(strings: readonly string[]): { descr: string; bytes: Uint8Array } {
  let width = 1
  for (const text of strings) width = Math.max(width, Array.from(text).length)
  const out = new Uint32Array(strings.length * width)
  strings.forEach((text, i) =>
    out.set(
      Array.from(text, (c) => c.codePointAt(0)!),
      i * width,
    ),
  )
  return { descr: `<U${width}`, bytes: new Uint8Array(out.buffer) }
}

function latin1(bytes: Uint8Array): string {
  // One at a time: the header of a structured array can be longer than a call may have arguments.
  return Array.from(bytes, (code) => String.fromCharCode(code)).join('')
}
