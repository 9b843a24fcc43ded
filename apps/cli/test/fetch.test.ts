import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ArchiveServer } from './archive-server.js'
import { busy, cut, slowly, startArchive } from './archive-server.js'
import { STACK, astrolabel, json, listing, scratchFolder } from './cli.js'

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(DATA)
if (absent) console.warn('shared/data is absent: fetching real files from a local server is left out')

const scratch = scratchFolder()
let server: ArchiveServer
beforeAll(async () => {
  server = await startArchive()
})
afterAll(() => server.stop())

const SUMMARY = /^(\d+) files of (\S+) in (.+): (.+)$/m

describe.skipIf(absent)('real files from a server that cuts, is busy and miscounts', () => {
  const FOLDER = '/sas/dr13/apogee/spectro/redux/r6/stars/apo25m/4264'
  const STARS = ['2M00005143+5615568', '2M03290406+3117075', '2M12241699+2453335', '2M22400144+0532162']

  beforeAll(() => {
    const sums: string[] = []
    STARS.forEach((star, i) => {
      const name = `apStar-r6-${star}.fits`
      const bytes = readFileSync(`${DATA}apogee/${name}`)
      const bad = [[cut(200_000)], [busy], [cut(bytes.length, bytes.length + 5000)], []][i]!
      server.serve(`${FOLDER}/${name}`, bytes, ...bad)
      sums.push(`${createHash('sha1').update(bytes).digest('hex')}  ${name}\n`)
    })
    server.serve(`${FOLDER}/r6_stars_apo25m_4264.sha1sum`, sums.join(''))
  })

  test('come whole, by field, and ingest reads the folder as it is', async () => {
    const args = ['apogee', '--release', 'dr13', '--field', '4264', '--base-url', `${server.url}/sas`]
    const summary = await json('fetch', ...args, '-o', scratch('apogee'))
    expect(summary).toMatchObject({ files: 4, downloaded: 4, present: 0, failed: 0, failures: [] })
    for (const star of STARS) {
      const name = `apStar-r6-${star}.fits`
      const path = scratch('apogee', 'dr13/apogee/spectro/redux/r6/stars/apo25m/4264', name)
      expect(readFileSync(path).equals(readFileSync(`${DATA}apogee/${name}`)), name).toBe(true)
    }
    expect(listing(scratch('apogee')).filter((name) => name.includes('.part'))).toEqual([])
    expect(await json('ingest', 'apogee', scratch('apogee'), '-o', scratch('stars.arrow'))).toMatchObject({ stars: 4 })

    server.asked.length = 0
    const again = await astrolabel(['fetch', ...args, '-o', scratch('apogee')])
    expect(again.stdout).toMatch(/4 files of .*: 0 downloaded \(0 bytes\), 4 there already\n$/)
    expect(server.asked.map(({ path }) => path)).toEqual([`${FOLDER}/r6_stars_apo25m_4264.sha1sum`])
  })

  test('by the rows of a catalogue, of another survey', async () => {
    const place = '/sas/dr17/sdss/spectro/redux/26/spectra/lite/0266'
    const bytes = readFileSync(`${DATA}sdss/spec-0266-51602-0031.fits`)
    server.serve(`${place}/spec-0266-51602-0031.fits`, bytes)
    const args = ['sdss', '--ids', '0266-51602-0031', '--base-url', `${server.url}/sas`, '-o', scratch('sdss')]
    expect(await json('fetch', ...args)).toMatchObject({ downloaded: 1, bytes: bytes.length })
    expect(await json('ingest', 'sdss', scratch('sdss'), '-o', scratch('sdss.arrow'))).toMatchObject({ stars: 1 })
  })
})

