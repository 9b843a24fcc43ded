import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a request asks for; `end` is the byte after the last. */
export interface Asked {
  readonly start: number
  readonly end: number
  /** The number of the request, from 1. */
  readonly nth: number
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A file on a local web server, which counts what it sends and does what `misbehave` says before it behaves. */
export interface TestServer {
  readonly url: string
  requests: number
  /** Bytes of bodies sent. */
  bytes: number
  /** Called before each answer; true where it has answered. */
  misbehave: (asked: Asked) => boolean | undefined
  reset(): void
  close(): Promise<void>
}

/** Serves `bytes` with ranges, an ETag and a date. */
export async function serve(bytes: Uint8Array): Promise<TestServer> {
  const server = createServer((request, response) => {
    state.requests++
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    const start = Number(match?.[1] ?? 0)
    const end = Math.min(bytes.length, Number(match?.[2] ?? Infinity) + 1)
    response.setHeader('etag', '"one"')
    if (state.misbehave({ start, end, nth: state.requests, request, response }) === true) return
    if (match !== null && start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
      return
    }
    const part = bytes.subarray(start, end)
    response.writeHead(match === null ? 200 : 206, {
      'content-length': part.length,
      ...(match === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    state.bytes += part.length
    response.end(part)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const state: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.fits`,
    requests: 0,
    bytes: 0,
    misbehave: () => false,
    reset: () => {
      state.requests = 0
      state.bytes = 0
      state.misbehave = () => false
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  return state
}
