import { readIpcSchema } from '@astrolabel/spectra/node'
import { resolve } from 'node:path'
import type { MatchSummary } from '../catalogs/match-catalog.js'
import type { FileFailure } from './file-failure.js'
import type { SourceFile } from './source-file.js'

/** A file that went into an output. */
export interface LedgerFile extends Omit<SourceFile, 'path'> {
  /** Stars it gave. */
  readonly stars: number
  /** Why it gave no more. */
  readonly failure?: FileFailure
}

/** What an output says of how it came to be: enough to know later what of it still holds. */
export interface Ledger {
  /** Digest of everything besides the files that decides what is read of them. */
  readonly key: string
  /** The folder that names of files are relative to. */
  readonly folder: string
  readonly stars: number
  readonly match?: MatchSummary | undefined
  readonly files: readonly LedgerFile[]
}

/** Key of the schema's metadata under which an output keeps its ledger, in the footer. */
const KEY = 'astrolabel:ingest'

const FORMAT = 1

/** The metadata that keeps a ledger. */
export function ledgerMetadata(ledger: Ledger): ReadonlyMap<string, string> {
  return new Map([[KEY, JSON.stringify({ format: FORMAT, ...ledger })]])
}

/** The ledger of an output; undefined when there is none, whatever else may be there. */
export async function readLedger(path: string): Promise<Ledger | undefined> {
  try {
    const text = (await readIpcSchema(path)).metadata.get(KEY)
    const ledger = text === undefined ? undefined : (JSON.parse(text) as Ledger & { format: number })
    return ledger?.format === FORMAT ? ledger : undefined
  } catch {
    return undefined
  }
}

/** The path of a file of a ledger. */
export function ledgerPath(folder: string, { name }: Pick<LedgerFile, 'name'>): string {
  return resolve(folder, name)
}

/** True when a file is what it was, and reading it again would give nothing else: one that gave nothing may do better. */
export function holds(entry: LedgerFile, file: SourceFile): boolean {
  return isSameFile(entry, file) && (entry.failure === undefined || entry.stars > 0)
}

/** True when size and time are as they were. */
export function isSameFile(entry: LedgerFile, { bytes, modified }: SourceFile): boolean {
  return entry.bytes === bytes && entry.modified === modified
}
