import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Outcome } from './cli.js'
import { TEST_DATA, astrolabel, json } from './cli.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PATH = `${TEST_DATA}coadd-sim-0.fits`
const FITS = readFileSync(PATH)

function piped(input: Uint8Array): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, 'inspect', '-', '--json'])
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
    child.stdin.end(input)
  })
}

let sent = 0
const server = createServer((request, response) => {
  const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
  const part = FITS.subarray(Number(start), Math.min(FITS.length, Number(end) + 1))
  if (request.url !== '/a.fits') return response.writeHead(404).end()
  sent += part.length
  response.writeHead(206, { 'content-range': `bytes ${start}-${Number(start) + part.length - 1}/${FITS.length}` })
  return response.end(part)
})
const address = (name: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`
beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)))
afterAll(() => new Promise<void>((done) => server.close(() => done())))

test('inspect - reads FITS from standard input, packed or not', async () => {
  const wanted = await json('inspect', PATH)
  for (const bytes of [FITS, gzipSync(FITS)]) {
    const { code, stdout, stderr } = await piped(bytes)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({ ...wanted, file: 'standard input', bytes: bytes.length })
  }
  const { code, stderr } = await piped(Buffer.from('no FITS at all'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/standard input: file is not FITS/)
})

test('inspect of an address fetches headers, not data', async () => {
  const url = address('a.fits')
  expect(await json('inspect', url)).toEqual({ ...(await json('inspect', PATH)), file: url })
  expect(sent).toBeLessThan(FITS.length / 2)
  const { code, stderr } = await astrolabel(['inspect', address('b.fits')])
  expect(code).toBe(1)
  expect(stderr).toMatch(/b\.fits cannot be read: got status 404 Not Found/)
})
