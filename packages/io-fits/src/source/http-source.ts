import { FitsError } from '../fits-error.js'
import type { ByteSource } from './byte-source.js'
import { bytesSource } from './byte-source.js'
import { cachedSource } from './cached-source.js'
import { PassingFailure, httpError, refuse, triesFailed } from './http-error.js'
import { collectBytes, iterateStream } from './stream-source.js'
import { limitBytes } from './unpack-limit.js'

export interface HttpOptions {
  /** Used in place of the platform's `fetch`. */
  readonly fetch?: typeof fetch
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Stops opening and every read. */
  readonly signal?: AbortSignal
  /** Tries after the first, of each request that fails in a way that may pass. Default 4. */
  readonly retries?: number
  /** Milliseconds before the second try, doubled before each further one. Default 500. */
  readonly retryDelay?: number
  /** Bytes that are taken into memory where the server cannot send parts of a file. Default 1 GiB. */
  readonly maxWhole?: number
}

// A request takes as long as 1 MB or so; six run at once, and rows far apart are asked for together.
const SEEK_COST = 128 * 1024
const CACHE = { blockBytes: 16 * 1024, keptBlocks: 512, parallel: 6 }
const MAX_WHOLE = 1024 ** 3

/** What every answer about one file must agree in. */
interface Identity {
  readonly size: number
  readonly etag: string | null
  readonly modified: string | null
}

/**
 * A file on a web server, read by range requests: only the parts that are asked for, in blocks of 16 KiB of which 8 MiB
 * are kept. Where the server cannot send parts (it answers 200), the whole file is taken into memory, up to `maxWhole`.
 * Answers 408, 425, 429 and 5xx, and connections that are cut, are tried again, going on where they stopped.
 * Fails with `fits/http` (refused, out of tries, an answer that is not what was asked for), `fits/source-changed` where
 * the file on the server is no longer the one that was opened, `fits/too-large`, or the signal's reason.
 * In a page from another origin the server must allow it (CORS) and should expose Content-Range.
 */
