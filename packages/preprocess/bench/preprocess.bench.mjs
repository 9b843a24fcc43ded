// The chains of the DESI and SDSS recipes against numpy with bottleneck, on the same input files, one thread each.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preprocess } from '@astrolabel/preprocess'
import { detectGrid, makeSpectra, makeTable } from '@astrolabel/spectra'

const PYTHON = '/usr/bin/python3'
const SCRIPTS = fileURLToPath(new URL('../../../../shared/peers', import.meta.url))
const PEERS = process.env.ASTROLABEL_PEERS ?? join(tmpdir(), 'astrolabel-peers')
const REPEATS = 3
const LIGHT = 299_792.458

const python = (...args) =>
  execFileSync(PYTHON, args, {
    cwd: PEERS,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, PEER_THREADS: '1' },
  })

/** Inputs of one case of the generator, made once; false where python or its packages are missing. */
function generate(kind, probe) {
  if (existsSync(join(PEERS, 'data', probe))) return true
  try {
    mkdirSync(PEERS, { recursive: true })
    cpSync(SCRIPTS, PEERS, { recursive: true, filter: (path) => path === SCRIPTS || path.endsWith('.py') })
    python('gen_spec.py', kind)
    return true
  } catch {
    return false
  }
}

const TYPES = { '<f4': Float32Array, '<f8': Float64Array, '|u1': Uint8Array }

function readNpy(folder, name) {
  const bytes = readFileSync(join(PEERS, folder, `${name}.npy`))
  const start = 10 + bytes.readUInt16LE(8)
  const Type = TYPES[/'descr': '([^']+)'/.exec(bytes.toString('latin1', 10, start))[1]]
  return new Type(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))
}

function batch(wave, flux, { ivar, mask, velocities }) {
  const n = flux.length / wave.length
  const catalog = makeTable(velocities ? [{ name: 'v_rad', values: velocities, unit: 'km/s' }] : [], n)
  const meta = {
    wavelength: detectGrid(wave, 'vacuum'),
    frame: 'barycentric',
    stage: 'raw',
    survey: 'bench',
    release: '',
    noise: 'measured',
    history: [],
    version: '0',
  }
  return makeSpectra({
    meta,
    starId: Array.from({ length: n }, (_, i) => String(i)),
    flux,
    ivar,
    snr: new Float32Array(n),
    catalog,
    ...(mask ? { mask } : {}),
  })
}

function bestSeconds(run) {
  let best = Infinity
  let result
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now()
    result = run()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return { best, result }
}

function runPeer(name) {
  try {
    return JSON.parse(python('bench3_preprocess.py', name).trim().split('\n').at(-1))
  } catch {
    return null
  }
}

/** Largest difference of normalised flux from the peer's, over the pixels that are good. */
function farthest(result, name) {
  const theirs = readNpy('out', name)
  let worst = 0
  for (let i = 0; i < theirs.length; i++)
    if (result.ivar[i] > 0)
      worst = Math.max(worst, Math.abs(result.flux[i] - theirs[i]) / Math.max(1, Math.abs(theirs[i])))
  return worst
}

function compare(name, spectra, steps, peerName, answer) {
  const { best, result } = bestSeconds(() => preprocess(spectra, steps))
  const peer = runPeer(peerName)
  const perStar = `${((best / spectra.n) * 1e3).toFixed(2)} ms a star`
  return {
    name,
    ours_s: best,
    peer: peerName,
    peer_s: peer ? peer.seconds : null,
    ratio: peer ? peer.seconds / best : null,
    detail: peer
      ? `${perStar}, farthest good pixel ${farthest(result, answer).toExponential(1)} from the peer's`
      : `${perStar}, peer absent`,
  }
}

function desi() {
  const flux = readNpy('data', 'desi_flux')
  const mask = Uint32Array.from(readNpy('data', 'desi_mask'))
  const velocities = readNpy('data', 'desi_z').map((z) => z * LIGHT)
  const spectra = batch(readNpy('data', 'desi_wave'), flux, {
    ivar: new Float32Array(flux.length).fill(1),
    mask,
    velocities,
  })
  const steps = [
    { step: 'mask' },
    { step: 'interpolate' },
    { step: 'rest' },
    { step: 'continuum', method: 'running-median', window: 151 },
  ]
  return compare(
    `preprocess DESI ${spectra.n} x ${spectra.nPix}: mask, interpolate, rest, median 151, divide`,
    spectra,
    steps,
    'desi_bottleneck_j1',
    'prep_desi_bottleneck.out',
  )
}

function sdss() {
  const spectra = batch(readNpy('data', 'sdss_wave'), readNpy('data', 'sdss_flux'), {
    ivar: readNpy('data', 'sdss_ivar'),
  })
  const steps = [{ step: 'continuum', method: 'polynomial', clip: [-1.5, 3], splits: [6000] }]
  return compare(
    `preprocess SDSS ${spectra.n} x ${spectra.nPix}: order 7, two arms, 1 + 4 fits`,
    spectra,
    steps,
    'sdss_batched',
    'prep_sdss_batched_numpy.out',
  )
}

/** Seconds of the best of three; a ratio above 1 says that ours is faster. No rows where the inputs cannot be made. */
export async function rows() {
  const made = []
  if (generate('desi', 'desi_flux.npy')) made.push(desi())
  if (generate('sdss', 'sdss_flux.npy')) made.push(sdss())
  return made
}
