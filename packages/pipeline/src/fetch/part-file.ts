import { AstrolabelError } from '@astrolabel/spectra'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What is known of the file whose first bytes a part holds. */
export interface PartOrigin {
  readonly url: string
  /** Strong ETag. */
  readonly etag?: string | undefined
  /** Last-Modified. */
  readonly modified?: string | undefined
  /** Length of the whole file. */
  readonly total?: number | undefined
}

/** Fewer bytes than this are not worth going on from. */
const LEAST_RESUMED = 1024

/** A file on its way, `NAME.part`, with `NAME.part.json` beside it that tells what it is a part of. */
export class PartFile {
  readonly #target: string
  readonly #part: string
  readonly #origin: string

  constructor(target: string) {
    this.#target = target
    this.#part = `${target}.part`
    this.#origin = `${target}.part.json`
  }

  /** Path of the bytes so far. */
  get path(): string {
    return this.#part
  }

  /** How many bytes of which file there are, when it is the one of this address; else undefined. */
  async resumable(url: string): Promise<{ size: number; origin: PartOrigin } | undefined> {
    const size = (await stat(this.#part).catch(() => undefined))?.size ?? 0
    if (size < LEAST_RESUMED) return undefined
    try {
      const origin = JSON.parse(await readFile(this.#origin, 'utf8')) as PartOrigin
      return origin.url === url ? { size, origin } : undefined
    } catch {
      // Without a readable origin nobody knows what the bytes are of.
      return undefined
    }
  }

  /** Open for writing from `offset` on; what comes after is cut off. @throws `fetch/disk-full` and what the system says. */
  async open(offset: number, origin: PartOrigin): Promise<PartWriter> {
    try {
      await mkdir(dirname(this.#part), { recursive: true })
      await writeFile(this.#origin, JSON.stringify(origin))
      const handle = await open(this.#part, offset === 0 ? 'w' : 'r+')
      if (offset > 0) await handle.truncate(offset)
      return new PartWriter(handle, offset, this.#part)
    } catch (error) {
      throw diskError(error, this.#part)
    }
  }

  /** The part is the whole: give it its name. */
  async finish(): Promise<void> {
    await rename(this.#part, this.#target)
    await rm(this.#origin, { force: true })
  }

  /** Forget what came so far. */
  async discard(): Promise<void> {
    await rm(this.#part, { force: true })
    await rm(this.#origin, { force: true })
  }
}

/** Writes a part, one piece after another. */
export class PartWriter {
  readonly #handle: FileHandle
  readonly #path: string
  #size: number

  constructor(handle: FileHandle, offset: number, path: string) {
    this.#handle = handle
    this.#size = offset
    this.#path = path
  }

  /** Bytes of the part so far. */
  get size(): number {
    return this.#size
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size)
        done += bytesWritten
        this.#size += bytesWritten
      }
    } catch (error) {
      throw diskError(error, this.#path)
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function diskError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new AstrolabelError('fetch/disk-full', `The disk is full: ${path} could not be written`, {
    remedy: 'Make room and start the same command again: it goes on where it stopped',
    cause: error,
  })
}
