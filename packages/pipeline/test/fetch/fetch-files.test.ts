import { fetchFiles } from '@astrolabel/pipeline'
import type { FetchOptions, FetchRequest } from '@astrolabel/pipeline'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  BadServer,
  cutAfter,
  errorPage,
  ignoreRange,
  redirect,
  silent,
  slowly,
  stallAfter,
  status,
  wrongLength,
} from './bad-server.js'

let server: BadServer
let folder: string
/** Waits that would be seconds outside tests. */
const QUICK: FetchOptions = { backoff: 1, connectTimeout: 2000, stallTimeout: 2000, attempts: 4 }

beforeEach(async () => {
  server = await BadServer.start()
  folder = mkdtempSync(join(tmpdir(), 'astrolabel-fetch-'))
})
afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A FITS-like file: the first words of one, whole blocks, and bytes that differ everywhere. */
function fitsBytes(blocks = 40, seed = 1): Buffer {
  const bytes = Buffer.alloc(blocks * 2880)
  for (let i = 0, x = seed; i < bytes.length; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[i] = x >> 16
  }
  bytes.write('SIMPLE  =                    T', 0, 'latin1')
  return bytes
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

/** All files of the output folder, with sizes. */
function files(): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
}

async function fetchOne(url: string, options: FetchOptions = {}, more: Partial<FetchRequest> = {}) {
  const target = more.target ?? 'a/star.fits'
  const summary = await fetchFiles([{ url, target, ...more }], folder, { ...QUICK, ...options })
  return { ...summary, bytesThere: existsSync(join(folder, target)) ? readFileSync(join(folder, target)) : undefined }
}

