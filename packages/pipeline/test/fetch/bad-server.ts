import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server does with one request instead of answering it well. */
export type Misbehaviour = (answer: ServerResponse, bytes: Buffer, request: IncomingMessage) => void

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

interface Served {
  readonly bytes: Buffer
  readonly etag: string | undefined
  readonly misbehaviours: Misbehaviour[]
}

/** A web server for tests that serves files as a good one does, except when it is told not to. */
export class BadServer {
  readonly asked: Asked[] = []
  readonly #files = new Map<string, Served>()
  readonly #server: Server
  readonly #open = new Set<ServerResponse>()
  /** The most requests that were being answered at a time. */
  mostOpen = 0

  private constructor() {
    this.#server = createServer((request, answer) => {
      this.#open.add(answer)
      this.mostOpen = Math.max(this.mostOpen, this.#open.size)
      for (const event of ['finish', 'close']) answer.on(event, () => this.#open.delete(answer))
      this.#answer(request, answer)
    })
  }

  static async start(): Promise<BadServer> {
    const server = new BadServer()
    await new Promise<void>((done) => server.#server.listen(0, '127.0.0.1', done))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Serve bytes under a path; each misbehaviour is what happens to one GET, in turn, before all goes well. */
  serve(path: string, bytes: Uint8Array | string, ...misbehaviours: Misbehaviour[]): string {
    const content = Buffer.from(bytes)
    const etag = `"${createHash('md5').update(content).digest('hex')}"`
    this.#files.set(path, { bytes: content, etag, misbehaviours })
    return `${this.url}${path}`
  }

  /** The same without anything that would tell whether the file has changed. */
  serveUntagged(path: string, bytes: Uint8Array, ...misbehaviours: Misbehaviour[]): string {
    this.#files.set(path, { bytes: Buffer.from(bytes), etag: undefined, misbehaviours })
    return `${this.url}${path}`
  }

  /** Requests of a path so far. */
  askedFor(path: string, method = 'GET'): Asked[] {
    return this.asked.filter((asked) => asked.path === path && asked.method === method)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  #answer(request: IncomingMessage, answer: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? '')
    const method = request.method ?? ''
    this.asked.push({ method, path, headers: request.headers })
    const served = this.#files.get(path)
    if (served === undefined) {
      const listing = this.#listing(path)
      if (listing === undefined) return void answer.writeHead(404).end('not found')
      return void answer.writeHead(200, { 'content-type': 'text/html' }).end(listing)
    }
    const misbehaviour = method === 'GET' ? served.misbehaviours.shift() : undefined
    if (misbehaviour === undefined) wellBehaved(request, answer, served.bytes, served.etag)
    else misbehaviour(answer, served.bytes, request)
  }

  /** The page of a folder as Apache shows it. */
  #listing(path: string): string | undefined {
    if (!path.endsWith('/')) return undefined
    const names = [...this.#files.keys()]
      .filter((file) => file.startsWith(path))
      .map((file) => file.slice(path.length).split('/')[0]!)
    if (names.length === 0) return undefined
    const links = [...new Set(names)].map((name) => `<a href="${encodeURIComponent(name)}">${name}</a>`)
    return `<html><a href="?C=N;O=D">Name</a><a href="../">Parent</a><a href="/etc/passwd">x</a>${links.join('\n')}</html>`
  }
}

function wellBehaved(request: IncomingMessage, answer: ServerResponse, bytes: Buffer, etag: string | undefined): void {
  const tag = etag === undefined ? {} : { etag, 'accept-ranges': 'bytes' }
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  const fresh = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
  if (range !== null && fresh) {
    const start = Number(range[1])
    if (start >= bytes.length) return void answer.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    return void answer
      .writeHead(206, {
        ...tag,
        'content-length': bytes.length - start,
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      })
      .end(bytes.subarray(start))
  }
  answer.writeHead(200, { ...tag, 'content-length': bytes.length })
  answer.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Send some bytes of what is announced, then close the connection. */
export function cutAfter(count: number): Misbehaviour {
  return (answer, bytes, request) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
    answer.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': bytes.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    answer.write(bytes.subarray(start, start + count))
    // Not at once: a reset overtakes what was sent before it.
    setTimeout(() => answer.destroy(), 30)
  }
}

/** A status without the file. */
export function status(code: number, headers: Record<string, string> = {}): Misbehaviour {
  return (answer) => void answer.writeHead(code, headers).end('no')
}

/** Announce another length than is sent. */
export function wrongLength(by: number): Misbehaviour {
  return (answer, bytes) => {
    answer.strictContentLength = false
    answer.writeHead(200, { 'content-length': bytes.length + by })
    answer.write(bytes)
    setTimeout(() => answer.destroy(), 30)
  }
}

/** Answer with the whole file, whatever range is asked for. */
export function ignoreRange(etag = '"same"'): Misbehaviour {
  return (answer, bytes) => void answer.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes)
}

/** Send some bytes and then nothing, without closing. */
export function stallAfter(count: number): Misbehaviour {
  return (answer, bytes) => {
    answer.writeHead(200, { etag: '"stalls"', 'content-length': bytes.length })
    answer.write(bytes.subarray(0, count))
  }
}

/** Take the request and say nothing at all. */
export const silent: Misbehaviour = () => undefined

export function redirect(to: string): Misbehaviour {
  return (answer) => void answer.writeHead(302, { location: to }).end()
}

/** The page that some servers send with status 200 when they have no file. */
export const errorPage: Misbehaviour = (answer) =>
  void answer.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><h1>Maintenance</h1>')

/** Send the file piece by piece with pauses in between. */
export function slowly(pieces: number, ms: number): Misbehaviour {
  return (answer, bytes) => {
    answer.writeHead(200, { 'content-length': bytes.length })
    const size = Math.ceil(bytes.length / pieces)
    const send = (start: number): void => {
      if (start + size >= bytes.length) return void answer.end(bytes.subarray(start))
      answer.write(bytes.subarray(start, start + size))
      setTimeout(() => send(start + size), ms)
    }
    send(0)
  }
}
