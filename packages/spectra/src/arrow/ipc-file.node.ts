import type { AsyncRecordBatchFileReader, RecordBatch, Schema } from 'apache-arrow'
import { RecordBatchReader } from 'apache-arrow'
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { AstrolabelError } from '../errors.js'
import type { Labels } from '../labels.js'
import type { Spectra } from '../spectra.js'
import { MAX_BATCH_ROWS, takeSpectra } from '../spectra.js'
import { IpcEncoder, unreadable } from './ipc.js'
import { labelsFromRecordBatch, labelsToRecordBatch } from './labels-arrow.js'
import { spectraFromRecordBatch, spectraToRecordBatch } from './spectra-arrow.js'

/**
 * Writes record batches to an Arrow IPC file one by one, in flat memory.
 *
 * The bytes go to a file beside the target, which takes the target's name on {@link close}: a crash or an abort never
 * leaves half a file under the name.
 */
export class IpcFileWriter {
  readonly path: string
  readonly #aside: string
  #fd: number | undefined
  #encoder: IpcEncoder | undefined
  #rows = 0

  constructor(path: string) {
    this.path = path
    this.#aside = `${path}.${process.pid}.part`
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows
  }

  write(batch: RecordBatch): void {
    this.#open(batch.schema).write(batch)
    this.#rows += batch.numRows
  }

  /**
   * Write the footer and give the file its name.
   *
   * @throws `arrow/empty` when no batch was written: an IPC file needs a schema.
   */
  close(): void {
    if (this.#fd === undefined || this.#encoder === undefined) {
      throw new AstrolabelError('arrow/empty', `Nothing was written to ${this.path}`, { remedy: 'Check that the input has any rows' })
    }
    this.#encoder.close()
    closeSync(this.#fd)
    this.#fd = undefined
    renameSync(this.#aside, this.path)
  }

  /** Drop what was written; safe to call after {@link close}. */
  discard(): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
    rmSync(this.#aside, { force: true })
  }

  #open(schema: Schema): IpcEncoder {
    if (this.#encoder === undefined) {
      const fd = openSync(this.#aside, 'w')
      this.#fd = fd
      this.#encoder = new IpcEncoder(schema, (bytes) => {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      })
    }
    return this.#encoder
  }
}

/** The record batches of an Arrow IPC file, read one by one by seeking. @throws `arrow/unreadable`. */
export async function* readIpcFile(path: string): AsyncGenerator<RecordBatch> {
  const handle = await open(path)
  let reader: AsyncRecordBatchFileReader | undefined
  try {
    reader = await openReader(handle)
    for await (const batch of reader) yield batch
  } catch (cause) {
    if (cause instanceof AstrolabelError) throw cause
    throw unreadable(path, cause)
  } finally {
    await reader?.cancel()
    // Arrow closes the handle it was given; closing it again is an error that says nothing.
    await handle.close().catch(() => undefined)
  }
}

/** The schema of an Arrow IPC file without its rows. @throws `arrow/unreadable`. */
export async function readIpcSchema(path: string): Promise<Schema> {
  const handle = await open(path)
  try {
    return (await openReader(handle)).schema
  } catch (cause) {
    throw unreadable(path, cause)
  } finally {
    await handle.close().catch(() => undefined)
  }
}

async function openReader(handle: FileHandle): Promise<AsyncRecordBatchFileReader> {
  const reader = (await RecordBatchReader.from(handle as never)) as unknown as AsyncRecordBatchFileReader
  await reader.open()
  return reader
}

/** Batches of spectra from an Arrow file, one by one. @throws `arrow/unreadable`, `spectra/not-spectra`. */
export async function* readSpectraFile(path: string): AsyncGenerator<Spectra> {
  for await (const batch of readIpcFile(path)) yield spectraFromRecordBatch(batch)
}

/**
 * Write batches of spectra to an Arrow file in flat memory; larger batches are cut to 1024 stars.
 *
 * @returns Number of stars written. @throws what the iteration throws, leaving no file.
 */
export async function writeSpectraFile(path: string, batches: AsyncIterable<Spectra> | Iterable<Spectra>): Promise<number> {
  const writer = new IpcFileWriter(path)
  try {
    for await (const batch of batches) {
      for (let start = 0; start < Math.max(batch.n, 1); start += MAX_BATCH_ROWS) {
        const part = batch.n <= MAX_BATCH_ROWS ? batch : takeSpectra(batch, Array.from({ length: Math.min(MAX_BATCH_ROWS, batch.n - start) }, (_, i) => start + i))
        writer.write(spectraToRecordBatch(part))
      }
    }
    writer.close()
    return writer.rows
  } finally {
    writer.discard()
  }
}

/** Labels from an Arrow file, all rows. @throws `arrow/unreadable`, `labels/not-labels`. */
export async function readLabelsFile(path: string): Promise<Labels[]> {
  const parts: Labels[] = []
  for await (const batch of readIpcFile(path)) parts.push(labelsFromRecordBatch(batch))
  return parts
}

/** Write batches of labels to an Arrow file. @throws what the iteration throws, leaving no file. */
export async function writeLabelsFile(path: string, batches: AsyncIterable<Labels> | Iterable<Labels>): Promise<number> {
  const writer = new IpcFileWriter(path)
  try {
    for await (const batch of batches) writer.write(labelsToRecordBatch(batch))
    writer.close()
    return writer.rows
  } finally {
    writer.discard()
  }
}
