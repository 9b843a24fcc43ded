import { AstrolabelError } from '@astrolabel/spectra'
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { VERSION } from '../version.js'
import type { FetchSettings } from './fetch-request.js'
import { TunnelAgent, proxyFor, proxyHeaders } from './proxy.js'

/** Redirects followed before a server is taken to lead nowhere. */
const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Names us to the archives, which may want to tell what loads them. */
const USER_AGENT = `astrolabel/${VERSION}`

/** A server's answer, its body still to be read. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: IncomingMessage
}

/** The options of a request that say by which way it goes. */
interface Way extends RequestOptions {
  readonly headers?: OutgoingHttpHeaders
}

/** Connections kept open between the files of a download. */
export class Connections {
  readonly #http: HttpAgent
  readonly #https: HttpsAgent
  readonly #tunnels = new Map<string, TunnelAgent>()
  readonly #options: { readonly keepAlive: true; readonly maxSockets: number }
  readonly #settings: FetchSettings

  constructor(settings: FetchSettings) {
    this.#options = { keepAlive: true, maxSockets: settings.parallel }
    this.#http = new HttpAgent(this.#options)
    this.#https = new HttpsAgent(this.#options)
    this.#settings = settings
  }

  /**
   * Ask for a URL, following redirects, which may not lead from https to http.
   *
   * @throws `fetch/redirects`, `fetch/insecure-redirect`, `fetch/address`, `fetch/connection`, `fetch/timeout`; the
   * signal's reason.
   */
  async ask(
    method: 'GET' | 'HEAD',
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    let address = parseAddress(url)
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const body = await this.#send(method, address, headers, signal)
      const status = body.statusCode ?? 0
      const { location } = body.headers
      if (!REDIRECTS.has(status) || location === undefined) return { status, headers: body.headers, body }
      body.resume()
      const next = parseAddress(location, address)
      if (address.protocol === 'https:' && next.protocol !== 'https:')
        throw new AstrolabelError(
          'fetch/insecure-redirect',
          `${address.host} redirects to an address without encryption`,
          {
            got: next.href,
            expected: 'https',
          },
        )
      address = next
    }
    throw new AstrolabelError('fetch/redirects', `${url} is redirected without end`, {
      got: `${MAX_REDIRECTS + 1} redirects, the last to ${address.href}`,
      expected: `at most ${MAX_REDIRECTS}`,
    })
  }

  close(): void {
    for (const agent of [this.#http, this.#https, ...this.#tunnels.values()]) agent.destroy()
  }

  /** What to open a connection to an address with: by the proxy that the environment names, if there is one. */
  #way(address: URL): Way {
    const proxy = proxyFor(address)
    if (address.protocol === 'https:') return { agent: proxy === undefined ? this.#https : this.#tunnel(proxy) }
    if (proxy === undefined) return { agent: this.#http }
    // A proxy is asked for the whole address of what is not encrypted.
    const { hostname, port, protocol } = proxy
    return {
      agent: protocol === 'https:' ? this.#https : this.#http,
      protocol,
      hostname,
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : port,
      path: address.href,
      headers: { host: address.host, ...proxyHeaders(proxy) },
    }
  }

  #tunnel(proxy: URL): TunnelAgent {
    const known = this.#tunnels.get(proxy.href)
    if (known !== undefined) return known
    const agent = new TunnelAgent(proxy, this.#options)
    this.#tunnels.set(proxy.href, agent)
    return agent
  }

  #send(
    method: string,
    address: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const { connectTimeout, stallTimeout } = this.#settings
    return new Promise((resolve, reject) => {
      const way = this.#way(address)
      const request = ((way.protocol ?? address.protocol) === 'https:' ? httpsRequest : httpRequest)(address, {
        ...way,
        method,
        // Bytes as the archive has them: a length or a range of compressed bytes would say nothing about the file.
        headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...headers, ...way.headers },
        ...(signal === undefined ? {} : { signal }),
      })
      const timer = setTimeout(
        () => request.destroy(timedOut(address, `no answer within ${connectTimeout / 1000} s`)),
        connectTimeout,
      )
      request.on('response', (response) => {
        clearTimeout(timer)
        request.setTimeout(stallTimeout, () =>
          response.destroy(timedOut(address, `nothing more for ${stallTimeout / 1000} s`)),
        )
        resolve(response)
      })
      request.on('error', (error) => {
        clearTimeout(timer)
        reject(asFetchError(error, address.host, signal))
      })
      request.end()
    })
  }
}

/** An error of a connection as a typed one; the signal's reason when it was aborted. */
export function asFetchError(error: unknown, host: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  if (error instanceof AstrolabelError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new AstrolabelError('fetch/connection', `The connection to ${host} failed`, {
    got: CAUSES[code] ?? (error instanceof Error ? error.message || code : String(error)),
    cause: error,
  })
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host (is there a network?)',
  EAI_AGAIN: 'no answer from the name server (is there a network?)',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'closed by the server before the end',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
}

function timedOut(address: URL, got: string): AstrolabelError {
  return new AstrolabelError('fetch/timeout', `${address.host} does not answer`, { got })
}

/** @throws `fetch/address` for what is no web address. */
function parseAddress(text: string, base?: URL): URL {
  const address = URL.canParse(text, base) ? new URL(text, base) : undefined
  if (address === undefined || !/^https?:$/.test(address.protocol))
    throw new AstrolabelError('fetch/address', 'This is no address to download from', {
      got: text,
      expected: 'https://… (or http://… of a mirror)',
    })
  return address
}
