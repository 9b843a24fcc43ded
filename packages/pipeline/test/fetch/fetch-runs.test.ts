import { fetchFiles } from '@astrolabel/pipeline'
import type { FetchRequest } from '@astrolabel/pipeline'
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { slowly, status } from './bad-server.js'
import { QUICK, digest, fitsBytes, testBed } from './test-bed.js'

const bed = testBed()

describe('digests', () => {
  const bytes = fitsBytes(3)
  const checksums = (url: string): Partial<FetchRequest> => ({ checksums: { url, algorithm: 'sha1' } })

  test('the file must have the one of the list', async () => {
    const url = bed.server.serve('/dir/star.fits', bytes)
    const sums = bed.server.serve(
      '/dir/dir.sha1sum',
      `${digest('sha1', bytes)}  star.fits\n${'0'.repeat(40)}  other.fits\n`,
    )
    const seen: string[] = []
    await bed.fetchOne(url, { onFile: ({ verified }) => seen.push(verified) }, checksums(sums))
    expect(seen).toEqual(['sha1'])
  })

  test('bytes spoilt on the way are loaded anew; spoilt for good they fail', async () => {
    const sums = bed.server.serve('/dir/dir.sha1sum', `${digest('sha1', bytes)}  star.fits\n`)
    const spoilt = fitsBytes(3, 9)
    const url = bed.server.serve('/dir/star.fits', bytes, (answer) => void answer.writeHead(200).end(spoilt))
    expect((await bed.fetchOne(url, {}, checksums(sums))).bytesThere!.equals(bytes)).toBe(true)
    rmSync(join(bed.folder, 'a'), { recursive: true })
    bed.server.serve('/dir/star.fits', spoilt)
    const { failures } = await bed.fetchOne(url, {}, checksums(sums))
    expect(failures[0]).toMatchObject({ attempts: 4, error: { code: 'fetch/digest' } })
    expect(bed.files()).toEqual([])
  })

  test('a list of another name is found on the page of the bed.folder, once for all files', async () => {
    const names = ['s1.fits', 's2.fits', 's3.fits']
    for (const name of names) bed.server.serve(`/other/${name}`, bytes)
    bed.server.serve(
      '/other/odd name.sha256sum',
      names.map((name) => `${digest('sha256', bytes)}  ./${name}`).join('\n'),
    )
    const seen: string[] = []
    await fetchFiles(
      names.map((name) => ({
        url: `${bed.server.url}/other/${name}`,
        target: name,
        checksums: { url: `${bed.server.url}/other/guess.sha1sum`, algorithm: 'sha1' as const },
      })),
      bed.folder,
      { ...QUICK, onFile: ({ verified }) => seen.push(verified) },
    )
    expect(seen).toEqual(['sha256', 'sha256', 'sha256'])
    expect(bed.server.askedFor('/other/guess.sha1sum')).toHaveLength(1)
    expect(bed.server.askedFor('/other/')).toHaveLength(1)
  })

  test('where there are none, or the server fails to tell, the length counts, and checksums: false asks for none', async () => {
    const url = bed.server.serve('/bare/star.fits', bytes)
    const seen: string[] = []
    const warnings: string[] = []
    const watch = {
      onFile: ({ verified }: { verified: string }) => seen.push(verified),
      onWarning: (text: string) => warnings.push(text),
    }
    await bed.fetchOne(url, watch, checksums(`${bed.server.url}/nowhere/bare.sha1sum`))
    expect(warnings).toEqual([])
    const broken = bed.server.serve('/bare/sums', '', ...Array.from({ length: 4 }, () => status(500)))
    await bed.fetchOne(url, watch, { ...checksums(broken), target: 'b.fits' })
    expect(warnings).toEqual([expect.stringContaining('Digests could not be had') as string])
    bed.server.asked.length = 0
    await bed.fetchOne(url, { ...watch, checksums: false }, { ...checksums(broken), target: 'c.fits' })
    expect(bed.server.asked.map(({ path }) => path)).toEqual(['/bare/star.fits'])
    expect(seen).toEqual(['length', 'length', 'length'])
  })

  test('a length that is no whole number of FITS blocks is doubtful', async () => {
    const url = bed.server.serve('/odd.fits', bytes.subarray(0, 5000))
    const seen: (string | undefined)[] = []
    await bed.fetchOne(url, { onFile: ({ warning }) => seen.push(warning) })
    expect(seen[0]).toMatch(/5000 bytes.*blocks/)
  })
})

