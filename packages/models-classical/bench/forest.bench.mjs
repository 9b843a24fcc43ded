// Forests and principal components against scikit-learn with two jobs, on the same spectra; ours on one thread.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { predictForest, principalComponents, trainForest } from '@astrolabel/models-classical'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('sklearn_forest.py', import.meta.url))
const [TRAIN, TEST, FEATURES, LABELS] = [1600, 400, 100, 3]

/** scikit-learn's report and the features it grew on; undefined where it or the inputs are missing. */
function askSklearn(peers) {
  if (!peers.generate('gen_spec.py', 'ml', 'ml_X.npy')) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'classical-bench-'))
  try {
    const file = join(folder, 'features.f32')
    const args = [SCRIPT, peers.inputPath('ml_X.npy'), peers.inputPath('ml_Y.npy'), file]
    const report = JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    const bytes = readFileSync(file)
    return { report, features: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) }
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Columns of `values` (n × width), the first `n` of which set the scale, with zero mean and unit variance there. */
function standardise(values, width, n) {
  const mean = new Float64Array(width)
  const variance = new Float64Array(width)
  for (let i = 0; i < n * width; i++) mean[i % width] += values[i] / n
  for (let i = 0; i < n * width; i++) variance[i % width] += (values[i] - mean[i % width]) ** 2 / n
  const deviation = variance.map(Math.sqrt)
  const scaled = values.map((value, i) =>
    deviation[i % width] > 0 ? (value - mean[i % width]) / deviation[i % width] : 0,
  )
  return { scaled, mean, deviation }
}

const digits = (values) => values.map((value) => value.toPrecision(3)).join(', ')

export function rows({ peers, bestSeconds }) {
  const sklearn = askSklearn(peers)
  if (sklearn === undefined)
    return [{ name: 'forest', ours_s: null, peer: 'scikit-learn', peer_s: null, detail: 'peer absent' }]
  const { report, features } = sklearn
  const labels = peers.readNpy('data', 'ml_Y')
  const y = standardise(Float64Array.from(labels), LABELS, TRAIN)
  const data = {
    n: TRAIN,
    x: features.slice(0, TRAIN * FEATURES),
    width: FEATURES,
    y: y.scaled.slice(0, TRAIN * LABELS),
    labels: LABELS,
  }
  const unseen = features.slice(TRAIN * FEATURES)
  const many = new Float32Array(100 * unseen.length)
  for (let i = 0; i < 100; i++) many.set(unseen, i * unseen.length)
  const peer = 'scikit-learn, 2 jobs'
  const forests = ['forest', 'extra'].flatMap((splits) => {
    const { best: fit, result: forest } = bestSeconds(() => trainForest(data, { splits }), 3)
    const { best: predict } = bestSeconds(() => predictForest(forest, many, 100 * TEST), 3)
    const predicted = predictForest(forest, unseen, TEST)
    const rmse = Array.from({ length: LABELS }, (_, l) => {
      let square = 0
      for (let row = 0; row < TEST; row++) {
        const label = predicted[row * LABELS + l] * y.deviation[l] + y.mean[l]
        square += (label - labels[(TRAIN + row) * LABELS + l]) ** 2 / TEST
      }
      return Math.sqrt(square)
    })
    const { fit_s, predict_s, rmse: theirs } = report[splits]
    const name = splits === 'forest' ? 'random forest' : 'extra-trees'
    const detail = `one thread; RMSE ${digits(rmse)}, theirs ${digits(theirs)} (K, dex, dex)`
    return [
      { name: `${name}, 100 trees on 1600 × 100, fit`, ours_s: fit, peer, peer_s: fit_s, detail },
      { name: `${name}, predict 40 000`, ours_s: predict, peer, peer_s: predict_s, detail: 'one thread' },
    ]
  })
  const spectra = peers.readNpy('data', 'ml_X')
  const width = spectra.length / (TRAIN + TEST)
  const training = standardise(spectra, width, TRAIN).scaled.slice(0, TRAIN * width)
  const { best, result } = bestSeconds(() => principalComponents(training, TRAIN, width, FEATURES), 2)
  const explained = result.explained.reduce((sum, part) => sum + part, 0)
  return [
    ...forests,
    {
      name: `principal components, 100 of ${TRAIN} × ${width}`,
      ours_s: best,
      peer: 'scikit-learn, randomized',
      peer_s: report.pca_s,
      detail: `explained ${explained.toFixed(4)}, theirs ${report.explained.toFixed(4)}`,
    },
  ]
}
