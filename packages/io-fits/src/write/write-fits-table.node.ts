import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OnesSum } from '../checksum/ones-sum.js'
import { FitsError } from '../fits-error.js'
import { badInput } from './bad-input.js'
import { withChecksums } from './checksum-hdu.js'
import type { EncodeOptions } from './encode-fits.js'
import { encodeFitsChunks } from './encode-fits.js'
import { CHUNK_BYTES, padding } from './encoded-hdu.js'
import type { ColumnInput, HduInput } from './hdu-input.js'
import type { TableStreamInput } from './table-stream.js'
import { TableStream } from './table-stream.js'
import { writeAside } from './write-aside.node.js'
import { writeAt } from './write-at.node.js'

export interface WriteTableOptions extends TableStreamInput, EncodeOptions {
  /** HDUs that go before the table; an empty primary HDU by default. */
  readonly before?: readonly HduInput[]
  readonly signal?: AbortSignal
  /** Called after each batch with the rows written so far. */
  readonly onProgress?: (rows: number) => void
}

type Batches = AsyncIterable<readonly ColumnInput[]> | Iterable<readonly ColumnInput[]>

/**
 * Writes a table whose length need not be known, batch by batch: columns of some rows, the same columns each time.
 * The first batch says what they are; strings are as wide as its longest, or as `width` says. Variable-length arrays go
 * to a file beside and behind the rows at the end. Returns the rows written. Memory: one batch.
 * Written aside and renamed, as `writeFitsFile` does. Fails with `fits/bad-input`, the file system's own error, the
 * signal's reason or what the batches throw; nothing is left behind then.
 */
export async function writeFitsTable(path: string, batches: Batches, options: WriteTableOptions = {}): Promise<number> {
  if (path.endsWith('.gz')) {
    throw badInput('a table cannot be streamed into gzip', path, 'a plain file', 'Write it plain and pack it then.')
  }
  const heapPath = join(dirname(path), `.${basename(path)}.${randomUUID()}.heap.part`)
  const heap = new LazyFile(heapPath)
  try {
    let rows = 0
    await writeAside(path, async (file) => {
      rows = await writeTable(file, heap, batches, options)
    })
    return rows
  } finally {
    await heap.remove()
  }
}

async function writeTable(
  file: FileHandle,
  heap: LazyFile,
  batches: Batches,
  options: WriteTableOptions,
): Promise<number> {
  const { checksum = false, signal, onProgress } = options
  const table = new TableStream(options)
  const sum = new OnesSum()
  let at = 0
  for (const chunk of encodeFitsChunks(options.before ?? [], { checksum })) {
    await writeAt(file, chunk, at)
    at += chunk.length
  }
  const headerAt = at
  const headerNow = (): Uint8Array => (checksum ? withChecksums(table.header(), sum.value) : table.header())
  const put = async (bytes: Uint8Array): Promise<void> => {
    if (checksum) sum.add(bytes)
    await writeAt(file, bytes, at)
    at += bytes.length
  }
  for await (const batch of batches) {
    signal?.throwIfAborted()
    const bytes = table.add(batch)
    // Room for the header, which is written when the number of rows is known.
    if (at === headerAt) at += headerNow().length
    for (const chunk of bytes.rows) await put(chunk)
    for (const chunk of bytes.heap) await heap.append(chunk)
    onProgress?.(table.rows)
  }
  for await (const chunk of heap.chunks()) await put(chunk)
  const header = headerNow()
  await put(new Uint8Array(padding(table.rows * table.rowBytes + table.heapSize)))
  await writeAt(file, header, headerAt)
  return table.rows
}

/** A file beside, made when the first bytes go into it. */
class LazyFile {
  readonly #path: string
  #handle: FileHandle | undefined
  #size = 0

  constructor(path: string) {
    this.#path = path
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#handle ??= await open(this.#path, 'wx+')
    await writeAt(this.#handle, bytes, this.#size)
    this.#size += bytes.length
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const bytes = new Uint8Array(Math.min(CHUNK_BYTES, this.#size))
    for (let at = 0; at < this.#size;) {
      const { bytesRead = 0 } = (await this.#handle?.read(bytes, 0, bytes.length, at)) ?? {}
      if (bytesRead === 0) {
        throw new FitsError('fits/truncated', 'the arrays of a table that were kept beside it ended early', {
          got: `${at} bytes`,
          expected: `${this.#size} bytes`,
          remedy: 'Another program cut the file: write the table again.',
        })
      }
      yield bytes.subarray(0, bytesRead)
      at += bytesRead
    }
  }

  async remove(): Promise<void> {
    if (this.#handle === undefined) return
    await this.#handle.close()
    await unlink(this.#path)
  }
}