export async function httpSource(url: string | URL, options: HttpOptions = {}): Promise<ByteSource> {
  const file = new HttpFile(absoluteUrl(url), options)
  try {
    const source = await file.open(2 * CACHE.blockBytes)
    if (!('whole' in source)) return cachedSource(source, CACHE)
    await file.close()
    return bytesSource(source.whole)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** In a page an address may be relative to it. Fails with `fits/bad-input` on what is no address. */
function absoluteUrl(url: string | URL): string {
  try {
    return new URL(url, (globalThis as { readonly location?: { readonly href: string } }).location?.href).href
  } catch (cause) {
    throw new FitsError('fits/bad-input', 'this is no address on the web', {
      got: String(url),
      expected: 'https://…',
      remedy: 'Open a file on disk by its path.',
      cause,
    })
  }
}

class HttpFile {
  readonly #url: string
  readonly #options: HttpOptions
  readonly #stop = new AbortController()
  readonly #onAbort: () => void
  #identity: Identity | undefined

  constructor(url: string, options: HttpOptions) {
    this.#url = url
    this.#options = options
    const { signal } = options
    this.#onAbort = () => this.#stop.abort(signal?.reason)
    if (signal?.aborted === true) this.#onAbort()
    signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Asks for the first bytes: the answer says how long the file is, and whether the server sends parts. */
  open(firstBytes: number): Promise<ByteSource | { readonly whole: Uint8Array }> {
    return this.#trying(async () => {
      const response = await this.#get(0, firstBytes)
      if (response.status === 200) return { whole: await this.#takeWhole(response) }
      if (response.status === 416 && sizeIn(response) === 0) return { whole: new Uint8Array(0) }
      if (response.status !== 206) return refuse(this.#url, response)
      const size = sizeIn(response) ?? (await this.#sizeByHead())
      this.#identity = identity(response, size)
      const head = new Uint8Array(Math.min(firstBytes, size))
      await this.#fill(head, 0, response, { done: 0 })
      return {
        size,
        seekCost: SEEK_COST,
        read: async (offset: number, length: number) => {
          const end = Math.min(offset + length, size)
          return end <= head.length ? head.subarray(offset, end) : this.#read(offset, end - offset)
        },
        close: () => this.close(),
      }
    })
  }

  /** Stops what is under way. */
  close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#stop.abort(new FitsError('fits/closed', 'file is closed', { remedy: 'Read before close().' }))
    return Promise.resolve()
  }

  #read(offset: number, length: number): Promise<Uint8Array> {
    const out = new Uint8Array(length)
    const progress = { done: 0 }
    return this.#trying(async () => {
      const { done } = progress
      await this.#fill(out, offset, await this.#get(offset + done, length - done), progress)
      return out
    })
  }

  /** Takes the part that `out` still misses from an answer; what came stays where the answer is cut. */
  async #fill(out: Uint8Array, offset: number, response: Response, progress: { done: number }): Promise<void> {
    const { length } = out
    try {
      this.#requirePart(response, offset + progress.done, length - progress.done)
    } catch (error) {
      await response.body?.cancel()
      throw error
    }
    for await (const chunk of iterateStream(bodyOf(response))) {
      if (progress.done + chunk.length > length) {
        throw this.#wrong('more bytes than that', `${length} bytes from byte ${offset}`)
      }
      out.set(chunk, progress.done)
      progress.done += chunk.length
    }
    if (progress.done < length) throw new PassingFailure(`an answer cut after ${progress.done} of ${length} bytes`)
  }

  async #get(offset: number, length: number): Promise<Response> {
    const headers = { ...this.#options.headers, range: `bytes=${offset}-${offset + length - 1}` }
    return this.#fetch({ headers })
  }

  async #fetch(init: RequestInit): Promise<Response> {
    const { fetch: ask = fetch } = this.#options
    return ask(this.#url, { ...init, signal: this.#stop.signal })
  }

  /** Runs until it succeeds, fails for good, or the tries are used up. */
  async #trying<T>(run: () => Promise<T>): Promise<T> {
    const { retries = 4, retryDelay = 500 } = this.#options
    const { signal } = this.#stop
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted()
      try {
        return await run()
      } catch (error) {
        signal.throwIfAborted()
        // What fetch and its streams throw by themselves is the network's.
        if (error instanceof FitsError) throw error
        if (tries > retries) throw triesFailed(this.#url, tries, error)
        const wait = error instanceof PassingFailure ? error.wait : undefined
        await pause(wait ?? retryDelay * 2 ** (tries - 1), signal)
      }
    }
  }

  /** Fails unless an answer is the part asked for of the file that was opened. */
  #requirePart(response: Response, offset: number, length: number): void {
    const known = this.#identity as Identity
    if (response.status === 200 || response.status === 416) {
      const size = response.status === 416 ? sizeIn(response) : numberIn(response, 'content-length')
      this.#requireSame(known, identity(response, size ?? known.size))
      throw new PassingFailure(`status ${response.status} to a request for a part`)
    }
    if (response.status !== 206) refuse(this.#url, response)
    const range = rangeIn(response)
    this.#requireSame(known, identity(response, range?.size ?? known.size))
    if (range !== undefined && (range.start !== offset || range.end >= offset + length)) {
      throw this.#wrong(`bytes ${range.start}-${range.end}`, `bytes ${offset}-${offset + length - 1}`)
    }
    const encoding = response.headers.get('content-encoding') ?? 'identity'
    if (encoding !== 'identity') throw this.#wrong(`a part encoded by ${encoding}`, 'the bytes of the file')
  }

  #requireSame(known: Identity, now: Identity): void {
    for (const key of ['size', 'etag', 'modified'] as const) {
      if (known[key] === now[key] || now[key] === null || known[key] === null) continue
      throw new FitsError('fits/source-changed', `${this.#url} changed on the server while it was read`, {
        got: `${key} ${now[key]}`,
        expected: `${key} ${known[key]}`,
        remedy: 'Open it again.',
      })
    }
  }

  #wrong(got: string, expected: string): FitsError {
    return httpError(this.#url, got, expected, 'The server does not keep to its own answer: fetch the whole file.')
  }

  async #takeWhole(response: Response): Promise<Uint8Array> {
    const { maxWhole = MAX_WHOLE } = this.#options
    const size = numberIn(response, 'content-length')
    const tooLong = (got: string): FitsError =>
      new FitsError('fits/too-large', `${this.#url} is too long to hold, and its server cannot send parts`, {
        got,
        expected: `at most ${maxWhole} bytes`,
        remedy: 'Download it first, or allow more with the option maxWhole.',
      })
    if (size !== undefined && size > maxWhole) {
      await response.body?.cancel()
      throw tooLong(`${size} bytes`)
    }
    const chunks = limitBytes(iterateStream(bodyOf(response)), maxWhole, () => tooLong(`more than ${maxWhole} bytes`))
    const whole = await collectBytes(chunks, response.headers.has('content-encoding') ? 0 : size)
    if (size !== undefined && whole.length < size) {
      throw new PassingFailure(`an answer cut after ${whole.length} of ${size} bytes`)
    }
    return whole
  }

  async #sizeByHead(): Promise<number> {
    const response = await this.#fetch({ method: 'HEAD', headers: { ...this.#options.headers } })
    if (!response.ok) refuse(this.#url, response)
    const size = numberIn(response, 'content-length')
    if (size !== undefined) return size
    throw httpError(this.#url, 'no length', 'Content-Range or Content-Length', 'The server must expose one of them.')
  }
}

function identity(response: Response, size: number): Identity {
  const { headers } = response
  return { size, etag: headers.get('etag'), modified: headers.get('last-modified') }
}

function numberIn({ headers }: Response, name: string): number | undefined {
  const text = headers.get(name) ?? ''
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** Content-Range: `bytes 0-99/1000`. */
function rangeIn({ headers }: Response): { start: number; end: number; size: number | undefined } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (match === null) return undefined
  const [, start, end, size] = match
  return { start: Number(start), end: Number(end), size: size === '*' ? undefined : Number(size) }
}

function sizeIn(response: Response): number | undefined {
  const none = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  return none === null ? rangeIn(response)?.size : Number(none[1])
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (body === null) throw new PassingFailure('an answer without a body')
  return body
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
