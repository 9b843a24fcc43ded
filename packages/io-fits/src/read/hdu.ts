import type { ColumnDtype, FitsArray, NumberDtype } from '../dtype.js'
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
  /** Byte offset of the data in the (decompressed) source. */
  readonly dataOffset: number
  /** Bytes of data by the header, without padding. */
  readonly dataSize: number
}

export interface ImageReadOptions extends ReadControl {
  /** `[start, end)` along the slowest axis; all by default. */
  readonly rows?: readonly [number, number]
}

export interface ImageHdu extends HduBase {
  readonly type: 'image'
  /** Slowest axis first (NAXISn … NAXIS1); `[]` where there are no data. */
  readonly shape: number[]
  readonly bitpix: number
  /** Of the values `read` gives, after scaling. */
  readonly dtype: NumberDtype
  /**
   * Reads the image, or rows of it, and no other bytes. BSCALE and BZERO are applied: unsigned-by-offset integers stay
   * exact, other scaled ones become f4 (BITPIX 8 and 16) or f8. Fails with `fits/truncated` or `fits/bad-range`.
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
  /** Names, case ignored unless columns differ by case only. By default all but those this version cannot read. */
  readonly columns?: readonly string[]
  /** `[start, end)`; all by default. */
  readonly rows?: readonly [number, number]
}

export interface TableHdu extends HduBase {
  readonly type: 'bintable'
  readonly rows: number
  readonly columns: readonly FitsColumnInfo[]
  /**
   * Reads columns and rows, in row chunks where the columns lie close together, by seeking where they do not.
   * Fails with `fits/no-column`, `fits/truncated`, `fits/bad-range`, `fits/bad-table`, or `fits/unsupported` when a
   * column that was asked for by name has a type this version cannot read.
   */
  read(options?: TableReadOptions): Promise<FitsTable>
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
  /** Set on a column of variable-length arrays: values a row may have, by TFORM. */
  readonly variable?: { readonly max: number | undefined }
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
}

/** An HDU that opens, and whose data this version does not read. */
export interface OtherHdu extends HduBase {
  readonly type: 'compressed-image' | 'compressed-table' | 'ascii-table' | 'random-groups' | 'unknown'
}

export type Hdu = ImageHdu | TableHdu | OtherHdu

/** How messages call an HDU: `HDU 2 (FLUX)`. */
export function hduLabel(hdu: { readonly index: number; readonly name: string }): string {
  return hdu.name === '' ? `HDU ${hdu.index}` : `HDU ${hdu.index} (${hdu.name})`
}
