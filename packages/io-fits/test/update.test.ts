import fc from 'fast-check'
import { spawn, spawnSync } from 'node:child_process'
import { copyFile, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { HduInput } from '@astrolabel/io-fits'
import { encodeFits, openFits } from '@astrolabel/io-fits'
import { appendHdus, openFitsFile, updateHeader } from '@astrolabel/io-fits/node'
import { PYTHON, hasAstropy } from './astropy.js'

const REWRITE = fileURLToPath(new URL('oracle/rewrite.py', import.meta.url))
interface Seen {
  hdus: { name: string; sum: number | null; cards: [string, string, string][] }[]
  warnings: string[]
}
function astropy(what: 'check' | 'append' | 'update', file: string): Seen {
  const { status, stdout, stderr } = spawnSync(PYTHON, [REWRITE, what, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Seen
}

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i)
const base: HduInput[] = [
  { kind: 'image', data: ramp(10), header: { OBJECT: ['Vega', 'target'], EXPTIME: [30.5, 's'] } },
  { kind: 'table', name: 'T', columns: [{ name: 'x', values: ramp(2000) }], header: { ORIGIN: 'us' } },
  { kind: 'image', name: 'LAST', data: ramp(100) },
]
let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'io-fits-'))
  path = join(folder, 'a.fits')
})
beforeEach(() => writeFile(path, encodeFits(base, { checksum: true })))
afterAll(() => rm(folder, { recursive: true }))

async function requireSound(names: readonly string[]): Promise<void> {
  const file = await openFitsFile(path)
  expect(file.warnings).toEqual([])
  expect(file.hdus.map(({ name }) => name)).toEqual(names)
  for (const hdu of file.hdus) expect(await hdu.verify()).not.toMatchObject({ checksum: 'bad' })
  for (const hdu of file.hdus) expect(await hdu.verify()).not.toMatchObject({ datasum: 'bad' })
  await file.close()
}

test('appended HDUs are what writing them at once gives; what was there stays byte for byte', async () => {
  const before = await readFile(path)
  const more: HduInput[] = [
    { kind: 'table', name: 'MORE', columns: [{ name: 'y', values: ramp(900_000) }] },
    // A header of several blocks.
    { kind: 'image', name: 'WORDS', header: Array.from({ length: 100 }, (_, i) => ({ key: `K${i}`, value: i })) },
  ]
  await appendHdus(path, more, { checksum: true })
  expect(Buffer.compare(await readFile(path), encodeFits([...base, ...more], { checksum: true }))).toBe(0)
  expect(before.equals((await readFile(path)).subarray(0, before.length))).toBe(true)
  await appendHdus(path, [])
  await requireSound(['PRIMARY', 'T', 'LAST', 'MORE', 'WORDS'])
})

test('a missing end of padding is made up', async () => {
  const whole = encodeFits(base)
  await writeFile(path, whole.subarray(0, whole.length - 2000))
  await appendHdus(path, [{ kind: 'image', name: 'NEW', data: ramp(3) }])
  await requireSound(['PRIMARY', 'T', 'LAST', 'NEW'])
  expect((await stat(path)).size).toBe(whole.length + 2 * 2880)
})

test('an append that fails leaves the file as it was', async () => {
  const before = await readFile(path)
  const big: HduInput = { kind: 'image', data: ramp(2_000_000) }
  const stop = new AbortController()
  const stopping: HduInput = {
    kind: 'image',
    get data() {
      queueMicrotask(() => stop.abort())
      return ramp(2_000_000)
    },
  }
  await expect(appendHdus(path, [big, stopping], { signal: stop.signal })).rejects.toThrow('aborted')
  expect((await readFile(path)).equals(before)).toBe(true)
  await expect(appendHdus(path, [{ ...big, shape: [7] }])).rejects.toMatchObject({ code: 'fits/bad-input' })
  expect((await readFile(path)).equals(before)).toBe(true)
})

