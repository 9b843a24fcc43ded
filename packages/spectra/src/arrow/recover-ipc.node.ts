import type { RecordBatch } from 'apache-arrow'
import { RecordBatchReader } from 'apache-arrow'
import { open } from 'node:fs/promises'
import { requireBatch, unreadable } from './ipc.js'

/** Behind the magic bytes and their padding an Arrow file is a stream. */
const STREAM_START = 8

const CHUNK = 1 << 20

/**
 * The first `count` record batches of an Arrow file that was never finished, as a process that was killed leaves it
 * aside: it has no footer, but is a stream from its head on. One batch is in memory at a time.
 *
 * @param count How many batches are known to be whole; the bytes behind them are not looked at.
 * @throws `arrow/unreadable` when there are fewer.
 */
export async function* recoverIpcBatches(path: string, count: number): AsyncGenerator<RecordBatch> {
  if (count === 0) return
  const handle = await open(path)
  async function* bytes(): AsyncGenerator<Uint8Array> {
    let at = STREAM_START
    for (;;) {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(CHUNK), 0, CHUNK, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }
  try {
    const reader = await RecordBatchReader.from(bytes())
    await reader.open()
    for (let i = 0; i < count; i++) {
      const { done, value } = (await reader.next()) as IteratorResult<RecordBatch, undefined>
      yield requireBatch(done === true ? null : value)
    }
    await reader.cancel()
  } catch (cause) {
    throw unreadable(path, cause)
  } finally {
    await handle.close()
  }
}
