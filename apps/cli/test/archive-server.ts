import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one GET of a file instead of a good answer. */
type Misbehaviour = (answer: ServerResponse, bytes: Buffer, etag: string) => void

interface Served {
  readonly bytes: Buffer
  readonly misbehaviours: Misbehaviour[]
}

/** An archive on this machine: serves files whole or from a byte on, except when it is told to misbehave. */
export interface ArchiveServer {
  readonly url: string
  /** GETs so far. */
  readonly asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  readonly serve: (path: string, bytes: Uint8Array | string, ...misbehaviours: Misbehaviour[]) => void
  readonly stop: () => Promise<void>
}

export async function startArchive(): Promise<ArchiveServer> {
  const files = new Map<string, Served>()
  const asked: ArchiveServer['asked'] = []
  const server = createServer((request: IncomingMessage, answer) => {
    const path = decodeURIComponent(request.url ?? '')
    if (request.method === 'GET') asked.push({ path, headers: request.headers })
    const file = files.get(path)
    if (file === undefined) return void answer.writeHead(404).end()
    const { bytes } = file
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
    const misbehaviour = request.method === 'GET' ? file.misbehaviours.shift() : undefined
    if (misbehaviour !== undefined) return misbehaviour(answer, bytes, etag)
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    answer.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': bytes.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    answer.end(request.method === 'HEAD' ? undefined : bytes.subarray(start))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    serve: (path, bytes, ...misbehaviours) => files.set(path, { bytes: Buffer.from(bytes), misbehaviours }),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Announce a length, send some bytes, and close. */
export function cut(sent: number, announced?: number): Misbehaviour {
  return (answer, bytes, etag) => {
    answer.writeHead(200, { etag, 'content-length': announced ?? bytes.length })
    answer.write(bytes.subarray(0, sent))
    setTimeout(() => answer.destroy(), 30)
  }
}

/** Say that it is busy for a second. */
export const busy: Misbehaviour = (answer) => void answer.writeHead(503, { 'retry-after': '1' }).end()

/** Send the file in so many pieces, with pauses. */
export function slowly(pieces: number, ms: number): Misbehaviour {
  return (answer, bytes, etag) => {
    answer.writeHead(200, { etag, 'content-length': bytes.length })
    const size = Math.ceil(bytes.length / pieces)
    const send = (start: number): void => {
      if (start + size >= bytes.length) return void answer.end(bytes.subarray(start))
      answer.write(bytes.subarray(start, start + size))
      setTimeout(() => send(start + size), ms)
    }
    send(0)
  }
}
