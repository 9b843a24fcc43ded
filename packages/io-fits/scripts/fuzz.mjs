// `node scripts/fuzz.mjs [--count 2000] [--seed 1] [--from 0] [--keep FOLDER]`: reads damaged FITS files. Each must
// give values or a `FitsError` within a second of computing and 200 MB; a hang or a crash of the reading process counts
// too. Files of ../../../../shared/data/fits-conformance join in where they are. Exit 1 when any file fails.
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseArgs } from 'node:util'
import { FitsError, encodeFits, isTableHdu, openFits, spectralAxis } from '@astrolabel/io-fits'
import { toArrow } from '@astrolabel/io-fits/arrow'
import { mutate } from './mutate.mjs'

const LIMIT = { cpuSeconds: 1, megabytes: 200, silentSeconds: 20 }
const GOLDEN = fileURLToPath(new URL('../test/golden/', import.meta.url))
const CONFORMANCE = fileURLToPath(new URL('../../../../shared/data/fits-conformance/', import.meta.url))

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    keep: { type: 'string' },
  },
})
const seed = Number(values.seed)
const files = wholeFiles()
if (process.send === undefined) await supervise()
else await readDamaged(Number(values.from), Number(values.count))

/** Starts a reading process, and a new one behind every file that stops it. */
async function supervise() {
  const first = Number(values.from)
  const end = first + Number(values.count)
  const failures = []
  const tally = { sound: 0, refused: 0 }
  for (let next = first; next < end;) {
    const stopped = await readInChild(next, end, failures, tally)
    if (stopped === undefined) break
    failures.push(stopped)
    if (failures.length > 20) throw new Error('more than 20 files fail: mend the first ones')
    next = stopped.index + 1
  }
  for (const { index, why } of failures) {
    const { bytes, what } = mutate(files, seed, index)
    console.error(`--seed ${seed} --from ${index} --count 1 (${what}): ${why}`)
    if (values.keep === undefined) continue
    mkdirSync(values.keep, { recursive: true })
    writeFileSync(join(values.keep, `${seed}-${index}.fits`), bytes)
  }
  console.log(
    `${end - first} damaged files out of ${files.length} whole ones: ${tally.sound} read, ${tally.refused} refused with a FitsError, ${failures.length} failed`,
  )
  process.exitCode = failures.length > 0 ? 1 : 0
}

/** The file that stopped the reading process; undefined when it came to its end. */
function readInChild(from, end, failures, tally) {
  const child = fork(fileURLToPath(import.meta.url), [`--seed=${seed}`, `--from=${from}`, `--count=${end - from}`], {
    execArgv: ['--expose-gc'],
  })
  let at = from
  let why = ''
  let watch
  const stillAlive = () => {
    clearTimeout(watch)
    watch = setTimeout(() => {
      why = `nothing for ${LIMIT.silentSeconds} s`
      child.kill('SIGKILL')
    }, LIMIT.silentSeconds * 1000)
  }
  stillAlive()
  return new Promise((resolve) => {
    child.on('message', (message) => {
      stillAlive()
      if (message.failure !== undefined) failures.push(message.failure)
      else if (message.outcome !== undefined) tally[message.outcome]++
      else at = message.index
    })
    child.on('exit', (code, signal) => {
      clearTimeout(watch)
      resolve(
        code === 0 ? undefined : { index: at, why: why === '' ? `the process ended with ${signal ?? code}` : why },
      )
    })
  })
}

async function readDamaged(from, count) {
  const base = rssMegabytes()
  for (let index = from; index < from + count; index++) {
    // Told beforehand, so that the parent knows which file a hang or a crash is about.
    await send({ index })
    const { bytes } = mutate(files, seed, index)
    const before = process.cpuUsage()
    const errors = await readAll(bytes)
    const why = errors.find((error) => !(error instanceof FitsError))
    const { user, system } = process.cpuUsage(before)
    const spent = (user + system) / 1e6
    const grown = rssMegabytes() - base
    const faults = [
      ...(why === undefined ? [] : [`not a FitsError: ${why instanceof Error ? why.stack : why}`]),
      ...(spent > LIMIT.cpuSeconds ? [`took ${spent.toFixed(1)} s`] : []),
      ...(grown > LIMIT.megabytes ? [`took ${Math.round(grown)} MB`] : []),
    ]
    if (faults.length > 0) await send({ failure: { index, why: faults.join('; ') } })
    else await send({ outcome: errors.length > 0 ? 'refused' : 'sound' })
    // The high-water mark never falls: a fresh process reads on.
    if (grown > LIMIT.megabytes) process.exit(index + 1 === from + count ? 0 : 1)
    if (index % 50 === 0) globalThis.gc()
  }
  process.disconnect()
}

