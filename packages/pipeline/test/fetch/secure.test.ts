import { fetchFiles } from '@astrolabel/pipeline'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const QUICK = { backoff: 1, attempts: 2, connectTimeout: 5000 }
const FITS = Buffer.alloc(2880, 'SIMPLE  =   ')
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()])

let folder: string
let saved: NodeJS.ProcessEnv
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'astrolabel-secure-'))
  saved = { ...process.env }
  for (const name of VARIABLES) delete process.env[name]
})
afterEach(() => {
  process.env = saved
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

/** Start a server on a port of its own. */
async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

/** A proxy that answers for plain addresses itself and leads tunnels to one port of this machine. */
async function startProxy(tunnelTo: number, asked: string[], refuse = false): Promise<string> {
  const proxy = createServer((request: IncomingMessage, answer) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
    answer.writeHead(200, { 'content-length': FITS.length }).end(FITS)
  })
  proxy.on('connect', (request: IncomingMessage, socket) => {
    asked.push(`CONNECT ${request.url}`)
    if (refuse) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const server = connect(tunnelTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      server.pipe(socket).pipe(server)
    })
    for (const end of [server, socket]) end.on('error', () => end.destroy())
  })
  return `127.0.0.1:${await listen(proxy)}`
}

test('what is not encrypted is asked of the proxy that the environment names, unless it is exempt', async () => {
  const asked: string[] = []
  process.env['HTTP_PROXY'] = `http://me:s%20cret@${await startProxy(0, asked)}`
  const url = 'http://archive.invalid/a.fits'
  expect(await fetchFiles([{ url, target: 'a.fits' }], folder, QUICK)).toMatchObject({ downloaded: 1 })
  expect(asked).toEqual([`GET ${url} Basic ${Buffer.from('me:s cret').toString('base64')}`])
  process.env['NO_PROXY'] = 'example.org, .invalid:80'
  const { failures } = await fetchFiles([{ url, target: 'b.fits' }], folder, QUICK)
  expect(failures[0]!.error!.code).toBe('fetch/connection')
  expect(asked).toHaveLength(1)
})

test('a proxy that is none is told', async () => {
  process.env['ALL_PROXY'] = 'socks5://127.0.0.1:1'
  const { failures } = await fetchFiles([{ url: 'http://archive.invalid/a.fits', target: 'a.fits' }], folder, QUICK)
  expect(failures[0]!.error).toMatchObject({
    code: 'fetch/proxy',
    message: expect.stringContaining('socks5') as string,
  })
})

const openssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    console.warn('openssl is absent: tests of encrypted downloads are left out')
    return false
  }
})()

describe.runIf(openssl)('encrypted', () => {
  let port: number
  let plain: number

  beforeAll(async () => {
    const keys = mkdtempSync(join(tmpdir(), 'astrolabel-keys-'))
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:archive.invalid']
    const files = ['-keyout', join(keys, 'key.pem'), '-out', join(keys, 'cert.pem')]
    execFileSync('openssl', [...'req -x509 -newkey rsa:2048 -nodes -days 2'.split(' '), ...subject, ...files], {
      stdio: 'ignore',
    })
    const pair = { key: readFileSync(join(keys, 'key.pem')), cert: readFileSync(join(keys, 'cert.pem')) }
    rmSync(keys, { recursive: true })
    plain = await listen(createServer((_, answer) => void answer.end(FITS)))
    port = await listen(
      createSecureServer(pair, (request, answer) => {
        if (request.url === '/down.fits')
          return void answer.writeHead(302, { location: `http://127.0.0.1:${plain}/a.fits` }).end()
        answer.writeHead(200, { 'content-length': FITS.length }).end(FITS)
      }) as unknown as Server,
    )
  })

  test('a certificate that nobody vouches for is refused', async () => {
    const { failures } = await fetchFiles(
      [{ url: `https://127.0.0.1:${port}/a.fits`, target: 'a.fits' }],
      folder,
      QUICK,
    )
    expect(failures[0]!.error).toMatchObject({
      code: 'fetch/connection',
      message: expect.stringMatching(/certificate/) as string,
    })
  })

  test('a redirect may not lead from https to http', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const url = `https://127.0.0.1:${port}`
    expect(await fetchFiles([{ url: `${url}/a.fits`, target: 'a.fits' }], folder, QUICK)).toMatchObject({
      downloaded: 1,
    })
    const { failures } = await fetchFiles([{ url: `${url}/down.fits`, target: 'b.fits' }], folder, QUICK)
    expect(failures[0]).toMatchObject({ attempts: 1, error: { code: 'fetch/insecure-redirect' } })
  })

  test('a proxy is passed through a tunnel; one that refuses is told', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    const asked: string[] = []
    const requests = ['a', 'b'].map((name) => ({ url: `https://archive.invalid/${name}.fits`, target: `${name}.fits` }))
    process.env['https_proxy'] = await startProxy(port, asked)
    expect(await fetchFiles(requests, folder, { ...QUICK, parallel: 1 })).toMatchObject({ downloaded: 2 })
    // The tunnel is kept for the second file.
    expect(asked).toEqual(['CONNECT archive.invalid:443'])
    process.env['https_proxy'] = await startProxy(port, asked, true)
    const { failures } = await fetchFiles([{ ...requests[0]!, target: 'c.fits' }], folder, QUICK)
    expect(failures[0]!.error).toMatchObject({
      code: 'fetch/proxy',
      message: expect.stringContaining('status 403') as string,
    })
  })
})