describe('what goes wrong on the way', () => {
  const bytes = fitsBytes()

  test('a cut in the body: the next attempt asks for the rest, and the whole is whole', async () => {
    const url = server.serve('/cut.fits', bytes, cutAfter(30_000), cutAfter(30_000))
    const { downloaded, bytesThere, bytes: transferred } = await fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
    const asked = server.askedFor('/cut.fits')
    expect(asked).toHaveLength(3)
    expect(asked.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/) as string,
      expect.stringMatching(/^bytes=\d+-$/) as string,
    ])
    expect(asked[1]!.headers['if-range']).toBe(`"${digest('md5', bytes)}"`)
    expect(transferred).toBe(bytes.length)
    expect(files()).toEqual(['a/star.fits'])
  })

  test.each([429, 500, 502, 503, 504])('%i passes: it is tried again', async (code) => {
    const url = server.serve('/busy.fits', bytes, status(code), status(code))
    expect(await fetchOne(url)).toMatchObject({ downloaded: 1, failed: 0 })
    expect(server.askedFor('/busy.fits')).toHaveLength(3)
  })

  test('Retry-After is waited for, by all downloads from the host, within limits', async () => {
    const one = server.serve('/after.fits', bytes, status(503, { 'retry-after': '1' }))
    const began = Date.now()
    expect(await fetchOne(one)).toMatchObject({ downloaded: 1 })
    // Timers may fire a little early.
    expect(Date.now() - began).toBeGreaterThan(900)
    const long = server.serve('/long.fits', bytes, status(429, { 'retry-after': '3600' }))
    expect(await fetchOne(long, { maxWait: 5 }, { target: 'long.fits' })).toMatchObject({ failures: [], downloaded: 1 })
  })

  test.each([
    ['more', 100],
    ['fewer', -100],
  ])('%s bytes announced than there are is never taken for the file', async (_, by) => {
    const url = server.serve('/length.fits', bytes, ...Array.from({ length: 4 }, () => wrongLength(by)))
    const sums = server.serve('/length.sha1sum', `${digest('sha1', bytes)}  star.fits\n`)
    const { failed, failures, bytesThere } = await fetchOne(url, {}, { checksums: { url: sums, algorithm: 'sha1' } })
    expect(failed).toBe(1)
    expect(failures[0]!.error!.code).toMatch(/^fetch\/(?:connection|cut-short|digest)$/)
    expect(failures[0]!.attempts).toBe(4)
    expect(bytesThere).toBeUndefined()
  })

  test('a wrong length once is got over', async () => {
    const url = server.serve('/once.fits', bytes, wrongLength(5000))
    const { downloaded, bytesThere } = await fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a server that ignores the range: the file begins anew, nothing is appended', async () => {
    const url = server.serve('/norange.fits', bytes, cutAfter(30_000), ignoreRange())
    const { downloaded, bytesThere } = await fetchOne(url)
    expect(server.askedFor('/norange.fits')[1]!.headers.range).toBeDefined()
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a file that changes between attempts is loaded anew', async () => {
    const newer = fitsBytes(40, 7)
    const url = server.serve('/changes.fits', bytes, (answer, old, request) => {
      cutAfter(30_000)(answer, old, request)
      server.serve('/changes.fits', newer)
    })
    const { downloaded, bytesThere } = await fetchOne(url)
    expect(downloaded).toBe(1)
    expect(server.askedFor('/changes.fits')[1]!.headers['if-range']).toBe(`"${digest('md5', bytes)}"`)
    expect(bytesThere!.equals(newer)).toBe(true)
  })

  test('a changed file whose server does not heed If-Range is noticed by its tag', async () => {
    const newer = fitsBytes(40, 8)
    const url = server.serve('/careless.fits', bytes, cutAfter(30_000), (answer, _, request) => {
      server.serve('/careless.fits', newer)
      cutAfter(newer.length)(answer, newer, request)
    })
    const { downloaded, bytesThere } = await fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(newer)).toBe(true)
  })

  test('without a tag or date nothing is appended, with a digest it may be', async () => {
    const cut = (answer: Parameters<ReturnType<typeof status>>[0]): void => {
      answer.writeHead(200, { 'content-length': bytes.length })
      answer.write(bytes.subarray(0, 30_000))
      setTimeout(() => answer.destroy(), 30)
    }
    const url = server.serveUntagged('/untagged.fits', bytes, cut)
    expect(await fetchOne(url)).toMatchObject({ downloaded: 1 })
    expect(server.askedFor('/untagged.fits').map(({ headers }) => headers.range)).toEqual([undefined, undefined])
    const again = server.serveUntagged('/digest.fits', bytes, cut)
    const sums = server.serve('/digest.sha256sum', `${digest('sha256', bytes)} *b.fits\n`)
    const { bytesThere } = await fetchOne(
      again,
      {},
      { target: 'b.fits', checksums: { url: sums, algorithm: 'sha256' } },
    )
    expect(bytesThere!.equals(bytes)).toBe(true)
    expect(server.askedFor('/digest.fits')[1]!.headers.range).toMatch(/^bytes=\d+-$/)
  })

  test('a stall is left, and gone on from', async () => {
    const url = server.serve('/stall.fits', bytes, stallAfter(30_000), silent)
    const { downloaded, bytesThere } = await fetchOne(url, { stallTimeout: 100, connectTimeout: 100 })
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a slow server is not a stalled one', async () => {
    const url = server.serve('/slow.fits', bytes, slowly(8, 40))
    expect(await fetchOne(url, { stallTimeout: 200 })).toMatchObject({ downloaded: 1 })
    expect(server.askedFor('/slow.fits')).toHaveLength(1)
  })

  test('nobody there', async () => {
    const gone = await BadServer.start()
    const { url } = gone
    await gone.stop()
    const { failures } = await fetchOne(`${url}/x.fits`)
    expect(failures).toEqual([
      expect.objectContaining({
        status: 'failed',
        attempts: 4,
        error: {
          code: 'fetch/connection',
          message: expect.stringMatching(/127\.0\.0\.1:\d+ failed: got refused/) as string,
        },
      }),
    ])
  })
})

