import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { HduInput, HttpOptions } from '@astrolabel/io-fits'
import { FitsError, encodeFits, httpSource, openFits, openFitsUrl } from '@astrolabel/io-fits'
import type { Asked, TestServer } from './misbehaving-server.js'
import { serve } from './misbehaving-server.js'

const ramp = (length: number, from = 0): Float32Array => Float32Array.from({ length }, (_, i) => from + i)
const ROWS = 40
const PIXELS = 60_000
const wide: HduInput = {
  kind: 'table',
  name: 'WIDE',
  columns: [
    ...Array.from({ length: 10 }, (_, i) => ({ name: `c${i}`, values: ramp(ROWS, i) })),
    { name: 'spectrum', values: ramp(ROWS * PIXELS), shape: [PIXELS] },
  ],
}
const bytes = encodeFits([
  { kind: 'image', name: 'BIG', data: ramp(1_500_000) },
  { kind: 'image', name: 'SMALL', shape: [50, 100], data: ramp(5000) },
  wide,
])
const FAST: HttpOptions = { retryDelay: 1 }
let server: TestServer
beforeAll(async () => {
  server = await serve(bytes)
})
afterAll(() => server.close())
beforeEach(() => server.reset())

const reject = ({ response }: Asked, status: number, headers: Record<string, string> = {}): true => {
  response.writeHead(status, headers).end()
  return true
}
const small = async (options: HttpOptions = FAST): Promise<unknown> => {
  const file = await openFitsUrl(server.url, options)
  const { data } = await file.image('SMALL').read()
  await file.close()
  return data
}

test('opening reads headers, one HDU is read without the rest', async () => {
  const file = await openFitsUrl(server.url)
  expect(file.hdus.map(({ name }) => name)).toEqual(['BIG', 'SMALL', 'WIDE'])
  expect([server.requests, server.bytes]).toEqual([3, 32_768 * 3])
  server.reset()
  expect((await file.image('SMALL').read()).data).toEqual(ramp(5000))
  // What the headers' blocks hold of it already is not read again.
  expect(server.requests).toBe(0)
  expect(await file.image('SMALL').read({ rows: [49, 50] })).toMatchObject({ shape: [1, 100] })
  server.reset()
  const { data } = await file.image('BIG').read({ rows: [700_000, 700_010] })
  expect(data).toEqual(ramp(10, 700_000))
  expect([server.requests, server.bytes]).toEqual([1, 16_384])
  await file.close()
})

test('ten columns of a wide table are read without the others', async () => {
  const file = await openFitsUrl(server.url)
  server.reset()
  const columns = Array.from({ length: 10 }, (_, i) => `c${i}`)
  const table = await file.table('WIDE').read({ columns })
  expect(table.column('c7').values).toEqual(ramp(ROWS, 7))
  // A block a row, two where the row begins at a block's end, of 15 blocks that a row has.
  expect(server.bytes).toBeLessThanOrEqual(ROWS * 1.2 * 16_384)
  expect(server.bytes).toBeLessThan((ROWS * PIXELS * 4) / 10)
  await file.close()
})

test('a long read is one request a chunk and each byte once', async () => {
  const file = await openFitsUrl(server.url)
  server.reset()
  const { data } = await file.image('BIG').read()
  expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(ramp(1_500_000).buffer))).toBe(0)
  expect(server.requests).toBeLessThanOrEqual(7)
  expect(server.bytes).toBeLessThan(6_000_000 + 32_768)
  await file.close()
})

test('at most six requests run at once', async () => {
  const file = await openFitsUrl(server.url)
  let now = 0
  let most = 0
  server.misbehave = ({ response, start, end }) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now--
      response.writeHead(206).end(bytes.subarray(start, end))
    }, 5)
    return true
  }
  await file.table('WIDE').read({ columns: ['c0'] })
  expect(most).toBe(6)
  await file.close()
})

test('packed files and empty ones', async () => {
  const packed = await serve(new Uint8Array(gzipSync(bytes)))
  const empty = await serve(new Uint8Array(0))
  expect((await openFitsUrl(packed.url)).hdus).toHaveLength(3)
  await expect(openFitsUrl(packed.url, { maxUnpacked: 1e6 })).rejects.toMatchObject({ code: 'fits/too-large' })
  await expect(openFitsUrl(empty.url)).rejects.toMatchObject({ code: 'fits/not-fits' })
  await Promise.all([packed.close(), empty.close()])
})

test('headers go with every request, and another fetch takes the place of the platform one', async () => {
  const seen: (string | undefined)[] = []
  server.misbehave = ({ request }) => {
    seen.push(request.headers.authorization)
    return false
  }
  let calls = 0
  const counted: typeof fetch = (input, init) => {
    calls++
    return fetch(input, init)
  }
  await small({ headers: { authorization: 'Bearer x' }, fetch: counted })
  expect(new Set(seen)).toEqual(new Set(['Bearer x']))
  expect(calls).toBe(seen.length)
})