function send(message) {
  return new Promise((resolve) => process.send(message, resolve))
}

function rssMegabytes() {
  return process.resourceUsage().maxRSS / 1024
}

/** Reads everything in a file in several ways; the errors there were. */
async function readAll(bytes) {
  const errors = []
  const attempt = (way) =>
    way().catch((error) => {
      errors.push(error)
    })
  const file = await attempt(() => openFits(bytes))
  for (const hdu of file?.hdus ?? []) {
    await attempt(() => hdu.verify())
    await attempt(() => wavelengths(file, hdu))
    if (!('read' in hdu)) continue
    await attempt(() => hdu.read())
    if (hdu.type !== 'image' || hdu.shape.length > 0) await attempt(() => hdu.read({ rows: [0, 1] }))
    if (!isTableHdu(hdu)) continue
    await attempt(() => hdu.read({ columns: hdu.columns.slice(-1).map(({ name }) => name) }))
    await attempt(() => batches(hdu))
  }
  return errors
}

async function batches(hdu) {
  for await (const batch of toArrow(hdu, { batchRows: 100 })) batch.toArray()
}

/** Most HDUs have none, sound ones too: that they say so is no answer to count. */
async function wavelengths(file, { index }) {
  try {
    spectralAxis(file.inheritedHeader(index))
  } catch (error) {
    if (!(error instanceof FitsError)) throw error
  }
}

function wholeFiles() {
  const found = readdirSync(GOLDEN)
    .filter((name) => /\.fits(\.gz)?$/.test(name))
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(GOLDEN, name))) }))
  // Damage to packed files seldom gets past the unpacking.
  for (const { name, bytes } of found.filter((file) => file.name.endsWith('.gz')))
    found.push({ name: name.slice(0, -3), bytes: new Uint8Array(gunzipSync(bytes)) })
  found.push({ name: 'written by us', bytes: written() })
  found.push({ name: 'compressed by us', bytes: compressed() })
  const folders = existsSync(CONFORMANCE) ? readdirSync(CONFORMANCE).map((name) => join(CONFORMANCE, name)) : []
  for (const folder of folders)
    for (const name of readdirSync(folder).filter((other) => !other.endsWith('.out')))
      found.push({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) })
  return found
}

function written() {
  const flux = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i))
  return encodeFits([
    { kind: 'image', shape: [10, 30], data: flux },
    {
      kind: 'table',
      name: 'STARS',
      columns: [
        { name: 'ID', values: BigInt64Array.from({ length: 30 }, (_, i) => BigInt(i) << 33n) },
        { name: 'NAME', values: Array.from({ length: 30 }, (_, i) => `star ${i}`) },
        { name: 'FLUX', values: flux, shape: [2, 5] },
      ],
    },
  ])
}

function compressed() {
  const data = Float32Array.from({ length: 600 }, (_, i) => 100 * Math.sin(i * i))
  const image = { kind: 'image', shape: [20, 30], data }
  const counts = Int16Array.from(data)
  const columns = [
    { name: 'FLUX', values: data, shape: [20] },
    { name: 'COUNT', values: counts.subarray(0, 30) },
    { name: 'SERIES', values: counts, offsets: Int32Array.from({ length: 31 }, (_, row) => row * 20) },
    { name: 'NAME', values: Array.from({ length: 30 }, (_, row) => `star ${row}`) },
  ]
  return encodeFits([
    { ...image, compress: { algorithm: 'GZIP_2', tileShape: [4, 30] } },
    { ...image, compress: { algorithm: 'RICE_1', quantize: {} } },
    { ...image, data: counts, compress: { algorithm: 'RICE_1', tileShape: [7, 11] } },
    { kind: 'table', columns, compress: { tileRows: 8, algorithms: { COUNT: 'RICE_1', SERIES: 'RICE_1' } } },
  ])
}