describe('what is not there', () => {
  test('404 fails at once, an optional file is absent, another place is looked at', async () => {
    const bytes = fitsBytes(2)
    const there = server.serve('/there.fits', bytes)
    const summary = await fetchFiles(
      [
        { url: `${server.url}/no.fits`, target: 'no.fits' },
        { url: `${server.url}/maybe.fits`, target: 'maybe.fits', optional: true },
        {
          url: `${server.url}/first.fits`,
          target: 'first.fits',
          otherwise: {
            url: `${server.url}/second.fits`,
            target: 'second.fits',
            otherwise: { url: there, target: 'third.fits' },
          },
        },
      ],
      folder,
      QUICK,
    )
    expect(summary).toMatchObject({ files: 3, downloaded: 1, absent: 1, failed: 1 })
    expect(summary.failures[0]).toMatchObject({
      target: 'no.fits',
      attempts: 1,
      error: { code: 'fetch/not-found', message: expect.stringContaining('404 for ') as string },
    })
    expect(summary.missing[0]).toMatchObject({ target: 'maybe.fits' })
    expect(files()).toEqual(['third.fits'])
  })

  test('a page with status 200 is no file', async () => {
    const url = server.serve('/page.fits', fitsBytes(2), errorPage)
    const { failures, bytesThere } = await fetchOne(url)
    expect(failures[0]!.error).toEqual({
      code: 'fetch/not-fits',
      message: expect.stringMatching(/star\.fits is not FITS: got a file that starts with "<!DOCTYPE /) as string,
    })
    expect(bytesThere).toBeUndefined()
    expect(files()).toEqual([])
    const empty = server.serve('/empty.fits', '')
    expect((await fetchOne(empty)).failures[0]!.error!.message).toContain('got nothing')
    const zipped = server.serve('/zipped.fits.gz', fitsBytes(2))
    expect((await fetchOne(zipped, {}, { target: 'z.fits.gz' })).failures[0]!.error!.message).toContain('is not gzip')
  })

  test('401 and 403 are told and not tried again', async () => {
    const url = server.serve('/private.fits', fitsBytes(2), status(403))
    const { failures } = await fetchOne(url)
    expect(failures[0]).toMatchObject({ attempts: 1, error: { code: 'fetch/status' } })
  })
})

describe('redirects', () => {
  test('are followed, a few times', async () => {
    const bytes = fitsBytes(2)
    const end = server.serve('/end.fits', bytes)
    const url = server.serve('/begin.fits', '', redirect('/middle.fits'))
    server.serve('/middle.fits', '', redirect(end))
    expect((await fetchOne(url)).bytesThere!.equals(bytes)).toBe(true)
  })

  test('in a circle end', async () => {
    const forever = Array.from({ length: 10 }, () => redirect('/loop.fits'))
    const url = server.serve('/loop.fits', '', ...forever)
    const { failures } = await fetchOne(url)
    expect(failures[0]).toMatchObject({ attempts: 1, error: { code: 'fetch/redirects' } })
    expect(server.askedFor('/loop.fits')).toHaveLength(6)
  })

  test('to other than the web end', async () => {
    const url = server.serve('/odd.fits', '', redirect('file:///etc/passwd'))
    expect((await fetchOne(url)).failures[0]!.error!.code).toBe('fetch/address')
  })
})

describe('digests', () => {
  const bytes = fitsBytes(3)
  const checksums = (url: string): Partial<FetchRequest> => ({ checksums: { url, algorithm: 'sha1' } })

  test('the file must have the one of the list', async () => {
    const url = server.serve('/dir/star.fits', bytes)
    const sums = server.serve(
      '/dir/dir.sha1sum',
      `${digest('sha1', bytes)}  star.fits\n${'0'.repeat(40)}  other.fits\n`,
    )
    const seen: string[] = []
    await fetchOne(url, { onFile: ({ verified }) => seen.push(verified) }, checksums(sums))
    expect(seen).toEqual(['sha1'])
  })

  test('bytes spoilt on the way are loaded anew; spoilt for good they fail', async () => {
    const sums = server.serve('/dir/dir.sha1sum', `${digest('sha1', bytes)}  star.fits\n`)
    const spoilt = fitsBytes(3, 9)
    const url = server.serve('/dir/star.fits', bytes, (answer) => void answer.writeHead(200).end(spoilt))
    expect((await fetchOne(url, {}, checksums(sums))).bytesThere!.equals(bytes)).toBe(true)
    rmSync(join(folder, 'a'), { recursive: true })
    server.serve('/dir/star.fits', spoilt)
    const { failures } = await fetchOne(url, {}, checksums(sums))
    expect(failures[0]).toMatchObject({ attempts: 4, error: { code: 'fetch/digest' } })
    expect(files()).toEqual([])
  })

  test('a list of another name is found on the page of the folder, once for all files', async () => {
    const names = ['s1.fits', 's2.fits', 's3.fits']
    for (const name of names) server.serve(`/other/${name}`, bytes)
    server.serve('/other/odd name.sha256sum', names.map((name) => `${digest('sha256', bytes)}  ./${name}`).join('\n'))
    const seen: string[] = []
    await fetchFiles(
      names.map((name) => ({
        url: `${server.url}/other/${name}`,
        target: name,
        checksums: { url: `${server.url}/other/guess.sha1sum`, algorithm: 'sha1' as const },
      })),
      folder,
      { ...QUICK, onFile: ({ verified }) => seen.push(verified) },
    )
    expect(seen).toEqual(['sha256', 'sha256', 'sha256'])
    expect(server.askedFor('/other/guess.sha1sum')).toHaveLength(1)
    expect(server.askedFor('/other/')).toHaveLength(1)
  })

  test('where there are none, or the server fails to tell, the length counts, and checksums: false asks for none', async () => {
    const url = server.serve('/bare/star.fits', bytes)
    const seen: string[] = []
    const warnings: string[] = []
    const watch = {
      onFile: ({ verified }: { verified: string }) => seen.push(verified),
      onWarning: (text: string) => warnings.push(text),
    }
    await fetchOne(url, watch, checksums(`${server.url}/nowhere/bare.sha1sum`))
    expect(warnings).toEqual([])
    const broken = server.serve('/bare/sums', '', ...Array.from({ length: 4 }, () => status(500)))
    await fetchOne(url, watch, { ...checksums(broken), target: 'b.fits' })
    expect(warnings).toEqual([expect.stringContaining('Digests could not be had') as string])
    server.asked.length = 0
    await fetchOne(url, { ...watch, checksums: false }, { ...checksums(broken), target: 'c.fits' })
    expect(server.asked.map(({ path }) => path)).toEqual(['/bare/star.fits'])
    expect(seen).toEqual(['length', 'length', 'length'])
  })

  test('a length that is no whole number of FITS blocks is doubtful', async () => {
    const url = server.serve('/odd.fits', bytes.subarray(0, 5000))
    const seen: (string | undefined)[] = []
    await fetchOne(url, { onFile: ({ warning }) => seen.push(warning) })
    expect(seen[0]).toMatch(/5000 bytes.*blocks/)
  })
})

describe('a second run', () => {
  const bytes = fitsBytes(5)

  test('leaves alone what is whole, by digest or length, and loads anew what is not', async () => {
    const url = server.serve('/again.fits', bytes)
    const sums = server.serve('/again.sha1sum', `${digest('sha1', bytes)}  sum.fits\n`)
    const requests: FetchRequest[] = [
      { url, target: 'length.fits' },
      { url, target: 'sum.fits', checksums: { url: sums, algorithm: 'sha1' } },
    ]
    await fetchFiles(requests, folder, QUICK)
    server.asked.length = 0
    expect(await fetchFiles(requests, folder, QUICK)).toMatchObject({ present: 2, downloaded: 0, bytes: 0 })
    expect(server.askedFor('/again.fits')).toHaveLength(0)
    expect(server.askedFor('/again.fits', 'HEAD')).toHaveLength(1)

    writeFileSync(join(folder, 'length.fits'), 'short')
    const flipped = Buffer.from(bytes)
    flipped[5000]! ^= 1
    writeFileSync(join(folder, 'sum.fits'), flipped)
    expect(await fetchFiles(requests, folder, QUICK)).toMatchObject({ present: 0, downloaded: 2 })
    expect(readFileSync(join(folder, 'sum.fits')).equals(bytes)).toBe(true)
  })

  test('goes on from the part that an interruption left', async () => {
    const big = fitsBytes(200)
    const url = server.serve('/big.fits', big, (answer) => {
      answer.writeHead(200, { etag: `"${digest('md5', big)}"`, 'content-length': big.length })
      answer.write(big.subarray(0, 100_000))
    })
    const controller = new AbortController()
    const reason = new Error('Interrupted')
    await expect(
      fetchOne(url, {
        signal: controller.signal,
        onProgress: (done) => {
          if (done > 0) controller.abort(reason)
        },
      }),
    ).rejects.toBe(reason)
    expect(files()).toEqual(['a/star.fits.part', 'a/star.fits.part.json'])
    const left = statSync(join(folder, 'a/star.fits.part')).size
    expect(left).toBeGreaterThan(1024)
    const { downloaded, bytesThere, bytes: transferred } = await fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(big)).toBe(true)
    expect(transferred).toBe(big.length - left)
    expect(server.askedFor('/big.fits')[1]!.headers.range).toBe(`bytes=${left}-`)
    expect(files()).toEqual(['a/star.fits'])
  })

  test('a part that is the whole file only gets its name; one of another address, or that nobody knows, is not used', async () => {
    const url = server.serve('/named.fits', bytes)
    const part = join(folder, 'star.fits.part')
    const etag = `"${digest('md5', bytes)}"`
    writeFileSync(part, bytes)
    writeFileSync(`${part}.json`, JSON.stringify({ url, etag, total: bytes.length }))
    expect(await fetchOne(url, {}, { target: 'star.fits' })).toMatchObject({ downloaded: 1, bytes: 0 })
    for (const origin of [JSON.stringify({ url: 'http://elsewhere/x', etag }), '{"url": ', undefined]) {
      rmSync(join(folder, 'star.fits'))
      writeFileSync(part, 'x'.repeat(5000))
      if (origin !== undefined) writeFileSync(`${part}.json`, origin)
      const { bytesThere } = await fetchOne(url, {}, { target: 'star.fits' })
      expect(bytesThere!.equals(bytes)).toBe(true)
      expect(files()).toEqual(['star.fits'])
    }
  })
})

