import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readTable } from '@astrolabel/pipeline'
import { beforeAll, expect, test } from 'vitest'
import { STACK, astrolabel, json, listing, scratchFolder } from './cli.js'
import { apStarBytes, writeApStar } from './fits.js'

const scratch = scratchFolder()
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
/** More files than are read without threads. */
const COUNT = 150

interface Summary {
  readonly stars: number
  readonly files: number
  readonly read: number
  readonly failed: number
  readonly skipped: number
  readonly changed: number
  readonly warnings: number
  readonly warning_kinds: readonly { code: string; count: number; message: string }[]
  readonly failures: readonly { file: string; code: string; message: string; remedy?: string }[]
}

const name = (i: number): string => `apStar-r6-2M${String(i).padStart(8, '0')}.fits`

function writeStars(folder: string, from: number, to: number): string {
  mkdirSync(scratch(folder), { recursive: true })
  for (let i = from; i < to; i++)
    writeApStar(scratch(folder, name(i)), { id: `2M${String(i).padStart(8, '0')}`, flux: i + 1, ra: 10 + i / 100 })
  return scratch(folder)
}

async function column(path: string, key: string): Promise<string[]> {
  return Array.from((await readTable(path)).columns.get(key)!.values as ArrayLike<unknown>, String)
}

const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

beforeAll(() => {
  writeStars('many', 0, COUNT)
  writeFileSync(scratch('many', name(20)), 'hello')
  writeFileSync(scratch('many', name(140)), apStarBytes({ id: 'cut' }).subarray(0, 5000))
})

test('the bytes are the same for any number of threads, in the order of the files', async () => {
  const digests = new Set<string>()
  for (const threads of ['1', '2', '3']) {
    const out = scratch(`threads-${threads}.arrow`)
    const summary = await json<Summary>('ingest', 'apogee', scratch('many'), '-o', out, '--threads', threads)
    expect(summary).toMatchObject({ stars: COUNT - 2, files: COUNT, read: COUNT, failed: 2, skipped: 0 })
    expect(summary.failures.map(({ file }) => file)).toEqual([scratch('many', name(20)), scratch('many', name(140))])
    digests.add(digest(out))
  }
  expect(digests.size).toBe(1)
  const files = await column(scratch('threads-2.arrow'), 'source_file')
  expect(files).toEqual([...files].sort())
  expect(files).toHaveLength(COUNT - 2)
  expect((await column(scratch('threads-2.arrow'), 'star_id'))[0]).toBe('2M00000000')
})

test('files that fail are told in a table, as JSON and CSV, and the others are read', async () => {
  const args = ['ingest', 'apogee', scratch('many'), '-o', scratch('failing.arrow'), '--fresh']
  const { code, stdout, stderr } = await astrolabel([...args, '--failures', scratch('failed.csv')])
  expect(code).toBe(0)
  expect(stdout).toBe(`${COUNT - 2} spectra in ${scratch('failing.arrow')}, 2 failed, 3 warnings\n`)
  expect(stderr).toContain(`2 of ${COUNT} files could not be read:\nfile `)
  expect(stderr).toMatch(new RegExp(`^${name(20)} +fits/\\S+ +\\S`, 'm'))
  expect(stderr).not.toMatch(STACK)
  const rows = readFileSync(scratch('failed.csv'), 'utf8').trim().split('\n')
  expect(rows[0]).toBe('file,code,message,remedy')
  expect(rows).toHaveLength(3)

  const strict = await astrolabel([...args, '--strict', '--json', '--failures', scratch('failed.json')])
  expect(strict.code).toBe(1)
  const summary = JSON.parse(strict.stdout) as Summary
  expect(summary.failures).toHaveLength(2)
  for (const failure of summary.failures) {
    expect(failure.code).toMatch(/^[a-z]+\/[a-z-]+$/)
    expect(failure.message.length).toBeGreaterThan(10)
  }
  expect(JSON.parse(readFileSync(scratch('failed.json'), 'utf8'))).toEqual(summary.failures)
})

