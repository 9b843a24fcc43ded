// Forests, boosted trees and principal components against scikit-learn, on the same spectra: forests with two jobs there,
// one and two threads here; its linear algebra and histograms take the threads that they find.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKernelPool } from '@astrolabel/kernels/node'
import {
  incrementalComponents,
  predictBoosting,
  predictForest,
  principalComponents,
  trainBoosting,
  trainForest,
} from '@astrolabel/models-classical'
import {
  predictForestParallel,
  principalComponentsParallel,
  trainForestParallel,
} from '@astrolabel/models-classical/node'

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

/** The fastest of some runs of a promise. */
async function bestAsync(run, repeats) {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    await run()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return best
}

export async function rows({ peers, bestSeconds }) {
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
  const errorsOf = (predicted) =>
    Array.from({ length: LABELS }, (_, l) => {
      let square = 0
      for (let row = 0; row < TEST; row++) {
        const label = predicted[row * LABELS + l] * y.deviation[l] + y.mean[l]
        square += (label - labels[(TRAIN + row) * LABELS + l]) ** 2 / TEST
      }
      return Math.sqrt(square)
    })
  const compare = (ours, theirs) => `RMSE ${digits(ours)}, theirs ${digits(theirs)} (K, dex, dex)`
  const peer = 'scikit-learn, 2 jobs'
  const pool = createKernelPool({ threads: 2 })
  const forests = []
  for (const splits of ['forest', 'extra']) {
    const { best: fit, result: forest } = bestSeconds(() => trainForest(data, { splits }), 3)
    const { best: predict } = bestSeconds(() => predictForest(forest, many, 100 * TEST), 5)
    const fitTwo = await bestAsync(() => trainForestParallel(data, { splits, threads: 2 }), 5)
    const predictTwo = await bestAsync(() => predictForestParallel(forest, many, 100 * TEST, pool), 5)
    const { fit_s, predict_s, rmse } = report[splits]
    const name = splits === 'forest' ? 'random forest' : 'extra-trees'
    const detail = compare(errorsOf(predictForest(forest, unseen, TEST)), rmse)
    const fitName = `${name}, 100 trees on 1600 × 100, fit`
    const predictName = `${name}, predict 40 000`
    forests.push(
      { name: fitName, ours_s: fit, peer, peer_s: fit_s, detail: `one thread; ${detail}` },
      { name: fitName, ours_s: fitTwo, peer, peer_s: fit_s, detail: 'two threads, the same forest' },
      { name: predictName, ours_s: predict, peer, peer_s: predict_s, detail: 'one thread' },
      { name: predictName, ours_s: predictTwo, peer, peer_s: predict_s, detail: 'two threads' },
    )
  }
  await pool.close()
  const boosting = { trees: 100, maxDepth: 4, minLeaf: 5 }
  const { best: boost, result: model } = bestSeconds(() => trainBoosting(data, boosting), 3)
  const { best: ask } = bestSeconds(() => predictBoosting(model, many, 100 * TEST), 3)
  const errors = errorsOf(predictBoosting(model, unseen, TEST))
  const { fit_s, predict_s, rmse } = report.boosting
  const by = 'scikit-learn, histograms'
  const boosted = [
    {
      name: 'boosting, 3 × 100 trees of depth 4, fit',
      ours_s: boost,
      peer: by,
      peer_s: fit_s,
      detail: `one thread; ${compare(errors, rmse)}`,
    },
    { name: 'boosting, predict 40 000', ours_s: ask, peer: by, peer_s: predict_s, detail: 'one thread' },
  ]
  const spectra = peers.readNpy('data', 'ml_X')
  const width = spectra.length / (TRAIN + TEST)
  const training = standardise(spectra, width, TRAIN).scaled.slice(0, TRAIN * width)
  const explainedBy = ({ explained }) => explained.reduce((sum, part) => sum + part, 0).toFixed(4)
  const components = bestSeconds(() => principalComponents(training, TRAIN, width, FEATURES), 4)
  const componentsTwo = await bestAsync(
    () => principalComponentsParallel(training, TRAIN, width, FEATURES, { threads: 2 }),
    4,
  )
  const incremental = bestSeconds(() => {
    const growing = incrementalComponents(width, FEATURES)
    for (let row = 0; row < TRAIN; row += 400) growing.add(training.subarray(row * width, (row + 400) * width), 400)
    return growing.finish()
  }, 2)
  const size = `100 of ${TRAIN} × ${width}`
  return [
    ...forests,
    ...boosted,
    {
      name: `principal components, ${size}`,
      ours_s: components.best,
      peer: 'scikit-learn, randomized',
      peer_s: report.pca_s,
      detail: `one thread; explained ${explainedBy(components.result)}, theirs ${report.explained.toFixed(4)}`,
    },
    {
      name: `principal components, ${size}`,
      ours_s: componentsTwo,
      peer: 'scikit-learn, randomized',
      peer_s: report.pca_s,
      detail: 'two threads',
    },
    {
      name: `incremental components, ${size} by 400`,
      ours_s: incremental.best,
      peer: 'scikit-learn, IncrementalPCA',
      peer_s: report.incremental_s,
      detail: `one thread; explained ${explainedBy(incremental.result)}, theirs ${report.incremental.toFixed(4)}`,
    },
  ]
}
