import { fetchFiles } from '@astrolabel/pipeline'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
import { QUICK, digest, fitsBytes, testBed } from './test-bed.js'

const bed = testBed()

describe('what goes wrong on the way', () => {
  const bytes = fitsBytes()

  test('a cut in the body: the next attempt asks for the rest, and the whole is whole', async () => {
    const url = bed.server.serve('/cut.fits', bytes, cutAfter(30_000), cutAfter(30_000))
    const { downloaded, bytesThere, bytes: transferred } = await bed.fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
    const asked = bed.server.askedFor('/cut.fits')
    expect(asked).toHaveLength(3)
    expect(asked.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/) as string,
      expect.stringMatching(/^bytes=\d+-$/) as string,
    ])
    expect(asked[1]!.headers['if-range']).toBe(`"${digest('md5', bytes)}"`)
    expect(transferred).toBe(bytes.length)
    expect(bed.files()).toEqual(['a/star.fits'])
  })

  test('a server that cuts and cuts is asked again as long as the file gets further', async () => {
    const long = fitsBytes(300)
    const cuts = Array.from({ length: 11 }, () => cutAfter(70_000))
    const url = bed.server.serve('/cuts.fits', long, ...cuts)
    expect((await bed.fetchOne(url, { attempts: 2 })).bytesThere!.equals(long)).toBe(true)
    const stingy = bed.server.serve('/stingy.fits', long, ...Array.from({ length: 11 }, () => cutAfter(2000)))
    const { failures } = await bed.fetchOne(stingy, { attempts: 3 }, { target: 'b.fits' })
    expect(failures[0]).toMatchObject({ attempts: 3, error: { code: 'fetch/connection' } })
  })

  test('however it is cut, what comes together is the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.constantFrom(503, 'whole' as const)), {
          maxLength: 3,
        }),
        fc.integer({ min: 1, max: 60 }),
        async (story, blocks) => {
          const original = fitsBytes(blocks, blocks)
          const path = `/story-${blocks}-${story.join('-')}.fits`
          const target = path.slice(1)
          const url = bed.server.serve(
            path,
            original,
            ...story.map((event) =>
              event === 'whole'
                ? ignoreRange()
                : event === 503
                  ? status(503)
                  : cutAfter(Math.min(event, original.length - 1)),
            ),
          )
          const { bytesThere } = await bed.fetchOne(url, {}, { target })
          expect(bytesThere!.equals(original)).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })

  test.each([429, 500, 502, 503, 504])('%i passes: it is tried again', async (code) => {
    const url = bed.server.serve('/busy.fits', bytes, status(code), status(code))
    expect(await bed.fetchOne(url)).toMatchObject({ downloaded: 1, failed: 0 })
    expect(bed.server.askedFor('/busy.fits')).toHaveLength(3)
  })

  test('a busy answer that is cut itself passes too', async () => {
    const url = bed.server.serve('/rude.fits', bytes, (answer) => {
      answer.writeHead(503, { 'content-length': 5000 })
      answer.write('wait')
      setTimeout(() => answer.destroy(), 10)
    })
    expect(await bed.fetchOne(url)).toMatchObject({ downloaded: 1 })
  })

  test('Retry-After is waited for, by all downloads from the host, within limits', async () => {
    const one = bed.server.serve('/after.fits', bytes, status(503, { 'retry-after': '1' }))
    const began = Date.now()
    expect(await bed.fetchOne(one)).toMatchObject({ downloaded: 1 })
    // Timers may fire a little early.
    expect(Date.now() - began).toBeGreaterThan(900)
    const long = bed.server.serve('/long.fits', bytes, status(429, { 'retry-after': '3600' }))
    expect(await bed.fetchOne(long, { maxWait: 5 }, { target: 'long.fits' })).toMatchObject({
      failures: [],
      downloaded: 1,
    })
  })

  test.each([
    ['more', 100],
    ['fewer', -100],
  ])('%s bytes announced than there are is never taken for the file', async (_, by) => {
    const url = bed.server.serve('/length.fits', bytes, ...Array.from({ length: 9 }, () => wrongLength(by)))
    const sums = bed.server.serve('/length.sha1sum', `${digest('sha1', bytes)}  star.fits\n`)
    const { failed, failures, bytesThere } = await bed.fetchOne(
      url,
      {},
      { checksums: { url: sums, algorithm: 'sha1' } },
    )
    expect(failed).toBe(1)
    expect(failures[0]!.error!.code).toMatch(/^fetch\/(?:connection|cut-short|digest)$/)
    expect(failures[0]!.attempts).toBeLessThanOrEqual(5)
    expect(bytesThere).toBeUndefined()
  })

  test('a wrong length once is got over', async () => {
    const url = bed.server.serve('/once.fits', bytes, wrongLength(5000))
    const { downloaded, bytesThere } = await bed.fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a server that ignores the range: the file begins anew, nothing is appended', async () => {
    const url = bed.server.serve('/norange.fits', bytes, cutAfter(30_000), ignoreRange())
    const { downloaded, bytesThere } = await bed.fetchOne(url)
    expect(bed.server.askedFor('/norange.fits')[1]!.headers.range).toBeDefined()
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a file that changes between attempts is loaded anew', async () => {
    const newer = fitsBytes(40, 7)
    const url = bed.server.serve('/changes.fits', bytes, (answer, old, request) => {
      cutAfter(30_000)(answer, old, request)
      bed.server.serve('/changes.fits', newer)
    })
    const { downloaded, bytesThere } = await bed.fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bed.server.askedFor('/changes.fits')[1]!.headers['if-range']).toBe(`"${digest('md5', bytes)}"`)
    expect(bytesThere!.equals(newer)).toBe(true)
  })

  test('a changed file whose server does not heed If-Range is noticed by its tag', async () => {
    const newer = fitsBytes(40, 8)
    const url = bed.server.serve('/careless.fits', bytes, cutAfter(30_000), (answer, _, request) => {
      bed.server.serve('/careless.fits', newer)
      cutAfter(newer.length)(answer, newer, request)
    })
    const { downloaded, bytesThere } = await bed.fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(newer)).toBe(true)
  })

  test('without a tag or date nothing is appended, with a digest it may be', async () => {
    const cut = (answer: Parameters<ReturnType<typeof status>>[0]): void => {
      answer.writeHead(200, { 'content-length': bytes.length })
      answer.write(bytes.subarray(0, 30_000))
      setTimeout(() => answer.destroy(), 30)
    }
    const url = bed.server.serveUntagged('/untagged.fits', bytes, cut)
    expect(await bed.fetchOne(url)).toMatchObject({ downloaded: 1 })
    expect(bed.server.askedFor('/untagged.fits').map(({ headers }) => headers.range)).toEqual([undefined, undefined])
    const again = bed.server.serveUntagged('/digest.fits', bytes, cut)
    const sums = bed.server.serve('/digest.sha256sum', `${digest('sha256', bytes)} *b.fits\n`)
    const { bytesThere } = await bed.fetchOne(
      again,
      {},
      { target: 'b.fits', checksums: { url: sums, algorithm: 'sha256' } },
    )
    expect(bytesThere!.equals(bytes)).toBe(true)
    expect(bed.server.askedFor('/digest.fits')[1]!.headers.range).toMatch(/^bytes=\d+-$/)
  })

  test('a stall is left, and gone on from', async () => {
    const url = bed.server.serve('/stall.fits', bytes, stallAfter(30_000), silent)
    const { downloaded, bytesThere } = await bed.fetchOne(url, { stallTimeout: 100, connectTimeout: 100 })
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(bytes)).toBe(true)
  })

  test('a slow server is not a stalled one', async () => {
    const url = bed.server.serve('/slow.fits', bytes, slowly(8, 40))
    expect(await bed.fetchOne(url, { stallTimeout: 200 })).toMatchObject({ downloaded: 1 })
    expect(bed.server.askedFor('/slow.fits')).toHaveLength(1)
  })

  test('nobody there', async () => {
    const gone = await BadServer.start()
    const { url } = gone
    await gone.stop()
    const { failures } = await bed.fetchOne(`${url}/x.fits`)
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
    const there = bed.server.serve('/there.fits', bytes)
    const summary = await fetchFiles(
      [
        { url: `${bed.server.url}/no.fits`, target: 'no.fits' },
        { url: `${bed.server.url}/maybe.fits`, target: 'maybe.fits', optional: true },
        {
          url: `${bed.server.url}/first.fits`,
          target: 'first.fits',
          otherwise: {
            url: `${bed.server.url}/second.fits`,
            target: 'second.fits',
            otherwise: { url: there, target: 'third.fits' },
          },
        },
      ],
      bed.folder,
      QUICK,
    )
    expect(summary).toMatchObject({ files: 3, downloaded: 1, absent: 1, failed: 1 })
    expect(summary.failures[0]).toMatchObject({
      target: 'no.fits',
      attempts: 1,
      error: { code: 'fetch/not-found', message: expect.stringContaining('404 for ') as string },
    })
    expect(summary.missing[0]).toMatchObject({ target: 'maybe.fits' })
    expect(bed.files()).toEqual(['third.fits'])
  })

  test('a page with status 200 is no file', async () => {
    const url = bed.server.serve('/page.fits', fitsBytes(2), errorPage)
    const { failures, bytesThere } = await bed.fetchOne(url)
    expect(failures[0]!.error).toEqual({
      code: 'fetch/not-fits',
      message: expect.stringMatching(/star\.fits is not FITS: got a file that starts with "<!DOCTYPE /) as string,
    })
    expect(bytesThere).toBeUndefined()
    expect(bed.files()).toEqual([])
    const empty = bed.server.serve('/empty.fits', '')
    expect((await bed.fetchOne(empty)).failures[0]!.error!.message).toContain('got nothing')
    const zipped = bed.server.serve('/zipped.fits.gz', fitsBytes(2))
    expect((await bed.fetchOne(zipped, {}, { target: 'z.fits.gz' })).failures[0]!.error!.message).toContain(
      'is not gzip',
    )
  })

  test('401 and 403 are told and not tried again', async () => {
    const url = bed.server.serve('/private.fits', fitsBytes(2), status(403))
    const { failures } = await bed.fetchOne(url)
    expect(failures[0]).toMatchObject({ attempts: 1, error: { code: 'fetch/status' } })
  })
})

describe('redirects', () => {
  test('are followed, a few times', async () => {
    const bytes = fitsBytes(2)
    const end = bed.server.serve('/end.fits', bytes)
    const url = bed.server.serve('/begin.fits', '', redirect('/middle.fits'))
    bed.server.serve('/middle.fits', '', redirect(end))
    expect((await bed.fetchOne(url)).bytesThere!.equals(bytes)).toBe(true)
  })

  test('in a circle end', async () => {
    const forever = Array.from({ length: 10 }, () => redirect('/loop.fits'))
    const url = bed.server.serve('/loop.fits', '', ...forever)
    const { failures } = await bed.fetchOne(url)
    expect(failures[0]).toMatchObject({ attempts: 1, error: { code: 'fetch/redirects' } })
    expect(bed.server.askedFor('/loop.fits')).toHaveLength(6)
  })

  test('to other than the web end', async () => {
    const url = bed.server.serve('/odd.fits', '', redirect('file:///etc/passwd'))
    expect((await bed.fetchOne(url)).failures[0]!.error!.code).toBe('fetch/address')
  })
})
