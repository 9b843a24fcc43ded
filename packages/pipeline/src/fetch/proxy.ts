import { AstrolabelError } from '@astrolabel/spectra'
import { request as httpRequest } from 'node:http'
import type { AgentOptions } from 'node:https'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { connect as tlsConnect } from 'node:tls'

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i

/**
 * The proxy by which an address is to be reached, as HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say (in capitals or
 * not); undefined for none, and always for this machine itself.
 *
 * @throws `fetch/proxy` when the variable holds no address.
 */
export function proxyFor(address: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const variable = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? ''
  const text = variable(address.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || variable('ALL_PROXY')
  if (text === '' || LOOPBACK.test(address.hostname) || exempt(address, variable('NO_PROXY'))) return undefined
  const whole = /^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(whole) || !/^https?:$/.test(new URL(whole).protocol))
    throw new AstrolabelError('fetch/proxy', 'The proxy that the environment names is none that can be used', {
      got: text,
      expected: 'http://host:port or https://host:port',
    })
  return new URL(whole)
}

/** Headers that a proxy needs to let us pass. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

type Connected = (error: Error | null, stream?: Duplex) => void

/** Connections to servers through the tunnels of a proxy, which sees nothing of what is said. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL

  constructor(proxy: URL, options: AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(options: ConnectionOptions, connected: Connected): undefined {
    const { host = '', port = 443 } = options
    const request = (this.#proxy.protocol === 'https:' ? httpsRequest : httpRequest)(this.#proxy, {
      method: 'CONNECT',
      path: `${host}:${port}`,
      headers: { host: `${host}:${port}`, ...proxyHeaders(this.#proxy) },
      agent: false,
    })
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) {
        connected(null, tlsConnect({ ...options, socket, servername: options.servername ?? host }))
        return
      }
      socket.destroy()
      connected(
        new AstrolabelError('fetch/proxy', `The proxy ${this.#proxy.host} does not lead to ${host}`, {
          got: `status ${response.statusCode}`,
        }),
      )
    })
    request.once('error', (error) => connected(error))
    request.end()
  }
}

/** NO_PROXY: hosts, domains with or without a dot before them, with or without a port; `*` for all. */
function exempt(address: URL, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [name = '', port] = entry
        .toLowerCase()
        .replace(/^\*?\./, '')
        .split(':')
      if (name === '*') return true
      const host = address.hostname.toLowerCase()
      const samePort = port === undefined || port === (address.port || (address.protocol === 'https:' ? '443' : '80'))
      return samePort && (host === name || host.endsWith(`.${name}`))
    })
}