test('a thousand equal failures and warnings do not flood the terminal', async () => {
  const folder = writeStars('broken', 0, 2)
  for (let i = 2; i < 60; i++) writeFileSync(scratch('broken', name(i)), 'hello')
  const { code, stderr, stdout } = await astrolabel([
    'ingest',
    'apogee',
    folder,
    '-o',
    scratch('broken.arrow'),
    '--failures',
    scratch('none', 'all.csv'),
  ])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^2 spectra in .*, 58 failed/)
  const lines = stderr.trim().split('\n')
  expect(lines.filter((line) => line.startsWith('warning:'))).toHaveLength(4)
  expect(stderr).toContain('55 more warnings like these (surveys/file-failed)')
  expect(stderr).toContain('… and 38 more; --json and --failures FILE give all')
  expect(lines.length).toBeLessThan(35)
  expect(readFileSync(scratch('none', 'all.csv'), 'utf8').trim().split('\n')).toHaveLength(59)
})

test('when nothing can be read the exit code is 1 and an earlier output stays as it was', async () => {
  mkdirSync(scratch('bad'))
  for (const i of [1, 2]) writeFileSync(scratch('bad', name(i)), 'hello')
  writeFileSync(scratch('before.arrow'), 'mine')
  const { code, stdout, stderr } = await astrolabel(['ingest', 'apogee', scratch('bad'), '-o', scratch('before.arrow')])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/None of the 2 files could be read: got .*not FITS/)
  expect(readFileSync(scratch('before.arrow'), 'utf8')).toBe('mine')
})

test('a second run skips what the output has, and adds what is new', async () => {
  const folder = writeStars('growing', 0, 5)
  const out = scratch('growing.arrow')
  const run = (...more: string[]): Promise<Summary> => json<Summary>('ingest', 'apogee', folder, '-o', out, ...more)
  expect(await run()).toMatchObject({ stars: 5, read: 5, skipped: 0 })

  const before = digest(out)
  const { mtimeMs } = statSync(out)
  expect(await run()).toMatchObject({ stars: 5, read: 0, skipped: 5 })
  expect([digest(out), statSync(out).mtimeMs]).toEqual([before, mtimeMs])
  const words = await astrolabel(['ingest', 'apogee', folder, '-o', out])
  expect(words.stdout).toBe(`5 spectra in ${out}, 5 of 5 files skipped, which it has already\n`)

  // A file that fails does not touch the output either, and is tried again.
  writeFileSync(scratch('growing', name(90)), 'hello')
  expect(await run()).toMatchObject({ stars: 5, read: 1, skipped: 5, failed: 1 })
  expect(digest(out)).toBe(before)

  writeStars('growing', 5, 8)
  writeApStar(scratch('growing', name(90)), { id: 'late' })
  expect(await run()).toMatchObject({ stars: 9, read: 4, skipped: 5, failed: 0 })
  const ids = ['2M00000000', '2M00000001', '2M00000002', '2M00000003', '2M00000004', '2M00000005', '2M00000006']
  expect(await column(out, 'star_id')).toEqual([...ids, '2M00000007', 'late'])

  // As if all had been read at once: only where batches end is another thing.
  const all = scratch('at-once.arrow')
  await json('ingest', 'apogee', folder, '-o', all)
  for (const path of [out, all]) await json('convert', path, path.replace('.arrow', '.npz'))
  const arrays = ['star_id', 'snr', 'source_file']
  for (const key of arrays) expect(await column(out, key)).toEqual(await column(all, key))
  expect(digest(out.replace('.arrow', '.npz'))).toBe(digest(all.replace('.arrow', '.npz')))

  // Files that are not named this time stay.
  const one = await json<Summary>('ingest', 'apogee', scratch('growing', name(0)), '-o', out)
  expect(one).toMatchObject({ stars: 9, files: 1, skipped: 1 })
  expect(await run('--fresh')).toMatchObject({ stars: 9, read: 9, skipped: 0 })
})

test('files that changed and options that changed are noticed', async () => {
  const folder = writeStars('changing', 0, 4)
  const out = scratch('changing.arrow')
  await json('ingest', 'apogee', folder, '-o', out)
  writeApStar(scratch('changing', name(1)), { id: 'another', flux: 5000 })
  utimesSync(scratch('changing', name(1)), 1e9, 1e9)
  const { stdout, stderr } = await astrolabel(['ingest', 'apogee', folder, '-o', out, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ stars: 4, read: 1, skipped: 3, changed: 1 })
  expect(stderr).toContain('1 file has changed and is read again')
  expect(await column(out, 'star_id')).toEqual(['2M00000000', '2M00000002', '2M00000003', 'another'])

  const other = await astrolabel(['ingest', 'apogee', folder, '-o', out, '--json', '--set', 'mask=or'])
  expect(JSON.parse(other.stdout)).toMatchObject({ stars: 4, read: 4, skipped: 0, changed: 0 })
  expect(other.stderr).toContain(`${out} was made in another way, so all files are read again`)
})