describe('a second run', () => {
  const bytes = fitsBytes(5)

  test('leaves alone what is whole, by digest or length, and loads anew what is not', async () => {
    const url = bed.server.serve('/again.fits', bytes)
    const sums = bed.server.serve('/again.sha1sum', `${digest('sha1', bytes)}  sum.fits\n`)
    const requests: FetchRequest[] = [
      { url, target: 'length.fits' },
      { url, target: 'sum.fits', checksums: { url: sums, algorithm: 'sha1' } },
    ]
    await fetchFiles(requests, bed.folder, QUICK)
    bed.server.asked.length = 0
    expect(await fetchFiles(requests, bed.folder, QUICK)).toMatchObject({ present: 2, downloaded: 0, bytes: 0 })
    expect(bed.server.askedFor('/again.fits')).toHaveLength(0)
    expect(bed.server.askedFor('/again.fits', 'HEAD')).toHaveLength(1)

    writeFileSync(join(bed.folder, 'length.fits'), 'short')
    const flipped = Buffer.from(bytes)
    flipped[5000]! ^= 1
    writeFileSync(join(bed.folder, 'sum.fits'), flipped)
    expect(await fetchFiles(requests, bed.folder, QUICK)).toMatchObject({ present: 0, downloaded: 2 })
    expect(readFileSync(join(bed.folder, 'sum.fits')).equals(bytes)).toBe(true)
  })

  test('goes on from the part that an interruption left', async () => {
    const big = fitsBytes(200)
    const url = bed.server.serve('/big.fits', big, (answer) => {
      answer.writeHead(200, { etag: `"${digest('md5', big)}"`, 'content-length': big.length })
      answer.write(big.subarray(0, 100_000))
    })
    const controller = new AbortController()
    const reason = new Error('Interrupted')
    await expect(
      bed.fetchOne(url, {
        signal: controller.signal,
        onProgress: (done) => {
          if (done > 0) controller.abort(reason)
        },
      }),
    ).rejects.toBe(reason)
    expect(bed.files()).toEqual(['a/star.fits.part', 'a/star.fits.part.json'])
    const left = statSync(join(bed.folder, 'a/star.fits.part')).size
    expect(left).toBeGreaterThan(1024)
    const { downloaded, bytesThere, bytes: transferred } = await bed.fetchOne(url)
    expect(downloaded).toBe(1)
    expect(bytesThere!.equals(big)).toBe(true)
    expect(transferred).toBe(big.length - left)
    expect(bed.server.askedFor('/big.fits')[1]!.headers.range).toBe(`bytes=${left}-`)
    expect(bed.files()).toEqual(['a/star.fits'])
  })

  test('a part that is the whole file only gets its name; one of another address, or that nobody knows, is not used', async () => {
    const url = bed.server.serve('/named.fits', bytes)
    const part = join(bed.folder, 'star.fits.part')
    const etag = `"${digest('md5', bytes)}"`
    writeFileSync(part, bytes)
    writeFileSync(`${part}.json`, JSON.stringify({ url, etag, total: bytes.length }))
    expect(await bed.fetchOne(url, {}, { target: 'star.fits' })).toMatchObject({ downloaded: 1, bytes: 0 })
    for (const origin of [JSON.stringify({ url: 'http://elsewhere/x', etag }), '{"url": ', undefined]) {
      rmSync(join(bed.folder, 'star.fits'))
      writeFileSync(part, 'x'.repeat(5000))
      if (origin !== undefined) writeFileSync(`${part}.json`, origin)
      const { bytesThere } = await bed.fetchOne(url, {}, { target: 'star.fits' })
      expect(bytesThere!.equals(bytes)).toBe(true)
      expect(bed.files()).toEqual(['star.fits'])
    }
  })
})

