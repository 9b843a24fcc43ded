import type { RecordBatch } from 'apache-arrow'
import { AsyncByteQueue, RecordBatchFileWriter, RecordBatchReader, RecordBatchWriter, Schema, util } from 'apache-arrow'
import { AstrolabelError } from '../errors.js'
import { emptyRecordBatch } from './record-batch.js'
import { isSound } from './sound-data.js'

/** What an Arrow IPC file begins and ends with. */
const MAGIC = 'ARROW1'

/** Hands each piece of an IPC file to a function as soon as it exists, so that nothing piles up in memory. */
class CallbackQueue extends AsyncByteQueue {
  readonly #emit: (bytes: Uint8Array) => void

  constructor(emit: (bytes: Uint8Array) => void) {
    super()
    this.#emit = emit
  }

  override write(value: ArrayBufferLike | ArrayBufferView | string): void {
    const bytes =
      value instanceof Uint8Array
        ? value
        : ArrayBuffer.isView(value)
          ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
          : new Uint8Array(value as ArrayBuffer)
    if (bytes.byteLength > 0) this.#emit(bytes)
  }
}

/** Writes the schema behind the magic bytes too, as the format wants for readers that do not seek; Arrow leaves it out. */
class FileWriter extends RecordBatchFileWriter {
  /** What the schema in the footer says besides the one at the head: known only when all batches are written. */
  footerMetadata: ReadonlyMap<string, string> = new Map()

  protected override _writeFooter(schema: Schema): this {
    const metadata = new Map([...schema.metadata, ...this.footerMetadata])
    return super['_writeFooter'](
      new Schema(schema.fields, metadata, schema.dictionaries, schema.metadataVersion),
    ) as this
  }

  protected override _writeSchema(schema: Schema): this {
    super['_writeSchema'](schema)
    // What a stream begins with.
    return RecordBatchWriter.prototype['_writeSchema'].call(this, schema) as this
  }
}

/** Encodes record batches of one schema to an Arrow IPC file, piece by piece. */
export class IpcEncoder {
  readonly #writer: FileWriter
  readonly #schema: Schema

  /** @param emit Takes the bytes in order; they are valid only during the call. */
  constructor(schema: Schema, emit: (bytes: Uint8Array) => void) {
    this.#schema = schema
    this.#writer = new FileWriter()
    this.#writer.reset(new CallbackQueue(emit) as never, schema)
  }

  /** @throws `arrow/schema-changed` when the batch has other columns than the first: Arrow itself would drop it silently. */
  write(batch: RecordBatch): void {
    const same: boolean = util.compareSchemas(this.#schema, batch.schema)
    if (!same) {
      throw new AstrolabelError('arrow/schema-changed', 'A batch has other columns than those before it', {
        got: batch.schema.fields.map(String).join(', ').slice(0, 300),
        expected: this.#schema.fields.map(String).join(', ').slice(0, 300),
        remedy: 'Write batches of one kind to one file',
      })
    }
    this.#writer.write(batch)
  }

  /**
   * Write the footer; nothing may follow.
   *
   * @param metadata More schema metadata, in the footer alone: readers of files look there and not at the head.
   */
  close(metadata?: ReadonlyMap<string, string>): void {
    if (metadata !== undefined) this.#writer.footerMetadata = metadata
    this.#writer.close()
  }
}

/** Record batches as one Arrow IPC file in memory. */
export function encodeIpc(
  batches: readonly RecordBatch[],
  schema: Schema | undefined = batches[0]?.schema,
): Uint8Array {
  if (schema === undefined)
    throw new AstrolabelError('arrow/empty', 'No record batch to write', {
      remedy: 'Give at least one, even of no rows',
    })
  const parts: Uint8Array[] = []
  const encoder = new IpcEncoder(schema, (bytes) => parts.push(bytes.slice()))
  for (const batch of batches) encoder.write(batch)
  encoder.close()
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The record batches of an Arrow IPC file or stream in memory, at least one, if of no rows. @throws `arrow/unreadable`. */
export function decodeIpc(bytes: Uint8Array, name = 'The file'): RecordBatch[] {
  checkEnds(name, bytes, bytes.subarray(-MAGIC.length), bytes.length)
  try {
    const reader = RecordBatchReader.from(bytes).open()
    const schema = requireSchema(reader.schema as Schema | undefined)
    if (!reader.isFile()) return Array.from(reader, requireBatch)
    const count = reader.numRecordBatches
    const batches = Array.from({ length: count }, (_, i) => requireBatch(reader.readRecordBatch(i)))
    return count === 0 ? [emptyRecordBatch(schema)] : batches
  } catch (cause) {
    throw unreadable(name, cause)
  }
}

/**
 * Refuse bytes that are no Arrow file or stream, and a file that was cut off, before Arrow stumbles over them.
 *
 * @param head First bytes, 6 or more. @param tail Last 6 bytes. @param length Of them all.
 * @throws `arrow/unreadable`.
 */
export function checkEnds(name: string, head: Uint8Array, tail: Uint8Array, length: number): void {
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, MAGIC.length))
  if (text(head) === MAGIC) {
    if (length < 2 * MAGIC.length || text(tail) !== MAGIC)
      throw unreadable(name, `${length} bytes without the end of an Arrow file`)
  } else if (length < 8 || head.subarray(0, 4).some((byte) => byte !== 0xff)) {
    throw unreadable(name, length === 0 ? 'no bytes' : `${length} bytes that begin with ${JSON.stringify(text(head))}`)
  }
}

/** The schema that a reader found: Arrow takes a stream that ends before its schema for one without rows. */
export function requireSchema(schema: Schema | null | undefined): Schema {
  if (schema === undefined || schema === null) throw new Error('no schema')
  return schema
}

/**
 * The batch that a reader found where the footer of a file says, with as many values as it has rows.
 *
 * Arrow's own iteration of a file would look at a message that is no batch for ever, so files are read by index.
 */
export function requireBatch(batch: RecordBatch | null): RecordBatch {
  if (batch === null) throw new Error('no rows where the footer says')
  if (!isSound(batch.data)) throw new Error('fewer values than rows')
  return batch
}

/** The error of bytes that Arrow cannot read. */
export function unreadable(name: string, cause: unknown): AstrolabelError {
  return new AstrolabelError('arrow/unreadable', `${name} is not a whole Arrow IPC file`, {
    got: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that it was written to its end, and that it is the file you mean',
    cause,
  })
}
