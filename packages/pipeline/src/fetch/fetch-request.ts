import type { RunOptions } from '@astrolabel/spectra'

/** Digest algorithms of the lists that archives keep. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256'

/** A file to download. */
export interface FetchRequest {
  readonly url: string
  /** Where it goes below the output folder, parts separated by `/`. */
  readonly target: string
  /** Where the digests of the files of its folder are said to be. */
  readonly checksums?: { readonly url: string; readonly algorithm: DigestAlgorithm } | undefined
  /** True when the server need not have it: `absent` is then no failure. */
  readonly optional?: boolean | undefined
  /** What to download when the server does not have it. */
  readonly otherwise?: FetchRequest | undefined
}

/** How to download. Times are in milliseconds. */
export interface FetchOptions extends RunOptions {
  /** Downloads from one host side by side; 4. */
  readonly parallel?: number | undefined
  /** Times in a row that a file is tried without getting further; 5. */
  readonly attempts?: number | undefined
  /** Longest wait for an answer to begin; 30 000. */
  readonly connectTimeout?: number | undefined
  /** Longest silence within an answer; 60 000. */
  readonly stallTimeout?: number | undefined
  /** First wait before a file is tried again, doubled each time up to a minute; 1000. */
  readonly backoff?: number | undefined
  /** Longest wait that a server may ask for by Retry-After; 300 000. */
  readonly maxWait?: number | undefined
  /** Compare files with the digests that the archive gives; true. */
  readonly checksums?: boolean | undefined
  /** Called when a file is done with, whatever came of it. */
  readonly onFile?: ((file: FetchedFile) => void) | undefined
  /** Called with bytes and rate as text, whenever `onProgress` is. */
  readonly onDetail?: ((text: string) => void) | undefined
  /** Called with what is doubtful and concerns more than one file. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** Options with their defaults filled in. */
export interface FetchSettings {
  readonly parallel: number
  readonly attempts: number
  readonly connectTimeout: number
  readonly stallTimeout: number
  readonly backoff: number
  readonly maxWait: number
  readonly checksums: boolean
}

/** What came of one file. */
export interface FetchedFile {
  readonly url: string
  /** Path of the file, below the output folder. */
  readonly target: string
  /** `present`: it was there and whole. `absent`: an optional file that the server does not have. */
  readonly status: 'downloaded' | 'present' | 'absent' | 'failed'
  /** Bytes that were transferred for it. */
  readonly bytes: number
  readonly attempts: number
  /** What it was compared with, the strongest there was. */
  readonly verified: DigestAlgorithm | 'length' | 'nothing'
  /** Something doubtful about a file that was taken. */
  readonly warning?: string
  readonly error?: { readonly code: string; readonly message: string }
}

/** What came of all files. */
export interface FetchSummary {
  readonly files: number
  readonly downloaded: number
  readonly present: number
  readonly absent: number
  readonly failed: number
  /** Bytes transferred. */
  readonly bytes: number
  readonly seconds: number
  /** Those that failed, and why. */
  readonly failures: readonly FetchedFile[]
  /** Optional ones that the server does not have. */
  readonly missing: readonly FetchedFile[]
}

/** Fill in the defaults. */
export function fetchSettings(options: FetchOptions): FetchSettings {
  return {
    parallel: options.parallel ?? 4,
    attempts: options.attempts ?? 5,
    connectTimeout: options.connectTimeout ?? 30_000,
    stallTimeout: options.stallTimeout ?? 60_000,
    backoff: options.backoff ?? 1000,
    maxWait: options.maxWait ?? 300_000,
    checksums: options.checksums ?? true,
  }
}
