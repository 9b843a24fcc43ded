import type { HduChecksums } from '../checksum/verify-hdu.js'
import type { ColumnDtype, FitsArray, NumberDtype } from '../dtype.js'
import type { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import type { FitsTable } from './fits-table.js'

/** Progress and stopping, for reads of long HDUs. */
export interface ReadControl {
  readonly signal?: AbortSignal
  /** Called with bytes read and bytes to read. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface HduBase {
  /** Place in the file, 0 is the primary HDU. */
  readonly index: number
  /** EXTNAME as written; `PRIMARY` for a primary HDU without one, otherwise empty. */
  readonly name: string
  /** EXTVER, 1 where there is none. */
  readonly version: number
  readonly header: Header
  /** Byte offset of the header in the (decompressed) source. */
  readonly headerOffset: number
  /** Byte offset of the data in the (decompressed) source. */
  readonly dataOffset: number
  /** Bytes of data by the header, without padding. */
  readonly dataSize: number
  /**
   * Adds up the HDU's bytes and compares them with CHECKSUM and DATASUM, where it has them. Memory: two chunks of 1 MiB.
   * Fails with `fits/truncated` where data are missing.
   */
  readonly verify: (control?: ReadControl) => Promise<HduChecksums>
}

export interface ImageReadOptions extends ReadControl {
  /** `[start, end)` along the slowest axis; all by default. */
  readonly rows?: readonly [number, number]
  /** Most bytes of memory that a compressed image may take; 64 MiB or 1032 times its compressed bytes by default. */
  readonly maxBytes?: number
}

/** How the tiles of an image are compressed (FITS 4.0, section 10). */
export type CompressionAlgorithm = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'PLIO_1' | 'HCOMPRESS_1' | 'NOCOMPRESS'

/** How an image lies in a binary table of compressed tiles. */
export interface ImageCompression {
  readonly algorithm: CompressionAlgorithm
  /** Pixels of a tile, slowest axis first. */
  readonly tileShape: number[]
  /** The header as stored, of the table; `header` of the HDU is that of the image. */
  readonly tableHeader: Header
}

/** An image, also one that is stored compressed by tiles: then with `compression`. */
export interface ImageHdu extends HduBase {
  readonly type: 'image'
  /** Slowest axis first (NAXISn … NAXIS1); `[]` where there are no data. */
  readonly shape: number[]
  readonly bitpix: number
  /** Of the values `read` gives, after scaling. */
  readonly dtype: NumberDtype
  readonly compression?: ImageCompression
  /**
   * Reads the image, or rows of it, and no other bytes (of a compressed image the tiles that hold them). BSCALE and BZERO are applied: unsigned-by-offset integers stay
   * exact, other scaled ones become f4 (BITPIX 8 and 16) or f8. Fails with `fits/truncated`, `fits/bad-range` or, naming
   * the tile, `fits/bad-tile`.
   */
  read(options?: ImageReadOptions): Promise<FitsImage>
}

export interface FitsImage {
  /** Slowest axis first. */
  readonly shape: number[]
  readonly dtype: NumberDtype
  /** Row-major: the last axis of `shape` varies fastest. Where `valid` is 0 a float is NaN, an integer is BLANK. */
  readonly data: FitsArray
  /** One byte a value, 0 where BLANK marks it missing; absent where nothing is. NaN is a value, not marked here. */
  readonly valid?: Uint8Array
}

export interface TableReadOptions extends ReadControl {
  /** Names, case ignored unless columns differ by case only. All by default. */
  readonly columns?: readonly string[]
  /** `[start, end)`; all by default. */
  readonly rows?: readonly [number, number]
  /**
   * How strings come: as an array of strings (`text`, default; made when `values` is first asked for), or as one array
   * of UTF-8 with `stringOffsets`, which for a million rows takes a fraction of the time and memory.
   */
  readonly strings?: 'text' | 'utf8'
  /** Most bytes of memory that a compressed table may take; 64 MiB or 1032 times its compressed bytes by default. */
  readonly maxBytes?: number
}

/** How each column of a table of tiles is compressed (FITS 4.0, section 10.3). */
export type TableCompressionAlgorithm = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'NOCOMPRESS'

/** How a table lies in a binary table of compressed tiles. */
export interface TableCompression {
  /** Column by column. */
  readonly algorithms: readonly TableCompressionAlgorithm[]
  /** Rows of a tile. */
  readonly tileRows: number
  /** The header as stored, of the table of tiles; `header` of the HDU is that of the table it holds. */
  readonly tableHeader: Header
}

/** A binary table, also one that is stored compressed by tiles: then with `compression`; an ASCII table; or random groups, a row a group: its parameters by PTYPE, and its array as `DATA`. */
export interface TableHdu extends HduBase {
  readonly type: 'bintable' | 'ascii-table' | 'random-groups'
  readonly rows: number
  readonly columns: readonly FitsColumnInfo[]
  readonly compression?: TableCompression
  /**
   * Reads columns and rows, in row chunks where the columns lie close together, by seeking where they do not.
   * Variable-length arrays come with `offsets`; only the heap bytes of the columns and rows asked for are read.
   * Fails with `fits/no-column`, `fits/truncated`, `fits/bad-range` or `fits/bad-table`, naming column and row where one
   * of them is at fault. Progress counts the rows first, then each column's part of the heap.
   */
  read(options?: TableReadOptions): Promise<FitsTable>
}

export interface VariableInfo {
  /** Values a row may have, by TFORM. */
  readonly max: number | undefined
  /** 32-bit (P) or 64-bit descriptors. */
  readonly descriptor: 'P' | 'Q'
  /**
   * TDIM, slowest axis first: the array that the first values of a row make. A row with fewer values than that, none
   * above all, has no such shape (FITS 4.0, 7.3.2). Not of strings.
   */
  readonly shape?: number[]
}

export interface FitsColumnInfo {
  /** TTYPE; `COLn` where there is none, with `_2`, `_3` … appended where an earlier column has it. */
  readonly name: string
  /** TFORM as written. */
  readonly format: string
  /** Of the values read, after scaling. */
  readonly dtype: ColumnDtype
  /** Of one cell, slowest axis first; `[]` for a single value. The characters of a string are not an axis. */
  readonly shape: number[]
  readonly unit?: string
  /** TNULL: the stored integer that means "no value". */
  readonly null?: number | bigint
  /** TSCAL and TZERO, where the header has them. */
  readonly scale?: number
  readonly zero?: number | bigint
  /** Set on a column of variable-length arrays. */
  readonly variable?: VariableInfo
}

export interface FitsColumn {
  readonly info: FitsColumnInfo
  /**
   * Row-major (row, then cell): `rows × product(shape)` values. Strings without trailing blanks; `bool` and `bit` are
   * bytes of 0 or 1; complex has two floats a value. Where `valid` is 0 a float is NaN, an integer is TNULL, a bool 0.
   */
  readonly values: FitsArray | string[]
  /** One byte a value, 0 where it is missing; absent where nothing is. NaN is a value, not marked here. */
  readonly valid?: Uint8Array
  /**
   * Of a column of variable-length arrays: `rows + 1` numbers; row r has the values from `offsets[r]` up to
   * `offsets[r + 1]`. A row of characters is one string.
   */
  readonly offsets?: Int32Array | Float64Array
  /**
   * Of strings read with `strings: 'utf8'`: one number more than there are strings; string i has the bytes of `values`
   * from `stringOffsets[i]` up to `stringOffsets[i + 1]`.
   */
  readonly stringOffsets?: Int32Array
}

/** A column of variable-length arrays. */
export interface FitsVariableColumn extends FitsColumn {
  readonly offsets: Int32Array | Float64Array
}

/** An HDU that opens, and whose data this version does not read. */
export interface OtherHdu extends HduBase {
  readonly type: 'compressed-image' | 'compressed-table' | 'unknown'
  /** Why the data are not read, where the header is at fault. */
  readonly unread?: FitsError
}

export type Hdu = ImageHdu | TableHdu | OtherHdu

/** Whether an HDU reads as a table: binary, ASCII, or random groups. */
export function isTableHdu(hdu: Hdu): hdu is TableHdu {
  return hdu.type === 'bintable' || hdu.type === 'ascii-table' || hdu.type === 'random-groups'
}

/** How messages call an HDU: `HDU 2 (FLUX)`. */
export function hduLabel(hdu: { readonly index: number; readonly name: string }): string {
  return hdu.name === '' ? `HDU ${hdu.index}` : `HDU ${hdu.index} (${hdu.name})`
}
