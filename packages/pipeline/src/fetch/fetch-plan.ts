import type { RunOptions } from '@astrolabel/spectra'
import type { ArchiveFile, ArchiveFolder } from '@astrolabel/surveys'
import type { CatalogRows } from './catalog-rows.js'

/** Where the parts of a plan come from besides the selection itself. */
export interface PlanSources extends RunOptions {
  /** Names of the files in a folder of an archive, by its own address. @throws `fetch/no-folder`. */
  readonly list: (base: string, folder: ArchiveFolder) => Promise<readonly string[]>
  /** A text file of an archive. @throws `fetch/not-found`. */
  readonly text: (base: string, file: ArchiveFile) => Promise<string>
  /** The rows of the catalogue that are selected, by the columns that may say what to fetch. */
  readonly rows: (...identifying: readonly string[]) => Promise<CatalogRows>
  /** What a row makes, or undefined, told at the end, when it names nothing that an archive can have. */
  readonly ofRow: <Made>(make: () => Made) => Made | undefined
}

/** Files of one archive. */
export interface FetchPlan {
  /** The archive's own address. */
  readonly base: string
  readonly files: readonly ArchiveFile[]
}
