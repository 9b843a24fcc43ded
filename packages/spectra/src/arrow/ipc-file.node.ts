import type { AsyncRecordBatchFileReader, AsyncRecordBatchStreamReader, RecordBatch, Schema } from 'apache-arrow'
import { RecordBatchReader } from 'apache-arrow'
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { AstrolabelError } from '../errors.js'
import type { Labels } from '../labels.js'
import type { Spectra, SpectraMeta } from '../spectra.js'
import { MAX_BATCH_ROWS, sameWavelengths, spectraParts } from '../spectra.js'
import { IpcEncoder, checkEnds, requireBatch, requireSchema, unreadable } from './ipc.js'
import { labelsFromRecordBatch, labelsToRecordBatch } from './labels-arrow.js'
import { emptyRecordBatch } from './record-batch.js'
import { spectraFromRecordBatch, spectraToRecordBatch } from './spectra-arrow.js'

type Reader = AsyncRecordBatchFileReader | AsyncRecordBatchStreamReader

/**
 * Writes record batches to an Arrow IPC file one by one, in flat memory.
 *
 * The bytes go to a file beside the target, which takes the target's name on {@link close}: a crash or an abort never
 * leaves half a file under the name. Batches of more than 1024 rows are cut.
 */
export class IpcFileWriter {
  readonly path: string
  /** Where the bytes go until the file is whole. */
  readonly aside: string
  #fd: number | undefined
  #encoder: IpcEncoder | undefined
  /** Small pieces that wait for the next write. */
  readonly #small = new Uint8Array(1 << 16)
  #held = 0
  #rows = 0
  #done = false

  constructor(path: string, aside = `${path}.${process.pid}.part`) {
    this.path = path
    this.aside = aside
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows
  }

  /** @throws `arrow/schema-changed` when the batch has other columns than the first, `arrow/closed`. */
  write(batch: RecordBatch): void {
    this.#requireOpen()
    const encoder = this.#open(batch.schema)
    if (batch.numRows <= MAX_BATCH_ROWS) encoder.write(batch)
    else {
      for (let start = 0; start < batch.numRows; start += MAX_BATCH_ROWS) {
        encoder.write(batch.slice(start, start + MAX_BATCH_ROWS))
      }
    }
    this.#flush()
    this.#rows += batch.numRows
  }

