import type { Spectra } from '@astrolabel/spectra'
import { spectraParts, spectraToRecordBatch } from '@astrolabel/spectra'
import { IpcFileWriter } from '@astrolabel/spectra/node'
import { appendFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import type { LedgerFile } from './ledger.js'

/** First line of a journal: whose it is, and what it is a journal of. */
export interface JournalHead {
  readonly key: string
  readonly folder: string
  readonly host: string
  readonly pid: number
}

/** Any other line: how many batches are whole, and which files they finish. */
export interface JournalLine {
  readonly batches: number
  readonly files: readonly LedgerFile[]
}

/** What belongs to a run that writes `path`: its unfinished file and the journal of it. */
export function asideNames(path: string, run: string): { part: string; journal: string } {
  return { part: `${path}.${run}.part`, journal: `${path}.${run}.journal.part` }
}

/**
 * Writes batches of spectra aside, and into a journal beside them which files they finish, so that a run that is killed
 * leaves what the next one can go on from.
 */
export class SpectraSink {
  readonly #writer: IpcFileWriter
  readonly #journal: string | undefined
  readonly #files: LedgerFile[] = []
  readonly #head: JournalHead | undefined
  #batches = 0
  /** Files that the journal has. */
  #logged = 0

  /** @param resumable What the journal is to say of the run; no journal is kept without. */
  constructor(path: string, resumable: Pick<JournalHead, 'key' | 'folder'> | undefined) {
    const names = asideNames(path, `${process.pid}-${Date.now().toString(36)}`)
    this.#writer = new IpcFileWriter(path, names.part)
    this.#journal = resumable === undefined ? undefined : names.journal
    this.#head = resumable === undefined ? undefined : { ...resumable, host: hostname(), pid: process.pid }
  }

  /** Stars written. */
  get stars(): number {
    return this.#writer.rows
  }

  /** Files whose stars are all written, failed ones too. */
  get files(): readonly LedgerFile[] {
    return this.#files
  }

  /** Write a batch, and take note of the files that it finishes. */
  write(spectra: Spectra | undefined, files: readonly LedgerFile[]): void {
    if (spectra !== undefined && spectra.n > 0) {
      // Whatever lies aside has a journal, so that the next run knows what to do with it.
      if (this.#batches === 0) this.#log(this.#head)
      for (const part of spectraParts(spectra)) {
        this.#writer.write(spectraToRecordBatch(part))
        this.#batches++
      }
    }
    this.#files.push(...files)
    if (this.#batches === 0) return
    this.#log({ batches: this.#batches, files: this.#files.slice(this.#logged) })
    this.#logged = this.#files.length
  }

  #log(line: JournalHead | JournalLine | undefined): void {
    if (this.#journal !== undefined) appendFileSync(this.#journal, `${JSON.stringify(line)}\n`)
  }

  /** Give the file its name. */
  finish(metadata: ReadonlyMap<string, string> | undefined): void {
    this.#writer.close(metadata)
    this.#removeJournal()
  }

  /** Stop; what was written can be gone on from, if a journal was kept. */
  leave(): void {
    if (this.#journal === undefined || this.#batches === 0) this.discard()
    else this.#writer.leave()
  }

  /** Drop what was written; does nothing after {@link finish} or {@link leave}. */
  discard(): void {
    this.#writer.discard()
    this.#removeJournal()
  }

  #removeJournal(): void {
    if (this.#journal !== undefined) rmSync(this.#journal, { force: true })
  }
}
