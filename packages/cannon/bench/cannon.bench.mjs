// Training and labelling against numpy and scipy, on the same input files, one thread each.
import { trainCannon } from '@astrolabel/cannon'
import { labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'

const SCRIPT = 'bench5_cannon.py'
const REPEATS = 5
const LABELS = ['teff', 'logg', 'fe_h', 'mg_fe', 'c_fe'].map(labelInfo)

function batch({ peers }, set) {
  const values = peers.readNpy('data', `cannon_${set}_labels`)
  // Spectra are stored in single precision; the peer reads them in double.
  const [flux, ivar] = ['flux', 'ivar'].map((name) => Float32Array.from(peers.readNpy('data', `cannon_${set}_${name}`)))
  const starId = Array.from({ length: values.length / LABELS.length }, (_, i) => String(i))
  const length = flux.length / starId.length
  const meta = {
    wavelength: { kind: 'log10', start: 4.179, step: 6e-6, length, medium: 'vacuum' },
    frame: 'rest',
    stage: 'normalised',
    survey: 'bench',
    release: '',
    noise: 'measured',
    history: [],
    version: '0',
  }
  return {
    spectra: makeSpectra({ meta, starId, flux, ivar, snr: new Float32Array(starId.length) }),
    labels: makeLabels({ starId, labels: LABELS, values: Float64Array.from(values) }),
  }
}

function row(name, seconds, peerName, peer, peerSeconds, detail) {
  return {
    name,
    ours_s: seconds,
    peer: peerName,
    peer_s: peer ? peerSeconds : null,
    detail: peer ? detail() : 'peer absent',
  }
}

/** Largest |ours - theirs| in units of `scale`. */
function farthest(ours, theirs, scale = () => 1) {
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i]) / scale(i)), 0).toExponential(1)
}

function trainByMoments({ peers, bestSeconds }, { spectra, labels }) {
  const { best, result } = bestSeconds(() => trainCannon(spectra, labels, { scatter: 'moments' }), REPEATS)
  const peer = peers.run(SCRIPT, 'train_vec')
  const { theta, scatter2 } = result.parts.coefficients
  const compare = () =>
    `farthest from the peer's: theta ${farthest(theta, peers.readNpy('out', 'cannon_model.theta'))}, ` +
    `scatter^2 ${farthest(scatter2, peers.readNpy('out', 'cannon_model.s2'))}`
  const name = `cannon train ${spectra.n} x ${spectra.nPix} x 21 terms, scatter by moments`
  return { model: result, row: row(name, best, 'train_vec', peer, peer?.seconds, compare) }
}

function trainByLikelihood({ peers, bestSeconds }, { spectra, labels }) {
  const { best, result } = bestSeconds(() => trainCannon(spectra, labels), 2)
  const peer = peers.run(SCRIPT, 'train_scatter')
  const name = `cannon train ${spectra.n} x ${spectra.nPix} x 21 terms, scatter by likelihood`
  const rounds = `${result.parts.training.scatterIterations} rounds, the peer's time is of 200 pixels, scaled up`
  return row(name, best, 'train_scatter', peer, peer?.extrapolated_7214px_s, () => rounds)
}

function label({ peers, bestSeconds }, model, { spectra, labels }) {
  const { best, result } = bestSeconds(() => model.predict(spectra, { errorParts: false }), 2 * REPEATS)
  const perStar = (seconds) => `${((seconds / spectra.n) * 1e3).toFixed(3)} ms a star`
  const rmse = (values) =>
    LABELS.map((_, l) => {
      let sum = 0
      for (let i = l; i < values.length; i += LABELS.length) sum += (values[i] - labels.values[i]) ** 2
      return Number(Math.sqrt(sum / spectra.n).toPrecision(4))
    })
  const compare = (peer, answer) => () =>
    `${perStar(best)}, peer ${perStar(peer.seconds)}; ` +
    `farthest label ${farthest(result.values, peers.readNpy('out', answer), (i) => result.errors[i])} of its error from the peer's; ` +
    `rmse ${rmse(result.values).join(' ')}, peer ${peer.rmse.map((value) => Number(value.toPrecision(4))).join(' ')}`
  const name = `cannon label ${spectra.n} stars x ${spectra.nPix}, 5 labels`
  return [
    ['test_batched', 'cannon_test_batched_gn.labels'],
    ['test_curvefit_jac', 'cannon_test_curve_fit_jac.labels'],
  ].map(([peerName, answer]) => {
    const peer = peers.run(SCRIPT, peerName)
    return row(`${name} (${peerName})`, best, peerName, peer, peer?.seconds, compare(peer, answer))
  })
}

/** Seconds of the best repeat. No rows where the inputs cannot be made. */
export async function rows(tools) {
  if (!tools.peers.generate('gen_spec.py', 'cannon', 'cannon_test_flux.npy')) return []
  const training = batch(tools, 'train')
  const moments = trainByMoments(tools, training)
  return [moments.row, trainByLikelihood(tools, training), ...label(tools, moments.model, batch(tools, 'test'))]
}