describe('many files', () => {
  test('at most so many at a time from one host; what fails does not hold up the others', async () => {
    const requests = Array.from({ length: 12 }, (_, i): FetchRequest => {
      const bytes = fitsBytes(2, i)
      const url = i === 5 ? `${server.url}/lost.fits` : server.serve(`/many/${i}.fits`, bytes, slowly(3, 10))
      return { url, target: `many/${i}.fits` }
    })
    const progress: number[] = []
    const summary = await fetchFiles(requests, folder, {
      ...QUICK,
      parallel: 3,
      onProgress: (done, total) => {
        expect(total).toBe(12)
        progress.push(done)
      },
    })
    expect(summary).toMatchObject({ files: 12, downloaded: 11, failed: 1, bytes: 11 * 2 * 2880 })
    expect(server.mostOpen).toBe(3)
    expect(progress.at(-1)).toBe(12)
    expect(files()).toHaveLength(11)
    expect(server.asked[0]!.headers['user-agent']).toMatch(/^astrolabel\/\d/)
  })

  test('the same file asked for twice is loaded once; two files of one name are refused', async () => {
    const url = server.serve('/twice.fits', fitsBytes(1))
    const request = { url, target: 'twice.fits' }
    expect(await fetchFiles([request, request], folder, QUICK)).toMatchObject({ files: 1, downloaded: 1 })
    await expect(
      fetchFiles([request, { url: `${server.url}/x.fits`, target: 'twice.fits' }], folder, QUICK),
    ).rejects.toMatchObject({ code: 'fetch/same-target' })
  })

  test.each(['../out.fits', 'a/../../out.fits', '/etc/out.fits', '', 'a\0b', 'a\\b'])(
    'a target outside the folder is refused before anything is asked: %j',
    async (target) => {
      const url = server.serve('/safe.fits', fitsBytes(1))
      await expect(
        fetchFiles(
          [
            { url, target: 'fine.fits' },
            { url, target },
          ],
          folder,
          QUICK,
        ),
      ).rejects.toMatchObject({ code: 'fetch/unsafe-path' })
      await expect(
        fetchFiles([{ url, target: 'fine.fits', otherwise: { url, target } }], folder, QUICK),
      ).rejects.toMatchObject({ code: 'fetch/unsafe-path' })
      expect(server.asked).toEqual([])
    },
  )

  test.runIf(existsSync('/dev/full'))('a full disk stops all, and says so', async () => {
    const first = server.serve('/full/1.fits', fitsBytes(10))
    const second = server.serve('/full/2.fits', fitsBytes(10), slowly(20, 50))
    symlinkSync('/dev/full', join(folder, '1.fits.part'))
    await expect(
      fetchFiles(
        [
          { url: first, target: '1.fits' },
          { url: second, target: '2.fits' },
        ],
        folder,
        QUICK,
      ),
    ).rejects.toMatchObject({ code: 'fetch/disk-full', message: expect.stringContaining('1.fits.part') as string })
    expect(existsSync(join(folder, '2.fits'))).toBe(false)
  })

  test('a folder where the file should be is told', async () => {
    const url = server.serve('/dir.fits', fitsBytes(1))
    await fetchOne(url, {}, { target: 'x/star.fits' })
    const { failures } = await fetchFiles([{ url, target: 'x' }], folder, QUICK)
    expect(failures[0]!.error!.code).toBe('fetch/not-a-file')
  })
})