test('a program killed while it appends leaves a file that reads, and the next append goes on from there', async () => {
  const before = await readFile(path)
  const entry = new URL('../dist/index.node.js', import.meta.url).href
  const script = `
    const { appendHdus } = await import(${JSON.stringify(entry)})
    const data = new Float32Array(1e7).fill(1)
    const hdus = Array.from({ length: 40 }, (_, i) => ({ kind: 'image', name: 'BIG' + i, data }))
    await appendHdus(process.argv[1], hdus)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path])
  const ended = new Promise<string>((done) => child.on('exit', (_, signal) => done(String(signal))))
  while ((await stat(path)).size < before.length + 4e6 && child.exitCode === null) {
    await new Promise((done) => setTimeout(done, 1))
  }
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  const file = await openFitsFile(path)
  expect(file.hdus).toHaveLength(3)
  expect(file.warnings.join()).toMatch(/bytes after HDU 2 \(LAST\) are no FITS extension/)
  expect((await file.table('T').read()).column('x').values).toEqual(ramp(2000))
  await file.close()
  await appendHdus(path, [{ kind: 'image', name: 'NEW', data: ramp(3) }])
  await requireSound(['PRIMARY', 'T', 'LAST', 'NEW'])
  expect((await stat(path)).size).toBe(before.length + 2 * 2880)
})

test('nothing is appended behind data that are cut, behind other bytes, or to a packed file', async () => {
  const whole = await readFile(path)
  const add = (): Promise<void> => appendHdus(path, [{ kind: 'image' }])
  await truncate(path, whole.length - 2800)
  await expect(add()).rejects.toMatchObject({ code: 'fits/truncated' })
  await writeFile(path, Buffer.concat([whole, Buffer.from('notes of my own')]))
  await expect(add()).rejects.toMatchObject({
    code: 'fits/unsupported',
    message: expect.stringMatching(/Cut the file/),
  })
  expect((await readFile(path)).subarray(whole.length).toString()).toBe('notes of my own')
  await writeFile(path, gzipSync(whole))
  await expect(add()).rejects.toMatchObject({ code: 'fits/unsupported' })
  await expect(updateHeader(path, 0, { A: 1 })).rejects.toMatchObject({ code: 'fits/unsupported' })
  await expect(appendHdus(join(folder, 'absent.fits'), base)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('keywords change in place; comments, other cards and data stay', async () => {
  const before = await readFile(path)
  const changes = { OBJECT: 'Altair', EXPTIME: [60, 'seconds'], RA: [297.7, 'deg'], HISTORY: ['one', 'two'] } as const
  expect(await updateHeader(path, 0, changes)).toEqual({ inPlace: true })
  const { header } = (await openFitsFile(path)).hdu(0)
  expect([header.get('OBJECT'), header.comment('OBJECT')]).toEqual(['Altair', 'target'])
  expect([header.get('EXPTIME'), header.comment('EXPTIME')]).toEqual([60, 'seconds'])
  expect([header.get('RA'), header.history]).toEqual([297.7, ['one', 'two']])
  expect((await readFile(path)).subarray(2880).equals(before.subarray(2880))).toBe(true)
  await requireSound(['PRIMARY', 'T', 'LAST'])
  expect(await updateHeader(path, 'T', { EXTNAME: 'STARS', ORIGIN: null, TUNIT1: 'km/s' })).toEqual({ inPlace: true })
  const file = await openFitsFile(path)
  expect(file.table('STARS').columns[0]?.unit).toBe('km/s')
  expect(file.hdu('STARS').header.has('ORIGIN')).toBe(false)
  await requireSound(['PRIMARY', 'STARS', 'LAST'])
})

test('a header that needs more blocks is written aside; links, permissions and other bytes stay', async () => {
  const link = join(folder, 'link.fits')
  await rm(link, { force: true })
  await symlink(path, link)
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`KEY${i}`, i]))
  expect(await updateHeader(link, 1, many)).toEqual({ inPlace: false })
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  await requireSound(['PRIMARY', 'T', 'LAST'])
  const file = await openFitsFile(path)
  expect(file.hdu(1).header.get('KEY59')).toBe(59)
  expect((await file.table(1).read()).column('x').values).toEqual(ramp(2000))
  await file.close()
  // What is taken out leaves room, in place; what comes back uses it.
  const gone = Object.fromEntries(Object.keys(many).map((key) => [key, null]))
  expect(await updateHeader(path, 1, gone)).toEqual({ inPlace: true })
  await requireSound(['PRIMARY', 'T', 'LAST'])
  expect(await updateHeader(path, 1, many)).toEqual({ inPlace: true })
  expect(await updateHeader(path, 1, { A: 1 }, { rewrite: true })).toEqual({ inPlace: false })
  await requireSound(['PRIMARY', 'T', 'LAST'])
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('data known as damaged stay known as damaged', async () => {
  const bytes = await readFile(path)
  const at = bytes.length - 2800
  bytes[at] = 1 ^ (bytes[at] as number)
  await writeFile(path, bytes)
  await updateHeader(path, 'LAST', { NOTE: 'seen' })
  expect(await (await openFitsFile(path)).hdu('LAST').verify()).toEqual({ checksum: 'bad', datasum: 'bad' })
})

test.each([
  ['NAXIS1', 3, 'Write the HDU anew'],
  ['TFORM1', '1J', 'Write the HDU anew'],
  ['CHECKSUM', 'x', 'kept right'],
  ['OBJECT', 'é', 'printable ASCII'],
  ['OBJECT', NaN, 'a finite number'],
  ['OBJECT', ['a', 'b', 'c'], 'a value or [value, comment]'],
])('%s cannot become %s', async (key, value, message) => {
  const before = await readFile(path)
  await expect(updateHeader(path, 1, { [key]: value })).rejects.toMatchObject({
    code: 'fits/bad-input',
    message: expect.stringContaining(message),
  })
  expect((await readFile(path)).equals(before)).toBe(true)
})

test('cards that others wrote in their own way stay as they are, also those with bytes outside ASCII', async () => {
  const cards = [
    'SIMPLE  =                    T',
    'BITPIX  =                    8',
    'NAXIS   =                    0',
    "NAME    = 'Caf\xe9'",
    'SLOPE   =            1.500D+02 /as Fortran has it',
    "LONG    = 'a string that goes &'",
    "CONTINUE  'on' / and on",
    'HIERARCH ESO OBS ID = 7',
    'UNDEF   =',
  ]
  const text = [...cards, 'END']
    .map((card) => card.padEnd(80))
    .join('')
    .padEnd(2880)
  await writeFile(path, Buffer.from(text, 'latin1'))
  await updateHeader(path, 0, {
    'ESO OBS ID': 8,
    NEW: 'a string of more than sixty-eight characters, which goes on in a card of its own',
    LONG: 'x',
  })
  const now = (await readFile(path)).toString('latin1')
  for (const i of [0, 1, 2, 3, 4, 8]) expect(now).toContain((cards[i] as string).padEnd(80))
  const { header } = (await openFits(new Uint8Array(await readFile(path)))).hdu(0)
  expect([header.get('ESO OBS ID'), header.get('LONG'), String(header.get('NEW')).length]).toEqual([8, 'x', 80])
  expect(now).not.toContain("CONTINUE  'on'")
})

const keyArb = fc
  .stringMatching(/^[A-Z][A-Z0-9]{0,7}$/)
  .filter(
    (key) =>
      !/^(NAXIS|T|Z|END|SIMPLE|BITPIX|CHECKSUM|DATASUM|PCOUNT|GCOUNT|GROUPS|XTENSION|CONTINUE|COMMENT|HISTORY|HIERARCH)/.test(
        key,
      ),
  )
const valueArb = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.stringMatching(/^[ -~]{0,150}$/).map((text) => text.trimEnd()),
  fc.constant(null),
)

test('property: any changes one after another: the header is what a map would be, sums stay right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.dictionary(keyArb, valueArb, { maxKeys: 8 }), { maxLength: 5 }), async (steps) => {
      await writeFile(path, encodeFits(base, { checksum: true }))
      const meant = new Map<string, unknown>()
      for (const step of steps) {
        await updateHeader(path, 1, step)
        for (const [key, value] of Object.entries(step)) meant.set(key, value)
      }
      const file = await openFitsFile(path)
      for (const [key, value] of meant)
        expect(file.hdu(1).header.get(key) ?? null).toEqual(Object.is(value, -0) ? 0 : value)
      await file.close()
      await requireSound(['PRIMARY', 'T', 'LAST'])
    }),
    { numRuns: 25 },
  )
})

test.skipIf(!hasAstropy)('astropy and we change a file in turn (needs astropy)', async () => {
  await appendHdus(path, [{ kind: 'image', name: 'OURS', data: ramp(5) }], { checksum: true })
  await updateHeader(path, 'T', {
    OBSERVER: ["O'Neill", 'who'],
    'ESO DET NAME': 'long keyword',
    LONGTEXT: 'a '.repeat(60) + 'z',
  })
  let seen = astropy('append', path)
  expect(seen.warnings).toEqual([])
  expect(seen.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'T', 'LAST', 'OURS', 'PEER'])
  expect(seen.hdus[1]?.cards).toContainEqual(['OBSERVER', "O'Neill", 'who'])
  expect(seen.hdus[1]?.cards).toContainEqual(['LONGTEXT', 'a '.repeat(60) + 'z', ''])
  expect(seen.hdus.map(({ sum }) => sum)).toEqual([45, 1_999_000, 4950, 10, 15])
  await requireSound(['PRIMARY', 'T', 'LAST', 'OURS', 'PEER'])
  astropy('update', path)
  await updateHeader(path, 'PEER', { NOTE: 'ours again' })
  await updateHeader(path, 1, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`N${i}`, i])))
  await appendHdus(path, [{ kind: 'image', name: 'END2', data: ramp(2) }], { checksum: true })
  seen = astropy('check', path)
  expect(seen.warnings).toEqual([])
  expect(seen.hdus[1]?.cards).toContainEqual(['PEER', 'changed', 'by astropy'])
  await requireSound(['PRIMARY', 'T', 'LAST', 'OURS', 'PEER', 'END2'])
  await copyFile(path, join(folder, 'kept.fits'))
})
