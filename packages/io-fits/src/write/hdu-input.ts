import type { ColumnDtype, FitsArray } from '../dtype.js'
import type { HeaderInput } from '../header/header-input.js'

/** Ways to write numbers that are not simply the array's own. */
export interface NumberInput {
  /** One byte a value, 0 = missing: written as NaN in floats, as `null` in integers. */
  readonly valid?: Uint8Array
  /** Store floats as integers of this type: `stored = round((value − zero) / scale)`. NaN counts as missing. */
  readonly stored?: 'u1' | 'i2' | 'i4' | 'i8'
  /** Used with `stored`: 1 by default. */
  readonly scale?: number
  /** Used with `stored`: 0 by default. */
  readonly zero?: number | bigint
}

export interface ImageInput extends NumberInput {
  readonly kind: 'image'
  /** EXTNAME. */
  readonly name?: string
  /** EXTVER. */
  readonly version?: number
  readonly header?: HeaderInput
  /** Slowest axis first; `[data.length]` by default. */
  readonly shape?: readonly number[]
  /** Row-major. Absent: a header without data. */
  readonly data?: FitsArray
  /** BLANK, the stored integer for missing values; chosen when there are missing values and none is given. */
  readonly blank?: number | bigint
  /** Compresses the image by tiles (FITS 4.0, section 10). Integers of up to 32 bits and floats. */
  readonly compress?: ImageCompressionInput
}

/** How to compress an image. Integers, and floats without `quantize`, come back as they were. */
export interface ImageCompressionInput {
  /**
   * RICE_1 is the quickest and takes integers, or floats with `quantize`; GZIP_2 takes all; PLIO_1 is for masks: stored
   * integers from 0 to 2^24 − 1.
   */
  readonly algorithm: 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'PLIO_1'
  /** Pixels of a tile, slowest axis first; a row of the image by default. */
  readonly tileShape?: readonly number[]
  /** Stores floats as integers, in steps of a fraction of each tile's noise: smaller, and not exact. */
  readonly quantize?: {
    /** Steps to a standard deviation of the noise: 4 by default. */
    readonly level?: number
    /** The step itself, in the unit of the data, in place of `level`. */
    readonly step?: number
    /** What is added before rounding, so that means stay true; DITHER_2 keeps zeros exact. Default DITHER_1. */
    readonly dither?: 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2'
    /** ZDITHER0, where the random numbers of the first tile begin: 1 (default) to 10 000. */
    readonly seed?: number
  }
}

/** A column to write. `{ ...column.info, ...column }` of a column that was read is one. */
export interface ColumnInput extends NumberInput {
  readonly name: string
  /** Row-major: `rows × product(shape)` values (or as `offsets` says); complex has two floats a value. */
  readonly values: FitsArray | readonly string[] | readonly boolean[]
  /** Of a cell, slowest axis first; `[]`, a single value, by default. */
  readonly shape?: readonly number[]
  readonly unit?: string
  /** Needed where the array does not tell: `bool`, `bit` (bytes of 0 and 1), `c8`, `c16`; others follow the array. */
  readonly dtype?: ColumnDtype
  /** TNULL, the stored integer for missing values; chosen when there are missing values and none is given. */
  readonly null?: number | bigint
  /** Characters of a string; the longest by default. */
  readonly width?: number
  /**
   * Makes it a column of variable-length arrays: `rows + 1` numbers; row r has the values from `offsets[r]` up to
   * `offsets[r + 1]` (strings: one a row). The first is 0, the last the number of values.
   */
  readonly offsets?: Int32Array | Float64Array
  /** With `offsets`: descriptors of 32 bits (P) or 64 (Q); by default P, and Q where the heap is beyond 2 GiB. */
  readonly variable?: { readonly max?: number | undefined; readonly descriptor?: 'P' | 'Q' }
}

export interface TableInput {
  readonly kind: 'table'
  readonly name?: string
  readonly version?: number
  readonly header?: HeaderInput
  readonly columns: readonly ColumnInput[]
  /** Needed only where no column tells. */
  readonly rows?: number
  /** Compresses the table by tiles (FITS 4.0, section 10.3); `{}` for the defaults. Nothing is lost. */
  readonly compress?: TableCompressionInput
}

/** How to compress a table. */
export interface TableCompressionInput {
  /** Rows of a tile; as many as take about 1 MiB by default. */
  readonly tileRows?: number
  /**
   * By column: RICE_1 for integers of up to 32 bits, GZIP_2 for integers and floats, GZIP_1 for all; by default RICE_1
   * for those of 32 bits, GZIP_2 for other numbers, GZIP_1 for bytes, text, booleans, bits and complex numbers.
   */
  readonly algorithms?: Readonly<Record<string, 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'NOCOMPRESS'>>
}

/** A column of an ASCII table: one number or string a row. */
export interface TextColumnInput {
  readonly name: string
  readonly values: FitsArray | readonly string[]
  readonly unit?: string
  /** One byte a row, 0 = missing: written as `*`, which TNULL says; a missing string is an empty one. NaN is missing. */
  readonly valid?: Uint8Array
  /** TFORM: `Aw`, `Iw`, `Fw.d`, `Ew.d`, `Dw.d`. By default the longest value; E15.8 and D24.16, which lose nothing. */
  readonly format?: string
}

/** A table of text, for programs that read no other: larger, slower and poorer than a binary one. */
export interface AsciiTableInput {
  readonly kind: 'ascii-table'
  readonly name?: string
  readonly version?: number
  readonly header?: HeaderInput
  readonly columns: readonly TextColumnInput[]
  /** Needed only where no column tells. */
  readonly rows?: number
}

export type HduInput = ImageInput | TableInput | AsciiTableInput
