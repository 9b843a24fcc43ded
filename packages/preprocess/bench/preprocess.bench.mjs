// The chains of the DESI, SDSS and APOGEE recipes against numpy with bottleneck, on the same input files, one thread each.
import { preprocess } from '@astrolabel/preprocess'
import { detectGrid, makeSpectra, makeTable } from '@astrolabel/spectra'

const SCRIPT = 'bench3_preprocess.py'
const REPEATS = 3
const LIGHT = 299_792.458

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

/** Largest difference of normalised flux from the peer's, over the pixels that are good. */
function farthest({ peers }, result, name) {
  const theirs = peers.readNpy('out', name)
  let worst = 0
  for (let i = 0; i < theirs.length; i++)
    if (result.ivar[i] > 0)
      worst = Math.max(worst, Math.abs(result.flux[i] - theirs[i]) / Math.max(1, Math.abs(theirs[i])))
  return worst
}

function compare(tools, name, spectra, steps, peerName, answer) {
  const { best, result } = tools.bestSeconds(() => preprocess(spectra, steps), REPEATS)
  const peer = tools.peers.run(SCRIPT, peerName)
  const perStar = `${((best / spectra.n) * 1e3).toFixed(2)} ms a star`
  return {
    name,
    ours_s: best,
    peer: peerName,
    peer_s: peer ? peer.seconds : null,
    detail: peer
      ? `${perStar}, farthest good pixel ${farthest(tools, result, answer).toExponential(1)} from the peer's`
      : `${perStar}, peer absent`,
  }
}

function desi(tools) {
  const { readNpy } = tools.peers
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
    tools,
    `preprocess DESI ${spectra.n} x ${spectra.nPix}: mask, interpolate, rest, median 151, divide`,
    spectra,
    steps,
    'desi_bottleneck_j1',
    'prep_desi_bottleneck.out',
  )
}

function sdss(tools) {
  const { readNpy } = tools.peers
  const spectra = batch(readNpy('data', 'sdss_wave'), readNpy('data', 'sdss_flux'), {
    ivar: readNpy('data', 'sdss_ivar'),
  })
  const steps = [{ step: 'continuum', method: 'polynomial', clip: [-1.5, 3], splits: [6000] }]
  return compare(
    tools,
    `preprocess SDSS ${spectra.n} x ${spectra.nPix}: order 7, two arms, 1 + 4 fits`,
    spectra,
    steps,
    'sdss_batched',
    'prep_sdss_batched_numpy.out',
  )
}

/** Pixels outside the chips have no continuum; the peer leaves them out, so they are bad here. */
function apogee(tools) {
  const { readNpy } = tools.peers
  const wave = Float64Array.from(readNpy('data', 'apo_wave'))
  const chips = [
    [15150, 15800],
    [15890, 16430],
    [16490, 16950],
  ]
  const ivar = readNpy('data', 'apo_ivar').slice()
  const outside = wave.map((w) => (chips.some(([from, to]) => w >= from && w < to) ? 0 : 1))
  for (let i = 0; i < ivar.length; i++) if (outside[i % wave.length]) ivar[i] = 0
  const spectra = batch(wave, readNpy('data', 'apo_flux'), { ivar })
  const marked = readNpy('data', 'apo_contpix')
  const pixels = Array.from(wave.keys()).filter((i) => marked[i] === 1 && !outside[i])
  const steps = [{ step: 'continuum', method: 'chebyshev', order: 2, pixels, splits: chips.flat() }]
  return compare(
    tools,
    `preprocess APOGEE ${spectra.n} x ${spectra.nPix}: order 2, three chips, ${pixels.length} continuum pixels`,
    spectra,
    steps,
    'apogee_batched',
    'prep_apogee_batched_numpy.out',
  )
}

/** Seconds of the best of three. No rows where the inputs cannot be made. */
export async function rows(tools) {
  const made = []
  if (tools.peers.generate('gen_spec.py', 'desi', 'desi_flux.npy')) made.push(desi(tools))
  if (tools.peers.generate('gen_spec.py', 'sdss', 'sdss_flux.npy')) made.push(sdss(tools))
  if (tools.peers.generate('gen_spec.py', 'apogee', 'apo_flux.npy')) made.push(apogee(tools))
  return made
}