/** A file that cannot be opened before somebody writes to it: a run stops there for as long as is needed. */
function blockAt(path: string): Buffer {
  const bytes = readFileSync(path)
  rmSync(path)
  execFileSync('sh', ['-c', 'exec mkfifo "$0"', path])
  return bytes
}

const journals = (folder: string): string[] => readdirSync(folder).filter((file) => file.endsWith('.journal.part'))

test('a run that is killed leaves nothing under the name, and the next one goes on from what was read', async () => {
  const folder = writeStars('killed', 0, 100)
  mkdirSync(scratch('killed-out'))
  const out = scratch('killed-out', 'spectra.arrow')
  const args = ['ingest', 'apogee', folder, '-o', out, '--threads', '1']
  const blocked = scratch('killed', name(80))
  const { mtime } = statSync(blocked)
  const bytes = blockAt(blocked)
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' })
  const gone = new Promise((done) => child.on('close', done))
  // The slices before the blocked file are written by then.
  await expect.poll(() => journals(scratch('killed-out')).length, { timeout: 20_000 }).toBe(1)
  await expect
    .poll(
      () =>
        readFileSync(scratch('killed-out', journals(scratch('killed-out'))[0]!), 'utf8')
          .trim()
          .split('\n').length,
    )
    .toBe(3)
  child.kill('SIGKILL')
  await gone
  expect(existsSync(out)).toBe(false)
  rmSync(blocked)
  writeFileSync(blocked, bytes)
  utimesSync(blocked, mtime, mtime)

  const { stdout, stderr } = await astrolabel([...args, '--json'])
  expect(stderr).toContain('going on from a run that was stopped: 64 files are done')
  expect(JSON.parse(stdout)).toMatchObject({ stars: 100, read: 36, skipped: 64 })
  expect(listing(scratch('killed-out'))).toEqual(['spectra.arrow'])
  await json('ingest', 'apogee', folder, '-o', scratch('whole.arrow'))
  expect(digest(out)).toBe(digest(scratch('whole.arrow')))
})

test('Ctrl-C leaves nothing under the name, and the next run goes on', async () => {
  const folder = writeStars('stopped', 0, 140)
  mkdirSync(scratch('stopped-out'))
  const out = scratch('stopped-out', 'spectra.arrow')
  const args = ['ingest', 'apogee', folder, '-o', out, '--threads', '2']
  const blocked = scratch('stopped', name(130))
  const bytes = blockAt(blocked)
  const stop = async (): Promise<{ code: number | null; stderr: string }> => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const gone = new Promise<number | null>((done) => child.on('close', done))
    const lines = (): number =>
      journals(scratch('stopped-out'))
        .map((file) => readFileSync(scratch('stopped-out', file), 'utf8').trim().split('\n').length)
        .reduce((most, count) => Math.max(most, count), 0)
    await expect.poll(lines, { timeout: 20_000 }).toBe(5)
    child.kill('SIGINT')
    // What waits for the file does not end before it can be opened and read.
    const writer = spawn('sh', ['-c', `exec 3<>"${blocked}"; sleep 1`])
    const code = await gone
    writer.kill()
    return { code, stderr }
  }
  const first = await stop()
  expect(first.code).toBe(1)
  expect(first.stderr).toContain('Interrupted: nothing is half-written')
  expect(first.stderr).not.toMatch(STACK)
  expect(existsSync(out)).toBe(false)
  rmSync(blocked)
  writeFileSync(blocked, bytes)

  const { stdout, stderr } = await astrolabel([...args, '--json'])
  expect(stderr).toContain('going on from a run that was stopped: 128 files are done')
  expect(JSON.parse(stdout)).toMatchObject({ stars: 140, read: 12, skipped: 128 })
  expect(listing(scratch('stopped-out'))).toEqual(['spectra.arrow'])
  expect(await column(out, 'star_id')).toEqual(await column(out, 'star_id').then((ids) => [...ids].sort()))
})