test('a server that cannot send parts: the whole file is taken, up to a limit', async () => {
  server.misbehave = ({ response }) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.end(bytes)
    return true
  }
  expect(await small()).toEqual(ramp(5000))
  expect(server.requests).toBe(1)
  await expect(httpSource(server.url, { maxWhole: 1e6 })).rejects.toMatchObject({
    code: 'fits/too-large',
    message: expect.stringContaining('maxWhole'),
  })
  // The same where it does not say how long it is.
  server.misbehave = ({ response }) => {
    response.writeHead(200)
    response.end(bytes)
    return true
  }
  expect(await small()).toEqual(ramp(5000))
  await expect(httpSource(server.url, { maxWhole: 1e6 })).rejects.toMatchObject({ code: 'fits/too-large' })
})

test('a server that hides Content-Range is asked how long the file is', async () => {
  server.misbehave = ({ request, response, start, end }) => {
    if (request.method === 'HEAD') return false
    response.writeHead(206)
    response.end(bytes.subarray(start, end))
    return true
  }
  expect(await small()).toEqual(ramp(5000))
})

test.each<[string, (asked: Asked) => boolean | undefined]>([
  ['503', (asked) => asked.nth % 3 !== 0 && reject(asked, 503)],
  ['503 with a wait', (asked) => asked.nth % 3 !== 0 && reject(asked, 503, { 'retry-after': '0' })],
  ['429', (asked) => asked.nth % 2 === 1 && reject(asked, 429)],
  [
    'connections closed before the answer',
    ({ nth, request }) => {
      if (nth % 2 === 1) request.socket.destroy()
      return nth % 2 === 1
    },
  ],
  [
    'connections cut within it',
    ({ nth, start, end, request, response }) => {
      if (nth % 2 === 0) return false
      response.writeHead(206, {
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
      })
      response.write(bytes.subarray(start, start + 5000), () => request.socket.destroy())
      return true
    },
  ],
  [
    'answers that end early, with all due form',
    ({ start, end, nth, response }) => {
      const stop = nth % 2 === 0 ? end : Math.min(end, start + 7000)
      response.writeHead(206, { 'content-range': `bytes ${start}-${stop - 1}/${bytes.length}` })
      response.end(bytes.subarray(start, stop))
      return true
    },
  ],
])('%s: tried again', async (_, misbehave) => {
  server.misbehave = misbehave
  expect(await small()).toEqual(ramp(5000))
})

test('a read that was cut goes on where it stopped', async () => {
  const file = await openFitsUrl(server.url, FAST)
  server.reset()
  const starts: number[] = []
  server.misbehave = ({ nth, start, end, response }) => {
    starts.push(start)
    if (nth !== 1) return false
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` })
    response.end(bytes.subarray(start, start + 100_000))
    return true
  }
  await file.image('BIG').read({ rows: [100_000, 200_000] })
  expect(starts).toHaveLength(2)
  expect((starts[1] as number) - (starts[0] as number)).toBe(100_000)
  await file.close()
})

test('tries come to an end, and the error says so', async () => {
  server.misbehave = (asked) => reject(asked, 503)
  await expect(small({ retries: 2, retryDelay: 1 })).rejects.toMatchObject({
    code: 'fits/http',
    message: expect.stringMatching(/got status 503 Service Unavailable at the last of 3 tries, .*Try again later/),
  })
  expect(server.requests).toBe(3)
  const nowhere = 'http://127.0.0.1:9/a.fits'
  await expect(openFitsUrl(nowhere, { retries: 1, retryDelay: 1 })).rejects.toMatchObject({ code: 'fits/http' })
})

test('what is no address is not tried', async () => {
  await expect(httpSource('a.fits')).rejects.toMatchObject({ code: 'fits/bad-input' })
})

test.each([
  [404, /status 404 Not Found, .*Check the address/],
  [403, /Authorization/],
])('status %i is not tried again', async (status, message) => {
  server.misbehave = (asked) => reject(asked, status)
  await expect(small()).rejects.toMatchObject({ code: 'fits/http', message: expect.stringMatching(message) })
  expect(server.requests).toBe(1)
})

test.each<[string, (asked: Asked) => boolean | undefined]>([
  ['ETag', ({ response }) => void response.setHeader('etag', '"two"')],
  [
    'size',
    ({ start, end, response }) => {
      response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length + 1}` })
      response.end(bytes.subarray(start, end))
      return true
    },
  ],
  [
    'ETag, and the whole is sent',
    ({ response }) => {
      response.writeHead(200, { etag: '"two"' })
      response.end(bytes)
      return true
    },
  ],
])('a file whose %s changed between reads is not mixed with the one opened', async (_, misbehave) => {
  const file = await openFitsUrl(server.url, FAST)
  server.misbehave = misbehave
  await expect(file.image('BIG').read()).rejects.toMatchObject({
    code: 'fits/source-changed',
    message: expect.stringContaining('Open it again'),
  })
  await file.close()
})