describe('many files', () => {
  test('at most so many at a time from one host; what fails does not hold up the others', async () => {
    const requests = Array.from({ length: 12 }, (_, i): FetchRequest => {
      const bytes = fitsBytes(2, i)
      const url = i === 5 ? `${bed.server.url}/lost.fits` : bed.server.serve(`/many/${i}.fits`, bytes, slowly(3, 10))
      return { url, target: `many/${i}.fits` }
    })
    const progress: number[] = []
    const summary = await fetchFiles(requests, bed.folder, {
      ...QUICK,
      parallel: 3,
      onProgress: (done, total) => {
        expect(total).toBe(12)
        progress.push(done)
      },
    })
    expect(summary).toMatchObject({ files: 12, downloaded: 11, failed: 1, bytes: 11 * 2 * 2880 })
    expect(bed.server.mostOpen).toBe(3)
    expect(progress.at(-1)).toBe(12)
    expect(bed.files()).toHaveLength(11)
    expect(bed.server.asked[0]!.headers['user-agent']).toMatch(/^astrolabel\/\d/)
  })

  test('the same file asked for twice is loaded once; two files of one name are refused', async () => {
    const url = bed.server.serve('/twice.fits', fitsBytes(1))
    const request = { url, target: 'twice.fits' }
    expect(await fetchFiles([request, request], bed.folder, QUICK)).toMatchObject({ files: 1, downloaded: 1 })
    await expect(
      fetchFiles([request, { url: `${bed.server.url}/x.fits`, target: 'twice.fits' }], bed.folder, QUICK),
    ).rejects.toMatchObject({ code: 'fetch/same-target' })
  })

  test.each(['../out.fits', 'a/../../out.fits', '/etc/out.fits', '', 'a\0b', 'a\\b'])(
    'a target outside the folder is refused before anything is asked: %j',
    async (target) => {
      const url = bed.server.serve('/safe.fits', fitsBytes(1))
      await expect(
        fetchFiles(
          [
            { url, target: 'fine.fits' },
            { url, target },
          ],
          bed.folder,
          QUICK,
        ),
      ).rejects.toMatchObject({ code: 'fetch/unsafe-path' })
      await expect(
        fetchFiles([{ url, target: 'fine.fits', otherwise: { url, target } }], bed.folder, QUICK),
      ).rejects.toMatchObject({ code: 'fetch/unsafe-path' })
      expect(bed.server.asked).toEqual([])
    },
  )

  test.runIf(existsSync('/dev/full'))('a full disk stops all, and says so', async () => {
    const first = bed.server.serve('/full/1.fits', fitsBytes(10))
    const second = bed.server.serve('/full/2.fits', fitsBytes(10), slowly(20, 50))
    symlinkSync('/dev/full', join(bed.folder, '1.fits.part'))
    await expect(
      fetchFiles(
        [
          { url: first, target: '1.fits' },
          { url: second, target: '2.fits' },
        ],
        bed.folder,
        QUICK,
      ),
    ).rejects.toMatchObject({ code: 'fetch/disk-full', message: expect.stringContaining('1.fits.part') as string })
    expect(existsSync(join(bed.folder, '2.fits'))).toBe(false)
  })

  test('a folder where the file should be is told', async () => {
    const url = bed.server.serve('/dir.fits', fitsBytes(1))
    await bed.fetchOne(url, {}, { target: 'x/star.fits' })
    const { failures } = await fetchFiles([{ url, target: 'x' }], bed.folder, QUICK)
    expect(failures[0]!.error!.code).toBe('fetch/not-a-file')
  })
})
