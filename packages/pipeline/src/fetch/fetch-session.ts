import { AstrolabelError } from '@astrolabel/spectra'
import type { FetchOptions, FetchSettings } from './fetch-request.js'
import { fetchSettings } from './fetch-request.js'
import type { Answer } from './http-exchange.js'
import { Connections, asFetchError } from './http-exchange.js'
import { RemoteFolders } from './remote-folder.js'
import { HostPauses, isPassing, parseRetryAfter, pause, retryDelay } from './retry.js'

/** Pages and lists of digests are small; a longer answer is something else. */
const MAX_TEXT = 32 * 1024 * 1024

/** Connections, waits and settings that all files of a download share. */
export class FetchSession {
  readonly settings: FetchSettings
  readonly folders: RemoteFolders
  /** Aborted by the caller, or by {@link stop}. */
  readonly signal: AbortSignal
  readonly #connections: Connections
  readonly #pauses: HostPauses = new HostPauses()
  readonly #stop: AbortController = new AbortController()

  constructor(options: FetchOptions) {
    this.settings = fetchSettings(options)
    this.folders = new RemoteFolders(this)
    this.signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal])
    this.#connections = new Connections(this.settings)
  }

  /** Ask for a URL, once the host may be asked. @throws as {@link Connections.ask}. */
  async ask(method: 'GET' | 'HEAD', url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    await pause(this.#pauses.left(hostOf(url)), this.signal)
    return this.#connections.ask(method, url, headers, this.signal)
  }

  /**
   * Wait before a request is made again: what the server asked for, which then holds for all requests to it, or ever
   * longer.
   */
  async waitAfter(attempt: number, url: string, asked: number | undefined): Promise<void> {
    const ms = retryDelay(attempt, asked, this.settings)
    if (asked !== undefined) this.#pauses.hold(hostOf(url), ms)
    await pause(ms, this.signal)
  }

  /**
   * A small text, such as a list of digests or the page of a folder.
   *
   * @returns undefined when the server has none (404, 403, 410).
   * @throws `fetch/status`, `fetch/too-long` and as {@link Connections.ask}, after all attempts.
   */
  async text(url: string): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      let asked: number | undefined
      let failure: unknown
      try {
        const answer = await this.ask('GET', url)
        if (answer.status === 200) return await bodyText(answer, url)
        answer.body.resume()
        if ([403, 404, 410].includes(answer.status)) return undefined
        failure = statusError(url, answer.status)
        if (!isPassing(answer.status)) throw failure
        asked = parseRetryAfter(answer.headers['retry-after'])
      } catch (error) {
        failure = asFetchError(error, hostOf(url), this.signal)
        if (!isRetryable(failure)) throw failure
      }
      if (attempt >= this.settings.attempts) throw failure
      await this.waitAfter(attempt, url, asked)
    }
  }

  /** Make everything under way throw this. */
  stop(reason: unknown): void {
    this.#stop.abort(reason)
  }

  close(): void {
    this.#connections.close()
  }
}

/** True for failures that may pass. */
export function isRetryable(error: unknown): boolean {
  return (
    error instanceof AstrolabelError &&
    ['fetch/connection', 'fetch/timeout', 'fetch/cut-short', 'fetch/digest', 'fetch/busy'].includes(error.code)
  )
}

/** What a status other than success means. */
export function statusError(url: string, status: number): AstrolabelError {
  const what =
    status === 404 || status === 410
      ? 'The server does not have this file'
      : status === 401 || status === 403
        ? 'The server does not give this file to everybody'
        : isPassing(status)
          ? 'The server is busy'
          : 'The server refuses'
  return new AstrolabelError(
    status === 404 || status === 410 ? 'fetch/not-found' : isPassing(status) ? 'fetch/busy' : 'fetch/status',
    what,
    { got: `${status} for ${url}` },
  )
}

/** The host of an address that was parsed before. */
export function hostOf(url: string): string {
  return new URL(url).host
}

async function bodyText({ body }: Answer, url: string): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > MAX_TEXT) {
      body.destroy()
      throw new AstrolabelError('fetch/too-long', `${url} is too long for a list`, {
        got: `more than ${MAX_TEXT} bytes`,
      })
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