test.each<[string, (asked: Asked) => Record<string, string>, RegExp]>([
  [
    'another range',
    ({ start, end }) => ({ 'content-range': `bytes ${start + 1}-${end}/${bytes.length}` }),
    /got bytes \d+-\d+, expected bytes \d+-\d+/,
  ],
  [
    'an encoding',
    ({ start, end }) => ({
      'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
      'content-encoding': 'br-of-its-own',
    }),
    /a part encoded by br-of-its-own/,
  ],
])('an answer with %s is refused', async (_, headers, message) => {
  const file = await openFitsUrl(server.url, FAST)
  server.misbehave = (asked) => {
    asked.response.writeHead(206, headers(asked))
    asked.response.end(bytes.subarray(asked.start, asked.end))
    return true
  }
  await expect(file.image('BIG').read()).rejects.toMatchObject({
    code: 'fits/http',
    message: expect.stringMatching(message),
  })
  await file.close()
})

test('more bytes than were asked for are refused', async () => {
  const file = await openFitsUrl(server.url, FAST)
  server.misbehave = ({ start, response }) => {
    response.writeHead(206)
    response.end(bytes.subarray(start, start + 3_000_000))
    return true
  }
  await expect(file.image('BIG').read({ rows: [500_000, 500_100] })).rejects.toMatchObject({ code: 'fits/http' })
  await file.close()
})

test('a signal and close() end reads under way; failed blocks are asked for anew', async () => {
  const stop = new AbortController()
  const file = await openFitsUrl(server.url, { signal: stop.signal, retries: 0 })
  server.misbehave = (asked) => reject(asked, 500)
  await expect(file.image('BIG').read({ rows: [0, 100_000] })).rejects.toMatchObject({ code: 'fits/http' })
  server.misbehave = () => false
  await expect(file.image('BIG').read({ rows: [0, 100_000] })).resolves.toMatchObject({ shape: [100_000] })
  server.misbehave = () => true
  const stopped = file.image('BIG').read({ rows: [500_000, 500_001] })
  setTimeout(() => stop.abort(new Error('enough')), 20)
  await expect(stopped).rejects.toThrow('enough')
  await expect(openFitsUrl(server.url, { signal: stop.signal })).rejects.toThrow('enough')

  server.reset()
  const other = await openFits(await httpSource(server.url))
  server.misbehave = () => true
  const closed = other.image('BIG').read({ rows: [500_000, 500_001] })
  setTimeout(() => void other.close(), 20)
  await expect(closed).rejects.toMatchObject({ code: 'fits/closed' })
})

const FAULTS: Record<string, (asked: Asked) => boolean | undefined> = {
  none: () => false,
  busy: (asked) => reject(asked, 503),
  gone: (asked) => reject(asked, 404),
  hangUp: ({ request }) => {
    request.socket.destroy()
    return true
  },
  cut: ({ start, end, request, response }) => {
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` })
    response.write(bytes.subarray(start, (start + end) >> 1), () => request.socket.destroy())
    return true
  },
  short: ({ start, end, response }) => {
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` })
    response.end(bytes.subarray(start, (start + end) >> 1))
    return true
  },
  long: ({ start, end, response }) => {
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` })
    response.end(bytes.subarray(start, end + 1000))
    return true
  },
  shifted: ({ start, end, response }) => {
    response.writeHead(206, { 'content-range': `bytes ${start + 1}-${end}/${bytes.length}` })
    response.end(bytes.subarray(start + 1, end + 1))
    return true
  },
  changed: ({ response }) => void response.setHeader('etag', '"two"'),
  whole: ({ response }) => {
    response.writeHead(200)
    response.end(bytes)
    return true
  },
}

test('property: whatever a server does in whatever order, the data are right or the error is typed', async () => {
  const fault = fc.oneof({ weight: 3, arbitrary: fc.constant('none') }, fc.constantFrom(...Object.keys(FAULTS)))
  const wanted = ramp(1000, 200_000)
  let right = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 12 }), async (faults) => {
      server.reset()
      server.misbehave = (asked) => FAULTS[faults[asked.nth - 1] ?? 'none']?.(asked)
      const read = async (): Promise<unknown> => {
        const file = await openFitsUrl(server.url, { retries: 3, retryDelay: 0 })
        try {
          const image = await file.image('BIG').read({ rows: [200_000, 201_000] })
          const other = await file.image('SMALL').read()
          return [image.data, other.data]
        } finally {
          await file.close()
        }
      }
      const outcome = await read().catch((error: unknown) => error)
      if (outcome instanceof FitsError) return
      expect(outcome).toEqual([wanted, ramp(5000)])
      right++
    }),
    { numRuns: 60 },
  )
  expect(right).toBeGreaterThan(10)
})
