import type { ColumnDtype, HduChecksums, NumberDtype } from '@astrolabel/io-fits'
import type { HistoryEntry, LabelInfo } from '@astrolabel/spectra'
import type { ColumnSummary } from './column-summary.js'

/** What is in a file, as plain JSON. */
export type Inspection =
  | FitsInspection
  | SpectraInspection
  | LabelsInspection
  | ModelInspection
  | TableInspection
  | NpzInspection
  | RunInspection
  | YamlInspection

interface FileFacts {
  /** The path as it was given. */
  readonly file: string
  readonly bytes: number
}

/** A FITS file. */
export interface FitsInspection extends FileFacts {
  readonly format: 'fits'
  readonly hdus: readonly HduInspection[]
  readonly warnings: readonly string[]
}

/** One HDU. */
export interface HduInspection {
  readonly index: number
  readonly name: string
  readonly type: string
  /** Slowest axis first; `[rows]` of a table, `[]` where there are no data. */
  readonly shape: readonly number[]
  /** Of an image; null of a table and where there are no data. */
  readonly dtype: NumberDtype | null
  /** How the tiles of an image are packed, or those of a table's columns (`GZIP_1, RICE_1`); null where they are not. */
  readonly compression: string | null
  /** Of a table; null of anything else. */
  readonly rows: number | null
  /** Whether CHECKSUM and DATASUM hold; only where that was asked for, and the HDU is whole. */
  readonly sums?: HduChecksums
  readonly columns: readonly {
    readonly name: string
    readonly format: string
    readonly dtype: ColumnDtype
    readonly shape: readonly number[]
    readonly unit: string | null
  }[]
}

/** Spectra in an Arrow file. */
export interface SpectraInspection extends FileFacts {
  readonly format: 'arrow'
  readonly kind: 'spectra'
  readonly rows: number
  readonly batches: number
  readonly pixels: number
  /** The grid in words. */
  readonly wavelength: string
  readonly segments: readonly {
    readonly name: string
    readonly start: number
    readonly end: number
    readonly wavelength: string
  }[]
  readonly frame: string
  readonly stage: string
  readonly survey: string
  readonly release: string
  readonly noise: string
  readonly flux_unit: string | null
  readonly seed: number | null
  readonly version: string
  readonly history: readonly HistoryEntry[]
  /** Part of the pixels with ivar > 0. */
  readonly good_pixels: number
  /** Columns that are labels. */
  readonly labels: readonly string[]
  readonly columns: readonly ColumnSummary[]
}

/** Labels in an Arrow file. */
export interface LabelsInspection extends FileFacts {
  readonly format: 'arrow'
  readonly kind: 'labels'
  readonly rows: number
  readonly batches: number
  readonly labels: readonly LabelInfo[]
  /** Stars with each flag. */
  readonly flags: Readonly<Record<string, number>>
  readonly columns: readonly ColumnSummary[]
}

/** A model in an Arrow file. */
export interface ModelInspection extends FileFacts {
  readonly format: 'arrow'
  readonly kind: 'model'
  readonly model: string
  readonly format_version: number
  readonly labels: readonly LabelInfo[]
  /** The grid in words; null when the model says none. */
  readonly wavelength: string | null
  readonly order: number | null
  readonly survey: string | null
  readonly preprocessing: readonly HistoryEntry[]
  readonly training: Readonly<Record<string, unknown>>
  readonly arrays: readonly { readonly name: string; readonly shape: readonly number[] }[]
  /** What the model does, in words for each label, where it can be read. */
  readonly text?: readonly string[]
}

/** Any other table. */
export interface TableInspection extends FileFacts {
  readonly format: 'arrow' | 'parquet' | 'csv' | 'votable' | 'hdf5'
  readonly kind: 'table'
  readonly rows: number
  /** Record batches or row groups; null of text. */
  readonly batches: number | null
  readonly columns: readonly ColumnSummary[]
}

/** An archive of numpy. */
export interface NpzInspection extends FileFacts {
  readonly format: 'npz'
  readonly kind: 'spectra' | 'arrays'
  readonly arrays: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[]
}

/** The folder of a run. */
export interface RunInspection {
  readonly format: 'run'
  readonly file: string
  readonly astrolabel: string
  readonly recipe: unknown
  readonly stages: readonly {
    readonly name: string
    readonly seconds: number
    readonly finished: string
    readonly text: string
    readonly outputs: readonly string[]
  }[]
}

/** A YAML file. */
export interface YamlInspection extends FileFacts {
  readonly format: 'yaml'
  readonly kind: 'recipe' | 'yaml'
  readonly keys: readonly string[]
  readonly text: string
}
