import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allPairs, crossmatch, findDuplicates, joinIds, kNearest, propagate } from '@astrolabel/crossmatch'
import { crossmatchThreads } from '@astrolabel/crossmatch/node'

const PYTHON = '/usr/bin/python3'
const MODES_PEER = fileURLToPath(new URL('ckdtree_modes.py', import.meta.url))
const REPEATS = 3

/** Skies of ../shared/peers, matched within 3 arcsec; Tycho-2 is there where its Debian package has been unpacked. */
const SKIES = [
  ['uniform', 'gen_sky.py', '1e6 x 1e6 uniform'],
  ['clustered', 'gen_sky.py', '1e6 x 1e6 clustered'],
  ['edge', 'gen_sky.py', '150k x 150k at the poles and the seam'],
  ['tycho', 'gen_tycho.py', 'Tycho-2, 1.9e6 x 1.9e6'],
]

/** Mulberry32, so that every run matches the same sky. */
function stream(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Stars of b where `place` puts them; a is b in another order, each star moved by less than an arcsecond. */
function catalogues(n, place) {
  const random = stream(20261122)
  const empty = () => ({ ra: new Float64Array(n), dec: new Float64Array(n) })
  const a = empty()
  const b = empty()
  for (let i = 0; i < n; i++) [b.ra[i], b.dec[i]] = place(random, i)
  for (let i = 0; i < n; i++) {
    const j = n - 1 - i
    const east = ((random() - 0.5) * 3e-4) / Math.max(1e-6, Math.cos((b.dec[j] * Math.PI) / 180))
    a.ra[i] = (b.ra[j] + Math.min(180, Math.max(-180, east)) + 360) % 360
    a.dec[i] = Math.max(-90, Math.min(90, b.dec[j] + (random() - 0.5) * 3e-4))
  }
  return { a, b }
}

const uniform = (random) => [360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI]

/** A third each: within a degree of the north pole, within a degree of the south pole, astride the 0h seam. */
const polesAndSeam = (random, i) => {
  if (i % 3 === 2) return [(359.5 + random()) % 360, random() - 0.5]
  const dec = 90 - Math.sqrt(random())
  return [360 * random(), i % 3 === 0 ? dec : -dec]
}

function bestSeconds(run) {
  let best = Infinity
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now()
    run()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return best
}

/** What scipy says of the same points; `argsOf` gets the name of the file that they lie in. */
function peerAnswer({ a, b }, argsOf) {
  const folder = mkdtempSync(join(tmpdir(), 'crossmatch-bench-'))
  try {
    const file = join(folder, 'points.f64')
    writeFileSync(file, Buffer.concat([a.ra, a.dec, b.ra, b.dec].map((column) => Buffer.from(column.buffer))))
    return JSON.parse(
      execFileSync(PYTHON, argsOf(file).map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One thread, two, and one to one on one, beside scipy with two workers: the same partner for every star, or the row says not. */
async function skyRows(peers, [sky, script, name]) {
  if (!peers.generate(script, '', `sky_${sky}_a.npy`)) {
    console.error(`crossmatch ${name} is left out: no points of it`)
    return []
  }
  const [a, b] = ['a', 'b'].map((side) => columns(peers.readNpy('data', `sky_${sky}_${side}`)))
  const best = { one: Infinity, two: Infinity, oneToOne: Infinity }
  const time = async (way, match) => {
    const start = performance.now()
    const result = await match()
    best[way] = Math.min(best[way], (performance.now() - start) / 1000)
    return result
  }
  let one, two, pairs
  for (let i = 0; i < 2 * REPEATS; i++) {
    one = await time('one', () => crossmatch(a, b, { radiusArcsec: 3 }))
    two = await time('two', () => crossmatchThreads(a, b, { radiusArcsec: 3, threads: 2 }))
    pairs = await time('oneToOne', () => crossmatch(a, b, { radiusArcsec: 3, oneToOne: true }))
  }
  const peer = peers.run('bench2_xmatch.py', `${sky}_ckdtree`, 2)
  const row = (way, title, match) => ({
    name: `crossmatch ${name}, 3 arcsec, ${title}`,
    ours_s: best[way],
    peer: 'scipy cKDTree, 2 workers',
    peer_s: peer?.seconds ?? null,
    detail: `${match.n} matches${peer === null ? '' : digest(match.nearestOfA) === peer.digest_idx ? ', all as scipy' : `, NOT the ${peer.matched} of scipy`}`,
  })
  return [
    row('one', 'one thread', one),
    row('two', 'two threads', two),
    row('oneToOne', 'one thread, one to one', pairs),
  ]
}

/** Rows of (ra, dec) to columns. */
function columns(points) {
  const column = (side) => Float64Array.from({ length: points.length / 2 }, (_, i) => points[2 * i + side])
  return { ra: column(0), dec: column(1) }
}

/** As the peers digest an array of int32. */
function digest(indices) {
  return createHash('sha256').update(Buffer.from(indices.buffer)).digest('hex').slice(0, 16)
}

/** A mode beside scipy's way of doing it; `answer` gives the size and the sum that both must agree on. */
function modeRow(name, mode, { n, place, radius, k = 1 }, run, answer) {
  const sky = catalogues(n, place)
  let result
  const ours = bestSeconds(() => {
    result = run(sky)
  })
  const own = answer(result)
  const peer = peerAnswer(sky, (file) => [MODES_PEER, mode, file, n, radius, k, REPEATS])
  const agrees = peer && peer.n === own.n && Math.abs(peer.sum - own.sum) <= 1e-6 * own.sum
  return {
    name,
    ours_s: ours,
    peer: 'scipy cKDTree',
    peer_s: peer ? peer.seconds : null,
    detail: peer ? `${own.n} ${mode}, ${agrees ? 'as' : `not the ${peer.n} of`} scipy ${peer.scipy}` : 'peer absent',
  }
}

const total = (values) => values.reduce((sum, value) => sum + value, 0)

function modeRows() {
  const n = 1_000_000
  const wide = { n, place: uniform, radius: 60 }
  return [
    modeRow(
      'allPairs 1e6 x 1e6 uniform, 60 arcsec',
      'pairs',
      wide,
      ({ a, b }) => allPairs(a, b, { radiusArcsec: 60 }),
      (pairs) => ({ n: pairs.n, sum: total(pairs.separationArcsec) }),
    ),
    modeRow(
      'allPairs 150k x 150k at the poles and the seam, 60 arcsec',
      'pairs',
      { n: 150_000, place: polesAndSeam, radius: 60 },
      ({ a, b }) => allPairs(a, b, { radiusArcsec: 60 }),
      (pairs) => ({ n: pairs.n, sum: total(pairs.separationArcsec) }),
    ),
    modeRow(
      'kNearest 5 of 1e6 for 1e6 uniform',
      'nearest',
      { ...wide, k: 5 },
      ({ a, b }) => kNearest(a, b, { k: 5 }),
      ({ index, separationArcsec }) => ({ n: index.length, sum: total(separationArcsec) }),
    ),
    modeRow(
      'findDuplicates 1e6 uniform, 60 arcsec',
      'duplicates',
      wide,
      ({ b }) => findDuplicates(b, { radiusArcsec: 60 }),
      (groups) => ({ n: groups.n, sum: groups.members.length }),
    ),
    modeRow(
      'findDuplicates 150k at the poles and the seam, 10 arcsec',
      'duplicates',
      { n: 150_000, place: polesAndSeam, radius: 10 },
      ({ b }) => findDuplicates(b, { radiusArcsec: 10 }),
      (groups) => ({ n: groups.n, sum: groups.members.length }),
    ),
  ]
}

/** What needs no search; no peer is timed. */
function columnRows() {
  const n = 1_000_000
  const { a } = catalogues(n, uniform)
  const pm = new Float64Array(n).fill(10)
  const ids = BigInt64Array.from({ length: n }, (_, i) => 299_489_676_975_171_584n + (BigInt(i) << 11n))
  const reversed = ids.toReversed()
  const alone = (name, run) => ({ name, ours_s: bestSeconds(run), peer: null, peer_s: null, detail: '' })
  return [
    alone('propagate 1e6', () => propagate(a, { pmRa: pm, pmDec: pm, fromEpoch: 2016, toEpoch: 2000 })),
    alone('joinIds 1e6 with 1e6, 64 bits', () => joinIds(ids, reversed)),
  ]
}

/** Seconds from angles to separations, the best of several, on the same points; one thread unless the name says two. */
export async function rows({ peers }) {
  const skies = []
  for (const sky of SKIES) skies.push(...(await skyRows(peers, sky)))
  return [...skies, ...modeRows(), ...columnRows()]
}