test('lists, patterns that the shell did not expand, and files named twice', async () => {
  writeStars('lists/a/deep', 0, 3)
  writeStars('lists/b', 3, 6)
  const ids = async (...paths: string[]): Promise<string[]> => {
    await json('ingest', 'apogee', ...paths, '-o', scratch('lists.arrow'), '--fresh')
    return (await column(scratch('lists.arrow'), 'star_id')).map((id) => id.slice(-1))
  }
  expect(await ids(scratch('lists', '**', 'apStar-*.fits'))).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(await ids(scratch('lists', 'b', 'apStar-*[45].fits'))).toEqual(['4', '5'])
  expect(await ids(scratch('lists', '{a/deep,b}', 'apStar-*{0,3}.fits'))).toEqual(['0', '3'])
  const list = [
    scratch('lists', 'b', name(4)),
    '',
    '# the others',
    scratch('lists', 'a'),
    scratch('lists', 'b', '..', 'b', name(4)),
  ]
  writeFileSync(scratch('list.txt'), `${list.join('\r\n')}\n`)
  expect(await ids(`@${scratch('list.txt')}`, scratch('lists', 'b'))).toEqual(['4', '0', '1', '2', '3', '5'])

  const fed = execFileSync(
    process.execPath,
    [MAIN, 'ingest', 'apogee', '-', '-o', scratch('fed.arrow'), '--json', '--quiet'],
    { input: list.join('\n'), encoding: 'utf8' },
  )
  expect(JSON.parse(fed)).toMatchObject({ stars: 4, files: 4 })
  const absent = await astrolabel(['ingest', 'apogee', `@${scratch('nowhere.txt')}`, '-o', scratch('x.arrow')])
  expect(absent.code).toBe(1)
  expect(absent.stderr).toMatch(/Cannot read the list .*nowhere\.txt/)
})

test('stars matched on the sky keep their file, and more files are matched with those before', async () => {
  const folder = writeStars('sky', 0, 3)
  const rows = [0, 2, 3, 4].map((i) => `${10 + i / 100},-5.25,${5000 + i}`)
  writeFileSync(scratch('sky.csv'), `ra,dec,teff\n${rows.join('\n')}\n`)
  const out = scratch('sky.arrow')
  const args = ['ingest', 'apogee', folder, '--catalog', scratch('sky.csv'), '-o', out]
  expect(await json(...args)).toMatchObject({ stars: 2, read: 3, match: { n: 2, a: 3 } })
  expect((await column(out, 'source_file')).map((path) => path.slice(-6, -5))).toEqual(['0', '2'])
  const before = digest(out)
  expect(await json(...args)).toMatchObject({ stars: 2, read: 0, skipped: 3, match: { n: 2, a: 3 } })
  expect(digest(out)).toBe(before)

  writeStars('sky', 3, 5)
  expect(await json(...args)).toMatchObject({ stars: 4, read: 2, skipped: 3, match: { n: 4 } })
  expect(await column(out, 'teff')).toEqual(['5000', '5002', '5003', '5004'])
  expect((await column(out, 'source_file')).map((path) => path.slice(-6, -5))).toEqual(['0', '2', '3', '4'])
  expect(listing(scratch()).filter((file) => /unmatched|sky.*part/.test(file))).toEqual([])

  writeFileSync(scratch('sky.csv'), `ra,dec,teff\n${rows.slice(1).join('\n')}\n`)
  expect(await json(...args)).toMatchObject({ stars: 3, read: 5, skipped: 0 })
})

test('a file on other wavelengths than the first is told and does not stop the run', async () => {
  const folder = writeStars('grids', 0, 3)
  writeApStar(scratch('grids', name(1)), { id: 'longer', nPix: 12 })
  const summary = await json<Summary>('ingest', 'apogee', folder, '-o', scratch('grids.arrow'))
  expect(summary).toMatchObject({ stars: 2, failed: 1 })
  expect(summary.failures[0]).toMatchObject({ file: scratch('grids', name(1)), code: 'surveys/grids-differ' })
})

test('warnings of several releases are one kind', async () => {
  const folder = writeStars('releases', 0, 2)
  for (let i = 2; i < 8; i++) writeApStar(scratch('releases', name(i).replace('r6', 'r8')), { id: `s${i}` })
  const summary = await json<Summary>('ingest', 'apogee', folder, '-o', scratch('releases.arrow'))
  expect(summary).toMatchObject({ stars: 8, warnings: 6 })
  expect(summary.warning_kinds).toMatchObject([{ code: 'surveys/releases-differ', count: 6 }])
})