  /**
   * Write the footer and give the file its name.
   *
   * @param metadata More metadata for the schema, known only at the end, such as what went into the file.
   * @throws `arrow/empty` when no batch was written: an IPC file needs a schema; `arrow/closed`.
   */
  close(metadata?: ReadonlyMap<string, string>): void {
    this.#requireOpen()
    if (this.#fd === undefined || this.#encoder === undefined) {
      throw new AstrolabelError('arrow/empty', `Nothing was written to ${this.path}`, {
        remedy: 'Check that the input has any rows',
      })
    }
    this.#encoder.close(metadata)
    this.#flush()
    closeSync(this.#fd)
    this.#fd = undefined
    renameSync(this.aside, this.path)
    this.#done = true
  }

  /** Drop what was written; does nothing after {@link close}, so it can stand in a finally block. */
  discard(): void {
    if (this.#done) return
    this.#done = true
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    if (this.#encoder !== undefined) rmSync(this.aside, { force: true })
  }

  /** Stop, and leave what was written aside for {@link recoverIpcBatches}; nothing has the file's name. */
  leave(): void {
    if (this.#done) return
    this.#done = true
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #requireOpen(): void {
    if (this.#done) throw new AstrolabelError('arrow/closed', `${this.path} is closed and takes no more rows`)
  }

  #open(schema: Schema): IpcEncoder {
    if (this.#encoder === undefined) {
      this.#fd = openSync(this.aside, 'w')
      this.#encoder = new IpcEncoder(schema, (bytes) => this.#put(bytes))
    }
    return this.#encoder
  }

  /** A batch of thirty columns comes in a hundred pieces of some bytes each, too small for a call to the system. */
  #put(bytes: Uint8Array): void {
    const large = bytes.length > this.#small.length / 4
    if (large || bytes.length + this.#held > this.#small.length) this.#flush()
    if (large) {
      this.#send(bytes)
      return
    }
    this.#small.set(bytes, this.#held)
    this.#held += bytes.length
  }

  #flush(): void {
    if (this.#held > 0) this.#send(this.#small.subarray(0, this.#held))
    this.#held = 0
  }

  #send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd!, bytes, at)
  }
}

/** The record batches of an Arrow IPC file, at least one, read one by one by seeking. @throws `arrow/unreadable`. */
export async function* readIpcFile(path: string): AsyncGenerator<RecordBatch> {
  const handle = await open(path)
  let reader: Reader | undefined
  try {
    reader = await openReader(path, handle)
    if (reader.isFile()) {
      const count = reader.numRecordBatches
      for (let i = 0; i < count; i++) yield requireBatch(await reader.readRecordBatch(i))
      if (count === 0) yield emptyRecordBatch(reader.schema)
    } else for await (const batch of reader) yield requireBatch(batch)
  } catch (cause) {
    if (cause instanceof AstrolabelError) throw cause
    throw unreadable(path, cause)
  } finally {
    await reader?.cancel()
    await closeQuietly(handle)
  }
}

/** The schema of an Arrow IPC file without its rows. @throws `arrow/unreadable`. */
export function readIpcSchema(path: string): Promise<Schema> {
  return askReader(path, (reader) => reader.schema)
}

/**
 * How many record batches an Arrow IPC file has, from its footer; 0 for a stream, which does not say.
 *
 * @throws `arrow/unreadable`.
 */
export function countIpcBatches(path: string): Promise<number> {
  return askReader(path, (reader) => (reader.isFile() ? reader.numRecordBatches : 0))
}

/** What an opened file tells without its rows. @throws `arrow/unreadable`. */
async function askReader<T>(path: string, ask: (reader: Reader) => T): Promise<T> {
  const handle = await open(path)
  try {
    return ask(await openReader(path, handle))
  } catch (cause) {
    if (cause instanceof AstrolabelError) throw cause
    throw unreadable(path, cause)
  } finally {
    await closeQuietly(handle)
  }
}

async function openReader(path: string, handle: FileHandle): Promise<Reader> {
  const { size } = await handle.stat()
  const ends = new Uint8Array(16)
  await handle.read(ends, 0, 8, 0)
  await handle.read(ends, 8, 6, Math.max(0, size - 6))
  checkEnds(path, ends.subarray(0, Math.min(8, size)), ends.subarray(8, 14), size)
  const reader = await RecordBatchReader.from(handle)
  await reader.open()
  requireSchema(reader.schema as Schema | undefined)
  return reader
}

/** Arrow closes the handle it was given; closing it again is an error that says nothing. */
async function closeQuietly(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined)
}

/** Batches of spectra from an Arrow file, one by one. @throws `arrow/unreadable`, `spectra/not-spectra`. */
export async function* readSpectraFile(path: string): AsyncGenerator<Spectra> {
  for await (const batch of readIpcFile(path)) yield spectraFromRecordBatch(batch)
}

/**
 * Write batches of spectra to an Arrow file in flat memory; larger batches are cut, see {@link spectraParts}.
 *
 * @returns Number of stars written.
 * @throws what the iteration throws, leaving no file; `spectra/shape` when a batch has other wavelengths than the
 * first, whose metadata the file carries; `split/two-parts` when it is another part of a split.
 */
export async function writeSpectraFile(
  path: string,
  batches: AsyncIterable<Spectra> | Iterable<Spectra>,
): Promise<number> {
  let first: SpectraMeta | undefined
  return writeFile(path, inParts(batches), (batch) => {
    first ??= batch.meta
    if (!sameWavelengths(batch.meta, first)) {
      throw new AstrolabelError('spectra/shape', `A batch for ${path} has other wavelengths than those before it`, {
        remedy: 'Write spectra of one grid to one file',
      })
    }
    if (JSON.stringify(batch.meta.parts) !== JSON.stringify(first.parts)) {
      throw new AstrolabelError(
        'split/two-parts',
        `A batch for ${path} is on another side of a split than those before it`,
        {
          remedy: 'Write each part to a file of its own',
        },
      )
    }
    return spectraToRecordBatch(batch)
  })
}

async function* inParts(batches: AsyncIterable<Spectra> | Iterable<Spectra>): AsyncGenerator<Spectra> {
  for await (const batch of batches) yield* spectraParts(batch)
}

/** Labels from an Arrow file, batch by batch. @throws `arrow/unreadable`, `labels/not-labels`. */
export async function readLabelsFile(path: string): Promise<Labels[]> {
  const parts: Labels[] = []
  for await (const batch of readIpcFile(path)) parts.push(labelsFromRecordBatch(batch))
  return parts
}

/**
 * Write batches of labels to an Arrow file in flat memory; larger batches are cut, see {@link spectraParts}.
 *
 * @returns Number of stars written. @throws what the iteration throws, leaving no file.
 */
export async function writeLabelsFile(
  path: string,
  batches: AsyncIterable<Labels> | Iterable<Labels>,
): Promise<number> {
  return writeFile(path, batches, labelsToRecordBatch)
}

async function writeFile<T>(
  path: string,
  batches: AsyncIterable<T> | Iterable<T>,
  toRecordBatch: (batch: T) => RecordBatch,
): Promise<number> {
  const writer = new IpcFileWriter(path)
  try {
    for await (const batch of batches) writer.write(toRecordBatch(batch))
    writer.close()
    return writer.rows
  } finally {
    writer.discard()
  }
}
