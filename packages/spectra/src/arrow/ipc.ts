import type { RecordBatch, Schema } from 'apache-arrow'
import { AsyncByteQueue, RecordBatchFileWriter, RecordBatchReader, util } from 'apache-arrow'
import { AstrolabelError } from '../errors.js'

/** Hands each piece of an IPC file to a function as soon as it exists, so that nothing piles up in memory. */
class CallbackQueue extends AsyncByteQueue {
  readonly #emit: (bytes: Uint8Array) => void

  constructor(emit: (bytes: Uint8Array) => void) {
    super()
    this.#emit = emit
  }

  override write(value: ArrayBufferLike | ArrayBufferView | string): void {
    const bytes = value instanceof Uint8Array ? value : ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value as ArrayBuffer)
    if (bytes.byteLength > 0) this.#emit(bytes)
  }
}

/** Encodes record batches of one schema to an Arrow IPC file, piece by piece. */
export class IpcEncoder {
  readonly #writer: RecordBatchFileWriter
  readonly #schema: Schema

  /** @param emit Takes the bytes in order; they are valid only during the call. */
  constructor(schema: Schema, emit: (bytes: Uint8Array) => void) {
    this.#schema = schema
    this.#writer = new RecordBatchFileWriter()
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

  /** Write the footer; nothing may follow. */
  close(): void {
    this.#writer.close()
  }
}

/** Record batches as one Arrow IPC file in memory. */
export function encodeIpc(batches: readonly RecordBatch[], schema: Schema | undefined = batches[0]?.schema): Uint8Array {
  if (schema === undefined) throw new AstrolabelError('arrow/empty', 'No record batch to write', { remedy: 'Give at least one, even of no rows' })
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

/** The record batches of an Arrow IPC file or stream in memory. @throws `arrow/unreadable`. */
export function decodeIpc(bytes: Uint8Array, name = 'the file'): RecordBatch[] {
  try {
    return [...RecordBatchReader.from(bytes)]
  } catch (cause) {
    throw unreadable(name, cause)
  }
}

/** The error of bytes that Arrow cannot read. */
export function unreadable(name: string, cause: unknown): AstrolabelError {
  return new AstrolabelError('arrow/unreadable', `${name} is not a whole Arrow IPC file`, {
    got: cause instanceof Error ? cause.message : String(cause),
    remedy: 'Check that it was written to its end, and that it is the file you mean',
    cause,
  })
}
