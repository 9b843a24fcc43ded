import type { ByteSource } from '@astrolabel/io-fits'
import type { RunOptions } from '@astrolabel/spectra'

/** Something about the input that a reader got over; the run goes on. */
export interface IngestWarning {
  /** Stable, such as `surveys/file-failed`. */
  readonly code: string
  /** The file it is about. */
  readonly source: string
  /** What several files have in common begins with `n of m`, and then with the same words, so that it can be added up. */
  readonly message: string
}

/** Options of every reader. */
export interface ReadOptions extends RunOptions {
  /** Called for everything that was got over: a bad row, an unreadable file, dropped sky fibres. */
  readonly onWarning?: ((warning: IngestWarning) => void) | undefined
  /** Stars in a batch, from 1 to 1024, which is also the default where a reader does not say otherwise. */
  readonly batchRows?: number | undefined
  /** Of how many files these are some, when a survey is read file by file; as many as are given when absent. */
  readonly files?: number | undefined
}

/** A file of any origin: on disk, dropped on a page, in memory. */
export interface FileSource {
  /** As messages call it; star names are taken from its last part. */
  readonly name: string
  open(): Promise<ByteSource>
}