test('what fails is told in a table, the others come, and the exit code is 1', async () => {
  const fits = Buffer.alloc(2880, 'SIMPLE  =   ')
  server.serve('/mirror/MILES_params.db', '#MILES\n 0001 5000 4 0\n 0002 5000 4 0\n')
  server.serve('/mirror/MILES_res2.50_star_m0002V.fits', fits)
  const args = ['fetch', 'miles', '--base-url', `${server.url}/mirror`, '-o', scratch('miles')]
  const { code, stdout, stderr } = await astrolabel(args)
  expect(code).toBe(1)
  expect(SUMMARY.exec(stdout)?.[4]).toMatch(/^2 downloaded \(.*\), 1 failed$/)
  expect(stdout).toMatch(
    /^MILES_res2\.50_star_m0001V\.fits +1 {2}The server does not have this file: got 404 for http/m,
  )
  expect(stderr).not.toMatch(STACK)
  const asJson = await astrolabel([...args, '--json'])
  expect(asJson.code).toBe(1)
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    files: 3,
    present: 2,
    failed: 1,
    failures: [{ target: 'MILES_res2.50_star_m0001V.fits', error: { code: 'fetch/not-found' } }],
  })
})

test('--dry-run lists and downloads nothing', async () => {
  server.serve('/dry/WAVE_PHOENIX-ACES-AGSS-COND-2011.fits', Buffer.alloc(5760))
  const args = ['phoenix', '--teff', '5000', '--logg', '4.5', '--m-h', '-0.5:0', '--base-url', `${server.url}/dry`]
  const { code, stdout } = await astrolabel(['fetch', ...args, '-o', scratch('dry'), '--dry-run', '--sizes'])
  expect(code).toBe(0)
  expect(stdout).toContain(`${server.url}/dry/WAVE_PHOENIX-ACES-AGSS-COND-2011.fits  → WAVE_`)
  expect(stdout).toMatch(/\(5\.8 kB\)/)
  expect(stdout).toMatch(/^3 files, 5\.8 kB$/m)
  expect(existsSync(scratch('dry'))).toBe(false)
  const listed = await json<{ files: unknown[] }>('fetch', ...args, '-o', scratch('dry'), '--dry-run')
  expect(listed.files).toHaveLength(3)
})

test('Ctrl-C keeps the part, and the same command goes on from it', async () => {
  const fits = Buffer.alloc(2880 * 2000, 'SIMPLE  =   ')
  server.serve('/slow/MILES_params.db', '#MILES\n')
  server.serve('/slow/MILES_res2.50_star_m0001V.fits', fits, slowly(400, 20))
  const args = ['miles', '--ids', '1', '--base-url', `${server.url}/slow`, '-o', scratch('slow')]
  const part = scratch('slow', 'MILES_res2.50_star_m0001V.fits.part')
  // Nothing is told on stderr while it runs without a terminal, so the part itself is watched.
  let timer: ReturnType<typeof setInterval> | undefined
  const stopped = await astrolabel(['fetch', ...args], undefined, (kill) => {
    timer = setInterval(() => {
      if (!existsSync(part) || statSync(part).size <= 100_000) return
      clearInterval(timer)
      kill('SIGINT')
    }, 20)
  })
  clearInterval(timer)
  expect(stopped.code).toBe(1)
  expect(stopped.stderr).toContain('astrolabel: Interrupted')
  const left = statSync(part).size
  expect(left).toBeGreaterThan(100_000)
  expect(left).toBeLessThan(fits.length)
  expect(await json('fetch', ...args)).toMatchObject({ failed: 0 })
  expect(server.asked.at(-1)!.headers.range).toBe(`bytes=${left}-`)
  expect(readFileSync(scratch('slow', 'MILES_res2.50_star_m0001V.fits')).equals(fits)).toBe(true)
})

test.each([
  ['an option of another survey', ['apogee', '--teff', '4000'], 2, /apogee does not use --teff/],
  ['nothing selected', ['sdss'], 2, /Nothing is selected/],
  [
    'an identifier that leaves the folder',
    ['apogee', '--field', '../../etc', '--ids', 'x'],
    2,
    /no FIELD of the archive/,
  ],
  ['an archive that is none', ['hubble'], 2, /'hubble' is invalid.*Allowed choices are apogee, sdss/],
  ['a catalogue that is not there', ['sdss', '--catalog', 'nowhere.csv'], 1, /There is no file nowhere\.csv/],
  ['a release that is not open', ['lamost', '--release', 'dr13', '--ids', '1'], 2, /dr11, dr10/],
])('%s is told', async (_, args, exitCode, message) => {
  const { code, stdout, stderr } = await astrolabel(['fetch', ...args, '-o', scratch('none')])
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(STACK)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
})
