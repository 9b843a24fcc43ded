import { AstrolabelError } from '@astrolabel/spectra'
import { isAbsolute, relative, resolve } from 'node:path'
import { downloadFile } from './download-file.js'
import type { FetchedFile, FetchOptions, FetchRequest, FetchSummary } from './fetch-request.js'
import type { FetchSession } from './fetch-session.js'
import { hostOf } from './fetch-session.js'
import { transferText } from './transfer-text.js'

/** Milliseconds between reports of progress: a bar cannot show more. */
const REPORT_EVERY = 100

/** Download files over the connections of a session, which the caller closes. Behaves as `fetchFiles` says. */
export async function downloadFiles(
  requests: readonly FetchRequest[],
  folder: string,
  options: FetchOptions,
  session: FetchSession,
): Promise<FetchSummary> {
  const wanted = distinct(requests)
  for (const request of wanted) checkTargets(folder, request)
  return new Download(wanted, folder, session, options).run()
}

/** One run of {@link downloadFiles}: what is done, and how far the files under way are. */
class Download {
  readonly #requests: readonly FetchRequest[]
  readonly #folder: string
  readonly #session: FetchSession
  readonly #options: FetchOptions
  readonly #done: FetchedFile[] = []
  readonly #warned = new Set<string>()
  readonly #shares = new Map<FetchRequest, number>()
  readonly #began = Date.now()
  #bytes = 0
  #reported = 0

  constructor(requests: readonly FetchRequest[], folder: string, session: FetchSession, options: FetchOptions) {
    this.#requests = requests
    this.#folder = folder
    this.#session = session
    this.#options = options
  }

  async run(): Promise<FetchSummary> {
    const workers = byHost(this.#requests).flatMap((queue) => {
      const next = queue.values()
      return Array.from({ length: Math.min(this.#session.settings.parallel, queue.length) }, async () => {
        for (const request of next) await this.#one(request)
      })
    })
    try {
      await Promise.all(workers)
    } catch (error) {
      // One failure that concerns all stops all; they must have let go of their files before this returns.
      this.#session.stop(error)
      await Promise.allSettled(workers)
      throw error
    }
    this.#report(true)
    return this.#summary()
  }

  async #one(request: FetchRequest): Promise<void> {
    this.#session.signal.throwIfAborted()
    const file = await downloadFile(request, {
      session: this.#session,
      pathOf: (target) => resolve(this.#folder, target),
      onBytes: (done, total, came) => {
        this.#bytes += came
        this.#shares.set(request, total === 0 ? 0 : Math.min(1, done / total))
        this.#report(false)
      },
      onWarning: (message) => {
        if (!this.#warned.has(message)) this.#options.onWarning?.(message)
        this.#warned.add(message)
      },
    })
    this.#shares.delete(request)
    this.#done.push(file)
    this.#options.onFile?.(file)
    this.#report(false)
  }

  #report(last: boolean): void {
    const now = Date.now()
    if (!last && now - this.#reported < REPORT_EVERY) return
    this.#reported = now
    let under = 0
    for (const share of this.#shares.values()) under += share
    this.#options.onDetail?.(transferText(this.#bytes, (now - this.#began) / 1000))
    this.#options.onProgress?.(this.#done.length + under, this.#requests.length)
  }

  #summary(): FetchSummary {
    const count = (status: FetchedFile['status']): number => this.#done.filter((file) => file.status === status).length
    return {
      files: this.#requests.length,
      downloaded: count('downloaded'),
      present: count('present'),
      absent: count('absent'),
      failed: count('failed'),
      bytes: this.#done.reduce((sum, { bytes }) => sum + bytes, 0),
      seconds: (Date.now() - this.#began) / 1000,
      failures: this.#done.filter(({ status }) => status === 'failed'),
      missing: this.#done.filter(({ status }) => status === 'absent'),
    }
  }
}

/** Requests of one host after another, in their order. */
function byHost(requests: readonly FetchRequest[]): FetchRequest[][] {
  const hosts = new Map<string, FetchRequest[]>()
  for (const request of requests) {
    const host = hostOf(request.url)
    const queue = hosts.get(host)
    if (queue === undefined) hosts.set(host, [request])
    else queue.push(request)
  }
  return [...hosts.values()]
}

/** Each file once. @throws `fetch/same-target`. */
function distinct(requests: readonly FetchRequest[]): FetchRequest[] {
  const targets = new Map<string, FetchRequest>()
  for (const request of requests) {
    const before = targets.get(request.target)
    if (before !== undefined && before.url !== request.url)
      throw new AstrolabelError('fetch/same-target', 'Two files would get one name', {
        got: `${before.url} and ${request.url} for ${request.target}`,
      })
    targets.set(request.target, before ?? request)
  }
  return [...targets.values()]
}

/** @throws `fetch/unsafe-path` when a target is no path below the folder, `fetch/address`. */
function checkTargets(folder: string, request: FetchRequest): void {
  if (!URL.canParse(request.url))
    throw new AstrolabelError('fetch/address', 'This is no address to download from', { got: request.url })
  const inside = relative(resolve(folder), resolve(folder, request.target))
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside) || /[\0\\]/.test(request.target))
    throw new AstrolabelError('fetch/unsafe-path', 'A file would be written outside the output folder', {
      got: JSON.stringify(request.target),
      expected: `a path below ${folder}`,
    })
  if (request.otherwise !== undefined) checkTargets(folder, request.otherwise)
}
