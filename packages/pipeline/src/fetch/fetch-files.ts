import { AstrolabelError } from '@astrolabel/spectra'
import { isAbsolute, relative, resolve } from 'node:path'
import { downloadFile } from './download-file.js'
import type { FetchedFile, FetchOptions, FetchRequest, FetchSummary } from './fetch-request.js'
import { FetchSession, hostOf } from './fetch-session.js'
import { RemoteFolders } from './remote-folder.js'
import { transferText } from './transfer-text.js'

/** Milliseconds between reports of progress: a bar cannot show more. */
const REPORT_EVERY = 100

/**
 * Download files into a folder.
 *
 * Each host is asked for at most `parallel` files at a time and left alone when it says that it is busy. What fails is
 * tried again, ever later; what fails for good is told, and the others go on. A run that was stopped leaves parts that the
 * next one goes on from; files that are there and whole are not loaded again.
 *
 * @param folder Output folder, made when it is not there.
 * @param options.onProgress Counts files, those under way by the share of their bytes.
 * @returns Counts, and what failed or is not on the server.
 * @throws `fetch/unsafe-path` for a target outside the folder and `fetch/same-target` when two files want one name, before
 * anything is loaded; `fetch/disk-full`; what the file system says; the signal's reason.
 */
export async function fetchFiles(
  requests: readonly FetchRequest[],
  folder: string,
  options: FetchOptions = {},
): Promise<FetchSummary> {
  const wanted = distinct(requests)
  for (const request of wanted) checkTargets(folder, request)
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const session = new FetchSession({ ...options, signal })
  try {
    return await new Download(wanted, folder, session, options, stop).run()
  } finally {
    session.close()
  }
}

/** One run of {@link fetchFiles}: what is done, and how far the files under way are. */
class Download {
  readonly #requests: readonly FetchRequest[]
  readonly #folder: string
  readonly #session: FetchSession
  readonly #options: FetchOptions
  readonly #stop: AbortController
  readonly #done: FetchedFile[] = []
  readonly #warned = new Set<string>()
  readonly #shares = new Map<FetchRequest, number>()
  readonly #began = Date.now()
  #bytes = 0
  #reported = 0

  constructor(
    requests: readonly FetchRequest[],
    folder: string,
    session: FetchSession,
    options: FetchOptions,
    stop: AbortController,
  ) {
    this.#requests = requests
    this.#folder = folder
    this.#session = session
    this.#options = options
    this.#stop = stop
  }

  async run(): Promise<FetchSummary> {
    const folders = new RemoteFolders(this.#session)
    const workers = byHost(this.#requests).flatMap((queue) => {
      const next = queue.values()
      return Array.from({ length: Math.min(this.#session.settings.parallel, queue.length) }, async () => {
        for (const request of next) await this.#one(request, folders)
      })
    })
    try {
      await Promise.all(workers)
    } catch (error) {
      // One failure that concerns all stops all; they must have let go of their files before this returns.
      this.#stop.abort(error)
      await Promise.allSettled(workers)
      throw error
    }
    this.#report(true)
    return this.#summary()
  }

  async #one(request: FetchRequest, folders: RemoteFolders): Promise<void> {
    this.#session.signal?.throwIfAborted()
    const file = await downloadFile(request, {
      session: this.#session,
      folders,
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
